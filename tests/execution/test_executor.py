"""The executor, small enough to compute by hand; where known implementations go wrong first."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from quantetf_core import RebalanceConfig, RebalanceMode, TargetWeightExecutor
from quantetf_core.config.schema import RebalanceConfig as ConfiguredRebalance
from quantetf_core.errors import InvalidValueError
from quantetf_core.execution import BpsCommission, CostModel, PaperBroker, Reason
from tests.execution.brokers import Held, PlainBroker, bars, by_asset, codes

OPEN = {"min_trade_value": 0.0, "min_weight_change": 0.0}
PRICES = {"A": 10.0, "B": 10.0, "C": 10.0}
DATA = bars(PRICES)
CENT = Decimal("0.01")


def executor(**rules):
    return TargetWeightExecutor(RebalanceConfig(**(OPEN | rules)))


def plain(cash=0.0, **held):
    return PlainBroker(cash, PRICES, **held)


def would_send(preview):
    return [(row["asset"], row["shares"]) for row in preview if row["skip_reason"] is None]


# --- where known implementations go wrong -------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "weights"),
    [
        ({"max_single_weight": 0.3}, {"A": 0.8, "B": 0.2}),
        ({"round_lots": True, "lot_size": 7}, {"A": 0.5, "B": 0.2}),
        ({"max_gross_leverage": 0.5}, {"A": 0.8, "B": 0.2}),
        ({"allow_fractional": True}, {"A": 1 / 3, "B": 0.2}),
        ({"allow_fractional": None}, {"A": 1 / 3, "B": 0.2}),
        ({"allow_short": True}, {"A": -0.5, "B": 0.2}),
    ],
)
def test_preview_does_not_ignore_caps_lots_leverage_cap_or_share_type(rules, weights):
    broker = plain(9_990.0, C=1.0)
    if rules == {"allow_fractional": None}:
        broker.share_type = "fractional"
    ours = executor(**rules)
    expected = would_send(ours.preview(weights, DATA, broker))
    ours.execute(weights, DATA, broker)
    assert broker.sent == expected
    assert len(expected) == 3


def test_a_target_without_a_price_does_not_vanish_while_the_rest_is_bought():
    broker = plain(1_000.0)
    rows = by_asset(executor().preview({"A": 0.5, "GONE": 0.5}, DATA, broker))
    assert rows["GONE"]["skip_reason"] == "no_price"
    assert rows["GONE"]["target_weight"] == 0.5
    orders = executor().execute({"A": 0.5, "GONE": 0.5}, DATA, broker)
    assert broker.sent == [("A", 50)]
    assert ("unknown_ticker", "GONE") in codes(orders)


@pytest.mark.parametrize("price", [math.nan, math.inf, 0.0, -3.0, None])
def test_a_nan_price_does_not_become_sell_nan_or_a_crash_half_way(price):
    broker = plain(500.0, A=50.0)
    data = DATA | {"A": {"close": price}}
    rows = by_asset(executor().preview({"B": 0.5}, data, broker))
    assert (rows["A"]["action"], rows["A"]["shares"]) == ("HOLD", 0)
    assert rows["A"]["skip_reason"] == "no_price"
    orders = executor().execute({"B": 0.5}, data, broker)
    assert [asset for asset, _ in broker.sent] == ["B"]
    assert ("no_price", "A") in codes(orders)


@pytest.mark.parametrize("weight", [math.nan, math.inf, -math.inf, None, "half"])
def test_a_nan_weight_does_not_become_sell_nan_or_a_crash_half_way(weight):
    broker = plain(500.0, A=50.0)
    rows = by_asset(executor().preview({"A": weight, "B": 0.2}, DATA, broker))
    assert (rows["A"]["action"], rows["A"]["shares"]) == ("HOLD", 0)
    assert rows["A"]["skip_reason"] == "invalid_weight"
    assert (rows["A"]["target_weight"], rows["A"]["weight_delta"]) == (None, 0.0)
    orders = executor().execute({"A": weight, "B": 0.2}, DATA, broker)
    assert broker.sent == [("B", 20)]
    assert ("invalid_weight", "A") in codes(orders)


def test_round_lots_do_not_oversell():
    broker = plain(0.0, A=150.0)
    executor(round_lots=True).execute({"A": 0.0}, DATA, broker)
    assert broker.sent == [("A", -150)]


def test_round_lots_close_an_odd_lot():
    broker = plain(0.0, A=30.0)
    executor(round_lots=True).execute({}, DATA, broker)
    assert broker.sent == [("A", -30)]
    assert broker.closed == ["A"]


@pytest.mark.parametrize("weights", [{"A": 0.5}, {"A": 0.5, "B": 0.0}])
def test_an_explicit_zero_target_with_a_small_position_closes_as_an_omitted_one_does(weights):
    """B is worth 5 USD, 0.5 % of the book: below both thresholds."""
    prices = PRICES | {"B": 5.0}
    broker = PlainBroker(495.0, prices, A=50.0, B=1.0)
    config = RebalanceConfig(min_weight_change=0.01, min_trade_value=100.0)
    TargetWeightExecutor(config).execute(weights, bars(prices), broker)
    assert broker.sent == [("B", -1)]


@pytest.mark.parametrize("cancel", [True, False])
def test_a_pending_sell_is_not_sold_a_second_time(cancel):
    broker = plain(0.0, A=100.0)
    broker.order("A", -100)
    orders = executor(cancel_before_rebalance=cancel).execute({}, DATA, broker)
    left = [(o.asset, o.side.value, o.quantity) for o in broker.pending_orders]
    assert left == [("A", "sell", 100)]
    assert (len(orders), len(orders.cancelled)) == ((1, 1) if cancel else (0, 0))


@pytest.mark.parametrize("cancel", [True, False])
def test_a_pending_buy_is_not_bought_again(cancel):
    broker = plain(1_000.0)
    broker.order("A", 50)
    executor(cancel_before_rebalance=cancel).execute({"A": 0.5}, DATA, broker)
    assert [(o.asset, o.quantity) for o in broker.pending_orders] == [("A", 50)]


def test_protective_stop_and_limit_orders_stay_on_a_rebalance_that_trades_nothing():
    broker = plain(500.0, A=50.0)
    broker.order("A", -50, stop_price=8.0)
    broker.order("A", -50, limit_price=15.0)
    orders = executor().execute({"A": 0.5}, DATA, broker)
    assert list(orders) == []
    assert (broker.cancelled, orders.cancelled) == ([], ())
    assert codes(orders) == [("order_kept", "A"), ("order_kept", "A")]


def test_only_what_stands_in_the_way_is_cancelled_and_it_is_reported():
    """A is reduced to 20 shares: the stop for 50 would sell more, B's orders are not touched."""
    broker = plain(0.0, A=50.0, B=50.0)
    stop = broker.order("A", -50, stop_price=8.0)
    small = broker.order("A", -20, stop_price=7.0)
    limit = broker.order("A", -50, limit_price=15.0)
    other = broker.order("B", -50, stop_price=8.0)
    orders = executor().execute({"A": 0.2, "B": 0.5}, DATA, broker)
    assert broker.sent == [("A", -30)]
    assert orders.cancelled == (stop.order_id, limit.order_id)
    assert [o.order_id for o in broker.pending_orders[:2]] == [small.order_id, other.order_id]
    assert codes(orders).count(("order_cancelled", "A")) == 2
    preview = executor().preview({"A": 0.2, "B": 0.5}, DATA, plain(0.0, A=50.0, B=50.0))
    assert preview.would_cancel == ()


