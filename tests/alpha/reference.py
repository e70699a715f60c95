"""The alpha models once more, as slowly and plainly as possible: loops over lists of floats."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

NAN = math.nan
Closes = dict[str, list[float]]
Scores = dict[str, float]


def known_closes(prices: pd.DataFrame, as_of: Any) -> Closes:
    """Every ticker's closes up to a session, NaN where it has none that can be used."""
    rows = prices.loc[:as_of]
    return {
        ticker: [x if math.isfinite(x) and x > 0 else NAN for x in rows[ticker].tolist()]
        for ticker in sorted(prices.columns)
    }


def own(closes: list[float], n: int, skip: int = 0) -> list[float]:
    if math.isnan(closes[-1]):
        return []
    there = [close for close in closes if not math.isnan(close)]
    return there[: len(there) - skip][-n:]


def total_return(window: list[float], min_periods: int) -> float:
    return window[-1] / window[0] - 1 if len(window) >= min_periods else NAN


def daily(window: list[float]) -> list[float]:
    return [after / before - 1 for before, after in itertools.pairwise(window)]


def zscores(scores: Scores) -> Scores:
    values = [x for x in scores.values() if not math.isnan(x)]
    if len(values) < 2 or min(values) == max(values):
        return {t: NAN if math.isnan(x) else 0.0 for t, x in scores.items()}
    mean, deviation = statistics.fmean(values), statistics.stdev(values)
    return {t: (x - mean) / deviation for t, x in scores.items()}


def momentum(
    closes: Closes, lookback_days: int = 252, min_periods: int = 200, skip_recent_days: int = 0
) -> Scores:
    return {
        t: total_return(own(c, lookback_days, skip_recent_days), min_periods)
        for t, c in closes.items()
    }


def momentum_acceleration(
    closes: Closes,
    short_lookback_days: int = 63,
    long_lookback_days: int = 252,
    min_periods: int = 200,
) -> Scores:
    long = momentum(closes, long_lookback_days, min_periods)
    short = momentum(closes, short_lookback_days, 2)
    return {t: short[t] - long[t] for t in closes}


def vol_adjusted_momentum(
    closes: Closes, lookback_days: int = 252, min_periods: int = 200, vol_floor: float = 0.01
) -> Scores:
    scores = {}
    for t, c in closes.items():
        window = own(c, lookback_days)
        if len(window) < min_periods:
            scores[t] = NAN
            continue
        yearly = statistics.stdev(daily(window)) * math.sqrt(252)
        scores[t] = (window[-1] / window[0] - 1) / max(yearly, vol_floor)
    return scores


def residual_momentum(
    closes: Closes,
    lookback_days: int = 252,
    formation_days: int = 126,
    min_periods: int = 200,
    market: str = "SPY",
) -> Scores:
    scores = {}
    for t, c in closes.items():
        scores[t] = NAN
        if t == market or math.isnan(c[-1]) or math.isnan(closes[market][-1]):
            continue
        pairs = [(x, m) for x, m in zip(c, closes[market], strict=True) if x == x and m == m]
        pairs = pairs[-lookback_days:]
        if len(pairs) < max(min_periods, formation_days + 2):
            continue
        y, x = daily([pair[0] for pair in pairs]), daily([pair[1] for pair in pairs])
        if statistics.pstdev(x) <= 1e-12:
            continue
        slope, intercept = statistics.linear_regression(x, y)
        residuals = [yi - intercept - slope * xi for xi, yi in zip(x, y, strict=True)]
        recent = residuals[-formation_days:]
        deviation = statistics.stdev(recent)
        if deviation > 1e-12:
            scores[t] = math.fsum(recent) / (deviation * math.sqrt(formation_days))
    return scores


def trend_filtered_momentum(
    closes: Closes,
    momentum_lookback: int = 252,
    ma_period: int = 200,
    trend_ticker: str = "SPY",
    defensive_tickers: tuple[str, ...] = ("AGG", "TLT", "GLD", "BIL"),
    min_periods: int = 200,
) -> Scores:
    scores = momentum(closes, momentum_lookback, min_periods)
    trend = own(closes[trend_ticker], ma_period)
    if len(trend) < ma_period:
        return dict.fromkeys(closes, NAN)
    if trend[-1] > statistics.fmean(trend) * (1 + 1e-12):
        return scores
    return {t: score if t in defensive_tickers else NAN for t, score in scores.items()}


def dual_momentum(
    closes: Closes,
    lookback: int = 252,
    risk_free_rate: float = 0.02,
    safe_tickers: tuple[str, ...] = ("AGG", "TLT", "GLD", "BIL"),
    min_periods: int = 200,
) -> Scores:
    scores = momentum(closes, lookback, min_periods)
    winners = {t for t, score in scores.items() if score > risk_free_rate * lookback / 252}
    eligible = winners or set(safe_tickers)
    return {t: score if t in eligible else NAN for t, score in scores.items()}


def value_momentum(
    closes: Closes,
    momentum_weight: float = 0.5,
    value_weight: float = 0.5,
    momentum_lookback: int = 252,
    value_lookback: int = 63,
    min_periods: int = 60,
) -> Scores:
    winners = zscores(momentum(closes, momentum_lookback, min_periods))
    dear = momentum(closes, value_lookback, min_periods)
    cheap = zscores({t: -x for t, x in dear.items()})
    return {t: momentum_weight * winners[t] + value_weight * cheap[t] for t in closes}


def ensemble(
    closes: Closes, models: list[Mapping[str, Any]], weights: list[float] | None = None
) -> Scores:
    members = [
        zscores(REFERENCE[spec["type"]](closes, **spec.get("parameters", {}))) for spec in models
    ]
    shares = weights or [1 / len(members)] * len(members)
    return {
        t: math.fsum(w * member[t] for w, member in zip(shares, members, strict=True))
        for t in closes
    }


REFERENCE: dict[str, Callable[..., Scores]] = {
    function.__name__: function
    for function in (
        momentum,
        momentum_acceleration,
        vol_adjusted_momentum,
        residual_momentum,
        trend_filtered_momentum,
        dual_momentum,
        value_momentum,
        ensemble,
    )
}

SMALL: dict[str, dict[str, Any]] = {
    "momentum": {"lookback_days": 6, "min_periods": 4, "skip_recent_days": 2},
    "momentum_acceleration": {
        "short_lookback_days": 3,
        "long_lookback_days": 7,
        "min_periods": 4,
    },
    "vol_adjusted_momentum": {"lookback_days": 6, "min_periods": 4, "vol_floor": 0.05},
    "residual_momentum": {"lookback_days": 8, "formation_days": 3, "min_periods": 5},
    "trend_filtered_momentum": {
        "momentum_lookback": 6,
        "ma_period": 4,
        "defensive_tickers": ("BIL", "TLT"),
        "min_periods": 3,
    },
    "dual_momentum": {
        "lookback": 6,
        "risk_free_rate": 0.5,
        "safe_tickers": ("BIL", "TLT"),
        "min_periods": 3,
    },
    "value_momentum": {"momentum_lookback": 7, "value_lookback": 4, "min_periods": 3},
    "ensemble": {
        "models": [
            {"type": "momentum", "parameters": {"lookback_days": 5, "min_periods": 3}},
            {
                "type": "residual_momentum",
                "parameters": {"lookback_days": 8, "formation_days": 3, "min_periods": 5},
            },
        ],
        "weights": [0.75, -0.5],
    },
}
"""Parameters small enough for a few dozen sessions."""
