"""The paper broker, fill by fill; every answer computed by hand."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.errors import InvalidValueError
from quantetf_core.execution import (
    BpsCommission,
    BpsSlippage,
    FillAt,
    OrderStatus,
    PaperBroker,
    PerShareCommission,
    RejectReason,
    SpreadAndImpact,
)


def bar(close, *, open_=None, high=None, low=None, volume=None):
    fields = {"open": open_, "high": high, "low": low, "close": close, "volume": volume}
    return {name: value for name, value in fields.items() if value is not None}


def broker(cash=1_000.0, *, close=10.0, **more):
    made = PaperBroker(cash, **({"fill_at": "next_close"} | more))
    made.advance(1, {"A": bar(close)})
    return made


def last(made):
    """Event, quantity, price, reason of the newest entry of the blotter."""
    entry = made.blotter[-1]
    return entry.event, entry.quantity, entry.price, entry.reason


# --- when and at what ---------------------------------------------------------------------------


def test_a_market_order_fills_at_the_close_of_the_next_session():
    made = broker()
    order = made.submit_order("A", 50)
    assert made.process_orders() == ()
    assert order.status is OrderStatus.WORKING
    (fill,) = made.advance(2, {"A": bar(12.0, open_=11.0)})
    assert (fill.session, fill.event, fill.quantity, fill.price) == (2, "filled", 50, 12.0)
    assert (made.get_cash(), made.get_account_value()) == (400.0, 1_000.0)
    assert made.get_position("A").entry_price == 12.0
    assert made.pending_orders == []


def test_a_market_order_fills_at_the_open_of_the_next_session_and_is_marked_at_its_close():
    made = broker(fill_at=FillAt.NEXT_OPEN)
    made.submit_order("A", 50)
    (fill,) = made.advance(2, {"A": bar(12.0, open_=11.0)})
    assert fill.price == 11.0
    assert (made.get_cash(), made.get_account_value()) == (450.0, 1_050.0)


def test_a_market_order_fills_at_todays_close_when_told_to():
    made = broker(fill_at="close")
    made.submit_order("A", 50)
    assert made.get_cash() == 1_000.0
    (fill,) = made.process_orders()
    assert (fill.price, made.get_cash()) == (10.0, 500.0)


def test_an_order_waits_for_a_session_in_which_its_asset_has_the_price_it_needs():
    made = broker(fill_at="next_open")
    made.submit_order("A", 5)
    assert made.advance(2, {}) == ()
    assert made.advance(3, {"A": bar(12.0)}) == ()
    assert made.advance(4, {"A": bar(12.0, open_=math.nan)}) == ()
    assert len(made.advance(5, {"A": bar(12.0, open_=np.float64(11.0))})) == 1


def test_a_holding_without_a_close_keeps_its_last_value():
    made = broker(fill_at="close")
    made.submit_order("A", 50)
    made.process_orders()
    made.advance(2, {"A": {"close": math.nan}})
    made.advance(3, {})
    assert made.get_account_value() == 1_000.0


@pytest.mark.parametrize(
    ("quantity", "limit", "day", "price"),
    [
        (10, 9.0, bar(9.5, open_=9.6, low=9.2, high=9.9), None),
        (10, 9.0, bar(9.5, open_=9.6, low=8.9, high=9.9), 9.0),
        (10, 9.0, bar(9.5, open_=8.5, low=8.0, high=9.9), 8.5),
        (-10, 12.0, bar(11.0, open_=11.0, low=10.0, high=11.9), None),
        (-10, 12.0, bar(11.0, open_=11.0, low=10.0, high=12.5), 12.0),
        (-10, 12.0, bar(11.0, open_=13.0, low=10.0, high=13.5), 13.0),
        (10, 9.0, bar(8.0, open_=9.6), None),
    ],
)
def test_a_limit_order_fills_at_its_limit_or_better(quantity, limit, day, price):
    made = held(fill_at="next_open")
    made.submit_order("A", quantity, limit_price=limit)
    fills = made.advance(9, {"A": day})
    assert [fill.price for fill in fills] == ([] if price is None else [price])


@pytest.mark.parametrize(
    ("quantity", "stop", "day", "price"),
    [
        (-10, 9.0, bar(9.5, open_=9.6, low=9.2, high=9.9), None),
        (-10, 9.0, bar(9.5, open_=9.6, low=8.9, high=9.9), 9.0),
        (-10, 9.0, bar(9.5, open_=8.5, low=8.0, high=9.9), 8.5),
        (10, 12.0, bar(11.0, open_=11.0, low=10.0, high=11.9), None),
        (10, 12.0, bar(11.0, open_=11.0, low=10.0, high=12.5), 12.0),
        (10, 12.0, bar(11.0, open_=13.0, low=10.0, high=13.5), 13.0),
    ],
)
def test_a_stop_order_fills_at_its_stop_or_at_the_open_that_jumped_it(quantity, stop, day, price):
    made = held(fill_at="next_open")
    made.submit_order("A", quantity, stop_price=stop)
    fills = made.advance(9, {"A": day})
    assert [fill.price for fill in fills] == ([] if price is None else [price])


def held(**more):
    made = broker(fill_at="close")
    made.submit_order("A", 50)
    made.process_orders()
    made._filler.fill_at = FillAt(more["fill_at"])
    return made


def test_at_the_close_limits_and_stops_see_the_close_only():
    made = held(fill_at="next_close")
    made.submit_order("A", -10, stop_price=9.0)
    made.submit_order("A", 10, limit_price=9.0)
    assert made.advance(2, {"A": bar(9.5, low=8.0)}) == ()
    fills = made.advance(3, {"A": bar(8.8)})
    assert [(fill.quantity, fill.price) for fill in fills] == [(-10, 8.8), (10, 8.8)]


def test_a_stop_limit_is_a_limit_order_once_its_stop_was_reached():
    made = held(fill_at="next_close")
    order = made.submit_order("A", -10, stop_price=9.0, limit_price=8.5)
    assert order.order_type == "stop_limit"
    assert made.advance(2, {"A": bar(8.0)}) == ()
    assert order.triggered
    assert last(made)[0] == "triggered"
    assert made.advance(3, {"A": bar(8.4)}) == ()
    (fill,) = made.advance(4, {"A": bar(9.7)})
    assert (fill.price, order.status) == (9.7, OrderStatus.FILLED)


def test_sells_fill_before_buys_so_that_their_cash_is_there():
    made = broker(500.0, fill_at="close")
    made.submit_order("A", 50)
    made.process_orders()
    made.advance(2, {"A": bar(10.0), "B": bar(5.0)})
    made.submit_order("B", 100)
    made.submit_order("A", -50)
    assert [fill.asset for fill in made.process_orders()] == ["A", "B"]
    assert made.get_cash() == 0.0


# --- volume -------------------------------------------------------------------------------------


def test_an_order_takes_its_share_of_volume_each_session():
    made = broker(1_000_000.0, max_volume_share=0.1)
    order = made.submit_order("A", 250)
    seen = []
    for session, volume in enumerate([1_009, None, 500, 20_000], start=2):
        made.advance(session, {"A": bar(10.0, volume=volume)})
        seen.append((order.filled_quantity, order.left, order.status.value))
    assert seen == [
        (100, 150, "partly_filled"),
        (100, 150, "partly_filled"),
        (150, 100, "partly_filled"),
        (250, 0, "filled"),
    ]


def test_orders_of_one_asset_share_its_volume():
    made = broker(1_000_000.0, max_volume_share=0.1)
    made.submit_order("A", 70)
    made.submit_order("A", 70)
    fills = made.advance(2, {"A": bar(10.0, volume=1_000)})
    assert [fill.quantity for fill in fills] == [70, 30]


def test_impact_needs_a_volume_and_waits_for_it():
    made = broker(slippage=SpreadAndImpact(10.0))
    made.submit_order("A", 10)
    assert made.advance(2, {"A": bar(10.0)}) == ()
    (fill,) = made.advance(3, {"A": bar(10.0, volume=1_000)})
    assert fill.price == pytest.approx(10.0 * (1 + 0.0005 + 0.01 * math.sqrt(10 / 1_000)))


# --- money --------------------------------------------------------------------------------------


def test_commission_and_slippage_are_paid_to_the_cent():
    """50 at 10.01 is 500.50, 7 bps of it 0.35; marked at 10 the book is 499.15 + 500."""
    made = broker(fill_at="close", commission=BpsCommission(7.0), slippage=BpsSlippage(10.0))
    made.submit_order("A", 50)
    (fill,) = made.process_orders()
    assert (fill.price, fill.commission) == (pytest.approx(10.01), 0.35)
    assert (made.get_cash(), made.get_account_value()) == (499.15, 999.15)
    assert made.cost_bps == 17.0


def test_a_limit_is_never_passed_by_slippage():
    made = broker(fill_at="close", slippage=BpsSlippage(500.0))
    made.submit_order("A", 10, limit_price=10.2)
    made.submit_order("A", 10, limit_price=30.0)
    assert [fill.price for fill in made.process_orders()] == [10.2, 10.5]
    made.submit_order("A", -10, limit_price=9.9)
    assert [fill.price for fill in made.process_orders()] == [9.9]


def test_a_buy_beyond_the_cash_is_filled_as_far_as_it_goes_and_the_rest_rejected():
    made = broker(fill_at="close", commission=PerShareCommission(0.0, minimum=1.0))
    order = made.submit_order("A", 150)
    (fill,) = made.process_orders()
    assert fill.quantity == 99, "100 would cost 1,001"
    assert (order.status, order.reject_reason) == (
        OrderStatus.REJECTED,
        RejectReason.NOT_ENOUGH_CASH,
    )
    assert last(made) == ("rejected", 51, 0.0, RejectReason.NOT_ENOUGH_CASH)
    assert made.get_cash() == 9.0
    made.submit_order("A", 1)
    assert made.process_orders() == ()


def test_a_sell_that_costs_more_than_it_brings_is_rejected():
    made = broker(11.0, fill_at="close", commission=PerShareCommission(0.0, minimum=1.0))
    made.submit_order("A", 1)
    made.process_orders()
    assert made.get_cash() == 0.0
    made.advance(2, {"A": bar(0.5)})
    made.submit_order("A", -1)
    made.process_orders()
    assert last(made)[3] is RejectReason.NOT_ENOUGH_CASH
    assert made.get_cash() == 0.0


def test_shares_that_a_stop_sold_meanwhile_are_not_sold_again():
    made = held(fill_at="next_close")
    made.submit_order("A", -50, stop_price=9.0)
    made.submit_order("A", -20)
    made.advance(2, {"A": bar(8.0)})
    assert made.get_position("A") is None
    assert last(made) == ("rejected", -20, 0.0, RejectReason.MORE_THAN_HELD)


def test_the_entry_price_is_the_mean_of_what_was_paid_for_what_is_held():
    made = PaperBroker(100_000.0, account_type="margin", fill_at="close")
    found = []
    for session, (quantity, price) in enumerate(
        [(100, 10.0), (100, 20.0), (-50, 30.0), (-250, 12.0), (40, 8.0), (60, 9.0)], start=1
    ):
        made.advance(session, {"A": bar(price)})
        made.submit_order("A", quantity)
        made.process_orders()
        position = made.get_position("A")
        found.append(position and (position.quantity, position.entry_price))
    assert found == [(100, 10.0), (200, 15.0), (150, 15.0), (-100, 12.0), (-60, 12.0), None]


def test_fractions_of_a_share_are_millionths():
    made = broker(share_type="fractional", fill_at="close", max_volume_share=0.1)
    made.advance(2, {"A": bar(10.0, volume=33.3333339)})
    order = made.submit_order("A", 5.25)
    (fill,) = made.process_orders()
    assert (fill.quantity, order.left) == (3.333333, pytest.approx(1.916667))
    poor = broker(10.0, share_type="fractional", fill_at="close")
    poor.submit_order("A", 5.25)
    assert poor.process_orders()[0].quantity == 1.0005, "10.005 USD are 10.00"


# --- margin -------------------------------------------------------------------------------------


def test_a_margin_account_borrows_and_is_short_up_to_its_leverage():
    made = broker(fill_at="close", account_type="margin", max_leverage=2.0)
    assert made.get_buying_power() == 2_000.0
    made.submit_order("A", 150)
    made.process_orders()
    assert (made.get_cash(), made.get_buying_power()) == (-500.0, 500.0)
    made.submit_order("A", 51)
    made.process_orders()
    assert last(made)[3] is RejectReason.NOT_ENOUGH_MARGIN
    made.submit_order("A", -350)
    (fill,) = made.process_orders()
    assert fill.quantity == -350
    assert (made.get_position("A").quantity, made.get_cash()) == (-200, 3_000.0)
    assert made.get_buying_power() == 0.0


def test_a_position_may_be_reduced_however_bad_the_margin_is():
    made = broker(fill_at="close", account_type="margin")
    made.submit_order("A", 200)
    made.process_orders()
    made.advance(2, {"A": bar(6.0)})
    assert made.get_buying_power() == 0.0
    made.submit_order("A", -100)
    assert made.process_orders()[0].quantity == -100


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "more", "reason"),
    [
        (0, {}, RejectReason.BAD_QUANTITY),
        (math.nan, {}, RejectReason.BAD_QUANTITY),
        (math.inf, {}, RejectReason.BAD_QUANTITY),
        (1.5, {}, RejectReason.FRACTION_OF_A_SHARE),
        (1, {"limit_price": 0.0}, RejectReason.BAD_PRICE),
        (1, {"stop_price": math.nan}, RejectReason.BAD_PRICE),
        (-51, {}, RejectReason.MORE_THAN_HELD),
    ],
)
def test_what_cannot_be_meant_is_rejected_with_its_reason(quantity, more, reason):
    made = held(fill_at="next_close")
    assert made.submit_order("A", quantity, **more) is None
    assert (last(made)[0], last(made)[3]) == ("rejected", reason)
    assert made.pending_orders == []


def test_an_asset_without_a_bar_is_unknown_unless_it_is_held():
    made = held(fill_at="next_close")
    assert made.submit_order("B", 1) is None
    assert last(made)[3] is RejectReason.UNKNOWN_ASSET
    made.advance(2, {})
    assert made.submit_order("A", -1) is not None


def test_sells_under_way_count_against_what_may_be_sold():
    made = held(fill_at="next_close")
    first = made.submit_order("A", -30)
    assert made.submit_order("A", -30) is None
    assert made.cancel_order(first.order_id)
    assert first.status is OrderStatus.CANCELLED
    assert made.submit_order("A", -50) is not None
    assert not made.cancel_order(first.order_id)


def test_an_odd_fraction_held_is_sold_whole_by_a_broker_of_whole_shares():
    made = held(fill_at="close")
    made.get_position("A").quantity = 50.5
    assert made.submit_order("A", -50.25) is None
    made.close_position("A")
    assert made.process_orders()[0].quantity == -50.5
    assert made.close_position("A") is None


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"cash": -math.inf}, "cash"),
        ({"cash": math.nan}, "cash"),
        ({"account_type": "savings"}, "account_type"),
        ({"fill_at": "noon"}, "fill_at"),
        ({"share_type": "half"}, "share_type"),
        ({"max_volume_share": 0.0}, "max_volume_share"),
        ({"max_volume_share": 1.5}, "max_volume_share"),
        ({"max_leverage": 0.5}, "max_leverage"),
        ({"multipliers": {"ES": 0.0}}, "multiplier of ES"),
    ],
)
def test_a_broker_that_cannot_be_is_refused_by_name(more, name):
    with pytest.raises(InvalidValueError, match=name):
        PaperBroker(**({"cash": 1_000.0} | more))


def test_time_goes_forward_only():
    made = PaperBroker(1_000.0)
    assert made.session is None
    made.advance(date(2024, 1, 3), {})
    with pytest.raises(InvalidValueError, match="one after 2024-01-03"):
        made.advance(date(2024, 1, 3), {})
    assert made.session == date(2024, 1, 3)


# --- its record ---------------------------------------------------------------------------------


def test_the_blotter_tells_the_whole_story():
    made = broker(fill_at="close", commission=BpsCommission(10.0))
    made.submit_order("A", 10)
    made.process_orders()
    cancelled = made.submit_order("A", 10, limit_price=5.0)
    made.cancel_order(cancelled.order_id)
    assert [(e.order_id, e.event, e.quantity, e.commission, e.cash) for e in made.blotter] == [
        (1, "submitted", 10, 0.0, 1_000.0),
        (1, "filled", 10, 0.1, 899.9),
        (2, "submitted", 10, 0.0, 899.9),
        (2, "cancelled", 10, 0.0, 899.9),
    ]


def test_what_it_hands_out_may_be_changed_without_changing_the_account():
    made = held(fill_at="next_close")
    made.submit_order("A", 1)
    made.positions.clear()
    made.pending_orders.clear()
    assert (len(made.positions), len(made.pending_orders)) == (1, 1)


orders = st.lists(
    st.tuples(
        st.sampled_from("AB"),
        st.integers(-300, 300),
        st.sampled_from([None, None, 8.0, 11.0]),
        st.sampled_from([None, None, 9.0, 12.0]),
    ),
    max_size=4,
)
days = st.lists(
    st.tuples(orders, st.floats(1.0, 40.0), st.floats(1.0, 40.0), st.integers(0, 3_000)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60)
@given(days, st.sampled_from(list(FillAt)), st.sampled_from(["cash", "margin"]), st.booleans())
def test_the_blotter_folds_to_the_cash_and_shares_there_are(story, fill_at, kind, limited):
    """By other arithmetic: exact fractions, rounded to cents fill by fill."""
    made = PaperBroker(
        5_000.0,
        account_type=kind,
        fill_at=fill_at,
        commission=PerShareCommission(0.01, minimum=0.5),
        slippage=BpsSlippage(15.0),
        max_volume_share=0.1 if limited else None,
    )
    for session, (sent, first, close, volume) in enumerate(story, start=1):
        day = bar(close, open_=first, low=min(first, close), high=max(first, close), volume=volume)
        made.advance(session, {"A": day, "B": day})
        for asset, quantity, limit, stop in sent:
            made.submit_order(asset, quantity, limit_price=limit, stop_price=stop)
        made.process_orders()
    cents, shares = 500_000, {"A": 0, "B": 0}
    for entry in made.blotter:
        if entry.event in ("filled", "partly_filled"):
            exact = Fraction(entry.quantity) * Fraction(entry.price) * 100
            # Half a cent may round either way: price times quantity is no exact decimal.
            fee = round(entry.commission * 100)
            moved = round(entry.cash * 100) - cents + fee
            assert abs(moved + exact) <= Fraction(1, 2) + Fraction(1, 10**6)
            cents += moved - fee
            shares[entry.asset] += entry.quantity
        assert kind == "margin" or entry.cash >= 0.0
        assert entry.cash == cents / 100
    assert made.get_cash() == cents / 100
    assert {a: p.quantity for a, p in made.positions.items()} == {
        a: n for a, n in shares.items() if n
    }
    worth = sum(round(p.quantity * p.current_price * 100) for p in made.positions.values())
    assert made.get_account_value() == (cents + worth) / 100
    if kind == "cash":
        assert all(n >= 0 for n in shares.values())