def test_weights_summing_to_more_than_one_go_through_and_say_so():
    broker = plain(1_000.0)
    preview = executor().preview({"A": 0.9, "B": 0.9}, DATA, broker)
    assert codes(preview) == [("gross_above_one", "portfolio")]
    orders = executor().execute({"A": 0.9, "B": 0.9}, DATA, broker)
    assert broker.sent == [("A", 90), ("B", 90)]
    assert "1.8000 gross" in orders.findings[0].message


def test_a_gross_cap_scales_all_weights_and_says_so():
    broker = plain(1_000.0)
    orders = executor(max_gross_leverage=1.2).execute({"A": 0.9, "B": 0.9}, DATA, broker)
    assert broker.sent == [("A", 60), ("B", 60)]
    assert codes(orders) == [("gross_leverage_capped", "portfolio")]
    within = executor(max_gross_leverage=2.0).execute({"A": 0.9, "B": 0.9}, DATA, plain(1_000.0))
    assert within.findings == ()


def test_a_cash_account_never_follows_weights_above_one_further_than_its_cash():
    broker = PaperBroker(1_000.0, fill_at="close")
    broker.advance(1, DATA)
    orders = executor().execute({"A": 0.9, "B": 0.9}, DATA, broker)
    assert [(o.asset, o.quantity) for o in orders] == [("A", 50), ("B", 50)]
    assert codes(orders) == [("gross_above_one", "portfolio"), ("buys_scaled", "portfolio")]


