"""The price of each ticker as of a session, and how old it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from quantetf_core.data.market import MarketData
from quantetf_core.units import MAX_CARRY_SESSIONS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_DEPTHS = (1, MAX_CARRY_SESSIONS + 1, 64)
"""Rows looked at, in turn, before the whole history: nearly every price is in the first."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PriceMarks:
    """The last valid close of each ticker; arrays are read-only, one element per ticker.

    Parameters
    ----------
    tickers
        In the order asked for.
    price
        USD per share, the last finite close above 0 at or before the session; NaN when there is
        none.
    price_date
        The session of that close; None when there is none.
    age
        How many sessions of the market came after it; 0 is as of the session itself, −1 is never
        priced.
    """

    tickers: tuple[str, ...]
    price: Floats
    price_date: tuple[date | None, ...]
    age: Ints

    @property
    def fresh(self) -> Flags:
        """A close of the session itself: may be scored and traded."""
        return np.equal(self.age, 0)

    @property
    def carried(self) -> Flags:
        """A close of 1 to 3 sessions before: values a holding and never trades."""
        return np.logical_and(self.age >= 1, self.age <= MAX_CARRY_SESSIONS)

    @property
    def stale(self) -> Flags:
        """A close older than 3 sessions: reserves a holding's value, and blocks its line."""
        return np.greater(self.age, MAX_CARRY_SESSIONS)

    @property
    def never_priced(self) -> Flags:
        """No close at all up to the session: a holding of it refuses the plan."""
        return np.less(self.age, 0)

    @property
    def valuation_price(self) -> Floats:
        """What a holding is valued or its value reserved at: ``price``, whatever its age."""
        return self.price


def price_marks(market: MarketData, *, as_of: object, tickers: Iterable[str]) -> PriceMarks:
    """Look up the last valid close of each ticker as of a session.

    Parameters
    ----------
    market
        Prices; rows after ``as_of`` are not looked at.
    as_of
        A date; one that is not a session of the market is the session before.
    tickers
        Any names; one that the market does not have is never priced.

    Returns
    -------
    PriceMarks
        One mark per ticker, in the order given. A close that is NaN, infinite, zero or negative
        does not count. Ages count sessions of the market.

    Raises
    ------
    SessionError
        When ``as_of`` is not a date, or lies before the market.
    """
    names = tuple(tickers)
    values = market.close.to_numpy()
    row = int(market.sessions.searchsorted(market.resolve(as_of)))
    columns = market.columns_of(names)
    found = last_valid_rows(values, row, columns)
    priced = found >= 0
    price = np.where(priced, values[found, columns], np.nan)
    age = np.where(priced, row - found, -1)
    price.setflags(write=False)
    age.setflags(write=False)
    distinct = np.unique(found)
    days: dict[int, date | None] = {-1: None} | {
        place: market.sessions[place].date() for place in distinct[distinct >= 0].tolist()
    }
    return PriceMarks(
        tickers=names,
        price=price,
        price_date=tuple([days[place] for place in found.tolist()]),
        age=age,
    )


def without_adjusted(market: MarketData, marks: PriceMarks) -> Flags:
    """Tickers with a close at the newest session and no usable adjusted close there.

    They can be valued and traded but not scored, so nothing is known of whether they are wanted.
    ``marks`` are those of the newest session.
    """
    adjusted = market.newest("adj_close", marks.tickers)
    missing: Flags = marks.fresh & ~(np.isfinite(adjusted) & (adjusted > 0))
    return missing


def last_valid_rows(values: Floats, row: int, columns: Ints) -> Ints:
    """Row of the last finite value above 0 of each column, at or before a row; −1 without one.

    Parameters
    ----------
    values
        Shape ``(n_sessions, n_tickers)``.
    row
        Last row looked at; −1 looks at none.
    columns
        Columns wanted, shape ``(n,)``; −1 stands for a column that does not exist.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``, int64.
    """
    found = np.full(len(columns), -1, dtype=np.int64)
    wanted = np.flatnonzero(columns >= 0)
    end = row + 1
    for depth in (*_DEPTHS, end):
        if not len(wanted) or not end:
            break
        start = max(0, end - depth)
        block = values[start:end, columns[wanted]]
        valid = np.isfinite(block) & (block > 0)
        back = np.argmax(valid[::-1], axis=0)
        seen = valid[len(valid) - 1 - back, np.arange(len(wanted))]
        found[wanted[seen]] = end - 1 - back[seen]
        wanted = wanted[~seen]
    return found
