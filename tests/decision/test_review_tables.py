"""The tables of one decision: weights, trades, ranking, cash; and how each check ended."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.config import (
    AssetClassCheck,
    ChecksConfig,
    FreshnessCheck,
    ScheduleConfig,
    SwitchCheck,
    WeightCheck,
)
from quantetf_core.data.market import MarketData
from quantetf_core.decision import RebalanceResult, decide
from quantetf_core.decision.outcomes import CheckOutcome, Outcome, outcomes
from quantetf_core.decision.tables import cash_steps, ranking_view, trades_view, weights_table
from quantetf_core.units import CASH, to_cents
from tests import builders

TICKERS = ("AAA", "BBB", "CCC", "DDD", "EEE")
MARKET = builders.random_market(TICKERS, seed=5)


def decided(
    checks: ChecksConfig | None = None, *, market: MarketData = MARKET, **facts: object
) -> RebalanceResult:
    config = builders.settings(TICKERS, checks=checks, strategies=facts.pop("strategies", None))
    return decide(market, config, builders.situation(market, **facts))


def ended(result: RebalanceResult, code: str) -> CheckOutcome:
    return next(one for one in outcomes(result) if one.code == code)


@settings(max_examples=25, deadline=None)
@given(value=st.floats(1_000.0, 1e9), held=st.floats(0.0, 5_000.0))
def test_each_column_of_weights_sums_to_one_with_cash(value: float, held: float) -> None:
    book = builders.book({"AAA": held, "DDD": 10.0}, cash=500.0)
    table = weights_table(decided(holdings=book, cash_flow=value))
    assert table["ticker"].tolist()[-1] == CASH
    for column in ("weight_now", "weight_after", "weight_wanted"):
        assert table[column].sum() == pytest.approx(1.0, abs=1e-9)


def test_the_order_of_the_weights_does_not_depend_on_the_value_tried() -> None:
    orders = {
        tuple(weights_table(decided(portfolio_value=value))["ticker"])
        for value in (5_000.0, 77_777.0, 1e6, 3e7)
    }
    assert len(orders) == 1


def test_a_held_name_the_strategy_drops_stands_below_those_it_wants() -> None:
    dropped = decided().used.ranking.index[-1]
    table = weights_table(decided(holdings=builders.book({dropped: 100.0}, cash=1e5)))
    row = table[table["ticker"] == dropped].iloc[0]
    assert table["ticker"].tolist()[-2] == dropped
    assert row["weight_now"] > 0.0
    assert row["weight_wanted"] == 0.0


def test_lines_that_do_not_trade_have_no_change_and_no_cost() -> None:
    first = decided()
    shares = {line.ticker: line.target_shares for line in first.trades}
    held = builders.book(shares, cash=first.used.plan.cash_after)
    view = trades_view(decided(holdings=held))
    assert set(view["action"]) == {"HOLD"}
    for column in ("shares_delta", "notional_value", "volume_share", "cost"):
        assert view[column].isna().all()


def test_lines_that_trade_keep_their_numbers() -> None:
    result = decided()
    view = trades_view(result)
    assert view["shares_delta"].tolist() == [line.shares_delta for line in result.trades]
    assert view["cost"].sum() == pytest.approx(result.used.plan.costs)


def test_the_ranking_shows_the_chosen_and_the_first_that_missed() -> None:
    view = ranking_view(decided(), near_misses=2)
    assert view["choice"].tolist() == ["chosen"] * 3 + ["missed"] * 2
    assert view["rank"].tolist() == [1, 2, 3, 4, 5]
    assert view["gap"].iloc[2] == 0.0
    assert (view["gap"].iloc[3:] < 0.0).all()
    assert view["gap"].tolist() == pytest.approx((view["score"] - view["score"].iloc[2]).tolist())


def test_a_ranking_of_nobody_is_empty() -> None:
    young = builders.random_market(TICKERS, n_sessions=30)
    assert ranking_view(decided(market=young)).empty


@settings(max_examples=25, deadline=None)
@given(flow=st.floats(-50_000.0, 1e7))
def test_cash_adds_up_to_the_cent_in_six_lines(flow: float) -> None:
    book = builders.book({"AAA": 10.0}, cash=100_000.0)
    steps = cash_steps(decided(holdings=book, cash_flow=flow).used.plan)
    assert len(steps) == 6
    assert sum(to_cents(step.usd) for step in steps[:-1]) == to_cents(steps[-1].usd)
    assert steps[1].label == ("Withdrawal" if to_cents(flow) < 0 else "Deposit")


def test_every_check_is_told_and_a_quiet_book_passes_or_is_exempt() -> None:
    told = {one.code: one.outcome for one in outcomes(decided())}
    exempt = {"turnover", "off_schedule"}
    assert set(ChecksConfig.model_fields) | {"past_session"} == set(told)
    assert {code for code, outcome in told.items() if outcome is Outcome.EXEMPT} == exempt
    assert {told[code] for code in set(told) - exempt} == {Outcome.PASSED}


def test_a_check_with_a_finding_did_not_pass() -> None:
    strict = ChecksConfig(
        position_size=WeightCheck(max_weight=0.1), asset_class=AssetClassCheck(max_weight=1.0)
    )
    result = decided(strict)
    assert ended(result, "position_size").outcome is Outcome.FOUND
    assert ended(result, "position_size").rule == "no position above 10%"
    assert "position_size" in {finding.code for finding in result.warnings}


def test_a_check_that_is_off_says_so() -> None:
    off = ChecksConfig(
        unknown_regime=SwitchCheck(action="off"), asset_class=AssetClassCheck(max_weight=1.0)
    )
    assert ended(decided(off), "unknown_regime").outcome is Outcome.OFF


def test_an_earlier_session_fails_the_rule_nothing_may_relax() -> None:
    earlier = decided(as_of=MARKET.sessions[-5], latest=MARKET.last_session)
    assert ended(earlier, "past_session").outcome is Outcome.FOUND


@pytest.mark.parametrize(
    ("without", "why"), [(TICKERS, "the data has no volume"), (("AAA",), "no volume for AAA")]
)
def test_trades_without_a_volume_are_not_judged(without: tuple[str, ...], why: str) -> None:
    volume = MARKET.volume
    assert volume is not None
    blanked = volume.copy()
    blanked[list(without)] = np.nan
    market = MarketData.from_panels(
        {"close": MARKET.close, "adj_close": MARKET.close, "volume": blanked},
        MARKET.vix,
        source="test market",
    )
    wants_all = {"all": builders.strategy(top_n=5, max_weight=0.3)}
    told = ended(decided(market=market, strategies=wants_all), "volume_share")
    assert (told.outcome, told.why) == (Outcome.NOT_JUDGED, why)


def test_odd_prices_of_what_is_bought_fail_the_data_check() -> None:
    close = MARKET.close.copy()
    bought = decided().orders[0].ticker
    close.iloc[-3:, close.columns.get_loc(bought)] *= 1.9
    market = MarketData.from_panels({"close": close}, MARKET.vix, source="jump")
    result = decided(market=market)
    assert ended(result, "data_findings").outcome is Outcome.FOUND


def test_values_are_of_the_lines_after_the_trades() -> None:
    result = decided()
    table = weights_table(result).set_index("ticker")
    for line in result.trades:
        assert line.price is not None
        expected = round(line.target_shares * line.price, 2)
        assert table.loc[line.ticker, "value_after"] == expected
    assert table.loc[CASH, "value_after"] == result.used.plan.cash_after
    assert math.isnan(table.loc[CASH, "price"])


def test_limits_stand_in_the_words_of_the_rule() -> None:
    patient = ChecksConfig(
        freshness=FreshnessCheck(max_age_sessions=1), asset_class=AssetClassCheck(max_weight=1.0)
    )
    assert ended(decided(patient), "freshness").rule == "prices are at most 1 session old"
    patient = ChecksConfig(freshness=FreshnessCheck(max_age_sessions=3))
    assert ended(decided(patient), "freshness").rule == "prices are at most 3 sessions old"


def test_the_first_funding_is_exempt_from_the_schedule_and_a_book_is_not() -> None:
    monthly = builders.settings(TICKERS, schedule=ScheduleConfig())
    funding = decide(MARKET, monthly, builders.situation(MARKET))
    assert ended(funding, "off_schedule").why == "first funding"
    held = builders.situation(MARKET, holdings=builders.book({"AAA": 1.0}, cash=1e5))
    told = ended(decide(MARKET, monthly, held), "off_schedule")
    assert told.outcome in (Outcome.PASSED, Outcome.FOUND)