def test_a_typo_in_a_ticker_does_not_pass_in_silence():
    data = bars({"AAPL": 10.0})
    for answer in (
        executor().preview({"APPL": 0.5}, data, plain(1_000.0)),
        executor().execute({"APPL": 0.5}, data, plain(1_000.0)),
    ):
        (finding,) = answer.findings
        assert (finding.code, finding.subject) == ("unknown_ticker", "APPL")
        assert "did you mean 'AAPL'?" in finding.message


def test_the_excess_of_a_capped_weight_is_redistributed_and_reported():
    broker = plain(1_000.0)
    rows = by_asset(executor(max_single_weight=0.5).preview({"A": 0.8, "B": 0.1}, DATA, broker))
    assert (rows["A"]["shares"], rows["B"]["shares"]) == (50, 40)
    assert rows["A"]["reasons"] == (Reason.ENTER, Reason.CAPPED)
    alone = executor(max_single_weight=0.5).execute({"A": 0.8}, DATA, broker)
    assert codes(alone) == [("cap_excess_in_cash", "portfolio"), ("weight_capped", "A")]


def test_a_line_at_its_cap_is_skipped_because_it_is_capped():
    (row,) = executor(max_single_weight=0.5).preview({"A": 0.8}, DATA, plain(500.0, A=50.0))
    assert (row["action"], row["skip_reason"]) == ("HOLD", "capped")


def test_a_rejected_sell_does_not_leave_buys_sized_on_cash_that_never_came():
    """B is refused: of the 1,000 USD only what A brings is there for C."""
    broker = plain(0.0, A=40.0, B=60.0)
    broker.refuses = {"B"}
    orders = executor().execute({"C": 1.0}, DATA, broker)
    assert broker.sent == [("A", -40), ("C", 40)]
    assert orders.rejected == ("B",)
    assert ("order_rejected", "B") in codes(orders)
    broker.fill()
    assert broker.cash == 0.0


def test_an_order_object_that_says_rejected_is_rejected():
    broker = plain(0.0, A=100.0)
    broker.close_position = lambda asset: SimpleNamespace(
        status="rejected", reject_reason="halted", asset=asset
    )
    orders = executor().execute({"B": 1.0}, DATA, broker)
    assert (list(orders), orders.rejected, broker.sent) == ([], ("A",), [])
    assert "halted" in orders.findings[0].message


# --- what it does -------------------------------------------------------------------------------


def test_sells_go_before_buys_and_whole_quantities_are_ints():
    broker = plain(0.0, A=100.0)
    orders = executor().execute({"A": 0.25, "B": 0.5}, DATA, broker)
    assert broker.sent == [("A", -75), ("B", 50)]
    assert [type(quantity) for _, quantity in broker.sent] == [int, int]
    assert [order.asset for order in orders] == ["A", "B"]
    assert isinstance(orders, list)


def test_fractions_follow_the_broker_unless_the_rules_say_otherwise():
    broker = plain(100.0)
    broker.share_type = SimpleNamespace(value="FRACTIONAL")
    executor().execute({"A": 1 / 3}, DATA, broker)
    executor(allow_fractional=False).execute({"B": 1 / 3}, DATA, broker)
    executor(round_lots=True, lot_size=2).execute({"C": 1 / 3}, DATA, broker)
    assert broker.sent == [("A", 3.333333), ("B", 3), ("C", 4)]


def test_a_fractional_holding_is_closed_to_the_last_bit():
    broker = plain(0.0, A=10.123456789012)
    executor(allow_fractional=True).execute({}, DATA, broker)
    assert broker.sent == [("A", -10.123456789012)]


