"""What a book is worth, on one session or through time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import price_marks
from quantetf_core.errors import PlanRefusedError
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.units import from_cents, to_cents, to_cents_array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def book_value(holdings: Holdings, market: MarketData, as_of: pd.Timestamp) -> float:
    """Cash plus every position at its last valid close, in USD, each position to the cent.

    Parameters
    ----------
    holdings
        The book.
    market
        Prices; rows after ``as_of`` are not looked at.
    as_of
        Session to value at.

    Raises
    ------
    PlanRefusedError
        When a position was never priced, so that no value can be given without guessing.
    """
    marks = price_marks(market, as_of=as_of, tickers=holdings.tickers)
    shares = np.array([position.shares for position in holdings.positions], dtype=np.float64)
    never = [t for t, price in zip(marks.tickers, marks.price, strict=True) if np.isnan(price)]
    if never:
        raise PlanRefusedError(
            f"{', '.join(never)}: held, and never priced in the market data up to "
            f"{as_of.date()}, so the book has no value. Add its prices, or record what became of it"
        )
    return from_cents(int(to_cents_array(shares * marks.price).sum()) + to_cents(holdings.cash))


def value_through_time(books: Sequence[tuple[date, Holdings]], market: MarketData) -> pd.Series:
    """Value of a sequence of books at each session's close, by the rule of `book_value`.

    Parameters
    ----------
    books
        ``(session, holdings after that session's commit)``, in the order they were recorded; the
        last of a session counts. One dated before its predecessor holds from the predecessor's
        date.
    market
        Prices. The last valid close of any age values a position.

    Returns
    -------
    Series
        USD by session, from the first book's session to the market's last; NaN where a position
        has no close yet.
    """
    starts = first_rows([day for day, _ in books], market)
    inside = [number for number, row in enumerate(starts) if row < len(market.sessions)]
    if not inside:
        return pd.Series(dtype=np.float64, name="value", index=market.sessions[:0])
    closes = CarriedCloses(market, (t for _, book in books for t in book.tickers))
    stops = [*starts[1:], len(market.sessions)]
    first = starts[0]
    values = np.full(len(market.sessions) - first, np.nan)
    for number in inside:
        rows = slice(starts[number], stops[number])
        values[rows.start - first : rows.stop - first] = closes.worth(books[number][1], rows)
    return pd.Series(values, index=market.sessions[first:], name="value")


def first_rows(days: Sequence[date], market: MarketData) -> list[int]:
    """Row of the market from which each of a sequence of books is held; never falls.

    The number of sessions stands for a day after the last one.
    """
    stamps = pd.DatetimeIndex([pd.Timestamp(day) for day in days])
    rows = market.sessions.searchsorted(stamps, side="left")
    return [int(row) for row in np.maximum.accumulate(rows)] if len(rows) else []


class CarriedCloses:
    """The last valid close of each ticker at each session, whatever its age."""

    __slots__ = ("_column", "_prices")

    def __init__(self, market: MarketData, tickers: Iterable[str]) -> None:
        names = sorted(set(tickers))
        close = market.close
        places = close.columns.get_indexer(pd.Index(names, dtype=object))
        raw = np.where(places >= 0, close.to_numpy()[:, places], np.nan)
        valid = np.isfinite(raw) & (raw > 0)
        rows = np.where(valid, np.arange(len(raw))[:, None], -1)
        last = np.maximum.accumulate(rows, axis=0)
        self._prices: Floats = np.where(last >= 0, np.take_along_axis(raw, last, axis=0), np.nan)
        self._column = {name: column for column, name in enumerate(names)}

    def worth(self, holdings: Holdings, rows: slice) -> Floats:
        """USD a book is worth at each of some rows; NaN where a position has no price yet.

        Each position is rounded to the cent. Sums of whole cents below 2**53 are exact in any
        order, so the bits do not depend on it.
        """
        columns = [self._column[ticker] for ticker in holdings.tickers]
        shares = np.array([position.shares for position in holdings.positions], dtype=np.float64)
        cents = np.rint(self._prices[rows, columns] * shares * 100.0)
        return np.asarray((cents.sum(axis=1) + to_cents(holdings.cash)) / 100.0, dtype=np.float64)
