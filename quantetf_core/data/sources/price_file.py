"""One path of a files source, file or folder, whichever layout it has."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from quantetf_core.data.columns import meaning
from quantetf_core.data.rows import PriceRows, concatenate, rows_from_long, rows_of_one
from quantetf_core.data.sources.stooq_csv import is_stooq, rows_from_stooq, ticker_of_file
from quantetf_core.data.sources.tables import ACCEPTED_FILES, CsvText, open_table
from quantetf_core.data.sources.wide_table import rows_from_wide
from quantetf_core.data.sources.yahoo_csv import has_level_rows, rows_from_levels
from quantetf_core.errors import SourceError
from quantetf_core.findings import Finding, Severity

_FOLDER_SUFFIXES = (".csv", ".txt")
_SHOWN = 3

Read = tuple[PriceRows, tuple[Finding, ...]]


def read_path(path: Path, *, origin: str) -> Read:
    """Rows of a file, or of every CSV file of a folder, and what could not be read.

    Raises
    ------
    SourceError
        When there is no such path, it has no layout that is accepted, no file of a folder can be
        read, or two files of a folder hold the same ticker.
    """
    if path.is_dir():
        return _read_folder(path, origin)
    if not path.is_file():
        raise SourceError(origin, "there is no such file or folder", ACCEPTED_FILES)
    return read_file(path, origin=origin), ()


def read_file(path: Path, *, origin: str) -> PriceRows:
    """Rows of one file; a table without a ticker column belongs to the ticker in its name.

    Raises
    ------
    SourceError
        When it cannot be read, or has no layout that is accepted.
    """
    table = open_table(path, origin=origin)
    if isinstance(table, pd.DataFrame):
        if table.columns.nlevels > 1:
            return rows_from_wide(table, origin=origin)
        return rows_from_long(table, origin=origin)
    return _read_csv(table, ticker_of_file(path.stem))


def _read_csv(text: CsvText, ticker: str) -> PriceRows:
    if has_level_rows(text):
        return rows_from_levels(text)
    if is_stooq(text):
        return rows_from_stooq(text)
    names = list(text.head[0])
    found = {meaning(name) for name in names}
    if not {"date", "close"} <= found:
        shown = ", ".join(repr(name) for name in names[:12])
        raise SourceError(text.origin, f"has the columns {shown}", ACCEPTED_FILES)
    frame = text.frame(header_rows=1, names=names)
    if "ticker" in found:
        return rows_from_long(frame, origin=text.origin)
    return rows_of_one(frame, ticker, origin=text.origin, accepted=ACCEPTED_FILES)


def _read_folder(folder: Path, origin: str) -> Read:
    files = sorted(
        entry
        for entry in folder.iterdir()
        if entry.is_file()
        and entry.suffix.lower() in _FOLDER_SUFFIXES
        and not entry.name.startswith(".")
    )
    parts: dict[str, PriceRows] = {}
    failures: list[SourceError] = []
    for path in files:
        try:
            parts[path.name] = read_file(path, origin=f"{origin}/{path.name}")
        except SourceError as error:
            failures.append(error)
    if not parts:
        why = "; ".join(f"{error.source}: {error.problem}" for error in failures[:_SHOWN])
        problem = why or "the folder has no .csv or .txt file"
        raise SourceError(origin, problem, ACCEPTED_FILES)
    _refuse_twice(parts, origin)
    findings = tuple(
        Finding(Severity.WARN, "unreadable_file", error.source, f"not used: {error.problem}")
        for error in failures
    )
    return concatenate(list(parts.values())), findings


def _refuse_twice(parts: dict[str, PriceRows], origin: str) -> None:
    holder: dict[str, str] = {}
    for name, rows in parts.items():
        for ticker in rows.tickers:
            if ticker in holder:
                problem = f"{holder[ticker]} and {name} both hold {ticker}"
                raise SourceError(origin, problem, "each ticker in one file of a folder")
            holder[ticker] = name