def test_preview_rows_have_every_key_and_signs():
    preview = executor().preview({"B": 0.5}, DATA, plain(0.0, A=100.0))
    assert preview == [
        {
            "asset": "A",
            "action": "SELL",
            "current_weight": 1.0,
            "target_weight": 0.0,
            "weight_delta": -1.0,
            "shares": -100,
            "value": -1_000.0,
            "skip_reason": None,
            "reasons": (Reason.EXIT,),
        },
        {
            "asset": "B",
            "action": "BUY",
            "current_weight": 0.0,
            "target_weight": 0.5,
            "weight_delta": 0.5,
            "shares": 50,
            "value": 500.0,
            "skip_reason": None,
            "reasons": (Reason.ENTER,),
        },
    ]
    assert preview.plan.n_trades == 2


@pytest.mark.parametrize(
    ("rules", "weights", "reason"),
    [
        ({"min_weight_change": 0.05}, {"A": 0.52}, "weight_change_too_small"),
        ({"min_trade_value": 500.0}, {"A": 0.6}, "trade_value_too_small"),
        ({}, {"A": 0.507}, "rounds_to_zero_shares"),
        ({}, {"A": 0.5}, "at_target"),
    ],
)
def test_every_line_that_does_not_trade_says_why(rules, weights, reason):
    (row,) = executor(**rules).preview(weights, DATA, plain(500.0, A=50.0))
    assert (row["shares"], row["value"], row["skip_reason"]) == (0, 0.0, reason)


def test_a_negative_weight_counts_as_zero_where_shorts_are_not_allowed_and_says_so():
    broker = plain(500.0, A=50.0)
    orders = executor().execute({"A": -0.2, "B": -0.1}, DATA, broker)
    assert broker.sent == [("A", -50)]
    assert codes(orders) == [("short_not_allowed", "A"), ("short_not_allowed", "B")]
    rows = by_asset(executor().preview({"A": -0.2, "B": -0.1}, DATA, plain(500.0, A=50.0)))
    assert rows["A"]["reasons"] == (Reason.EXIT, Reason.SHORT_NOT_ALLOWED)
    assert rows["B"]["skip_reason"] == "short_not_allowed"


def test_shorts_are_opened_reduced_and_closed():
    broker = plain(1_000.0)
    ours = executor(allow_short=True)
    for weight, shares in ((-0.5, -50), (-0.2, -20), (0.2, 20), (0.0, 0)):
        ours.execute({"A": weight}, DATA, broker)
        broker.fill()
        held = broker.get_position("A")
        assert (held.quantity if held else 0) == shares
    assert broker.cash == 1_000.0
    assert broker.closed == ["A"]


@pytest.mark.parametrize(
    "targets",
    [
        {"A": 0.5},
        pd.Series({"A": 0.5}),
        lambda data, broker: {"A": 0.5},
        SimpleNamespace(get_weights=lambda data, broker: pd.Series({"A": 0.5})),
        {"A": 0.5, "$CASH$": 0.5},
        {"A": pd.Series([0.5]).to_numpy()[0]},
        {np.str_("A"): 0.5},
    ],
)
def test_weights_come_as_mapping_series_function_or_provider(targets):
    broker = plain(1_000.0)
    orders = executor().execute(targets, DATA, broker)
    assert broker.sent == [("A", 50)]
    assert orders.findings == ()


def test_a_cash_weight_that_does_not_fit_the_others_is_reported():
    preview = executor().preview({"A": 0.5, "$CASH$": 0.2}, DATA, plain(1_000.0))
    assert codes(preview) == [("cash_weight", "$CASH$")]
    assert [row["asset"] for row in preview] == ["A"]


@pytest.mark.parametrize(
    ("targets", "sentence"),
    [
        (pd.Series([0.5, 0.1], index=["A", "A"]), "each asset once"),
        ([("A", 0.5)], "weights by asset"),
        ({1: 0.5}, "asset of target_weights: found 1"),
        (lambda data, broker: None, "weights by asset"),
    ],
)
def test_what_is_no_weights_is_refused_by_name(targets, sentence):
    with pytest.raises(InvalidValueError, match=sentence):
        executor().preview(targets, DATA, plain(1_000.0))


