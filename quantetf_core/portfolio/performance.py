"""Time-weighted return of a book, adjusted for the money that came and went.

House rule, after the convention of the GIPS standards (money in at the start, money out at the
end): between commits the book grows with its closes. At a commit the growth is

    (value after + money out) ÷ (value before + money in)

with both books at that session's closes; so a deposit or withdrawal changes nothing, and trading
costs, fees, dividends and counts corrected by a broker change what they cost or bring. A commit
that *replaces* the book (an import, a revert) changes nothing either: what it brings in or takes
out is nobody's performance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.data.market import MarketData
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.portfolio.valuation import CarriedCloses, first_rows

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BookStep:
    """A book as one commit left it.

    Parameters
    ----------
    session
        The session at whose close it was recorded.
    holdings
        The book after it.
    flow
        USD that came from outside (+) or left (−) with it.
    replaces
        The book was replaced, so the change of value is no performance.
    """

    session: date
    holdings: Holdings
    flow: float = 0.0
    replaces: bool = False


def performance(steps: Sequence[BookStep], market: MarketData) -> pd.DataFrame:
    """Value and growth of a book through time.

    Parameters
    ----------
    steps
        In the order they were recorded. One dated before its predecessor counts on the
        predecessor's date; one after the market's last session is left out.
    market
        Prices. The last valid close of any age values a position.

    Returns
    -------
    DataFrame
        By session, from the first step's to the market's last: ``value`` (USD; NaN while a
        position has no price) and ``growth`` (of 1). Growth begins after the last session it
        cannot be known across, because the value there is unknown or was below zero; NaN before.
        While there is nothing in the book, it stays as it is.

    Examples
    --------
    A book of 10 shares at 100 USD; 500 USD come in; the price rises by 10 %.

    >>> from quantetf_core.portfolio.holdings import Position
    >>> days = pd.DatetimeIndex(["2024-01-02", "2024-01-03"])
    >>> panel = pd.DataFrame({"SPY": [100.0, 110.0]}, index=days)
    >>> market = MarketData.from_panels(
    ...     {"close": panel}, pd.Series(15.0, index=days), source="example"
    ... )
    >>> book = Holdings(positions=(Position(ticker="SPY", shares=10.0),))
    >>> richer = Holdings(positions=book.positions, cash=500.0)
    >>> steps = [BookStep(session=days[0].date(), holdings=book, flow=1000.0),
    ...          BookStep(session=days[1].date(), holdings=richer, flow=500.0)]
    >>> [round(x, 12) for x in performance(steps, market)["growth"]]
    [1.0, 1.1]
    """
    starts = first_rows([step.session for step in steps], market)
    n_rows = len(market.sessions)
    held = [number for number, row in enumerate(starts) if row < n_rows]
    if not held:
        return pd.DataFrame({"value": [], "growth": []}, index=market.sessions[:0], dtype="float64")
    closes = CarriedCloses(market, (t for step in steps for t in step.holdings.tickers))
    first = starts[0]
    values, factors = np.full(n_rows - first, np.nan), np.ones(n_rows - first)
    before = 0.0
    for number in held:
        step, start = steps[number], starts[number] - first
        stop = starts[number + 1] - first if number + 1 < len(held) else n_rows - first - 1
        worth = closes.worth(step.holdings, slice(first + start, first + stop + 1))
        values[start : stop + 1] = worth
        if not step.replaces:
            factors[start] *= step_factor(before, float(worth[0]), step.flow)
        factors[start + 1 : stop + 1] *= _ratios(worth[1:], worth[:-1])
        before = float(worth[-1])
    frame = {"value": values, "growth": _compounded(factors, values)}
    return pd.DataFrame(frame, index=market.sessions[first:])


def step_factor(before: float, after: float, flow: float) -> float:
    """Growth at one commit; NaN where it cannot be known.

    Parameters
    ----------
    before, after
        USD of the book before and after it, at the same closes.
    flow
        USD that came in (+) or left (−) with it.

    Examples
    --------
    >>> step_factor(1000.0, 1500.0, 500.0), step_factor(1000.0, 999.0, 0.0)
    (1.0, 0.999)
    """
    end, begin = after + max(-flow, 0.0), before + max(flow, 0.0)
    return float(_ratios(np.array([end]), np.array([begin]))[0])


def _ratios(after: Floats, before: Floats) -> Floats:
    """``after / before``; 1 where there is nothing in both, NaN where no return can be said."""
    known = (before > 0.0) & (after >= 0.0)
    nothing = (before == 0.0) & (after == 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known, after / before, np.where(nothing, 1.0, np.nan))


def _compounded(factors: Floats, values: Floats) -> Floats:
    """Growth of 1 since the last factor that is not known."""
    unknown = np.flatnonzero(np.isnan(factors))
    begin = int(unknown[-1]) if len(unknown) else 0
    growth = np.full(len(factors), np.nan)
    if len(unknown):
        growth[begin:] = np.cumprod(np.concatenate([[1.0], factors[begin + 1 :]]))
    else:
        growth = np.cumprod(factors)
    return np.where(np.isnan(values), np.nan, growth)
