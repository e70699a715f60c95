"""Yahoo's downloads as CSV: one header row, or three (``Price``, ``Ticker``, ``Date``)."""

from __future__ import annotations

import pandas as pd

from quantetf_core.data.rows import PriceRows
from quantetf_core.data.sources.tables import CsvText
from quantetf_core.data.sources.wide_table import rows_from_wide

_LEVELS = {"price", "ticker"}


def has_level_rows(text: CsvText) -> bool:
    """Whether the file starts with one header row per column level, as newer downloads do."""
    return len(text.head) > 1 and {_first(text, 0), _first(text, 1)} == _LEVELS


def rows_from_levels(text: CsvText) -> PriceRows:
    """Read a file with header rows ``Price,…`` and ``Ticker,…`` (either first), and ``Date,…``.

    Columns may belong to one ticker or to several, with or without ``Adj Close``.

    Raises
    ------
    SourceError
        As `rows_from_wide` does, and when a row has more or fewer cells than the header.
    """
    names_row = len(text.head) > 2 and not any(cell.strip() for cell in text.head[2][1:])
    width = len(text.head[0])
    cells = [f"column {number}" for number in range(1, width)]
    frame = text.frame(header_rows=3 if names_row else 2, names=["Date", *cells])
    upper, lower = (text.head[level] + ("",) * width for level in (0, 1))
    columns = pd.MultiIndex.from_arrays(
        [upper[1:width], lower[1:width]], names=[upper[0].strip(), lower[0].strip()]
    )
    return rows_from_wide(
        frame.set_index("Date").set_axis(columns, axis="columns"), origin=text.origin
    )


def _first(text: CsvText, row: int) -> str:
    cells = text.head[row]
    return cells[0].strip().lower() if cells else ""
