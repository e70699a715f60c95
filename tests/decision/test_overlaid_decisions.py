"""Overlays inside a decision: the trades follow them, the record keeps them, the id covers them."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from quantetf_core.config import PortfolioSettings
from quantetf_core.config.schema_overlays import (
    DrawdownBrake,
    OverlayConfig,
    PositionLimit,
    VixShift,
    VolatilityTarget,
)
from quantetf_core.data.market import MarketData
from quantetf_core.decision import RebalanceResult, decide
from quantetf_core.ledger.artifacts import rebalance_files
from quantetf_core.portfolio.overlays import OverlayState, recorded_step
from quantetf_core.units import CASH
from tests import builders

TICKERS = ("AAA", "BBB", "CCC", "DDD", "EEE")
VOLATILITY = VolatilityTarget(type="volatility_target", target=0.05)
BRAKE = DrawdownBrake(type="drawdown_brake", start=-0.1, full=-0.2, min_exposure=0.4)
SHIFT = VixShift(type="vix_shift", start=20.0, full=40.0, max_shift=1.0, defensive_tickers=("EEE",))


def configured(*overlays: OverlayConfig, tickers: tuple[str, ...] = TICKERS) -> PortfolioSettings:
    wanted = builders.strategy(max_weight=0.5).model_copy(update={"overlays": overlays})
    return builders.settings(tickers, strategies={"all": wanted})


def decided(
    *overlays: OverlayConfig, market: MarketData | None = None, **facts: object
) -> RebalanceResult:
    prices = builders.random_market(TICKERS) if market is None else market
    return decide(prices, configured(*overlays), builders.situation(prices, **facts))


def invested(result: RebalanceResult) -> float:
    weights = result.target_portfolio["weight"]
    return math.fsum(weights[weights.index != CASH])


def test_the_trades_are_sized_on_the_weights_the_overlays_leave() -> None:
    plain, held_back = decided(), decided(VOLATILITY)
    (step,) = held_back.used.overlays
    assert step.state is OverlayState.APPLIED
    assert invested(plain) == pytest.approx(1.0, abs=0.01)
    assert step.exposure_after == pytest.approx(0.05 / step.measured)
    assert invested(held_back) == pytest.approx(step.exposure_after, abs=0.01)
    assert set(held_back.target_portfolio.index) == set(plain.target_portfolio.index)


def test_overlays_work_in_the_order_of_the_list() -> None:
    """At a VIX of 40 all goes into EEE; a limit of 0.4 cuts that, and nothing before it."""
    market = builders.random_market(TICKERS, vix=40.0)
    limit = PositionLimit(type="position_limit", max_weight=0.4)
    last, first = decided(SHIFT, limit, market=market), decided(limit, SHIFT, market=market)
    assert [step.name for step in last.used.overlays] == ["vix_shift", "position_limit"]
    assert last.used.overlays[1].exposure_after == pytest.approx(0.4)
    assert first.used.overlays[1].exposure_after == pytest.approx(1.0)
    assert any(finding.code == "cash_unplaced" for finding in last.warnings)


def test_switched_off_the_decision_is_the_one_without_them() -> None:
    off = [overlay.model_copy(update={"enabled": False}) for overlay in (VOLATILITY, SHIFT, BRAKE)]
    market = builders.random_market(TICKERS, vix=40.0)
    plain, idle = decided(market=market), decided(*off, market=market)
    assert idle.trades == plain.trades
    assert idle.findings == plain.findings
    pd.testing.assert_frame_equal(idle.target_portfolio, plain.target_portfolio, check_exact=True)
    assert {step.state for step in idle.used.overlays} == {OverlayState.OFF}


def test_a_defensive_ticker_outside_the_universe_is_not_bought_though_it_has_a_price() -> None:
    market = builders.random_market(TICKERS, vix=40.0)
    narrow = configured(SHIFT, tickers=TICKERS[:4])
    result = decide(market, narrow, builders.situation(market))
    assert "EEE" not in result.target_portfolio.index
    assert invested(result) == 0.0
    assert [f.subject for f in result.warnings if f.code == "defensive_not_bought"] == ["EEE"]


@pytest.mark.parametrize("field", ["close", "adj_close"])
def test_a_defensive_ticker_needs_both_closes_at_the_session(field: str) -> None:
    market = builders.random_market(TICKERS, vix=40.0)
    panels = {name: market.panel(name).copy() for name in market.fields}
    panels[field].iloc[-1, market.tickers.index("EEE")] = np.nan
    thin = MarketData.from_panels(panels, market.vix, source="test")
    result = decided(SHIFT, market=thin)
    assert "EEE" not in result.target_portfolio.index
    assert any(finding.code == "defensive_not_bought" for finding in result.warnings)


def test_a_fund_that_is_too_young_leaves_the_target_alone_and_warns() -> None:
    market = builders.random_market(TICKERS)
    panels = {name: market.panel(name).copy() for name in market.fields}
    for name in ("close", "adj_close"):
        panels[name].loc[: market.sessions[-60], "EEE"] = np.nan
        panels[name].loc[market.sessions[-59] :, "EEE"] = np.linspace(50.0, 500.0, 59)
    young = MarketData.from_panels(panels, market.vix, source="test")
    momentum = builders.strategy(parameters={"lookback_days": 40, "min_periods": 30})
    wanted = momentum.model_copy(update={"overlays": (VOLATILITY,)})
    config = builders.settings(TICKERS, strategies={"all": wanted})
    result = decide(young, config, builders.situation(young))
    (step,) = result.used.overlays
    assert step.state is OverlayState.UNKNOWN
    assert "EEE (59)" in step.said
    assert invested(result) == pytest.approx(1.0, abs=0.01)
    assert any(finding.code == "volatility_unknown" for finding in result.warnings)


# --- the book's own past ----------------------------------------------------------------------


def fallen(market: MarketData, value: float) -> tuple[tuple[object, float], ...]:
    days = [session.date() for session in market.sessions[-3:]]
    return tuple(zip(days, (0.9, 1.0, value), strict=True))


def test_the_brake_looks_at_the_books_own_past() -> None:
    market = builders.random_market(TICKERS)
    held = builders.book({"AAA": 100.0}, cash=1e6)
    braked = decided(BRAKE, market=market, holdings=held, nav=fallen(market, 0.85))
    (step,) = braked.used.overlays
    assert (step.measured, step.exposure_after) == pytest.approx((-0.15, 0.7))
    assert invested(braked) == pytest.approx(0.7, abs=0.01)


def test_a_book_without_a_known_past_is_not_braked_and_a_warning_says_so() -> None:
    held = builders.book({"AAA": 100.0}, cash=1e6)
    result = decided(BRAKE, holdings=held)
    assert result.used.overlays[0].state is OverlayState.UNKNOWN
    assert [finding.code for finding in result.warnings if "drawdown" in finding.code] == [
        "drawdown_unknown"
    ]
    assert not any(finding.code == "drawdown_unknown" for finding in decided(BRAKE).warnings)


def test_the_id_of_a_plan_covers_the_past_it_looked_at() -> None:
    """Both pasts end at the peak, so nothing else differs."""
    market = builders.random_market(TICKERS)
    held = builders.book({"AAA": 100.0}, cash=1e6)
    one = decided(BRAKE, market=market, holdings=held, nav=fallen(market, 1.0))
    same = decided(BRAKE, market=market, holdings=held, nav=fallen(market, 1.0))
    other = decided(BRAKE, market=market, holdings=held, nav=fallen(market, 1.0)[1:])
    assert one.plan_id == same.plan_id != other.plan_id
    assert one.trades == other.trades


# --- no look-ahead, and the record ------------------------------------------------------------


def test_later_rows_cannot_change_an_overlaid_decision() -> None:
    market = builders.random_market(TICKERS, vix=[15.0] * 300 + [33.0] * 20)
    session = market.sessions[305]
    panels = {name: market.panel(name).copy() for name in market.fields}
    for frame in panels.values():
        frame.iloc[306:] = 0.37
    vix = market.vix.copy()
    vix.iloc[306:] = 99.0
    spoilt = MarketData.from_panels(panels, vix, source="test market")
    chain = (SHIFT, VOLATILITY, PositionLimit(type="position_limit", max_weight=0.2))
    before, after = (decided(*chain, market=m, as_of=session) for m in (market, spoilt))
    assert all(step.applied for step in before.used.overlays)
    assert before.plan_id == after.plan_id
    assert rebalance_files(before) == rebalance_files(after)


def test_the_record_keeps_every_step_as_it_was_shown() -> None:
    result = decided(VOLATILITY, BRAKE.model_copy(update={"enabled": False}))
    kept = json.loads(rebalance_files(result)["rebalance_result.json"])["overlays"]
    assert [row["name"] for row in kept] == ["volatility_target", "drawdown_brake"]
    assert tuple(recorded_step(row) for row in kept) == result.used.overlays


@pytest.mark.parametrize(
    "spoilt",
    [
        {"state": "braked"},
        {"state": ["off"]},
        {"unit": "percent"},
        {"said": 3},
        {"setting": None},
        {"measured": "much"},
        {"exposure_after": True},
        {"name": None},
    ],
)
def test_a_step_that_is_none_is_not_read(spoilt: dict[str, object]) -> None:
    kept = json.loads(rebalance_files(decided(VOLATILITY))["rebalance_result.json"])["overlays"]
    assert recorded_step({**kept[0], **spoilt}) is None
    assert recorded_step(kept[0]) is not None
