"""The planner where positions may be short and cash borrowed: by hand, and what always holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.config.schema import RebalanceConfig
from quantetf_core.errors import InvalidValueError
from quantetf_core.execution import CostModel, PlanRequest, Reason, plan_trades
from quantetf_core.units import to_cents

OPEN = {"min_trade_value": 0.0, "min_weight_change": 0.0, "allow_short": True}
LINES = ("A", "B", "C", "D")


def request(shares, weights, *, price=10.0, cash=0.0, bps=0.0, margin=True, **more):
    n = len(shares)
    rules = {name: more.pop(name) for name in list(more) if name in RebalanceConfig.model_fields}
    facts = {
        "tickers": LINES[:n],
        "current_shares": np.array(shares, dtype=float),
        "target_weights": np.array(weights, dtype=float),
        "price": np.broadcast_to(np.asarray(price, dtype=float), (n,)),
        "price_date": (None,) * n,
        "tradable": np.ones(n, dtype=bool),
        "block_reason": (None,) * n,
        "cash": cash,
        "cash_flow": 0.0,
        "config": RebalanceConfig(**(OPEN | rules)),
        "costs": CostModel(bps),
        "margin": margin,
        "free_weights": True,
    }
    return PlanRequest(**(facts | more))


def deltas(plan):
    return (plan.target_shares - plan.current_shares).tolist()


def test_a_short_is_opened_and_its_proceeds_are_cash():
    plan = plan_trades(request([0.0], [-0.5], cash=1_000.0))
    assert deltas(plan) == [-50.0]
    assert (plan.cash_after, plan.value_after) == (1_500.0, 1_000.0)
    assert plan.cash_weight_target == 1.5
    assert plan.cash_floor == -np.inf


def test_a_short_that_is_not_wanted_is_closed_whole_odd_lot_and_all():
    plan = plan_trades(request([-33.0], [0.0], cash=1_330.0, round_lots=True, min_trade_value=5e3))
    assert deltas(plan) == [33.0]
    assert plan.reasons == ((Reason.EXIT,),)


def test_a_short_closes_even_where_buying_power_is_gone():
    plan = plan_trades(request([-50.0, 0.0], [0.0, 0.5], cash=1_500.0, spendable=0.0))
    assert deltas(plan) == [50.0, 0.0]
    assert plan.reasons[1] == (Reason.NO_CASH,)


def test_a_short_is_covered_no_further_than_flat_unless_a_long_is_wanted():
    """10.6 short, −0.01 % wanted: eleven whole shares would be long."""
    plan = plan_trades(request([-10.6], [-0.0001], cash=1_106.0))
    assert deltas(plan) == [10.0]


def test_a_position_turns_from_long_to_short_in_one_trade():
    plan = plan_trades(request([50.0], [-0.5], cash=500.0))
    assert (deltas(plan), plan.reasons) == ([-100.0], ((Reason.REBALANCE,),))


def test_borrowing_needs_no_cash_but_stops_at_the_buying_power():
    free = plan_trades(request([0.0, 0.0], [0.9, 0.9], cash=1_000.0))
    assert deltas(free) == [90.0, 90.0]
    assert free.cash_after == -800.0
    limited = plan_trades(request([0.0, 0.0], [0.9, 0.9], cash=1_000.0, spendable=1_200.0))
    assert deltas(limited) == [60.0, 60.0]


def test_new_shorts_use_up_buying_power_and_their_proceeds_do_not_add_to_it():
    plan = plan_trades(request([0.0, 0.0], [-0.5, 0.9], cash=1_000.0, spendable=1_200.0))
    assert deltas(plan) == [-50.0, 70.0]


def test_a_cash_floor_holds_in_a_margin_account_too():
    plan = plan_trades(request([0.0], [1.5], cash=1_000.0, cash_floor=100.0))
    assert (deltas(plan), plan.cash_floor) == ([90.0], 100.0)


def test_the_cap_on_one_line_holds_on_both_sides_and_keeps_each_sides_sum():
    plan = plan_trades(
        request([0.0] * 4, [0.8, 0.2, -0.6, -0.1], cash=1_000.0, max_single_weight=0.5)
    )
    assert plan.ideal_weight.tolist() == [0.5, 0.5, -0.5, pytest.approx(-0.2)]
    assert [Reason.CAPPED in reasons for reasons in plan.reasons] == [True, False, True, False]


def test_the_gross_cap_comes_before_the_cap_on_one_line():
    plan = plan_trades(request([0.0, 0.0], [1.5, 0.5], cash=1_000.0, max_gross_leverage=1.0))
    assert plan.ideal_weight.tolist() == [0.75, 0.25]
    assert plan.reasons[0] == (Reason.ENTER, Reason.LEVERAGE_CAPPED)


def test_a_cash_account_has_no_shorts_whatever_the_rules_say():
    plan = plan_trades(request([0.0], [-0.5], cash=1_000.0, margin=False))
    assert plan.reasons == ((Reason.AT_TARGET, Reason.SHORT_NOT_ALLOWED),)


def test_contracts_are_worth_their_multiplier():
    plan = plan_trades(
        request([2.0], [0.25], price=5_000.0, cash=500_000.0, multiplier=np.array([50.0]))
    )
    assert plan.current_weight.tolist() == [0.5]
    assert deltas(plan) == [-1.0]
    assert (plan.notional_value.tolist(), plan.price.tolist()) == ([250_000.0], [5_000.0])


def test_what_other_orders_will_sell_is_not_sold_again():
    plan = plan_trades(request([100.0], [0.0], sellable=np.array([30.0]), margin=False))
    assert deltas(plan) == [-30.0]
    assert plan.reasons == ((Reason.EXIT, Reason.PENDING_ORDER),)
    nothing = plan_trades(request([100.0], [0.5], sellable=np.array([0.0]), margin=False))
    assert nothing.reasons == ((Reason.PENDING_ORDER,),)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"multiplier": np.array([0.0])}, "multiplier of A: found 0.0"),
        ({"multiplier": np.array([1.0, 1.0])}, "length of multiplier"),
        ({"sellable": np.array([-1.0])}, "sellable of A"),
        ({"spendable": np.nan}, "spendable: found nan"),
        ({"margin": False}, "current_shares of A: found -5.0"),
    ],
)
def test_a_request_refuses_what_it_cannot_mean(more, sentence):
    with pytest.raises(InvalidValueError, match=sentence):
        request([-5.0], [0.5], cash=1_000.0, **more)


@st.composite
def margin_requests(draw):
    """Long and short books of a margin account without a limit to its borrowing."""
    n = draw(st.integers(1, len(LINES)))
    kind = draw(st.sampled_from([{}, {"allow_fractional": True}, {"round_lots": True}]))
    price = [draw(st.sampled_from([0.5, 9.99, 25.0, 237.22])) for _ in range(n)]
    shares = [float(draw(st.sampled_from([0, 0, -700, -33, 5, 400, 3_000]))) for _ in range(n)]
    weights = [draw(st.integers(-12, 12)) / 10 for _ in range(n)]
    worth = sum(p * s for p, s in zip(price, shares, strict=True))
    return request(
        shares,
        weights,
        price=price,
        cash=round(draw(st.sampled_from([5_000.0, 100_000.0])) - worth, 2),
        bps=draw(st.sampled_from([0.0, 5.0])),
        min_weight_change=draw(st.sampled_from([0.0, 0.02])),
        min_trade_value=draw(st.sampled_from([0.0, 250.0])),
        max_gross_leverage=draw(st.sampled_from([None, 0.8, 2.0])),
        max_single_weight=draw(st.sampled_from([2.0, 0.5])),
        lot_size=10,
        **kind,
    )


@settings(max_examples=60)
@given(margin_requests())
def test_cash_and_weights_add_up_with_shorts_too(asked):
    plan = plan_trades(asked)
    cents = [to_cents(x) for x in (plan.cash_before, plan.sells, -plan.buys, -plan.costs)]
    assert to_cents(plan.cash_after) == sum(cents)
    for column, cash in (
        (plan.current_weight, plan.cash_weight_current),
        (plan.target_weight, plan.cash_weight_target),
        (plan.ideal_weight, plan.cash_weight_ideal),
    ):
        assert abs(float(np.sum(column)) + cash - 1.0) < 1e-9
    most = asked.config.max_gross_leverage
    assert most is None or float(np.abs(plan.ideal_weight).sum()) <= most + 1e-9
    assert float(np.abs(plan.ideal_weight).max()) <= asked.config.max_single_weight


@settings(max_examples=60)
@given(margin_requests())
def test_a_second_plan_trades_nothing_with_shorts_too(asked):
    plan = plan_trades(asked)
    n = len(asked.tickers)
    after = {
        name: getattr(asked, name)
        for name in asked.__slots__
        if name not in ("current_shares", "cash")
    }
    again = PlanRequest(**after, current_shares=plan.target_shares, cash=plan.cash_after)
    assert plan_trades(again).n_trades == 0, n
