from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from quantetf_core.regime import (
    RegimeConfig,
    RegimeDetector,
    RegimeState,
    TrendState,
    VolatilityState,
    last_known,
)

UP, DOWN = TrendState.UPTREND, TrendState.DOWNTREND
LOW, HIGH = VolatilityState.LOW_VOL, VolatilityState.HIGH_VOL
# A mean of 400 and a band of 1/64 make both edges exact: 393.75 and 406.25.
EXACT = RegimeConfig(trend_hysteresis_pct=1 / 64)


def before(trend: str, vol: str) -> RegimeState:
    return RegimeState(TrendState(trend), VolatilityState(vol), None)


@pytest.mark.parametrize(
    ("spy", "after_up", "after_down", "without_history"),
    [
        (393.74, DOWN, DOWN, DOWN),
        (393.75, UP, DOWN, DOWN),
        (399.99, UP, DOWN, DOWN),
        (400.0, UP, DOWN, UP),
        (406.25, UP, DOWN, UP),
        (406.26, UP, UP, UP),
    ],
)
def test_the_trend_flips_only_strictly_beyond_the_band(
    spy: float, after_up: TrendState, after_down: TrendState, without_history: TrendState
) -> None:
    detector = RegimeDetector(EXACT)
    assert detector.detect(spy, 400.0, 22.0, before("uptrend", "low_vol")).trend is after_up
    assert detector.detect(spy, 400.0, 22.0, before("downtrend", "low_vol")).trend is after_down
    assert detector.detect(spy, 400.0, 22.0, before("unknown", "low_vol")).trend is without_history
    assert detector.detect(spy, 400.0, 22.0).trend is without_history


@pytest.mark.parametrize(
    ("vix", "after_low", "after_high", "without_history"),
    [
        (19.99, LOW, LOW, LOW),
        (20.0, LOW, HIGH, LOW),
        (22.0, LOW, HIGH, LOW),
        (25.0, LOW, HIGH, LOW),
        (25.01, HIGH, HIGH, HIGH),
    ],
)
def test_volatility_flips_only_strictly_beyond_its_thresholds(
    vix: float,
    after_low: VolatilityState,
    after_high: VolatilityState,
    without_history: VolatilityState,
) -> None:
    detector = RegimeDetector()
    assert detector.detect(400.0, 400.0, vix, before("uptrend", "low_vol")).vol is after_low
    assert detector.detect(400.0, 400.0, vix, before("uptrend", "high_vol")).vol is after_high
    assert detector.detect(400.0, 400.0, vix, before("uptrend", "unknown")).vol is without_history
    assert detector.detect(400.0, 400.0, vix).vol is without_history


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, -math.inf, 0.0, -1.0, pd.NA])
def test_a_missing_indicator_makes_only_its_own_component_unknown(missing: float | None) -> None:
    detector, was = RegimeDetector(), before("downtrend", "high_vol")
    for price, mean in ((missing, 400.0), (400.0, missing)):
        state = detector.detect(price, mean, 30.0, was)
        assert (state.trend, state.vol, state.name) == (TrendState.UNKNOWN, HIGH, "unknown")
    state = detector.detect(390.0, 400.0, missing, was)
    assert (state.trend, state.vol, state.vix) == (DOWN, VolatilityState.UNKNOWN, None)


def test_the_state_keeps_the_indicators_and_the_session() -> None:
    state = RegimeDetector().detect(np.float64(390), 400, 30, as_of="2020-03-31")
    assert state == RegimeState(DOWN, HIGH, pd.Timestamp("2020-03-31"), 390.0, 400.0, 30.0)


def test_what_is_remembered_bridges_an_unknown_spell_of_either_component() -> None:
    memory = before("downtrend", "high_vol")
    assert last_known(None, before("unknown", "low_vol")) == before("unknown", "low_vol")
    assert last_known(memory, before("uptrend", "low_vol")) == before("uptrend", "low_vol")
    assert last_known(memory, before("unknown", "low_vol")) == before("downtrend", "low_vol")
    assert last_known(memory, before("uptrend", "unknown")) == before("uptrend", "high_vol")


def test_thresholds_may_coincide() -> None:
    detector = RegimeDetector(RegimeConfig(0.0, 20.0, 20.0))
    assert detector.detect(399.9, 400.0, 20.1, before("uptrend", "low_vol")).name == (
        "downtrend_high_vol"
    )