def test_a_close_that_is_no_number_is_refused_by_its_asset():
    with pytest.raises(InvalidValueError, match="close of B"):
        executor().preview({"A": 0.5, "B": 0.2}, DATA | {"B": {"close": "ten"}}, plain(1_000.0))


def test_an_account_worth_nothing_plans_nothing_and_says_so():
    for answer in (
        executor().preview({"A": 0.5}, DATA, plain(0.0)),
        executor().execute({"A": 0.5}, DATA, plain(0.0)),
    ):
        assert answer == []
        assert codes(answer) == [("nothing_to_size", "portfolio")]


@pytest.mark.parametrize("said", [math.nan, "much", None])
def test_an_account_value_that_is_no_number_is_refused_by_name(said):
    broker = plain(1_000.0)
    broker.get_account_value = lambda: said
    with pytest.raises(InvalidValueError, match="get_account_value"):
        executor().preview({"A": 0.5}, DATA, broker)


def test_a_position_that_is_no_number_is_refused_by_name():
    broker = plain(1_000.0, A=math.nan)
    broker.get_account_value = lambda: 1_000.0
    with pytest.raises(InvalidValueError, match="quantity of A"):
        executor().preview({}, DATA, broker)


def test_a_held_asset_without_a_price_keeps_its_part_of_the_portfolio():
    """GONE is carried at the 7 USD paid: of 1,700 USD only the 1,000 in cash can buy."""
    broker = plain(1_000.0, GONE=100.0)
    preview = executor().preview({"A": 1.0}, DATA, broker)
    assert by_asset(preview)["A"]["shares"] == 100
    assert by_asset(preview)["GONE"]["current_weight"] == pytest.approx(700 / 1_700)
    assert codes(preview) == [("unknown_ticker", "GONE"), ("buys_scaled", "portfolio")]


def test_the_brokers_own_price_is_preferred_to_what_was_paid():
    broker = plain(1_000.0, GONE=100.0)
    broker.positions["GONE"] = SimpleNamespace(quantity=100.0, entry_price=7.0, current_price=9.0)
    broker.prices = PRICES | {"GONE": 9.0}
    preview = executor().preview({}, DATA, broker)
    assert by_asset(preview)["GONE"]["current_weight"] == pytest.approx(900 / 1_900)


def test_a_held_asset_without_any_price_is_refused_by_name():
    broker = plain(1_000.0)
    broker.positions = {"GONE": Held(5.0, math.nan)}
    broker.get_account_value = lambda: 1_000.0
    with pytest.raises(InvalidValueError, match="close of GONE"):
        executor().preview({"A": 0.5}, DATA, broker)


def test_a_position_of_zero_shares_is_no_position():
    assert executor().preview({"A": 0.5}, DATA, plain(1_000.0, B=0.0))[0]["asset"] == "A"
    assert len(executor().preview({"A": 0.5}, DATA, plain(1_000.0, B=0.0))) == 1


def test_prices_the_broker_has_not_seen_make_no_cash():
    """A fell from 10 to 5 since the broker valued it: the book is 1,500, its cash still 1,000."""
    broker = plain(1_000.0, A=100.0)
    broker.get_cash, broker.account_type = lambda: broker.cash, "cash"
    preview = executor().preview({"A": 1 / 3, "B": 2 / 3}, DATA | {"A": {"close": 5.0}}, broker)
    assert would_send(preview) == [("B", 100)]
    assert codes(preview) == [("account_value_differs", "portfolio")]


def test_costs_leave_room_whether_the_broker_or_the_caller_says_them():
    broker = plain(10_000.0)
    assert would_send(executor().preview({"A": 1.0}, DATA, broker)) == [("A", 1_000)]
    broker.cost_bps = 100.0
    assert would_send(executor().preview({"A": 1.0}, DATA, broker)) == [("A", 990)]
    free = TargetWeightExecutor(RebalanceConfig(**OPEN), costs=CostModel(0.0))
    assert would_send(free.preview({"A": 1.0}, DATA, broker)) == [("A", 1_000)]


def test_the_executor_takes_nothing_else_for_its_rules():
    with pytest.raises(InvalidValueError, match="a RebalanceConfig"):
        TargetWeightExecutor({"min_trade_value": 5.0})
    assert TargetWeightExecutor().config == RebalanceConfig()
    assert RebalanceConfig is ConfiguredRebalance


