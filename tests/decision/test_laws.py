"""The laws of a decision, on data drawn to hurt."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.data.market import MarketData
from quantetf_core.decision import RebalanceResult, decide
from quantetf_core.encoding import readable_json
from quantetf_core.errors import PlanRefusedError
from quantetf_core.execution import Action
from quantetf_core.ledger.artifacts import holdings_after, rebalance_files
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.units import CASH, to_cents
from tests import builders

TICKERS = ("AAA", "BBB", "CCC", "DDD", "EEE")
LENGTH = 320


@st.composite
def hurt_markets(draw: st.DrawFn) -> MarketData:
    """Random walks with holes, late inceptions, delistings and flat stretches."""
    seed = draw(st.integers(0, 10_000))
    holes = draw(st.sampled_from([0.0, 0.0, 0.02, 0.3]))
    market = builders.random_market(
        TICKERS,
        n_sessions=LENGTH,
        seed=seed,
        vix=draw(st.sampled_from([12.0, 22.0, 40.0])),
        holes=holes,
    )
    close = market.close.to_numpy().copy()
    spy = market.tickers.index("SPY")
    for column in range(close.shape[1]):
        if column == spy:
            continue
        match draw(st.sampled_from(["whole", "whole", "late", "delisted", "never", "penny"])):
            case "late":
                close[: draw(st.integers(50, LENGTH - 1)), column] = np.nan
            case "delisted":
                close[draw(st.integers(150, LENGTH - 1)) :, column] = np.nan
            case "never":
                close[:, column] = np.nan
            case "penny":
                close[:, column] = np.round(close[:, column] / 5000.0, 2) + 0.01
    frame = pd.DataFrame(close, index=market.sessions, columns=market.tickers)
    volume = market.volume
    assert volume is not None
    vix = market.vix.where(np.random.default_rng(seed).random(LENGTH) > 0.05)
    return MarketData.from_panels(
        {"close": frame, "adj_close": frame * 1.5, "volume": volume}, vix, source="hurt"
    )


@st.composite
def books(draw: st.DrawFn) -> Holdings | None:
    """No book, cash only, or some shares of some tickers."""
    if draw(st.booleans()):
        return None
    shares = draw(st.dictionaries(st.sampled_from(TICKERS), st.integers(1, 5_000), max_size=4))
    cash = draw(st.integers(0, 50_000_000)) / 100
    return builders.book({t: float(n) for t, n in shares.items()}, cash=cash)


def decided(
    market: MarketData, holdings: Holdings | None, **facts: object
) -> RebalanceResult | None:
    """The decision, or None when it is refused with a reason."""
    config = builders.settings(TICKERS)
    try:
        return decide(market, config, builders.situation(market, holdings=holdings, **facts))
    except PlanRefusedError:
        return None


@given(hurt_markets(), books())
@settings(max_examples=60)
def test_cash_is_accounted_for_to_the_cent_and_never_below_zero(
    market: MarketData, holdings: Holdings | None
) -> None:
    result = decided(market, holdings)
    if result is None:
        return
    plan = result.used.plan
    lines = result.orders
    sells = sum(to_cents(t.notional_value) for t in lines if t.action == Action.SELL)
    buys = sum(to_cents(t.notional_value) for t in lines if t.action == Action.BUY)
    costs = sum(to_cents(t.cost) for t in lines)
    expected = to_cents(plan.cash_before) + to_cents(plan.cash_flow) + sells - buys - costs
    assert to_cents(plan.cash_after) == expected
    assert plan.cash_after >= 0
    assert holdings_after(result).cash == plan.cash_after


@given(hurt_markets(), books())
@settings(max_examples=60)
def test_weights_with_cash_sum_to_one_in_every_column(
    market: MarketData, holdings: Holdings | None
) -> None:
    result = decided(market, holdings)
    if result is None:
        return
    for frame in (result.target_portfolio, result.current_portfolio):
        assert frame.index[-1] == CASH
        assert frame["weight"].sum() == pytest.approx(1.0, abs=1e-9)


@given(hurt_markets(), books(), st.integers(210, LENGTH - 2))
@settings(max_examples=40)
def test_later_rows_cannot_change_a_decision(
    market: MarketData, holdings: Holdings | None, row: int
) -> None:
    session = market.sessions[row]
    panels = {name: market.panel(name).copy() for name in market.fields}
    for frame in panels.values():
        frame.iloc[row + 1 :] = 0.37
    vix = market.vix.copy()
    vix.iloc[row + 1 :] = 99.0
    garbage = MarketData.from_panels(panels, vix, source="hurt")
    before = decided(market, holdings, as_of=session)
    after = decided(garbage, holdings, as_of=session)
    assert (before is None) == (after is None)
    if before is not None and after is not None:
        assert before.plan_id == after.plan_id
        assert rebalance_files(before) == rebalance_files(after)


@given(hurt_markets(), books())
@settings(max_examples=40)
def test_a_ticker_without_a_close_at_the_session_is_neither_scored_nor_traded(
    market: MarketData, holdings: Holdings | None
) -> None:
    result = decided(market, holdings)
    if result is None:
        return
    priced = market.close.iloc[-1].notna()
    for line in result.trades:
        assert line.reasons
        if not priced[line.ticker]:
            assert line.action == Action.HOLD
            assert line.target_shares == line.current_shares
    scores = result.used.ranking["score"]
    assert not scores[[t for t in scores.index if not priced[t]]].notna().any()


@given(hurt_markets(), books())
@settings(max_examples=25)
def test_the_same_inputs_give_the_same_bytes(market: MarketData, holdings: Holdings | None) -> None:
    first, second = decided(market, holdings), decided(market, holdings)
    assert (first is None) == (second is None)
    if first is not None and second is not None:
        assert first.plan_id == second.plan_id
        assert rebalance_files(first) == rebalance_files(second)
        assert readable_json(first.to_dict()) == readable_json(second.to_dict())


@given(hurt_markets(), books(), st.integers(-30_000_000, 30_000_000))
@settings(max_examples=40)
def test_a_value_other_than_the_books_is_a_what_if_unless_the_flow_is_declared(
    market: MarketData, holdings: Holdings | None, cents: int
) -> None:
    plain = decided(market, holdings)
    if plain is None or holdings is None:
        return
    value = plain.used.plan.portfolio_value
    flow = cents / 100
    if value + flow <= 1.0:
        return
    what_if = decided(market, holdings, portfolio_value=round(value + flow, 2))
    declared = decided(market, holdings, cash_flow=flow)
    assert what_if is not None
    assert declared is not None
    assert what_if.what_if == (cents != 0)
    assert any(f.code == "what_if" for f in what_if.blocks) == (cents != 0)
    assert not declared.what_if
    assert [t.shares_delta for t in what_if.trades] == [t.shares_delta for t in declared.trades]
    assert declared.used.plan.cash_flow == flow
