"""Volatility target: hold less when the portfolio would swing more than wanted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.config.schema_overlays import VolatilityTarget
from quantetf_core.portfolio.overlays.step import (
    Overlaid,
    Weights,
    exposure,
    lowers,
    not_applied,
    report,
    scaled_to,
)
from quantetf_core.units import TRADING_DAYS_PER_YEAR

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ExpectedVolatility:
    """Volatility of a portfolio at given weights, or which ETFs stand in its way.

    Parameters
    ----------
    value
        Fraction per year; None where it is not known.
    observations
        Daily returns used.
    short
        ETFs with too few closes in the window, as ``(ticker, closes)``, sorted; empty where it is
        the closes themselves that give no finite number.
    """

    value: float | None
    observations: int = 0
    short: tuple[tuple[str, int], ...] = ()


def volatility_target(
    weights: Weights, config: VolatilityTarget, *, adj_close: pd.DataFrame
) -> Overlaid:
    """Lower the exposure where more volatility is expected than wanted.

    ``E′ = min(E, max(E_min, min(E_max, E × σ* ÷ σ)))``, and every weight is multiplied by
    ``E′ ÷ E``. What is taken off becomes cash. With the portfolio fully invested this is the
    familiar scale ``clamp(σ* ÷ σ, E_min, E_max)``.

    Parameters
    ----------
    weights
        Fractions of portfolio value by ticker, ≥ 0; their sum is the exposure ``E``.
    config
        ``target`` is σ*, ``min_exposure`` and ``max_exposure`` are ``E_min`` and ``E_max``.
    adj_close
        Total-return closes in USD, ``(n_sessions, n_tickers)``; the last row is the session of
        the decision, and nothing later may be in it.

    Returns
    -------
    Overlaid
        Where σ is not known (see `expected_volatility`) the weights stay as they are, and a
        warning says why.

    Notes
    -----
    σ is that of the whole portfolio at ``weights``, cash included (`expected_volatility`). It
    is known after the close of the session; the trades that follow from it are those of that
    decision. Nothing is ever raised: a quiet market brings back what the strategy wants, no more.

    References
    ----------
    Exposure as target ÷ expected volatility: Moreira and Muir, "Volatility-Managed Portfolios",
    Journal of Finance 72 (2017), with volatility in place of variance; bounds: house rule.
    """
    before = exposure(weights)
    found = expected_volatility(
        weights,
        adj_close,
        decay=config.decay,
        lookback_days=config.lookback_days,
        min_periods=config.closes_needed,
    )
    if found.value is None:
        why = _why_not(config, found)
        return not_applied(config, weights, why, code="volatility_unknown", subject="portfolio")
    asked = before if found.value == 0.0 else before * config.target / found.value
    wanted = max(config.min_exposure, min(config.max_exposure, asked))
    after = scaled_to(weights, wanted)
    said = _said(config, found.value, before, asked, wanted)
    return Overlaid(after, report(config, weights, after, measured=found.value, said=said))


def expected_volatility(
    weights: Weights,
    adj_close: pd.DataFrame,
    *,
    decay: float,
    lookback_days: int,
    min_periods: int,
) -> ExpectedVolatility:
    """Exponentially weighted volatility of a portfolio held at constant weights.

    ``σ² = 252 × Σ_k λ^k r²_{t−k} ÷ Σ_k λ^k`` with ``r_s = Σ_i w_i × (P_{i,s} ÷ P_{i,s−1} − 1)``:
    RiskMetrics' estimator (mean taken as zero), its weights scaled to 1 over the window.

    Parameters
    ----------
    weights
        ``w_i``, fractions by ticker; cash has no return.
    adj_close
        ``P``, USD; the last row is the session ``t``.
    decay
        λ, above 0 and at most 1.
    lookback_days
        Closes in the window, so at most ``lookback_days − 1`` returns.
    min_periods
        Closes each weighted ETF needs in the window.

    Notes
    -----
    A close that is missing, infinite or not above 0 is carried inside the window: the return
    across a gap spans it and counts on the session that ends it. The window begins where every
    weighted ETF has had a close. Sums run in one fixed order, ticker by ticker and session by
    session, so the bits depend neither on the order of the weights nor on the machine.

    References
    ----------
    J.P. Morgan/Reuters, RiskMetrics Technical Document, 4th ed. (1996), sections 5.2 and 5.3.

    Examples
    --------
    Two returns, the older +2 %, the newer −1 %; λ = 0.5: √(252 × (0.01² + 0.5 × 0.02²) ÷ 1.5).

    >>> closes = pd.DataFrame({"SPY": [100.0, 102.0, 100.98]})
    >>> found = expected_volatility(
    ...     {"SPY": 1.0}, closes, decay=0.5, lookback_days=3, min_periods=3
    ... )
    >>> round(found.value, 6), found.observations
    (0.224499, 2)
    """
    held = sorted(ticker for ticker, weight in weights.items() if weight > 0.0)
    if not held:
        return ExpectedVolatility(0.0)
    prices, own = _carried_window(adj_close, held, lookback_days)
    closes = zip(held, own, strict=True)
    short = tuple((ticker, count) for ticker, count in closes if count < min_periods)
    if short:
        return ExpectedVolatility(None, short=short)
    returns = _portfolio_returns(prices, [weights[ticker] for ticker in held])
    variance = _weighted_mean_square(returns.tolist(), decay) * TRADING_DAYS_PER_YEAR
    return ExpectedVolatility(math.sqrt(variance) if variance < math.inf else None, len(returns))


def _carried_window(
    adj_close: pd.DataFrame, held: Sequence[str], lookback_days: int
) -> tuple[Floats, list[int]]:
    """Closes carried over gaps, oldest first, one column a ticker; and how many are their own."""
    places = adj_close.columns.get_indexer(pd.Index(held, dtype=object))
    rows = adj_close.to_numpy()[-lookback_days:]
    raw = np.where(places >= 0, rows[:, places], np.nan)
    usable = np.isfinite(raw) & (raw > 0.0)
    own = np.count_nonzero(usable, axis=0).tolist()
    here = np.where(usable, np.arange(len(raw))[:, None], -1)
    last = np.maximum.accumulate(here, axis=0)
    begin = int(np.argmax((last >= 0).all(axis=1)))
    carried = np.take_along_axis(raw, np.maximum(last, 0), axis=0)
    return carried[begin:], own


def _portfolio_returns(prices: Floats, weights: Sequence[float]) -> Floats:
    """Daily returns at constant weights, added ticker by ticker."""
    with np.errstate(over="ignore"):  # an infinite variance is not known, and said
        moves = prices[1:] / prices[:-1] - 1.0
        total = np.zeros(len(moves))
        for column, weight in enumerate(weights):
            total += weight * moves[:, column]
    return total


def _weighted_mean_square(returns: Sequence[float], decay: float) -> float:
    """``Σ λ^k r² ÷ Σ λ^k``, oldest first."""
    squares = weight = 0.0
    for value in returns:
        squares = decay * squares + value * value
        weight = decay * weight + 1.0
    return squares / weight


def _said(
    config: VolatilityTarget, volatility: float, before: float, asked: float, wanted: float
) -> str:
    expected = f"The expected volatility is {volatility:.1%} a year"
    if not lowers(before, wanted):
        return f"{expected}; the target of {config.target:.1%} asks for no change."
    why = f"the target is {config.target:.1%}"
    if asked > config.max_exposure:
        why = f"at most {config.max_exposure:.1%} may be invested"
    elif asked < config.min_exposure:
        why += f" and at least {config.min_exposure:.1%} stays invested"
    return f"{expected}; {why}: exposure goes from {before:.1%} to {wanted:.1%}."


def _why_not(config: VolatilityTarget, found: ExpectedVolatility) -> str:
    if not found.short:
        return "its closes give no finite volatility"
    who = ", ".join(f"{ticker} ({closes})" for ticker, closes in found.short)
    return (
        f"too few closes in the last {config.lookback_days} sessions, {config.closes_needed} are "
        f"needed: {who}"
    )