# --- pending orders -----------------------------------------------------------------------------


def test_effective_weights_are_held_and_pending_net_of_fills_without_stops():
    broker = plain(500.0, A=50.0)
    broker.order("A", -20, filled_quantity=5)
    broker.order("B", 30, limit_price=9.0)
    broker.order("C", 10, order_type="stop", stop_price=11.0)
    broker.order("NEW", 10, limit_price=5.0)
    ours = executor()
    assert ours._get_current_weights(broker, DATA) == {"A": 0.5}
    assert ours._get_effective_weights(broker, DATA) == {"A": 0.35, "B": 0.3, "NEW": 0.05}
    assert ours._get_effective_weights(plain(0.0), DATA) == {}


def test_a_triggered_stop_counts_and_a_side_may_be_text_or_missing():
    broker = plain(500.0, A=50.0)
    broker.order("A", -20, order_type="stop", stop_price=9.0, triggered=True)
    broker.order("B", 30).side = "Buy"
    order = broker.order("C", 10)
    order.side, order.quantity = None, -10.0
    assert executor(allow_short=True)._get_effective_weights(broker, DATA) == {
        "A": 0.3,
        "B": 0.3,
        "C": -0.1,
    }
    order.side = "sideways"
    with pytest.raises(InvalidValueError, match="side of order"):
        executor()._get_effective_weights(broker, DATA)


def test_pending_orders_that_stay_count_as_filled():
    """70 of A once its order is filled, 60 are wanted; 10 of B, 30 are wanted."""
    broker = plain(500.0, A=50.0)
    broker.order("A", 20)
    broker.order("B", 10)
    ours = executor(cancel_before_rebalance=False)
    rows = by_asset(ours.preview({"A": 0.6, "B": 0.3}, DATA, broker))
    assert rows["A"]["current_weight"] == 0.7
    orders = ours.execute({"A": 0.6, "B": 0.3}, DATA, broker)
    assert broker.sent == [("A", -10), ("B", 20)]
    assert codes(orders) == [("order_kept", "A"), ("order_kept", "B")]


def test_pending_orders_are_ignored_on_request_but_nothing_is_sold_twice_or_spent_twice():
    broker = plain(500.0, A=50.0)
    broker.order("A", -30)
    broker.order("B", 40)
    rules = {"cancel_before_rebalance": False, "account_for_pending": False}
    executor(**rules).execute({"C": 0.5}, DATA, broker)
    assert broker.sent == [("A", -20), ("C", 30)]


def test_what_pending_orders_leave_nothing_to_sell_of_says_so():
    broker = plain(0.0, A=100.0)
    broker.order("A", -100, limit_price=11.0)
    rules = {"cancel_before_rebalance": False, "account_for_pending": False}
    (row,) = executor(**rules).preview({"A": 0.5}, DATA, broker)
    assert (row["skip_reason"], row["shares"]) == ("pending_order", 0)
    broker.pending_orders[0].quantity = 80
    (row,) = executor(**rules).preview({}, DATA, broker)
    assert (row["reasons"], row["shares"]) == ((Reason.EXIT, Reason.PENDING_ORDER), -20)


def test_a_market_order_that_would_move_a_line_off_its_target_is_cancelled():
    broker = plain(500.0, A=50.0)
    broker.order("A", 20)
    orders = executor().execute({"A": 0.5}, DATA, broker)
    assert (list(orders), len(orders.cancelled)) == ([], 1)


def test_an_order_that_opens_what_is_not_wanted_is_cancelled_and_one_that_waits_for_a_dip_kept():
    broker = plain(500.0, A=50.0)
    dip = broker.order("A", 10, limit_price=8.0)
    broker.order("B", 10, limit_price=8.0)
    preview = executor().preview({"A": 0.5, "C": 0.5}, DATA, broker)
    orders = executor().execute({"A": 0.5, "C": 0.5}, DATA, broker)
    assert preview.would_cancel == orders.cancelled == (2,)
    assert broker.sent == [("C", 42)], "80 USD are kept for the dip"
    assert dip in broker.pending_orders


def test_an_order_that_cannot_be_cancelled_is_counted():
    broker = plain(1_000.0)
    broker.order("A", 30)
    broker.cancel_order = lambda order_id: False
    orders = executor().execute({"A": 0.5}, DATA, broker)
    assert broker.sent == [("A", 20)]
    assert orders.cancelled == ()
    assert codes(orders) == [("order_not_cancelled", "A"), ("order_kept", "A")]


