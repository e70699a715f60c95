"""A plan that keeps to what a person locked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from quantetf_core.execution.plan import TradePlan
from quantetf_core.execution.planner import plan_trades
from quantetf_core.execution.request import PlanRequest
from quantetf_core.execution.trade import Reason
from quantetf_core.portfolio.holdings import LockRule

_REASONS = {
    LockRule.HOLD: Reason.LOCKED_HOLD,
    LockRule.NO_BUY: Reason.LOCKED_NO_BUY,
    LockRule.NO_SELL: Reason.LOCKED_NO_SELL,
}
_FORBIDDEN = {LockRule.NO_BUY: 1, LockRule.NO_SELL: -1}


def plan_within_locks(request: PlanRequest, locks: Mapping[str, LockRule]) -> TradePlan:
    """`plan_trades`, with every line that would break a lock left as it is held.

    A line that may trade in one direction only is planned like any other, and left out of the
    plan once it would go the other way. Everything is then planned again without it, so that the
    other lines see the cash there is: what a locked line does not buy stays in cash, and what it
    does not sell is not there to be spent.

    Parameters
    ----------
    locks
        Ticker → rule; a ticker that is no line of the request has no effect.

    Examples
    --------
    >>> from quantetf_core.config.schema import RebalanceConfig
    >>> from quantetf_core.execution.costs import CostModel
    >>> request = PlanRequest.from_mappings(
    ...     shares={"TLT": 10.0}, weights={"SPY": 1.0}, prices={"SPY": 10.0, "TLT": 10.0},
    ...     cash=500.0, config=RebalanceConfig(), costs=CostModel(0.0))
    >>> plan = plan_within_locks(request, {"TLT": LockRule.NO_SELL})
    >>> [(t.action.value, t.ticker, t.shares_delta, t.reasons[0].value) for t in plan.lines()]
    [('BUY', 'SPY', 50.0, 'enter'), ('HOLD', 'TLT', 0.0, 'locked_no_sell')]
    """
    kept = {ticker for ticker, rule in locks.items() if rule is LockRule.HOLD}
    while True:
        plan = plan_trades(_without(request, locks, kept))
        sides = zip(plan.tickers, plan.side.tolist(), strict=True)
        broken = {t for t, side in sides if t in locks and _FORBIDDEN.get(locks[t]) == side}
        if not broken:
            return plan
        kept |= broken  # grows with every round, so there is an end


def _without(request: PlanRequest, locks: Mapping[str, LockRule], kept: set[str]) -> PlanRequest:
    """The request with these lines not tradable; what blocks a line already goes first."""
    reasons = tuple(
        _REASONS[locks[ticker]] if reason is None and ticker in kept else reason
        for ticker, reason in zip(request.tickers, request.block_reason, strict=True)
    )
    if reasons == request.block_reason:
        return request
    tradable = np.array([reason is None for reason in reasons], dtype=np.bool_)
    return replace(request, block_reason=reasons, tradable=tradable)
