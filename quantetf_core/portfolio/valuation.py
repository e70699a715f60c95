"""What a book is worth, on one session or through time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import price_marks
from quantetf_core.errors import PlanRefusedError
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.units import from_cents, to_cents, to_cents_array


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
    """Value of a sequence of books at each session's close.

    Parameters
    ----------
    books
        ``(session, holdings after that session's commit)``, ascending; the last of a session
        counts.
    market
        Prices. A missing close is carried from the last valid one.

    Returns
    -------
    Series
        USD by session, from the first book's session to the market's last; NaN where a position
        has no close yet.
    """
    if not books:
        return pd.Series(dtype=np.float64, name="value")
    starts = pd.DatetimeIndex([pd.Timestamp(day) for day, _ in books])
    sessions = market.sessions[market.sessions >= starts[0]]
    close = market.close.ffill().loc[sessions]
    active = starts.searchsorted(sessions, side="right") - 1
    values = np.full(len(sessions), np.nan)
    for number in np.unique(active):
        rows = active == number
        holdings = books[int(number)][1]
        held = close.reindex(columns=list(holdings.tickers)).to_numpy()[rows]
        shares = np.array([position.shares for position in holdings.positions], dtype=np.float64)
        values[rows] = (held * shares).sum(axis=1) + holdings.cash
    return pd.Series(values, index=sessions, name="value")
