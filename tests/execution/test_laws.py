"""What holds for every plan, on books drawn to hurt."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from quantetf_core.encoding import canonical_json
from quantetf_core.execution import CostModel, PlanRequest, Reason, plan_trades
from quantetf_core.units import to_cents
from tests.execution.books import again, configs, facts_of, requests

FIRST_REASONS_OF_TRADES = {Reason.REBALANCE, Reason.ENTER, Reason.EXIT}


@given(requests())
def test_cash_after_is_cash_before_plus_flow_plus_sells_less_buys_less_costs(request_):
    plan = plan_trades(request_)
    cents = {
        name: to_cents(getattr(plan, name))
        for name in ("cash_before", "cash_flow", "sells", "buys", "costs", "cash_after")
    }
    assert cents["cash_after"] == (
        cents["cash_before"] + cents["cash_flow"] + cents["sells"] - cents["buys"] - cents["costs"]
    )
    trades = plan.trades
    assert cents["sells"] == sum(to_cents(t.notional_value) for t in trades if t.action == "SELL")
    assert cents["buys"] == sum(to_cents(t.notional_value) for t in trades if t.action == "BUY")
    assert cents["costs"] == sum(to_cents(t.cost) for t in trades)
    for trade in trades:
        exact = abs(trade.shares_delta) * trade.price * 100
        assert abs(to_cents(trade.notional_value) - exact) <= 0.5 + exact * 1e-12 + 1e-4


@given(requests())
def test_cash_never_ends_below_the_floor_unless_a_finding_blocks_the_plan(request_):
    plan = plan_trades(request_)
    below = plan.cash_after < plan.cash_floor
    assert plan.cash_floor >= 0.0
    assert below == any(f.code == "cash_floor" and f.severity == "block" for f in plan.findings)
    if plan.cash_before + plan.cash_flow >= 0.0:
        assert not below


@given(requests())
def test_nothing_is_sold_that_is_not_held(request_):
    plan = plan_trades(request_)
    assert (plan.target_shares >= 0.0).all()


@given(requests())
def test_every_line_has_a_reason_that_fits_what_it_does(request_):
    plan = plan_trades(request_)
    lines = plan.lines()
    assert sorted(line.ticker for line in lines) == list(request_.tickers)
    for line in lines:
        trades = line.action != "HOLD"
        assert (line.reasons[0] in FIRST_REASONS_OF_TRADES) == trades
        assert line.reason
        assert (line.shares_delta != 0.0) == trades
        assert line.reasons[0] is not Reason.ENTER or line.current_shares == 0.0
        assert line.reasons[0] is not Reason.EXIT or line.target_shares == 0.0


@given(requests())
def test_each_column_of_weights_sums_to_one_with_its_cash(request_):
    plan = plan_trades(request_)
    for column, cash in (
        (plan.current_weight, plan.cash_weight_current),
        (plan.target_weight, plan.cash_weight_target),
        (plan.ideal_weight, plan.cash_weight_ideal),
    ):
        assert abs(float(np.sum(column)) + cash - 1.0) < 1e-9


@given(requests())
def test_a_second_rebalance_at_the_same_prices_trades_nothing(request_):
    plan = plan_trades(request_)
    assume(plan.cash_after >= 0.0)
    second = plan_trades(again(request_, plan))
    assert second.trades == ()
    assert second.cash_after == plan.cash_after


@given(requests())
def test_every_weight_ends_within_one_unit_of_target_or_says_why_not(request_):
    plan = plan_trades(request_)
    config = request_.config
    unit = 1e-6 if config.allow_fractional else config.lot_size if config.round_lots else 1.0
    explained = {
        Reason.WITHIN_THRESHOLD,
        Reason.BELOW_MINIMUM,
        Reason.NO_CASH,
        Reason.SCALED_TO_CASH,
        Reason.NO_PRICE,
        Reason.CARRIED_PRICE,
        Reason.STALE_PRICE,
        Reason.SUSPECT_SPLIT,
    }
    # Cents of rounding, which no trade is worth: see `_dust`.
    slack = 0.25 if config.allow_fractional else 0.03 * len(request_.tickers)
    for line in plan.lines():
        if not explained & set(line.reasons):
            away = abs(line.ideal_shares - line.target_shares)
            dust = slack * (1.0 if config.allow_fractional else line.ideal_weight)
            assert away <= max(unit * (1 + 1e-6), dust / line.price) + 1e-9


@given(requests(), st.sampled_from([0.02, 0.1]), st.sampled_from([200.0, 5_000.0]))
def test_raising_a_threshold_never_adds_a_trade_where_cash_does_not_bind(request_, weight, value):
    """Without costs, which themselves move the ideals by what the dropped trades would cost."""
    facts = facts_of(request_) | {"costs": CostModel(0.0)}
    low = plan_trades(PlanRequest.from_mappings(**facts))
    for change in ({"min_weight_change": weight}, {"min_trade_value": value}):
        assume(all(getattr(request_.config, name) <= new for name, new in change.items()))
        config = request_.config.model_copy(update=change)
        high = plan_trades(PlanRequest.from_mappings(**(facts | {"config": config})))
        free = [plan.scale == 1.0 and no_line_raises_cash(plan) for plan in (low, high)]
        if all(free):
            assert {t.ticker for t in high.trades} <= {t.ticker for t in low.trades}


def no_line_raises_cash(plan):
    return not any(Reason.RAISES_CASH in reasons for reasons in plan.reasons)


@given(requests(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(request_, random):
    facts = facts_of(request_)
    plan = plan_trades(PlanRequest.from_mappings(**facts))
    for name in ("shares", "weights", "prices"):
        items = list(facts[name].items())
        random.shuffle(items)
        facts[name] = dict(items)
    assert as_text(plan_trades(PlanRequest.from_mappings(**facts))) == as_text(plan)


def as_text(plan):
    return canonical_json(
        [
            [[getattr(t, name) for name in t.__slots__[:-2]] + [t.reason] for t in plan.lines()],
            [getattr(plan, n) for n in ("cash_after", "scale", "turnover", "sizing_value")],
        ]
    )


@given(requests())
def test_a_line_without_a_usable_price_never_trades(request_):
    for line in plan_trades(request_).lines():
        blocked = request_.block_reason[request_.tickers.index(line.ticker)]
        if blocked is not None:
            assert line.action == "HOLD"
            assert line.reasons[0] is blocked


@given(requests())
def test_sells_come_before_buys_and_the_largest_first(request_):
    rank = {"SELL": 0, "BUY": 1, "HOLD": 2}
    keys = [(rank[t.action], -t.notional_value, t.ticker) for t in plan_trades(request_).lines()]
    assert keys == sorted(keys)


@given(st.data())
def test_trades_are_whole_units_unless_they_close_a_position(data):
    config = data.draw(configs())
    unit = config.lot_size if config.round_lots else 1
    for trade in plan_trades(data.draw(requests(config=config))).trades:
        if config.allow_fractional or Reason.EXIT in trade.reasons:
            continue
        units = trade.shares_delta / unit
        assert abs(units - round(units)) < 1e-6
        if trade.current_shares == int(trade.current_shares):
            assert trade.target_shares == int(trade.target_shares)


@given(requests())
def test_a_trade_that_is_neither_exit_nor_needed_cash_reaches_the_minimum_value(request_):
    for trade in plan_trades(request_).trades:
        if not {Reason.EXIT, Reason.RAISES_CASH} & set(trade.reasons):
            assert trade.notional_value >= request_.config.min_trade_value


@given(requests())
def test_no_line_short_of_cash_could_buy_one_more_unit(request_):
    plan = plan_trades(request_)
    config = request_.config
    unit = 1e-6 if config.allow_fractional else config.lot_size if config.round_lots else 1.0
    left = plan.cash_after - plan.cash_floor
    for line in plan.lines():
        if Reason.SCALED_TO_CASH in line.reasons and line.action == "BUY":
            short = line.ideal_shares - line.target_shares
            price = line.price * unit * (1.0 + request_.costs.rate)
            assert short < unit or price > left - 0.03


@given(requests())
def test_the_same_request_gives_the_same_bytes_and_keeps_its_arrays(request_):
    before = facts_of(request_)
    first, second = plan_trades(request_), plan_trades(request_)
    assert as_text(first) == as_text(second)
    assert facts_of(request_) == before or np.isnan(request_.price).any()
