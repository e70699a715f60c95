"""What the screens say about a regime history: distances, spells, transitions, shares, the rules.

Every function is pure and takes the frame of `label_history` (its ``regime`` column is all most of
them need). "unknown" is a regime of its own here: a spell of it is shown, not skipped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.errors import InvalidValueError
from quantetf_core.regime.history import REGIME_DTYPE
from quantetf_core.regime.types import (
    UNKNOWN,
    RegimeConfig,
    RegimeState,
    TrendState,
    VolatilityState,
)
from quantetf_core.units import MAX_CARRY_SESSIONS, TREND_WINDOW

NAMES: tuple[str, ...] = tuple(REGIME_DTYPE.categories)
"""The four regimes and ``unknown``, in the order of every table and chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """How far one indicator is from flipping its component.

    Parameters
    ----------
    to
        The state it would flip to (``downtrend``, ``high_vol``, …).
    level
        The indicator must go beyond this (strictly); USD per share or index points.
    points
        ``level`` less the indicator: the signed move it takes, negative = a fall.
    fraction
        ``points`` as a fraction of the indicator.
    """

    to: str
    level: float
    points: float
    fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipDistance:
    """How far SPY is from flipping the trend and the VIX the volatility; None while unknown."""

    trend: Distance | None
    vol: Distance | None


def flip_distance(state: RegimeState, config: RegimeConfig | None = None) -> FlipDistance:
    """How far each indicator is from leaving its state, at this session's 200-day mean.

    The mean moves with SPY, so the level of the next session differs a little from this one.

    Examples
    --------
    >>> state = RegimeState("uptrend", "low_vol", "2020-01-02", 450.0, 400.0, 20.0)
    >>> far = flip_distance(state)
    >>> far.trend.to, far.trend.level, far.trend.points, round(far.trend.fraction, 4)
    ('downtrend', 392.0, -58.0, -0.1289)
    >>> far.vol.to, far.vol.points, far.vol.fraction
    ('high_vol', 5.0, 0.25)
    """
    config = config or RegimeConfig()
    return FlipDistance(trend=_trend_distance(state, config), vol=_vol_distance(state, config))


def _trend_distance(state: RegimeState, config: RegimeConfig) -> Distance | None:
    if state.trend is TrendState.UNKNOWN or state.spy_price is None or state.spy_200ma is None:
        return None
    if state.trend is TrendState.UPTREND:
        level = state.spy_200ma * (1.0 - config.trend_hysteresis_pct)
        return _distance(TrendState.DOWNTREND, level, state.spy_price)
    level = state.spy_200ma * (1.0 + config.trend_hysteresis_pct)
    return _distance(TrendState.UPTREND, level, state.spy_price)


def _vol_distance(state: RegimeState, config: RegimeConfig) -> Distance | None:
    if state.vol is VolatilityState.UNKNOWN or state.vix is None:
        return None
    if state.vol is VolatilityState.LOW_VOL:
        return _distance(VolatilityState.HIGH_VOL, config.vix_high_threshold, state.vix)
    return _distance(VolatilityState.LOW_VOL, config.vix_low_threshold, state.vix)


def _distance(to: str, level: float, value: float) -> Distance:
    return Distance(to=str(to), level=level, points=level - value, fraction=level / value - 1.0)


def spells(history: pd.DataFrame) -> pd.DataFrame:
    """Each unbroken run of one regime.

    Returns
    -------
    DataFrame
        One row a spell, oldest first: ``start``, ``end`` (sessions, inclusive), ``sessions``,
        ``regime``, ``next_regime`` (None for the spell that is still running).
    """
    codes = _codes(history)
    starts = _starts(codes)
    ends = np.append(starts[1:], len(codes)) - 1 if len(starts) else starts
    regimes = [NAMES[code] for code in codes[starts]]
    return pd.DataFrame(
        {
            "start": history.index[starts],
            "end": history.index[ends],
            "sessions": ends - starts + 1,
            "regime": pd.Series(regimes, dtype=object),
            "next_regime": pd.Series([*regimes[1:], None] if regimes else [], dtype=object),
        }
    )


def days_in_regime(history: pd.DataFrame) -> int:
    """Sessions the regime of the last row has lasted, that row included; 0 for no rows."""
    codes = _codes(history)
    if not len(codes):
        return 0
    other = np.flatnonzero(codes != codes[-1])
    return len(codes) - (int(other[-1]) + 1 if len(other) else 0)


