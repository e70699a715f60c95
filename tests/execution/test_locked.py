"""Plans that keep to what a person locked, for any book."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.config.schema import RebalanceConfig
from quantetf_core.execution import CostModel, PlanRequest, Reason, plan_trades
from quantetf_core.execution.locked import plan_within_locks
from quantetf_core.execution.plan import TradePlan
from quantetf_core.portfolio.holdings import LockRule
from quantetf_core.units import to_cents

TICKERS = ("AAA", "BBB", "CCC", "DDD")
LOCKED = {Reason.LOCKED_HOLD, Reason.LOCKED_NO_BUY, Reason.LOCKED_NO_SELL}


@st.composite
def requests(draw: st.DrawFn) -> PlanRequest:
    """Any book, wish and prices; some of what is held is not wanted, and the reverse."""
    raw = draw(st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4))
    total = max(sum(raw), 1.0)
    return PlanRequest.from_mappings(
        shares={t: float(draw(st.integers(0, 300))) for t in TICKERS},
        weights={t: w / total for t, w in zip(TICKERS, raw, strict=True) if w > 0.1},
        prices={t: draw(st.integers(500, 20_000)) / 100 for t in TICKERS},
        cash=float(draw(st.integers(1, 50_000))),
        config=RebalanceConfig(min_weight_change=draw(st.sampled_from([0.0, 0.02]))),
        costs=CostModel(draw(st.sampled_from([0.0, 5.0]))),
        cash_flow=float(draw(st.integers(0, 10_000))),
    )


LOCKS = st.dictionaries(st.sampled_from(TICKERS), st.sampled_from(list(LockRule)))


def deltas(plan: TradePlan) -> dict[str, float]:
    moved = plan.target_shares - plan.current_shares
    return dict(zip(plan.tickers, moved.tolist(), strict=True))


@settings(max_examples=150, deadline=None)
@given(request=requests(), locks=LOCKS)
def test_a_locked_ticker_never_moves_the_forbidden_way(request, locks):
    plan = plan_within_locks(request, locks)
    for ticker, rule in locks.items():
        moved = deltas(plan)[ticker]
        if rule is not LockRule.NO_SELL:
            assert moved <= 0.0
        if rule is not LockRule.NO_BUY:
            assert moved >= 0.0
    cents = [to_cents(x) for x in (plan.cash_before, plan.cash_flow, plan.sells)]
    spent = [to_cents(x) for x in (plan.buys, plan.costs)]
    assert to_cents(plan.cash_after) == sum(cents) - sum(spent) >= 0
    assert plan.target_weight.sum() + plan.cash_weight_target == pytest.approx(1.0)


@settings(max_examples=80, deadline=None)
@given(request=requests(), locks=LOCKS)
def test_a_lock_is_the_reason_only_where_it_kept_a_line_from_trading(request, locks):
    free, plan = plan_trades(request), plan_within_locks(request, locks)
    for ticker, reasons in zip(plan.tickers, plan.reasons, strict=True):
        if reasons[0] in LOCKED:
            assert ticker in locks
            assert deltas(plan)[ticker] == 0.0
    if all(rule is not LockRule.HOLD for rule in locks.values()):
        binding = any(
            deltas(free)[t] > 0.0 if rule is LockRule.NO_BUY else deltas(free)[t] < 0.0
            for t, rule in locks.items()
        )
        assert binding == (deltas(plan) != deltas(free) or _locked(plan))


def _locked(plan: TradePlan) -> bool:
    return any(reasons[0] in LOCKED for reasons in plan.reasons)


@settings(max_examples=60, deadline=None)
@given(request=requests(), locks=LOCKS)
def test_a_second_plan_within_the_same_locks_trades_nothing_where_cash_did_not_bind(request, locks):
    first = plan_within_locks(request, locks)
    if first.scale < 1.0:
        return
    held = replace(
        request, current_shares=first.target_shares, cash=first.cash_after, cash_flow=0.0
    )
    assert plan_within_locks(held, locks).n_trades == 0


def test_what_blocks_a_line_already_is_told_before_its_lock():
    request = PlanRequest.from_mappings(
        shares={"AAA": 10.0},
        weights={"BBB": 1.0},
        prices={"AAA": 10.0, "BBB": 10.0},
        cash=100.0,
        config=RebalanceConfig(),
        costs=CostModel(0.0),
        blocked={"AAA": Reason.STALE_PRICE},
    )
    plan = plan_within_locks(request, {"AAA": LockRule.HOLD, "ZZZ": LockRule.HOLD})
    assert plan.reasons[0][0] is Reason.STALE_PRICE
