"""The history index: what the manifests say, in one file, so that History opens at once.

It is derived and may be deleted at any time. A line counts only while size and times of its
manifest are what they were; `verify` never reads it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quantetf_core.ledger.files import write_atomic

INDEX_NAME = "history_index.jsonl"

Stamp = tuple[int, int, int]
"""Size (bytes), modification and change time (ns) of a manifest."""


@dataclass(frozen=True, slots=True)
class IndexLine:
    """What is kept of one manifest: the keys that History lists, and its SHA-256."""

    folder: str
    stamp: Stamp
    sha256: str
    content: dict[str, Any]


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of a manifest."""
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def load_index(path: Path | None) -> dict[str, IndexLine]:
    """Lines by folder name, the last for each; what cannot be read is left out."""
    try:
        content = path.read_bytes() if path is not None else b""
    except OSError:
        return {}
    found = {}
    for row in _rows(content.splitlines()):
        if isinstance(row, list) and [type(cell) for cell in row] == _ROW:
            found[row[0]] = IndexLine(row[0], (row[1], row[2], row[3]), row[4], row[5])
    return found


_ROW = [str, int, int, int, str, dict]


def _rows(lines: list[bytes]) -> list[Any]:
    """The lines parsed: all at once, which is several times faster, or those that can be."""
    try:
        rows: list[Any] = json.loads(b"[" + b",".join(lines) + b"]")
    except (ValueError, RecursionError):
        rows = []
        for line in lines:
            with suppress(ValueError, RecursionError):
                rows.append(json.loads(line))
    return rows


def save_index(path: Path, lines: Iterable[IndexLine]) -> None:
    """Replace the index."""
    write_atomic(path, b"".join(_encoded(line) for line in lines))


def append_to_index(path: Path, line: IndexLine) -> None:
    """Add one line; a torn line (power loss) is one that is read from its manifest again."""
    with path.open("ab") as stream:
        stream.write(_encoded(line))


def _encoded(line: IndexLine) -> bytes:
    row = [line.folder, *line.stamp, line.sha256, line.content]
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"
