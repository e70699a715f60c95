"""Volatility target: the formula by hand, the bounds, and what is not known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.config.schema_overlays import VolatilityTarget
from quantetf_core.findings import Severity
from quantetf_core.portfolio.overlays import (
    OverlayState,
    expected_volatility,
    volatility_target,
)

NAN = math.nan
ONE_PERCENT_A_DAY = 0.01 * math.sqrt(252)


def config(**said: object) -> VolatilityTarget:
    plain = {"target": ONE_PERCENT_A_DAY, "decay": 1.0, "lookback_days": 3, "min_periods": 3}
    return VolatilityTarget(type="volatility_target", **{**plain, **said})


def closes(**columns: list[float]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=float)


UP_AND_DOWN = closes(A=[100.0, 101.0, 99.99])  # +1 %, −1 %: 1 % a day


# --- by hand ----------------------------------------------------------------------------------


def test_returns_of_one_percent_up_and_down_are_one_percent_a_day() -> None:
    found = expected_volatility({"A": 1.0}, UP_AND_DOWN, decay=1.0, lookback_days=3, min_periods=3)
    assert found.value == pytest.approx(ONE_PERCENT_A_DAY)
    assert found.observations == 2


def test_twice_the_volatility_wanted_halves_the_exposure_and_the_rest_is_cash() -> None:
    half = config(target=ONE_PERCENT_A_DAY / 2)
    done = volatility_target(
        {"A": 0.75, "B": 0.25},
        half,
        adj_close=closes(A=[100.0, 101.0, 99.99], B=[50.0, 50.5, 49.995]),
    )
    assert done.weights == pytest.approx({"A": 0.375, "B": 0.125})
    assert done.step.state is OverlayState.APPLIED
    assert done.step.measured == pytest.approx(ONE_PERCENT_A_DAY)
    assert (done.step.exposure_before, done.step.exposure_after) == pytest.approx((1.0, 0.5))
    assert done.step.said == (
        "The expected volatility is 15.9% a year; the target is 7.9%: exposure goes from 100.0% "
        "to 50.0%."
    )
    assert done.findings == ()


def test_the_newest_return_weighs_most() -> None:
    """Squares 4 and 1 (per cent), the newest weighing 1 and the one before λ = 0.5."""
    prices = closes(A=[100.0, 102.0, 100.98])
    found = expected_volatility({"A": 1.0}, prices, decay=0.5, lookback_days=3, min_periods=3)
    assert found.value == pytest.approx(math.sqrt(252 * (1e-4 + 0.5 * 4e-4) / 1.5))


def test_two_funds_that_offset_each_other_have_no_volatility_and_stay() -> None:
    prices = closes(A=[100.0, 101.0, 100.0 * 1.01 * 0.99], B=[100.0, 99.0, 99.0 * 1.01])
    done = volatility_target({"A": 0.5, "B": 0.5}, config(target=0.01), adj_close=prices)
    assert done.step.measured == pytest.approx(0.0, abs=1e-12)
    assert done.weights == {"A": 0.5, "B": 0.5}
    assert done.step.state is OverlayState.WITHIN


def test_cash_in_the_target_counts_as_a_part_that_does_not_move() -> None:
    done = volatility_target({"A": 0.5}, config(), adj_close=UP_AND_DOWN)
    assert done.step.measured == pytest.approx(ONE_PERCENT_A_DAY / 2)
    assert done.weights == {"A": 0.5}  # a quiet portfolio is never raised


@pytest.mark.parametrize(
    ("said", "wanted", "why"),
    [
        ({"target": ONE_PERCENT_A_DAY / 10, "min_exposure": 0.3}, 0.3, "at least 30.0% stays"),
        ({"target": 1.0, "max_exposure": 0.8}, 0.8, "at most 80.0% may be invested"),
        ({"target": 1.0}, 1.0, "asks for no change"),
    ],
)
def test_the_exposure_stays_between_its_bounds(
    said: dict[str, float], wanted: float, why: str
) -> None:
    done = volatility_target({"A": 1.0}, config(**said), adj_close=UP_AND_DOWN)
    assert done.step.exposure_after == pytest.approx(wanted)
    assert why in done.step.said


def test_the_least_exposure_raises_nothing_that_is_below_it() -> None:
    least = config(target=ONE_PERCENT_A_DAY / 100, min_exposure=0.5)
    done = volatility_target({"A": 0.2}, least, adj_close=UP_AND_DOWN)
    assert done.weights == {"A": 0.2}


# --- windows and gaps -------------------------------------------------------------------------


def test_a_return_across_a_gap_spans_it_and_counts_on_the_session_that_ends_it() -> None:
    """A: flat, then +2 % over two sessions."""
    prices = closes(A=[100.0, 100.0, NAN, 102.0])
    found = expected_volatility({"A": 1.0}, prices, decay=1.0, lookback_days=4, min_periods=3)
    assert found.value == pytest.approx(math.sqrt(252 * 4e-4 / 3))


def test_only_the_last_closes_of_the_window_count() -> None:
    wild = closes(A=[1.0, 900.0, 3.0, 100.0, 101.0, 99.99])
    found = expected_volatility({"A": 1.0}, wild, decay=1.0, lookback_days=3, min_periods=3)
    assert found.value == pytest.approx(ONE_PERCENT_A_DAY)


def test_the_window_begins_where_every_fund_has_had_a_close() -> None:
    prices = closes(A=[100.0, 150.0, 100.0, 101.0, 99.99], B=[NAN, NAN, 50.0, 50.5, 49.995])
    found = expected_volatility(
        {"A": 0.5, "B": 0.5}, prices, decay=1.0, lookback_days=5, min_periods=3
    )
    assert found.value == pytest.approx(ONE_PERCENT_A_DAY)
    assert found.observations == 2


@pytest.mark.parametrize("bad", [NAN, 0.0, -5.0, math.inf])
def test_a_close_that_is_no_price_is_a_gap(bad: float) -> None:
    prices = closes(A=[100.0, bad, 101.0, 99.99])
    found = expected_volatility({"A": 1.0}, prices, decay=1.0, lookback_days=4, min_periods=3)
    assert found.value == pytest.approx(math.sqrt(252 * 2e-4 / 3))


def test_too_few_closes_leave_the_weights_and_warn_with_the_names() -> None:
    prices = closes(A=[100.0, 101.0, 99.99], NEW=[NAN, 50.0, 51.0])
    weights = {"A": 0.5, "NEW": 0.3, "NONE": 0.2}
    done = volatility_target(weights, config(target=0.01), adj_close=prices)
    assert done.weights == weights
    assert done.step.state is OverlayState.UNKNOWN
    assert done.step.measured is None
    (finding,) = done.findings
    assert (finding.severity, finding.code) == (Severity.WARN, "volatility_unknown")
    assert "NEW (2), NONE (0)" in finding.message
    assert "3 are needed" in finding.message


def test_closes_that_no_volatility_can_be_computed_from_leave_the_weights_and_warn() -> None:
    done = volatility_target({"A": 1.0}, config(), adj_close=closes(A=[1e-300, 1e300, 1.0]))
    assert done.weights == {"A": 1.0}
    assert done.step.state is OverlayState.UNKNOWN
    assert "no finite volatility" in done.findings[0].message


def test_a_portfolio_that_is_all_cash_is_left_alone() -> None:
    done = volatility_target({}, config(), adj_close=UP_AND_DOWN)
    assert done.weights == {}
    assert (done.step.measured, done.step.state) == (0.0, OverlayState.WITHIN)
    assert done.findings == ()


def test_two_thirds_of_the_window_are_needed_unless_said_otherwise() -> None:
    assert config(lookback_days=126, min_periods=None).closes_needed == 84
    assert config(lookback_days=126, min_periods=100).closes_needed == 100
    assert config(lookback_days=3, min_periods=None).closes_needed == 3


# --- beside an implementation of somebody else's ----------------------------------------------


@given(st.integers(0, 10_000), st.floats(0.5, 1.0), st.integers(3, 60))
@settings(max_examples=40)
def test_it_is_the_exponentially_weighted_mean_of_pandas(
    seed: int, decay: float, lookback: int
) -> None:
    generator = np.random.default_rng(seed)
    steps = generator.normal(0.0, 0.01, (60, 3))
    prices = pd.DataFrame(100.0 * np.exp(steps.cumsum(axis=0)), columns=["A", "B", "C"])
    weights = dict(zip(prices.columns, generator.dirichlet(np.ones(3)).tolist(), strict=True))
    window = prices.tail(lookback).pct_change().dropna()
    portfolio = (window * pd.Series(weights)).sum(axis=1)
    squares = portfolio**2
    mean = squares.mean() if decay == 1.0 else squares.ewm(alpha=1.0 - decay).mean().iloc[-1]
    found = expected_volatility(weights, prices, decay=decay, lookback_days=lookback, min_periods=3)
    assert found.value == pytest.approx(math.sqrt(252 * mean), rel=1e-9)
