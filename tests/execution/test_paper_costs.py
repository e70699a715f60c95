"""Commissions and slippage: the formulas of their docstrings, and what they refuse."""

from __future__ import annotations

import math

import pytest

from quantetf_core.errors import InvalidValueError
from quantetf_core.execution import (
    BpsCommission,
    BpsSlippage,
    PerShareCommission,
    SpreadAndImpact,
)


def test_commissions_are_proportional_or_per_share_with_a_minimum():
    assert BpsCommission(2.5).usd(7, 40_000.0) == 10.0
    assert BpsCommission().usd(7, 40_000.0) == 0.0
    tariff = PerShareCommission(0.005, minimum=1.0)
    assert [tariff.usd(q, 1e6) for q in (10, 200, 1_000)] == [1.0, 1.0, 5.0]
    assert (BpsCommission(2.5).bps, tariff.bps) == (2.5, 0.0)


def test_slippage_is_always_against_the_trader():
    for model in (BpsSlippage(10.0), SpreadAndImpact(20.0, impact=0.0)):
        assert model.price(100.0, side=1, quantity=5, volume=10.0) == pytest.approx(100.1)
        assert model.price(100.0, side=-1, quantity=5, volume=10.0) == pytest.approx(99.9)
        assert model.bps == 10.0
    assert not BpsSlippage().needs_volume
    assert SpreadAndImpact(1.0).needs_volume


def test_impact_grows_with_the_square_root_of_the_share_of_volume():
    """σ 2 %, Y 0.5: 1 % of √(q/V) of the price; four times the shares, twice the impact."""
    model = SpreadAndImpact(0.0, impact=0.5, daily_volatility=0.02)
    paid = [model.price(50.0, side=1, quantity=q, volume=10_000.0) - 50.0 for q in (100, 400)]
    assert paid == pytest.approx([50.0 * 0.01 * 0.1, 50.0 * 0.01 * 0.2])


def test_a_price_never_turns_negative():
    model = SpreadAndImpact(0.0, impact=100.0, daily_volatility=0.5)
    assert model.price(50.0, side=-1, quantity=10_000, volume=10_000.0) == pytest.approx(0.005)


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda x: BpsCommission(x), "bps"),
        (lambda x: PerShareCommission(x), "per_share"),
        (lambda x: PerShareCommission(0.0, minimum=x), "minimum"),
        (lambda x: BpsSlippage(x), "bps"),
        (lambda x: SpreadAndImpact(x), "spread_bps"),
        (lambda x: SpreadAndImpact(0.0, impact=x), "impact"),
        (lambda x: SpreadAndImpact(0.0, daily_volatility=x), "daily_volatility"),
    ],
)
@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_a_cost_below_zero_or_without_bound_is_refused_by_name(build, name, value):
    with pytest.raises(InvalidValueError, match=name):
        build(value)


def test_slippage_of_the_whole_price_is_refused():
    with pytest.raises(InvalidValueError, match="below 10000"):
        BpsSlippage(10_000.0)
