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
    """Signed shares of each line, in the plan's order of lines: ints where all are whole."""
    return _as_numbers(_signed_shares(plan))


def _signed_shares(plan: TradePlan) -> npt.NDArray[np.float64]:
    """An exit is exactly what is held; other trades have nine decimals, the rest is noise."""
    delta = np.where(
        plan.target_shares == 0.0,
        -plan.current_shares,
        np.round(plan.target_shares - plan.current_shares, 9),
    )
    return np.where(plan.side == 0, 0.0, delta)


def _as_numbers(shares: npt.NDArray[np.float64]) -> list[int] | list[float]:
    whole = shares == np.rint(shares)
    if whole.all():
        ints: list[int] = shares.astype(np.int64).tolist()
        return ints
    return [int(n) if is_whole else n for n, is_whole in zip(shares.tolist(), whole, strict=True)]


def rows(facts: Facts, plan: TradePlan) -> list[dict[str, Any]]:
    """One dict per line; see `TargetWeightExecutor.preview`."""
    order = plan.order
    at = order.tolist()
    target, change = _aims(facts, plan, order)
    columns = (
        [plan.tickers[i] for i in at],
        plan.side[order].tolist(),
        plan.current_weight[order].tolist(),
        target,
        change,
        _as_numbers(_signed_shares(plan)[order]),
        (plan.side * plan.notional_value)[order].tolist(),
        [plan.reasons[i] for i in at],
    )
    return [
        {
            "asset": asset,
            "action": _ACTIONS[side],
            "current_weight": current,
            "target_weight": aim,
            "weight_delta": delta,
            "shares": quantity,
            "value": value,
            "skip_reason": None if side else skip_reason(reasons),
            "reasons": reasons,
        }
        for asset, side, current, aim, delta, quantity, value, reasons in zip(*columns, strict=True)
    ]


def _aims(
    facts: Facts, plan: TradePlan, order: npt.NDArray[np.intp]
) -> tuple[list[float | None], list[float]]:
    """Target weights after caps, and the way to them; no target where it was no number."""
    target: list[float | None] = plan.ideal_weight[order].tolist()
    change = (plan.ideal_weight - plan.current_weight)[order].tolist()
    if Reason.INVALID_WEIGHT in facts.blocked:
        for row, at in enumerate(order.tolist()):
            if facts.blocked[at] is Reason.INVALID_WEIGHT:
                target[row], change[row] = None, 0.0
    return target, change


def skip_reason(reasons: tuple[Reason, ...]) -> str:
    """Why a line does not trade: what limits its target where it is at that target already.

    Examples
    --------
    >>> skip_reason((Reason.AT_TARGET, Reason.CAPPED)), skip_reason((Reason.WITHIN_THRESHOLD,))
    ('capped', 'weight_change_too_small')
    """
    first, *limits = reasons
    return (limits[0] if first is Reason.AT_TARGET and limits else first).value
