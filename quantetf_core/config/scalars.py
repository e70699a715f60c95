"""YAML scalars as values: only ``true`` and ``false`` are booleans, and a date stays text.

YAML 1.1 reads ``off``, ``no`` and ``on`` as booleans, ``1:30`` as a number of seconds and
``010`` as eight. None of that is what a person means who writes ``action: off``.
"""

from __future__ import annotations

import math
import re

_BOOLEANS = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_WHOLE = re.compile(rf"[-+]?{_DIGITS}")
_NUMBER = re.compile(rf"[-+]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][-+]?[0-9]+)?")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MAX_DIGITS = 18


class UnreadableScalarError(ValueError):
    """A scalar that is no value; carries what would be."""

    def __init__(self, accepted: str) -> None:
        self.accepted = accepted
        super().__init__(accepted)


def plain_value(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar.

    Raises
    ------
    UnreadableScalarError
        For a number beyond 18 digits or the range of a float, and for unprintable characters.

    Examples
    --------
    >>> [plain_value(text) for text in ("off", "true", "1_000", "1e-3", "2024-01-31", "~")]
    ['off', True, 1000, 0.001, '2024-01-31', None]
    """
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text in _NOTHING:
        return None
    if _WHOLE.fullmatch(text):
        return _whole(text)
    if _NUMBER.fullmatch(text):
        return _number(text)
    return quoted_value(text)


def quoted_value(text: str) -> str:
    """The text of a quoted scalar, refused when a screen or a file could not show it."""
    if not printable(text):
        raise UnreadableScalarError("text without control characters")
    return text


def printable(text: str) -> bool:
    """Whether a screen and a file can show the text: no control characters, no half characters."""
    return _UNPRINTABLE.search(text) is None


def _whole(text: str) -> int:
    if sum(character.isdigit() for character in text) > _MAX_DIGITS:
        raise UnreadableScalarError(f"a number of at most {_MAX_DIGITS} digits")
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise UnreadableScalarError("a finite number")
    return value
