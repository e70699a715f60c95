"""A plan as the rows a person or a script reads, straight from its columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from quantetf_core.execution.facts import Facts
from quantetf_core.execution.plan import TradePlan
from quantetf_core.execution.trade import Action, Reason

_ACTIONS = {-1: Action.SELL.value, 0: Action.HOLD.value, 1: Action.BUY.value}


def quantities(plan: TradePlan) -> list[int] | list[float]:
    """Signed shares of each line, in the plan's order of lines: ints where all are whole.

    An exit is exactly what is held; other trades have nine decimals at most, the rest is noise of
    subtracting.
    """
    delta = np.where(
        plan.target_shares == 0.0,
        -plan.current_shares,
        np.round(plan.target_shares - plan.current_shares, 9),
    )
    delta = np.where(plan.side == 0, 0.0, delta)
    whole = delta == np.rint(delta)
    if whole.all():
        ints: list[int] = delta.astype(np.int64).tolist()
        return ints
    return [int(n) if is_whole else n for n, is_whole in zip(delta.tolist(), whole, strict=True)]


def rows(facts: Facts, plan: TradePlan) -> list[dict[str, Any]]:
    """One dict per line; see `TargetWeightExecutor.preview`."""
    order = plan.order.tolist()
    shares = quantities(plan)
    value = (plan.side * plan.notional_value).tolist()
    target, change = _aims(facts, plan)
    current = plan.current_weight.tolist()
    side = plan.side.tolist()
    return [
        {
            "asset": plan.tickers[at],
            "action": _ACTIONS[side[at]],
            "current_weight": current[at],
            "target_weight": target[at],
            "weight_delta": change[at],
            "shares": shares[at],
            "value": value[at],
            "skip_reason": None if side[at] else skip_reason(plan.reasons[at]),
            "reasons": plan.reasons[at],
        }
        for at in order
    ]


def _aims(facts: Facts, plan: TradePlan) -> tuple[list[float | None], list[float]]:
    """Target weights after caps, and the way to them; no target where it was no number."""
    change = plan.ideal_weight - plan.current_weight
    target: list[float | None] = plan.ideal_weight.tolist()
    if facts.blocked.count(None) < len(facts.blocked):
        for at in np.flatnonzero(_without_target(facts)).tolist():
            target[at], change[at] = None, 0.0
    return target, change.tolist()


def _without_target(facts: Facts) -> npt.NDArray[np.bool_]:
    return np.array([reason is Reason.INVALID_WEIGHT for reason in facts.blocked], dtype=np.bool_)


def skip_reason(reasons: tuple[Reason, ...]) -> str:
    """Why a line does not trade: what limits its target where it is at that target already.

    Examples
    --------
    >>> skip_reason((Reason.AT_TARGET, Reason.CAPPED)), skip_reason((Reason.WITHIN_THRESHOLD,))
    ('capped', 'weight_change_too_small')
    """
    first, *limits = reasons
    return (limits[0] if first is Reason.AT_TARGET and limits else first).value
