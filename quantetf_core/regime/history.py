"""The regime on every session at once: the rules of `quantetf_core.regime.detector`, vectorised.

Timing: row *t* uses rows up to and including *t* only, and its bits do not depend on any other
row's result, so a later row never changes it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.errors import InvalidValueError
from quantetf_core.regime.types import (
    REGIMES,
    UNKNOWN,
    RegimeConfig,
    TrendState,
    VolatilityState,
)
from quantetf_core.units import MAX_CARRY_SESSIONS, TREND_WINDOW

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TREND_DTYPE = pd.CategoricalDtype([state.value for state in TrendState])
VOL_DTYPE = pd.CategoricalDtype([state.value for state in VolatilityState])
REGIME_DTYPE = pd.CategoricalDtype([*REGIMES, UNKNOWN])

_UNKNOWN_CODE = 2
"""Position of ``unknown`` in both component types; 0 is the calm state, 1 the other."""

_BLOCK = 8
"""Closes in one partial sum of the mean; divides the window of 200."""


def label_history(
    spy_close: pd.Series[float], vix: pd.Series[float], config: RegimeConfig | None = None
) -> pd.DataFrame:
    """The regime on every session, as if `RegimeDetector.detect` had been run each evening.

    Parameters
    ----------
    spy_close
        SPY's close in USD per share by session, ascending; NaN where it has none. Values that are
        not finite and above zero count as none.
    vix
        VIX in index points by date, aligned to ``spy_close`` by label: a date without a session is
        left out, a session without a value is a gap.
    config
        Thresholds; those of `RegimeConfig` when None.

    Returns
    -------
    DataFrame
        One row a session of ``spy_close``: ``regime``, ``trend``, ``vol`` (categories, ``unknown``
        among them), ``spy_price``, ``spy_200ma`` (USD; NaN before 200 closes and where SPY has no
        close), ``vix`` as used (carried at most 3 sessions, then NaN) and ``vix_age``, sessions
        since the VIX was last seen (0: this session's own; −1: never).

    Raises
    ------
    InvalidValueError
        When sessions repeat or are not ascending.

    Notes
    -----
    ``vol`` may be known on a session whose ``regime`` is not, and the other way about for
    ``trend``: see the rules in `quantetf_core.regime.detector`. Cost: about 1 ms for 20 years.

    Examples
    --------
    >>> days = pd.bdate_range("2020-01-01", periods=201)
    >>> labels = label_history(pd.Series(100.0, days), pd.Series(30.0, days))
    >>> labels["regime"].iloc[[198, 199]].tolist()
    ['unknown', 'uptrend_high_vol']
    """
    config = config or RegimeConfig()
    sessions = _checked(spy_close.index, "spy_close")
    fear_by_day = vix if vix.index is sessions else _aligned(vix, sessions)
    price = _usable(spy_close)
    mean = mean_of_last_closes(price)
    fear, age = _carried(_usable(fear_by_day))
    known_from = np.flatnonzero(~np.isnan(mean))
    start = int(known_from[0]) if len(known_from) else len(price)
    trend = _fold(*_trend_events(price, mean, config), start=start)
    vol = _fold(*_vol_events(fear, config), start=start)
    regime = np.where(
        (trend == _UNKNOWN_CODE) | (vol == _UNKNOWN_CODE), len(REGIMES), trend * 2 + vol
    )
    columns: dict[str, Any] = {
        "regime": pd.Categorical.from_codes(regime, dtype=REGIME_DTYPE, validate=False),
        "trend": pd.Categorical.from_codes(trend, dtype=TREND_DTYPE, validate=False),
        "vol": pd.Categorical.from_codes(vol, dtype=VOL_DTYPE, validate=False),
        "spy_price": price,
        "spy_200ma": mean,
        "vix": fear,
        "vix_age": age,
    }
    return pd.DataFrame(columns, index=sessions)


def mean_of_last_closes(price: Floats, window: int = TREND_WINDOW) -> Floats:
    """The plain mean of the last 200 closes there are, NaN closes being skipped.

    Parameters
    ----------
    price
        USD per share, shape ``(n_sessions,)``; NaN where there is no close.
    window
        Closes in the mean; a multiple of 8.

    Returns
    -------
    ndarray
        USD per share, shape ``(n_sessions,)``; NaN before the window is full and where ``price``
        is NaN.

    Notes
    -----
    Each mean adds its own closes in one fixed order (25 sums of 8), elementwise over sessions, so
    its bits depend neither on other rows nor on the width of the machine's vector unit.

    Examples
    --------
    >>> mean_of_last_closes(np.arange(1.0, 12.0), window=8)[[6, 7, 10]].tolist()
    [nan, 4.5, 7.5]
    """
    mean = np.full(len(price), np.nan)
    own = np.flatnonzero(~np.isnan(price))
    if len(own) >= window:
        with np.errstate(over="ignore"):  # an infinite sum gives an unknown trend, as in detect
            blocks = _sliding_sum(price[own], count=_BLOCK, stride=1)
            total = _sliding_sum(blocks, count=window // _BLOCK, stride=_BLOCK)
        mean[own[window - 1 :]] = total / window
    return _finite_positive(mean)


def _sliding_sum(values: Floats, *, count: int, stride: int) -> Floats:
    """Sums of ``count`` values, ``stride`` apart, oldest first, at every place that has them."""
    length = len(values) - (count - 1) * stride
    total = values[:length].copy()
    for step in range(1, count):
        total += values[step * stride : step * stride + length]
    return total


def _usable(series: pd.Series[float]) -> Floats:
    return _finite_positive(np.asarray(series.to_numpy(np.float64, na_value=np.nan), np.float64))


def _finite_positive(values: Floats) -> Floats:
    """`usable` for an array: NaN where a value is not finite and above zero."""
    return np.where(np.isfinite(values) & (values > 0.0), values, np.nan)


def _carried(raw: Floats) -> tuple[Floats, Ints]:
    """Values carried at most 3 sessions, and how old each is (−1: none yet)."""
    here = np.arange(len(raw), dtype=np.int64)
    seen = np.maximum.accumulate(np.where(np.isnan(raw), np.int64(-1), here))
    age = np.where(seen < 0, np.int64(-1), here - seen)
    return np.where((age >= 0) & (age <= MAX_CARRY_SESSIONS), raw[seen], np.nan), age


def _trend_events(price: Floats, mean: Floats, config: RegimeConfig) -> tuple[Ints, Ints]:
    """What each session says of the trend (−1: nothing), and what it says without history."""
    band = config.trend_hysteresis_pct
    with np.errstate(over="ignore"):
        down, up = price < mean * (1.0 - band), price > mean * (1.0 + band)
    return _events(down, up, ~np.isnan(mean)), np.where(price >= mean, 0, 1)


def _vol_events(vix: Floats, config: RegimeConfig) -> tuple[Ints, Ints]:
    """What each session says of volatility (−1: nothing), and what it says without history."""
    high, low = vix > config.vix_high_threshold, vix < config.vix_low_threshold
    return _events(high, low, ~np.isnan(vix)), np.zeros(len(vix), dtype=np.int64)


def _events(worse: npt.NDArray[np.bool_], calm: npt.NDArray[np.bool_], known: Any) -> Ints:
    events = np.where(worse, 1, np.where(calm, 0, -1))
    return np.where(known, events, _UNKNOWN_CODE)


def _fold(events: Ints, alone: Ints, *, start: int) -> Ints:
    """The state on every session: the last event at or before it, unknown where it is unknown.

    ``alone`` decides the first session that is known at all.
    """
    state = events.copy()
    state[:start] = _UNKNOWN_CODE
    first = np.flatnonzero(state != _UNKNOWN_CODE)
    if len(first) and state[first[0]] < 0:
        state[first[0]] = alone[first[0]]
    says = (state >= 0) & (state != _UNKNOWN_CODE)
    last = np.maximum.accumulate(np.where(says, np.arange(len(state)), -1))
    return np.where(state == _UNKNOWN_CODE, _UNKNOWN_CODE, state[last])


def _checked(index: pd.Index[Any], parameter: str) -> pd.DatetimeIndex:
    if not isinstance(index, pd.DatetimeIndex):
        raise InvalidValueError(parameter, type(index).__name__, "values by date (DatetimeIndex)")
    if not (index.is_monotonic_increasing and index.is_unique):
        raise InvalidValueError(parameter, "unsorted or repeated dates", "ascending dates")
    return index


def _aligned(vix: pd.Series[float], sessions: pd.DatetimeIndex) -> pd.Series[float]:
    if len(vix):
        _checked(vix.index, "vix")
    return vix.reindex(sessions)
