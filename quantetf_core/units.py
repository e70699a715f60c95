"""Named constants with their units, and the one rounding rule for money."""

from __future__ import annotations

import math
from numbers import Real
from typing import TypeGuard

import numpy as np
import numpy.typing as npt

CASH = "$CASH$"
"""Row label of the cash remainder in every table of weights."""

MARKET_TICKER = "SPY"
"""Ticker whose close and 200-close mean define the trend."""

TRADING_DAYS_PER_YEAR = 252
"""Sessions per year, for annualising (house rule; the count of an average NYSE year)."""

TREND_WINDOW = 200
"""Closes in the mean that defines the trend."""

MAX_CARRY_SESSIONS = 3
"""Sessions a missing close or VIX may be carried forward."""

DEFAULT_PORTFOLIO_VALUE = 1_000_000.0
"""USD a portfolio is sized on when there is no book yet."""

BPS = 1e-4
"""One basis point as a fraction."""


def is_finite_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number that is neither NaN nor infinite; a truth value is none.

    Examples
    --------
    >>> [is_finite_number(value) for value in (1, 2.5, float("nan"), "3", True, None)]
    [True, True, False, False, False, False]
    """
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def to_cents(usd: float) -> int:
    """Round USD to whole cents, half to even.

    Examples
    --------
    >>> to_cents(12.344), to_cents(-0.5)
    (1234, -50)
    """
    return round(usd * 100.0)


def to_cents_array(usd: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Round an array of USD to whole cents by the rule of `to_cents`; NaN is an error.

    Examples
    --------
    >>> to_cents_array(np.array([1.005, 2.0])).tolist()
    [100, 200]
    """
    if not np.isfinite(usd).all():
        raise ValueError("money must be finite before it is rounded")
    return np.rint(usd * 100.0).astype(np.int64)


def from_cents(cents: int) -> float:
    """Whole cents as USD.

    Examples
    --------
    >>> from_cents(1234)
    12.34
    """
    return cents / 100
