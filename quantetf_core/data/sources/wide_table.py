"""Tables with one column per ticker and field: columns ``(Ticker, Price)`` or the other way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from quantetf_core.data.columns import PRICE_FIELDS, clean_ticker, meaning, plain_name
from quantetf_core.data.dates import parse_days
from quantetf_core.data.numbers import parse_numbers
from quantetf_core.data.rows import PriceRows
from quantetf_core.errors import SourceError

ACCEPTED_WIDE = (
    "columns of two levels, Ticker and Price, with a Close for each ticker, and dates as the index"
)

_FIELDS = (*PRICE_FIELDS, "volume")
_FIELD_LEVEL = ("price", "field", "attribute", "attributes")
_TICKER_LEVEL = ("ticker", "tickers", "symbol", "symbols")


def rows_from_wide(frame: pd.DataFrame, *, origin: str) -> PriceRows:
    """Read a frame whose columns have two levels, tickers and fields; dates are its index.

    Days on which a ticker has no value at all are not rows.

    Raises
    ------
    SourceError
        When the levels cannot be told apart, a ticker has no close, a column comes twice, or a
        date, ticker or number cannot be read.
    """
    level = _ticker_level(frame.columns, origin)
    places: dict[tuple[str, str], int] = {}
    ignored = set()
    for place, column in enumerate(frame.columns):
        field = meaning(column[1 - level])
        if field not in _FIELDS:
            ignored.add(str(column[1 - level]))
            continue
        ticker = clean_ticker(column[level], origin=origin, where=f"column {place + 1}")
        if (ticker, field) in places:
            raise SourceError(origin, f"two columns hold {field} of {ticker}", ACCEPTED_WIDE)
        places[ticker, field] = place
    tickers = tuple(sorted({ticker for ticker, _ in places}))
    without = [ticker for ticker in tickers if (ticker, "close") not in places]
    if without or not tickers or frame.empty:
        problem = f"no close for {', '.join(without[:3])}" if without else "there is no row"
        raise SourceError(origin, problem, ACCEPTED_WIDE)
    return _unpivot(frame, tickers, places, tuple(sorted(ignored)), origin)


def _unpivot(
    frame: pd.DataFrame,
    tickers: tuple[str, ...],
    places: dict[tuple[str, str], int],
    ignored: tuple[str, ...],
    origin: str,
) -> PriceRows:
    days = parse_days(frame.index, origin=origin)
    names = {field for _, field in places}
    matrices = {
        field: np.full((len(days), len(tickers)), np.nan) for field in _FIELDS if field in names
    }
    column_of = {ticker: number for number, ticker in enumerate(tickers)}
    for (ticker, field), place in places.items():
        matrices[field][:, column_of[ticker]] = parse_numbers(
            frame.iloc[:, place],
            name=f"{field} of {ticker}",
            origin=origin,
            row_name=lambda row: f"row {row + 1} ({days[row]})",
        )
    there = np.logical_or.reduce([~np.isnan(matrix) for matrix in matrices.values()])
    if not there.any():
        raise SourceError(origin, "there is no value", ACCEPTED_WIDE)
    rows, codes = np.nonzero(there)
    return PriceRows(
        days=days[rows],
        codes=codes.astype(np.int64),
        tickers=tickers,
        values={field: matrix[there] for field, matrix in matrices.items()},
        ignored=ignored,
    )


def _ticker_level(columns: pd.Index[Any], origin: str) -> int:
    """Which of the two levels holds tickers: by its name, else by the other holding the fields."""
    if columns.nlevels != 2:
        raise SourceError(origin, f"columns have {columns.nlevels} levels", ACCEPTED_WIDE)
    names = [plain_name(name) if name is not None else "" for name in columns.names]
    for level in (0, 1):
        if names[level] in _TICKER_LEVEL or names[1 - level] in _FIELD_LEVEL:
            return level
    has_close = [
        any(meaning(value) == "close" for value in columns.get_level_values(level).unique())
        for level in (0, 1)
    ]
    if has_close[0] == has_close[1]:
        problem = "which level of the columns holds tickers and which holds fields is not clear"
        raise SourceError(origin, problem, ACCEPTED_WIDE)
    return 1 if has_close[0] else 0