def transitions(history: pd.DataFrame) -> pd.DataFrame:
    """Every change of regime, oldest first.

    Returns
    -------
    DataFrame
        ``date`` (first session of the new regime), ``from_regime``, ``to_regime``,
        ``from_sessions`` (how long the old one had lasted), ``to_sessions`` (how long the new one
        lasted, or has lasted so far), ``ongoing`` (whether the new one is the last).
    """
    runs = spells(history)
    old, new = runs.iloc[:-1], runs.iloc[1:]
    return pd.DataFrame(
        {
            "date": new["start"].to_numpy(),
            "from_regime": old["regime"].to_numpy(),
            "to_regime": new["regime"].to_numpy(),
            "from_sessions": old["sessions"].to_numpy(),
            "to_sessions": new["sessions"].to_numpy(),
            "ongoing": np.arange(len(new)) == len(new) - 1,
        }
    )


def transition_matrix(history: pd.DataFrame, *, normalised: bool = False) -> pd.DataFrame:
    """From one session's regime (rows) to the next session's (columns).

    Parameters
    ----------
    normalised
        Fractions of each row instead of counts; NaN in a row that was never left or entered.

    Returns
    -------
    DataFrame
        Shape ``(5, 5)``: the four regimes and ``unknown`` both ways.
    """
    codes = _codes(history)
    counts = np.zeros((len(NAMES), len(NAMES)), dtype=np.int64)
    np.add.at(counts, (codes[:-1], codes[1:]), 1)
    frame = pd.DataFrame(
        counts, index=pd.Index(NAMES, name="from"), columns=pd.Index(NAMES, name="to")
    )
    if not normalised:
        return frame
    totals = counts.sum(axis=1, keepdims=True)
    shares = counts / np.where(totals == 0, np.nan, totals)
    return pd.DataFrame(shares, index=frame.index, columns=frame.columns)


def distribution(history: pd.DataFrame) -> pd.DataFrame:
    """How the sessions divide among the regimes.

    Returns
    -------
    DataFrame
        Indexed by the four regimes and ``unknown``: ``sessions``, ``share`` (fraction of all
        sessions; NaN when there are none), ``spells``, ``longest`` (sessions of its longest spell).
    """
    codes = _codes(history)
    runs = spells(history)
    sessions = np.bincount(codes, minlength=len(NAMES))
    by_regime = runs.groupby("regime")["sessions"]
    return pd.DataFrame(
        {
            "sessions": sessions,
            "share": sessions / len(codes) if len(codes) else np.full(len(NAMES), np.nan),
            "spells": by_regime.size().reindex(NAMES, fill_value=0).to_numpy(dtype=np.int64),
            "longest": by_regime.max().reindex(NAMES, fill_value=0).to_numpy(dtype=np.int64),
        },
        index=pd.Index(NAMES, name="regime"),
    )


def rules_in_words(config: RegimeConfig | None = None) -> tuple[str, ...]:
    """The rules of the regime as sentences, with the thresholds in use.

    Examples
    --------
    >>> rules_in_words()[0]
    'Trend turns down when SPY closes more than 2 per cent below its 200-day mean.'
    """
    config = config or RegimeConfig()
    band = f"SPY closes more than {config.trend_hysteresis_pct * 100:g} per cent"
    mean = f"its {TREND_WINDOW}-day mean"
    high, low = f"{config.vix_high_threshold:g}", f"{config.vix_low_threshold:g}"
    return (
        f"Trend turns down when {band} below {mean}.",
        f"Trend turns up when {band} above {mean}.",
        "Between the two the trend stays what it was. The first session that has a mean, if it "
        "lies between, counts as up at or above the mean and as down below it.",
        f"Volatility turns high when the VIX closes above {high}.",
        f"Volatility turns low when the VIX closes below {low}.",
        "Between the two it stays what it was. The first session, if it lies between, counts as "
        "low.",
        f"The {TREND_WINDOW}-day mean is the plain mean of SPY's last {TREND_WINDOW} closes, not "
        f"adjusted for dividends. Before SPY has {TREND_WINDOW} closes the regime is {UNKNOWN}.",
        f"A missing VIX is carried at most {MAX_CARRY_SESSIONS} sessions; after that, and on a "
        f"session without a SPY close, the regime is {UNKNOWN}. It then resumes from the last "
        "known state.",
    )


def _codes(history: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Position of each session's regime in `NAMES`; a name that is none of them is an error."""
    regime = history["regime"]
    if regime.dtype == REGIME_DTYPE:
        return regime.cat.codes.to_numpy().astype(np.int64)
    codes = REGIME_DTYPE.categories.get_indexer(pd.Index(regime)).astype(np.int64)
    if (codes < 0).any():
        foreign = regime[codes < 0].unique().tolist()
        raise InvalidValueError("regime", foreign, f"names of {', '.join(NAMES)}")
    return codes


def _starts(codes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Rows on which a regime differs from the row before; the first row is one."""
    return np.flatnonzero(np.append(True, codes[1:] != codes[:-1])[: len(codes)])