def test_of_two_orders_only_the_one_that_stays_is_counted():
    broker = plain(1_000.0)
    stuck = broker.order("A", 30)
    broker.order("A", 10)
    cancel = broker.cancel_order
    broker.cancel_order = lambda order_id: order_id != stuck.order_id and cancel(order_id)
    orders = executor().execute({"A": 0.5}, DATA, broker)
    assert (broker.sent, orders.cancelled) == ([("A", 20)], (2,))


def test_a_stop_that_buys_back_a_short_is_protective_too():
    broker = plain(1_500.0, A=-50.0)
    broker.order("A", 50, stop_price=12.0)
    ours = executor(allow_short=True)
    assert ours.preview({"A": -0.5}, DATA, broker).would_cancel == ()
    assert ours.preview({"A": -0.2}, DATA, broker).would_cancel == (1,)


# --- modes --------------------------------------------------------------------------------------


def paper(cash, **more):
    broker = PaperBroker(cash, fill_at="close", **more)
    broker.advance(1, DATA)
    return broker


@pytest.mark.parametrize("mode", [RebalanceMode.INCREMENTAL, RebalanceMode.HYBRID])
def test_a_sequential_mode_at_a_broker_without_process_orders_is_a_clear_error(mode):
    broker = plain(1_000.0)
    with pytest.raises(InvalidValueError, match=r"process_orders\(\)"):
        executor(rebalance_mode=mode).execute({"A": 0.5}, DATA, broker)
    assert broker.sent == []
    assert executor(rebalance_mode=mode).preview({"A": 0.5}, DATA, broker)


@pytest.mark.parametrize("mode", list(RebalanceMode))
def test_all_modes_agree_where_fills_are_at_the_plans_prices(mode):
    broker = paper(10_000.0)
    ours = executor(rebalance_mode=mode)
    for weights in ({"A": 0.6, "B": 0.3}, {"B": 0.5, "C": 0.5}, {"A": 0.0, "C": 0.25}, {}):
        ours.execute(weights, DATA, broker)
        broker.process_orders()
        found = ours._get_current_weights(broker, DATA)
        assert found == {asset: weight for asset, weight in weights.items() if weight}
        assert ours.execute(weights, DATA, broker) == []


class HalfPrice(PaperBroker):
    """Whatever is sold brings half of what it should, or less."""

    loss = 500

    def submit_order(self, asset, quantity, **more):
        order = super().submit_order(asset, quantity, **more)
        if quantity < 0:
            self._book.cash -= int(-quantity * self.loss)
        return order


def test_incremental_sizes_what_follows_on_the_value_that_fills_left():
    broker = HalfPrice(0.01, fill_at="close")
    broker.advance(1, DATA)
    broker._book.cash = 100_000
    executor().execute({"A": 1.0}, DATA, broker)
    broker.process_orders()
    executor(rebalance_mode="incremental").execute({"B": 0.5}, DATA, broker)
    assert broker.get_cash() == 250.0, "1,000 became 500; half of it is 250"
    assert broker.get_position("B").quantity == 25


def test_incremental_leaves_a_line_alone_that_the_fills_before_brought_to_its_target():
    """A's 600 USD are lost; of the 400 left, the 20 of B are the half that is wanted."""
    broker = HalfPrice(1_000.0, fill_at="close")
    broker.advance(1, DATA)
    executor().execute({"A": 0.6, "B": 0.2}, DATA, broker)
    broker.process_orders()
    broker.loss = 1_000
    orders = executor(rebalance_mode="incremental").execute({"B": 0.5}, DATA, broker)
    assert [order.asset for order in orders] == ["A"]
    assert codes(orders) == [("order_not_sent", "B")]


def test_hybrid_keeps_targets_and_buys_no_further_than_live_cash():
    broker = HalfPrice(0.01, fill_at="close")
    broker.advance(1, DATA)
    broker._book.cash = 100_000
    executor().execute({"A": 1.0}, DATA, broker)
    broker.process_orders()
    orders = executor(rebalance_mode="hybrid").execute({"B": 0.5, "C": 0.5}, DATA, broker)
    assert broker.get_position("B").quantity == 50
    assert broker.get_position("C") is None
    assert ("order_not_sent", "C") in codes(orders)
    assert broker.get_cash() == 0.0


