"""Plans small enough to compute by hand, one for each reason and each refusal."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from quantetf_core.config.schema import CostConfig, RebalanceConfig
from quantetf_core.errors import PlanRefusedError
from quantetf_core.execution import CostModel, PlanRequest, Reason, plan_trades, planner
from quantetf_core.findings import Severity

FREE = CostModel(0.0)
OPEN = {"min_trade_value": 0.0, "min_weight_change": 0.0}


def plan(
    *, shares=None, weights=None, prices, cash=0.0, costs=FREE, flow=0.0, blocked=None, **rules
):
    """A plan without thresholds or costs, unless told."""
    return plan_trades(
        PlanRequest.from_mappings(
            shares=shares or {},
            weights=weights or {},
            prices=prices,
            price_dates={ticker: date(2023, 12, 29) for ticker in prices},
            cash=cash,
            cash_flow=flow,
            blocked=blocked,
            config=RebalanceConfig(**(OPEN | rules)),
            costs=costs,
        )
    )


def line(found, ticker):
    return next(line for line in found.lines() if line.ticker == ticker)


def test_a_drifted_book_sells_what_is_above_and_buys_what_is_below():
    found = plan(
        shares={"A": 60.0, "B": 40.0}, weights={"A": 0.5, "B": 0.5}, prices={"A": 100.0, "B": 100.0}
    )
    assert [(t.action, t.ticker, t.shares_delta) for t in found.lines()] == [
        ("SELL", "A", -10.0),
        ("BUY", "B", 10.0),
    ]
    assert line(found, "A").reasons == (Reason.REBALANCE,)
    assert (line(found, "A").current_weight, line(found, "A").target_weight) == (0.6, 0.5)
    assert line(found, "A").price_date == date(2023, 12, 29)
    assert (found.sells, found.buys, found.cash_after) == (1_000.0, 1_000.0, 0.0)
    assert found.turnover == 0.1
    assert found.findings == ()


def test_costs_are_taken_from_the_value_before_it_is_divided():
    """Exit of 5,000 costs 2.50. Of the rest, 99.93 shares are wished; 100 would not be affordable,
    99 cost 4.95: the sizing value is 10,000 − 7.45."""
    found = plan(
        shares={"X": 100.0},
        weights={"Y": 1.0},
        prices={"X": 50.0, "Y": 100.0},
        cash=5_000.0,
        costs=CostModel.from_config(CostConfig(cost_bps=5.0)),
    )
    assert line(found, "X").reasons == (Reason.EXIT,)
    assert line(found, "Y").reasons == (Reason.ENTER,)
    assert line(found, "Y").target_shares == 99.0
    assert line(found, "Y").ideal_shares == pytest.approx(99.9255)
    assert [t.cost for t in found.trades] == [4.95, 2.5][::-1]
    assert found.sizing_value == 9_992.55
    assert found.costs == 7.45
    assert found.cash_after == 92.55
    assert found.value_after == 9_992.55
    assert found.turnover == pytest.approx((5_000 + 9_900 + 4_907.45) / 2 / 10_000)
    assert found.scale == 1.0, "a share that rounding added is not a cut"


def test_funding_a_book_from_cash_is_a_turnover_of_one():
    found = plan(weights={"A": 0.5, "B": 0.5}, prices={"A": 10.0, "B": 20.0}, flow=1_000.0)
    assert found.turnover == 1.0
    assert (found.cash_before, found.cash_flow, found.portfolio_value) == (0.0, 1_000.0, 1_000.0)
    assert (found.cash_weight_current, found.cash_weight_target) == (1.0, 0.0)


def test_a_line_nearer_to_target_than_half_a_share_is_at_target():
    found = plan(shares={"A": 3.0}, weights={"A": 0.96}, prices={"A": 100.0}, cash=10.0)
    assert line(found, "A").reasons == (Reason.AT_TARGET,)
    assert line(found, "A").ideal_shares == pytest.approx(2.976)


def test_a_line_less_than_a_share_away_is_held():
    found = plan(shares={"A": 3.0}, weights={"A": 0.75}, prices={"A": 100.0}, cash=10.0)
    assert line(found, "A").reasons == (Reason.LESS_THAN_ONE_SHARE,)
    assert line(found, "A").action == "HOLD"


def test_an_entry_of_less_than_a_share_does_not_happen():
    found = plan(weights={"A": 0.9}, prices={"A": 100.0}, cash=100.0)
    assert line(found, "A").reasons == (Reason.LESS_THAN_ONE_SHARE,)


def test_a_change_below_the_weight_threshold_is_held_and_at_it_is_traded():
    shares, prices = {"A": 51.0, "B": 49.0}, {"A": 10.0, "B": 10.0}
    rules = {"shares": shares, "weights": {"A": 0.5, "B": 0.5}, "prices": prices}
    held = plan(**rules, min_weight_change=0.0101)
    assert line(held, "A").reasons == (Reason.WITHIN_THRESHOLD,)
    assert held.trades == ()
    assert plan(**rules, min_weight_change=0.01).n_trades == 2


def test_entries_and_exits_are_exempt_from_the_weight_threshold():
    found = plan(
        shares={"A": 99.0, "B": 1.0},
        weights={"A": 0.99, "C": 0.01},
        prices={"A": 10.0, "B": 10.0, "C": 10.0},
        min_weight_change=0.5,
    )
    assert {t.ticker: t.reasons[0] for t in found.trades} == {
        "B": Reason.EXIT,
        "C": Reason.ENTER,
    }


def test_a_trade_below_the_minimum_value_is_skipped_but_not_an_exit():
    found = plan(
        shares={"A": 50.0, "B": 5.0, "C": 40.0},
        weights={"A": 0.55, "C": 0.45},
        prices={"A": 10.0, "B": 10.0, "C": 10.0},
        cash=50.0,
        min_trade_value=50.01,
    )
    assert line(found, "A").reasons == (Reason.BELOW_MINIMUM,)
    assert line(found, "B").reasons == (Reason.EXIT,)
    assert line(found, "B").notional_value == 50.0


def test_a_trade_of_exactly_the_minimum_value_is_made():
    found = plan(weights={"A": 0.5}, prices={"A": 10.0}, cash=200.0, min_trade_value=100.0)
    assert line(found, "A").target_shares == 10.0


@pytest.mark.parametrize("block", [Reason.CARRIED_PRICE, Reason.STALE_PRICE, Reason.SUSPECT_SPLIT])
def test_a_blocked_holding_is_kept_and_its_value_reserved(block):
    """600 of 1,000 USD are stuck in A; B wished 800, the 400 in cash buy half of it."""
    found = plan(
        shares={"A": 6.0},
        weights={"A": 0.2, "B": 0.8},
        prices={"A": 100.0, "B": 10.0},
        cash=400.0,
        blocked={"A": block},
    )
    assert line(found, "A").reasons == (block,)
    assert line(found, "A").target_shares == 6.0
    assert line(found, "B").reasons == (Reason.ENTER, Reason.SCALED_TO_CASH)
    assert line(found, "B").target_shares == 40.0
    assert found.scale == 0.5
    assert [(f.severity, f.code) for f in found.findings] == [(Severity.INFO, "buys_scaled")]


def test_a_wanted_line_without_a_price_leaves_its_weight_in_cash():
    found = plan(weights={"A": 0.4, "B": 0.6}, prices={"B": 10.0, "A": -3.0}, cash=1_000.0)
    missing = line(found, "A")
    assert missing.reasons == (Reason.NO_PRICE,)
    assert (missing.price, missing.ideal_shares, missing.ideal_weight) == (None, None, 0.4)
    assert line(found, "B").target_shares == 60.0
    assert found.cash_after == 400.0


def test_the_excess_of_a_capped_line_goes_to_the_others():
    found = plan(
        weights={"A": 0.8, "B": 0.2},
        prices={"A": 10.0, "B": 10.0},
        cash=1_000.0,
        max_single_weight=0.6,
    )
    assert line(found, "A").reasons == (Reason.ENTER, Reason.CAPPED)
    assert line(found, "A").reason == "enter; capped: max weight"
    assert (line(found, "A").target_shares, line(found, "B").target_shares) == (60.0, 40.0)
    assert found.unplaced_weight == 0.0


def test_excess_that_no_line_can_take_stays_in_cash_and_says_so():
    found = plan(weights={"A": 1.0}, prices={"A": 10.0}, cash=1_000.0, max_single_weight=0.25)
    assert found.unplaced_weight == 0.75
    assert found.cash_after == 750.0
    assert [f.code for f in found.findings] == ["cap_excess_in_cash"]


def test_lines_for_which_no_cash_is_left_say_so_and_the_largest_shortfall_is_served_first():
    """250 USD in cash for wishes of 400 (B) and 300 (C) in shares of 200 and 150."""
    found = plan(
        shares={"A": 75.0},
        weights={"A": 0.05, "B": 0.4, "C": 0.3},
        prices={"A": 10.0, "B": 200.0, "C": 150.0},
        cash=250.0,
        blocked={"A": Reason.STALE_PRICE},
    )
    assert line(found, "B").target_shares == 1.0
    assert line(found, "B").reasons == (Reason.ENTER, Reason.SCALED_TO_CASH)
    assert line(found, "C").reasons == (Reason.NO_CASH,)
    assert found.cash_after == 50.0


def test_a_line_cut_below_the_minimum_is_dropped_and_its_cash_goes_to_the_others():
    """300 USD for wishes of 700 and 300: 210 and 90, but 90 is below 100."""
    found = plan(
        shares={"A": 70.0},
        weights={"B": 0.7, "C": 0.3},
        prices={"A": 10.0, "B": 10.0, "C": 10.0},
        cash=300.0,
        blocked={"A": Reason.STALE_PRICE},
        min_trade_value=100.0,
    )
    assert line(found, "B").target_shares == 30.0, "the larger shortfall is served first"
    assert line(found, "C").reasons == (Reason.BELOW_MINIMUM, Reason.SCALED_TO_CASH)


def test_the_cash_floor_is_not_spent():
    found = plan(weights={"A": 1.0}, prices={"A": 10.0}, cash=1_000.0, cash_floor=105.0)
    assert line(found, "A").target_shares == 89.0
    assert (found.cash_after, found.cash_floor) == (110.0, 105.0)
    assert Reason.SCALED_TO_CASH in line(found, "A").reasons


def test_a_book_that_starts_below_the_floor_is_not_refused_for_it():
    found = plan(
        shares={"A": 99.0}, weights={"A": 1.0}, prices={"A": 10.0}, cash=10.0, cash_floor=500.0
    )
    assert (found.cash_floor, found.cash_after) == (10.0, 10.0)
    assert not [f for f in found.findings if f.severity is Severity.BLOCK]


def test_a_withdrawal_within_every_threshold_still_raises_its_cash():
    """100 USD leave a book of 10,000: each line is 0.5 % above its weight, the threshold 1 %.
    B's excess is as large as A's, so A sells first, and five shares of it are not enough."""
    found = plan(
        shares={"A": 500.0, "B": 500.0},
        weights={"A": 0.5, "B": 0.5},
        prices={"A": 10.0, "B": 10.0},
        flow=-100.0,
        min_weight_change=0.01,
        min_trade_value=100.0,
    )
    assert [(t.ticker, t.shares_delta, t.reasons) for t in found.trades] == [
        ("A", -5.0, (Reason.REBALANCE, Reason.RAISES_CASH)),
        ("B", -5.0, (Reason.REBALANCE, Reason.RAISES_CASH)),
    ]
    assert found.cash_after == 0.0
    assert found.findings == ()
    assert found.cash_weight_current == pytest.approx(-100 / 9_900)


def test_cash_is_raised_from_the_largest_excess_only_as_far_as_needed():
    found = plan(
        shares={"A": 520.0, "B": 490.0},
        weights={"A": 0.5, "B": 0.5},
        prices={"A": 10.0, "B": 10.0},
        flow=-100.0,
        min_weight_change=0.05,
    )
    assert [(t.ticker, t.shares_delta) for t in found.trades] == [("A", -20.0)]
    assert found.cash_after == 100.0


def test_a_withdrawal_that_no_line_can_pay_is_a_block():
    found = plan(
        shares={"A": 100.0},
        weights={"A": 1.0},
        prices={"A": 10.0},
        flow=-200.0,
        blocked={"A": Reason.STALE_PRICE},
    )
    (finding,) = found.findings
    assert (finding.severity, finding.code) == (Severity.BLOCK, "cash_floor")
    assert "-200.00 USD" in finding.message
    assert found.trades == ()


def test_lots_are_traded_whole_and_an_odd_lot_is_closed():
    rules = {"prices": {"A": 10.0, "B": 10.0}, "round_lots": True, "lot_size": 100}
    closing = plan(shares={"A": 150.0, "B": 50.0}, weights={"B": 0.1}, **rules)
    assert line(closing, "A").target_shares == 0.0
    assert line(closing, "B").reasons == (Reason.LESS_THAN_ONE_SHARE,)
    reducing = plan(shares={"A": 160.0}, weights={"A": 0.01}, **rules)
    assert line(reducing, "A").shares_delta == -100.0, "two lots would be more than is held"
    adding = plan(shares={"A": 150.0}, weights={"A": 0.9}, cash=1_500.0, **rules)
    assert line(adding, "A").target_shares == 250.0


def test_fractional_shares_are_rounded_down_to_a_millionth():
    found = plan(weights={"A": 1 / 3}, prices={"A": 7.0}, cash=100.0, allow_fractional=True)
    assert line(found, "A").target_shares == 4.761904
    assert found.cash_after == 66.67


def test_cents_off_target_are_at_target_for_fractional_shares():
    found = plan(
        shares={"A": 4.7619},
        weights={"A": 1 / 3},
        prices={"A": 7.0},
        cash=66.67,
        allow_fractional=True,
    )
    assert line(found, "A").reasons == (Reason.AT_TARGET,)


def test_whole_shares_are_traded_beside_a_fractional_holding():
    found = plan(shares={"A": 10.5}, weights={"A": 0.5}, prices={"A": 10.0})
    assert (line(found, "A").shares_delta, line(found, "A").target_shares) == (-5.0, 5.5)


def test_lines_are_sells_then_buys_by_size_then_ticker_then_holds_by_ticker():
    found = plan(
        shares={"S1": 10.0, "S2": 20.0, "H2": 1.0, "H1": 1.0, "S0": 10.0},
        weights={"B1": 0.4, "B2": 0.4, "B0": 0.1},
        prices=dict.fromkeys(("S0", "S1", "S2", "H1", "H2", "B0", "B1", "B2"), 10.0),
        cash=580.0,
        blocked={"H1": Reason.STALE_PRICE, "H2": Reason.STALE_PRICE},
    )
    tickers = [t.ticker for t in found.lines()]
    assert tickers == ["S2", "S0", "S1", "B1", "B2", "B0", "H1", "H2"]
    assert [t.ticker for t in found.trades] == tickers[:6]


def test_a_book_may_go_to_cash():
    found = plan(shares={"A": 10.0}, prices={"A": 10.0})
    assert found.cash_after == 100.0
    assert found.cash_weight_ideal == 1.0


def test_cash_alone_with_nothing_wanted_is_a_plan_without_lines():
    found = plan(prices={}, cash=100.0)
    assert found.lines() == ()
    assert (found.turnover, found.cash_weight_target) == (0.0, 1.0)


def test_a_holding_that_was_never_priced_refuses_the_plan_by_name():
    with pytest.raises(PlanRefusedError, match="GONE, LOST"):
        plan(shares={"GONE": 1.0, "LOST": 2.0, "A": 1.0}, prices={"A": 1.0})


def test_nothing_to_size_is_refused():
    with pytest.raises(PlanRefusedError, match="nothing to size"):
        plan(weights={"A": 1.0}, prices={"A": 1.0})
    with pytest.raises(PlanRefusedError, match=r"flow of -200\.00 USD"):
        plan(shares={"A": 10.0}, weights={"A": 1.0}, prices={"A": 10.0}, flow=-200.0)


def test_more_money_than_exact_cents_can_count_is_refused():
    with pytest.raises(PlanRefusedError, match="exact cents"):
        plan(shares={"A": 1e14}, prices={"A": 10.0})


def test_costs_that_leave_nothing_are_refused():
    with pytest.raises(PlanRefusedError, match="leave nothing"):
        plan(shares={"A": 1.0}, prices={"A": 0.01}, costs=CostModel(9_999.0))


def test_the_arrays_of_a_plan_are_read_only():
    found = plan(shares={"A": 60.0}, weights={"A": 0.5}, prices={"A": 100.0})
    for name in ("side", "target_shares", "ideal_weight", "notional_value", "reasons"):
        column = getattr(found, name)
        assert isinstance(column, tuple) or not column.flags.writeable


def test_sizing_ends_even_when_costs_never_repeat(monkeypatch):
    monkeypatch.setattr(planner, "_MAX_ROUNDS", 1)
    found = plan(weights={"A": 1.0}, prices={"A": 10.0}, cash=1_000.0, costs=CostModel(5.0))
    assert found.sizing_value == 1_000.0
    assert found.cash_after >= 0.0


def test_of_two_costs_that_lead_to_each_other_the_costlier_stands(monkeypatch):
    """A stage that trades only where costs were left out: 0 leads to 10 cents, 10 cents to 0."""
    attempt = planner._attempt

    def flickering(request, book, wish, *, base, released):
        rules = {"base": base, "released": released & (base == book.total)}
        return attempt(request, book, wish, **rules)

    monkeypatch.setattr(planner, "_attempt", flickering)
    found = plan(weights={"A": 0.5}, prices={"A": 10.0}, cash=400.0, costs=CostModel(5.0))
    assert line(found, "A").target_shares == 20.0
    assert found.costs == 0.1


def test_a_line_that_is_past_its_threshold_only_after_costs_is_traded():
    """A is 0.9998 % above its weight before costs of others, more than 1 % after them; left alone,
    it would be the only trade of a second rebalance."""
    rules = {
        "weights": {"A": 0.4, "C": 0.59},
        "prices": {"A": 10.0, "B": 10.0, "C": 10.0},
        "costs": CostModel(50.0),
        "min_weight_change": 0.01,
    }
    found = plan(shares={"A": 40_992.0, "B": 59_008.0}, **rules)
    assert line(found, "A").current_weight - 0.4 < 0.01
    assert line(found, "A").action == "SELL"
    after = {t.ticker: t.target_shares for t in found.lines() if t.target_shares}
    assert plan(shares=after, cash=found.cash_after, **rules).trades == ()


def test_ideal_and_target_columns_are_numpy_floats():
    found = plan(weights={"A": 0.5}, prices={"A": 10.0}, cash=100.0)
    assert found.ideal_shares.dtype == np.float64
    assert found.target_weight.tolist() == [0.5]
