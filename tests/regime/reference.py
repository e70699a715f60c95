"""The regime rules written again, in plain Python, one session at a time: a second origin.

Nothing here is taken from the code under test: lists and floats, `math.fsum` for the mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def good(value: float | None) -> bool:
    return value is not None and math.isfinite(value) and value > 0


def reference_labels(
    closes: Sequence[float],
    vix: Sequence[float],
    *,
    band: float = 0.02,
    high: float = 25.0,
    low: float = 20.0,
) -> list[tuple[str, str, str]]:
    """``(regime, trend, vol)`` of each session."""
    own: list[float] = []
    trend = vol = None
    last_vix, age = math.nan, 10**9
    started = False
    labels = []
    for close, fear in zip(closes, vix, strict=True):
        last_vix, age = (fear, 0) if good(fear) else (last_vix, age + 1)
        if good(close):
            own.append(close)
        started = started or len(own) >= 200
        if not started:
            labels.append(("unknown", "unknown", "unknown"))
            continue
        trend_now = vol_now = "unknown"
        if good(close):
            mean = math.fsum(own[-200:]) / 200
            if close < mean * (1 - band):
                trend = "downtrend"
            elif close > mean * (1 + band):
                trend = "uptrend"
            elif trend is None:
                trend = "uptrend" if close >= mean else "downtrend"
            trend_now = trend
        if age <= 3:
            if last_vix > high:
                vol = "high_vol"
            elif last_vix < low or vol is None:
                vol = "low_vol"
            vol_now = vol
        both = "unknown" not in (trend_now, vol_now)
        labels.append((f"{trend_now}_{vol_now}" if both else "unknown", trend_now, vol_now))
    return labels