@pytest.mark.parametrize("mode", ["incremental", "hybrid"])
def test_a_sequential_mode_without_get_cash_follows_the_account_value(mode):
    class Immediate(PlainBroker):
        def process_orders(self):
            self.fill()

    broker = Immediate(0.0, PRICES, A=40.0, B=60.0)
    broker.refuses = {"B"}
    executor(rebalance_mode=mode).execute({"C": 1.0}, DATA, broker)
    assert broker.sent == [("A", -40), ("C", 40)]
    assert broker.cash == 0.0


@pytest.mark.parametrize("mode", ["incremental", "hybrid"])
def test_a_sequential_mode_at_a_margin_account_buys_with_its_buying_power(mode):
    broker = paper(1_000.0, account_type="margin", max_leverage=1.5)
    executor(rebalance_mode=mode).execute({"A": 0.9, "B": 0.9}, DATA, broker)
    assert {a: p.quantity for a, p in broker.positions.items()} == {"A": 75, "B": 75}
    assert broker.get_cash() == -500.0
    plain_margin = plain(1_000.0)
    plain_margin.account_type, plain_margin.process_orders = "margin", plain_margin.fill
    executor(rebalance_mode=mode).execute({"A": 0.9, "B": 0.9}, DATA, plain_margin)
    assert plain_margin.sent == [("A", 90), ("B", 90)]


@pytest.mark.parametrize("mode", list(RebalanceMode))
def test_what_a_rebalance_asks_of_its_broker_grows_with_its_lines_and_no_faster(mode):
    """Twice the lines are twice the questions, whatever the mode."""
    asked = {}
    for n in (50, 100):
        data = bars({f"T{number:03d}": 10.0 for number in range(n)})
        broker = PaperBroker(100_000.0, fill_at="close")
        broker.advance(1, data)
        counting = Counting(broker)
        orders = executor(rebalance_mode=mode).execute(dict.fromkeys(data, 0.9 / n), data, counting)
        assert len(orders) == n
        asked[n] = counting.count
    assert asked[100] <= 2 * asked[50]


class Counting:
    """Passes everything on, and counts it."""

    def __init__(self, broker):
        self.broker, self.count = broker, 0

    def __getattr__(self, name):
        self.count += 1
        return getattr(self.broker, name)


@pytest.mark.real_data
def test_ten_years_of_month_ends_through_the_paper_broker_keep_cash_to_the_cent(market_data_dir):
    """Twelve-month winners at equal weight, filled at the next open; cash refolded in decimals."""
    table = pd.read_parquet(
        market_data_dir / "etf_prices.parquet", columns=["date", "ticker", "open", "close"]
    )
    panels = table.pivot(index="date", columns="ticker", values=["open", "close"])
    panels = panels.loc["2013-01-01":]
    closes = panels["close"]
    broker = PaperBroker(1_000_000.0, fill_at="next_open", commission=BpsCommission(5.0))
    ours = TargetWeightExecutor(RebalanceConfig(min_weight_change=0.002))
    ends = set(closes.groupby(closes.index.to_period("M")).tail(1).index[12:])
    days = panels.index[250:]
    for day in days:
        opens, last = panels["open"].loc[day], closes.loc[day]
        broker.advance(day, {t: {"open": opens[t], "close": last[t]} for t in closes.columns})
        if day in ends:
            past = closes.loc[:day].iloc[-250:]
            best = (past.iloc[-1] / past.iloc[0]).dropna().nlargest(6).index
            ours.execute(dict.fromkeys(best, 1 / 6), bars(last.to_dict()), broker)
    folded = Decimal("1000000.00")
    for entry in broker.blotter:
        if entry.event in ("filled", "partly_filled"):
            exact = Decimal(entry.quantity) * Decimal(entry.price)
            folded -= exact.quantize(CENT, ROUND_HALF_EVEN) + Decimal(repr(entry.commission))
        assert folded >= 0
        assert Decimal(repr(entry.cash)) == folded
    assert len(ends) > 100
    assert broker.get_account_value() > 1_000_000.0
