"""Where two versions of a file first differ, in words."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

_LONGEST = 120
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Difference:
    """The first difference: the file, where in it, and what stands there in each version."""

    file: str
    where: str
    stored: str
    again: str

    @property
    def words(self) -> str:
        """All of it in one sentence."""
        place = f"{self.file}, {self.where}" if self.where else self.file
        return f"{place}: stored {self.stored}, now {self.again}"


def first_difference(name: str, stored: bytes | None, again: bytes | None) -> Difference:
    r"""The first key of JSON, cell of CSV, or line of anything else that differs.

    Examples
    --------
    >>> first_difference("a.json", b'{"x": [1, 2]}', b'{"x": [1, 3]}').words
    'a.json, x[1]: stored 2, now 3'
    >>> first_difference("t.csv", b"t,n\nSPY,1\n", b"t,n\nSPY,2\n").words
    't.csv, line 2, n: stored 1, now 2'
    """
    if stored is None or again is None:
        words = ("no such file", "a file") if stored is None else ("a file", "no such file")
        return Difference(name, "", *words)
    return (
        _in_json(name, stored, again)
        or _in_csv(name, stored, again)
        or _in_lines(name, stored, again)
    )


def _in_json(name: str, stored: bytes, again: bytes) -> Difference | None:
    if not name.endswith(".json"):
        return None
    try:
        found = _walk("", json.loads(stored), json.loads(again))
    except ValueError:
        return None
    return None if found is None else Difference(name, *found)


_Found = tuple[str, str, str]


def _walk(path: str, stored: Any, again: Any) -> _Found | None:
    if isinstance(stored, dict) and isinstance(again, dict):
        for key in dict.fromkeys((*stored, *again)):
            place = f"{path}.{key}" if path else str(key)
            if key not in stored or key not in again:
                return (place, _shown(stored, key), _shown(again, key))
            if (found := _walk(place, stored[key], again[key])) is not None:
                return found
        return None
    if isinstance(stored, list) and isinstance(again, list):
        for at, (one, other) in enumerate(zip_longest(stored, again, fillvalue=_Missing)):
            if one is _Missing or other is _Missing:
                return (f"{path}[{at}]", _short(one), _short(other))
            if (found := _walk(f"{path}[{at}]", one, other)) is not None:
                return found
        return None
    same = type(stored) is type(again) and stored == again
    return None if same else (path, _short(stored), _short(again))


class _Missing:
    """Stands where a list has ended."""


def _shown(values: dict[str, Any], key: str) -> str:
    return _short(values[key]) if key in values else _NOTHING


def _short(value: Any) -> str:
    if value is _Missing:
        return _NOTHING
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _in_csv(name: str, stored: bytes, again: bytes) -> Difference | None:
    if not name.endswith(".csv"):
        return None
    one, other = (list(csv.reader(io.StringIO(text.decode()))) for text in (stored, again))
    header = one[0] if one else []
    for line, pair in enumerate(zip_longest(one, other), start=1):
        first, second = ((row or []) for row in pair)
        for at, (a, b) in enumerate(zip_longest(first, second, fillvalue=_NOTHING)):
            if a != b:
                column = header[at] if at < len(header) else f"column {at + 1}"
                return Difference(name, f"line {line}, {column}", a or '""', b or '""')
    return None


def _in_lines(name: str, stored: bytes, again: bytes) -> Difference:
    pairs = zip_longest(stored.splitlines(), again.splitlines(), fillvalue=b"nothing")
    for line, (one, other) in enumerate(pairs, start=1):
        if one != other:
            shown = (text[:_LONGEST].decode(errors="replace") for text in (one, other))
            return Difference(name, f"line {line}", *shown)
    return Difference(name, "at its end", "other line ends", "other line ends")
