"""The takeaway of each chart of the regime in a sentence, for readers who cannot see it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from quantetf_core.regime.analysis import NAMES, distribution, spells
from quantetf_core.regime.types import REGIME_LABELS, UNKNOWN, RegimeConfig

NO_SESSIONS = "No sessions to show yet"

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def spy_trend_alt(history: pd.DataFrame, config: RegimeConfig | None = None) -> str:
    """The takeaway of `spy_trend_figure`."""
    config = config or RegimeConfig()
    if history.empty:
        return f"{NO_SESSIONS}."
    last, when = history.iloc[-1], day(history.index[-1])
    price, mean = last["spy_price"], last["spy_200ma"]
    if pd.isna(price):
        return f"SPY has no close on {when}, so its trend is unknown."
    if pd.isna(mean):
        return f"SPY closed at {price:,.2f} USD on {when}; it does not have 200 closes yet."
    side = "above" if price >= mean else "below"
    up = last["trend"] == "uptrend"
    band = -config.trend_hysteresis_pct if up else config.trend_hysteresis_pct
    flips = f"{'down below' if up else 'up above'} {mean * (1.0 + band):,.2f}"
    return (
        f"SPY closed at {price:,.2f} USD on {when}, {abs(price / mean - 1.0) * 100:.1f}% {side} "
        f"its 200-day mean of {mean:,.2f}; the trend is {'up' if up else 'down'} and turns {flips}."
    )


def vix_alt(history: pd.DataFrame, config: RegimeConfig | None = None) -> str:
    """The takeaway of `vix_figure`."""
    config = config or RegimeConfig()
    if history.empty:
        return f"{NO_SESSIONS}."
    last, when = history.iloc[-1], day(history.index[-1])
    if pd.isna(last["vix"]):
        return f"The VIX is missing on {when} and was for too long to be carried."
    seen = f"The VIX stands at {last['vix']:.2f} on {when}"
    if last["vol"] == "unknown":
        return f"{seen}; volatility is not known before SPY has 200 closes."
    if last["vol"] == "low_vol":
        return f"{seen}; volatility is low and turns high above {config.vix_high_threshold:g}."
    return f"{seen}; volatility is high and turns low below {config.vix_low_threshold:g}."


def regime_strip_alt(history: pd.DataFrame) -> str:
    """The takeaway of `regime_strip_figure`."""
    if history.empty:
        return f"{NO_SESSIONS}."
    runs = spells(history)
    last = runs.iloc[-1]
    return (
        f"Regimes from {day(history.index[0])} to {day(history.index[-1])}, "
        f"in {len(runs):,} spell{'' if len(runs) == 1 else 's'}. "
        f"The last, {_lower(last['regime'])}, began on {day(last['start'])} and has lasted "
        f"{count(last['sessions'])}."
    )


def distribution_alt(history: pd.DataFrame) -> str:
    """The takeaway of `distribution_figure`."""
    shares = shares_in_use(history)
    if not shares:
        return f"{NO_SESSIONS}."
    parts = [f"{REGIME_LABELS[name]} {share * 100:.1f}%" for name, (_, share) in shares.items()]
    return f"Of {count(len(history))}: {'; '.join(parts)}."


def shares_in_use(history: pd.DataFrame) -> dict[str, tuple[int, float]]:
    """Sessions and their share by regime; ``unknown`` only when it occurs, {} for no sessions."""
    if history.empty:
        return {}
    found = distribution(history)
    pairs = zip(found["sessions"].tolist(), found["share"].tolist(), strict=True)
    by_regime = dict(zip(NAMES, pairs, strict=True))
    return {name: pair for name, pair in by_regime.items() if pair[0] or name != UNKNOWN}


def day(stamp: Any) -> str:
    """A session as the pages write it, the same under every locale.

    Examples
    --------
    >>> day(pd.Timestamp("2023-12-29")), day(pd.Timestamp("2024-01-02"))
    ('29 Dec 2023', '2 Jan 2024')
    """
    return f"{stamp.day} {_MONTHS[stamp.month - 1]} {stamp.year}"


def count(sessions: int) -> str:
    """A number of sessions in words.

    Examples
    --------
    >>> count(1), count(1234)
    ('1 session', '1,234 sessions')
    """
    return f"{sessions:,} session{'' if sessions == 1 else 's'}"


def _lower(name: str) -> str:
    label = REGIME_LABELS[name]
    return label[0].lower() + label[1:]
