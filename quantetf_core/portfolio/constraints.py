"""Bounds on single weights."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from quantetf_core.errors import InvalidValueError


def redistribute_excess(
    weights: pd.Series[float], max_weight: float
) -> tuple[pd.Series[float], float]:
    """Cap weights and give the excess to the others, in proportion to what they have.

    A weight that this lifts to the cap is capped too, until none is above it. A weight of 0 stays
    0.

    Parameters
    ----------
    weights
        Fractions of portfolio value by ticker, finite, not negative.
    max_weight
        Largest weight allowed, a fraction above 0.

    Returns
    -------
    tuple
        The weights, on the index given, each at most ``max_weight``; and the fraction that no
        ticker could take, 0 unless every weight that is not 0 stands at the cap. Together they
        sum to what the weights summed to.

    Raises
    ------
    InvalidValueError
        When a weight is negative or not finite, a ticker repeats, or the cap is not above 0.

    Examples
    --------
    >>> capped, unplaced = redistribute_excess(pd.Series({"A": 0.6, "B": 0.3, "C": 0.1}), 0.5)
    >>> capped.round(3).to_dict(), unplaced
    ({'A': 0.5, 'B': 0.375, 'C': 0.125}, 0.0)
    >>> capped, unplaced = redistribute_excess(pd.Series({"A": 0.6, "B": 0.4}), 0.25)
    >>> capped.to_dict(), unplaced
    ({'A': 0.25, 'B': 0.25}, 0.5)
    """
    if not (math.isfinite(max_weight) and max_weight > 0.0):
        raise InvalidValueError("max_weight", max_weight, "a fraction above 0")
    if not weights.index.is_unique:
        raise InvalidValueError("weights", "a ticker that repeats", "each ticker once")
    by_ticker = {str(t): float(w) for t, w in zip(weights.index, weights.to_numpy(), strict=True)}
    wrong = {t: w for t, w in by_ticker.items() if not (math.isfinite(w) and w >= 0.0)}
    if wrong:
        raise InvalidValueError("weights", wrong, "finite fractions, not negative")
    capped, unplaced = capped_weights(by_ticker, max_weight)
    return pd.Series(list(capped.values()), weights.index, float, weights.name), unplaced


def capped_weights(
    weights: Mapping[str, float], max_weight: float
) -> tuple[dict[str, float], float]:
    """`redistribute_excess` on a plain mapping that is already known to be right.

    Sums are `math.fsum`, so that neither the order of the tickers nor the machine changes a bit.

    Examples
    --------
    >>> capped_weights({"A": 0.75, "B": 0.25}, 0.5)
    ({'A': 0.5, 'B': 0.5}, 0.0)
    """
    total = math.fsum(weights.values())
    result = dict(weights)
    free = {ticker: weight for ticker, weight in weights.items() if weight > 0.0}
    full: set[str] = set()
    while over := {ticker for ticker, weight in result.items() if weight > max_weight}:
        full |= over
        free = {ticker: weight for ticker, weight in free.items() if ticker not in full}
        left = max(0.0, total - max_weight * len(full))
        base = math.fsum(free.values())
        # The share first: a factor `left ÷ base` could overflow where weights are minute.
        share = {ticker: weight / base * left for ticker, weight in free.items()}
        result = {t: max_weight if t in full else share.get(t, 0.0) for t in weights}
    return result, 0.0 if free else max(0.0, total - max_weight * len(full))
