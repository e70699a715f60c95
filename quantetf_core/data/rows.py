"""Rows of a long price table: read, named and typed, not yet placed by session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.data.columns import ACCEPTED_LONG, clean_ticker, identify, meaning
from quantetf_core.data.dates import Days, parse_days
from quantetf_core.data.market import PANEL_FIELDS
from quantetf_core.data.numbers import parse_numbers
from quantetf_core.errors import SourceError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PriceRows:
    """One row per date and ticker, in the order of the source.

    Parameters
    ----------
    days
        ``datetime64[D]``, shape ``(n_rows,)``, none missing.
    codes
        Positions in ``tickers``, shape ``(n_rows,)``.
    tickers
        Sorted, unique.
    values
        Field → float64, shape ``(n_rows,)``; NaN where blank. Not cleaned: zeros, negative
        numbers and infinities are as the source has them.
    ignored
        Names of columns that mean nothing here, sorted.
    """

    days: Days
    codes: npt.NDArray[np.int64]
    tickers: tuple[str, ...]
    values: Mapping[str, npt.NDArray[np.float64]]
    ignored: tuple[str, ...] = ()


def rows_from_long(frame: pd.DataFrame, *, origin: str) -> PriceRows:
    """Read a long table with columns date, ticker, close and optionally the other fields.

    Column names may be written in any usual way; dates may be the index.

    Raises
    ------
    SourceError
        When there is no row, a needed column is missing or named twice, or a date, ticker or
        number cannot be read.
    """
    table = with_index_as_columns(frame)
    found, ignored = identify(
        table.columns, origin=origin, needed=("date", "ticker", "close"), accepted=ACCEPTED_LONG
    )
    if table.empty:
        raise SourceError(origin, "there is no row", ACCEPTED_LONG)
    codes, tickers = _tickers(table[found["ticker"]], origin)

    def row_name(row: int) -> str:
        return f"row {row + 1} ({tickers[codes[row]]})"

    return PriceRows(
        days=parse_days(table[found["date"]], origin=origin),
        codes=codes,
        tickers=tickers,
        values=numbers_of(table, found, origin=origin, row_name=row_name),
        ignored=ignored,
    )


def with_index_as_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with every index level that means something (a date, a ticker) as a column."""
    index = frame.index
    if isinstance(index, pd.DatetimeIndex) and index.name is None:
        index = index.rename("date")
    named = [str(name) for name in index.names if name is not None and meaning(name)]
    if not named:
        return frame
    levels = {name: index.get_level_values(name) for name in named}
    first = pd.DataFrame(levels).reset_index(drop=True)
    return pd.concat([first, frame.reset_index(drop=True)], axis="columns")


def rows_of_one(frame: pd.DataFrame, ticker: str, *, origin: str, accepted: str) -> PriceRows:
    """Read a table of one ticker: columns date, close and optionally the other fields.

    Raises
    ------
    SourceError
        As `rows_from_long` does; ``accepted`` is what the error says is accepted.
    """
    found, ignored = identify(
        frame.columns, origin=origin, needed=("date", "close"), accepted=accepted
    )
    if frame.empty:
        raise SourceError(origin, "there is no row", accepted)
    name = clean_ticker(ticker, origin=origin, where="the file")
    return PriceRows(
        days=parse_days(frame[found["date"]], origin=origin),
        codes=np.zeros(len(frame), dtype=np.int64),
        tickers=(name,),
        values=numbers_of(
            frame, found, origin=origin, row_name=lambda row: f"row {row + 1} ({name})"
        ),
        ignored=ignored,
    )


def numbers_of(
    table: pd.DataFrame, found: Mapping[str, Any], *, origin: str, row_name: Any
) -> dict[str, npt.NDArray[np.float64]]:
    """The fields a table has, as floats, in the order of `PANEL_FIELDS`."""
    return {
        field: parse_numbers(
            table[found[field]], name=str(found[field]), origin=origin, row_name=row_name
        )
        for field in PANEL_FIELDS
        if field in found
    }


def concatenate(parts: Sequence[PriceRows]) -> PriceRows:
    """All rows of several tables as one; a field that one of them lacks is NaN there."""
    tickers = tuple(sorted({ticker for part in parts for ticker in part.tickers}))
    place = {ticker: position for position, ticker in enumerate(tickers)}
    codes = [
        np.array([place[ticker] for ticker in part.tickers], dtype=np.int64)[part.codes]
        for part in parts
    ]
    fields = [field for field in PANEL_FIELDS if any(field in part.values for part in parts)]
    values = {
        field: np.concatenate(
            [part.values.get(field, np.full(len(part.days), np.nan)) for part in parts]
        )
        for field in fields
    }
    return PriceRows(
        days=np.concatenate([part.days for part in parts]),
        codes=np.concatenate(codes),
        tickers=tickers,
        values=values,
        ignored=tuple(sorted({name for part in parts for name in part.ignored})),
    )


def _tickers(column: pd.Series[Any], origin: str) -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """Positions and names, sorted; names that differ only by surrounding spaces are one."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        categorical = pd.Categorical(column)
        codes, written = categorical.codes.astype(np.int64), list(categorical.categories)
    else:
        raw, uniques = pd.factorize(column)
        codes, written = raw.astype(np.int64), list(uniques)
    missing = np.flatnonzero(codes < 0)
    if len(missing):
        clean_ticker("", origin=origin, where=f"row {int(missing[0]) + 1}")
    names = {}
    for place in np.unique(codes).tolist():
        row = int(np.argmax(codes == place)) + 1
        names[place] = clean_ticker(written[place], origin=origin, where=f"row {row}")
    tickers = tuple(sorted(set(names.values())))
    position = {ticker: number for number, ticker in enumerate(tickers)}
    final = np.zeros(len(written), dtype=np.int64)
    for place, name in names.items():
        final[place] = position[name]
    return final[codes], tickers
