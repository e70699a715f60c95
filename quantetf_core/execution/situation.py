"""A plan for a broker's state, and what is to be done about its orders under way.

Preview and execute both start here, which is why they agree.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantetf_core.execution.costs import notional_cents
from quantetf_core.execution.facts import Facts, value_findings
from quantetf_core.execution.pending import (
    Pending,
    counted,
    net_shares,
    sells,
    stands_in_the_way,
)
from quantetf_core.execution.plan import TradePlan
from quantetf_core.execution.planner import plan_trades
from quantetf_core.execution.request import PlanRequest
from quantetf_core.findings import Finding, Severity
from quantetf_core.units import from_cents, to_cents


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Situation:
    """A plan, and what is to be done about the orders under way.

    Parameters
    ----------
    facts, request, plan
        What was read, asked and planned; no plan where there is nothing to size.
    cancels
        Orders that stand in the way.
    kept
        Orders left standing.
    findings
        All of them, the plan's included.
    """

    facts: Facts
    request: PlanRequest | None
    plan: TradePlan | None
    cancels: tuple[Pending, ...]
    kept: tuple[Pending, ...]
    findings: tuple[Finding, ...]


def assess(facts: Facts, *, stuck: Collection[Any] = ()) -> Situation:
    """Plan against what is held and what is under way.

    Parameters
    ----------
    facts
        As just read.
    stuck
        Ids of orders that could not be cancelled: they count as the others that stay.
    """
    if facts.total_cents <= 0:
        message = "the account is worth nothing; there is nothing to size"
        found = Finding(Severity.BLOCK, "nothing_to_size", "portfolio", message)
        return _situation(facts, None, None, (), facts.pending, (found,))
    staying = tuple(order for order in facts.pending if order.order_id in stuck)
    if not facts.config.cancel_before_rebalance:
        staying = facts.pending
    elif len(staying) < len(facts.pending):
        return _cancelling(facts, staying)
    request = request_for(facts, staying=staying, filled=_as_filled(facts, staying))
    return _situation(facts, request, plan_trades(request), (), staying, ())


def _as_filled(facts: Facts, orders: tuple[Pending, ...]) -> tuple[Pending, ...]:
    return counted(orders) if facts.config.account_for_pending else ()


def _cancelling(facts: Facts, stuck: tuple[Pending, ...]) -> Situation:
    """Cancel what stands in the way of the plan, then plan around what stays."""
    request = request_for(facts, staying=stuck, filled=_as_filled(facts, stuck))
    plan = plan_trades(request)
    at = {asset: position for position, asset in enumerate(facts.assets)}
    cancels: list[Pending] = []
    kept = list(stuck)
    for order in facts.pending:
        if order in stuck:
            continue
        line = at[order.asset]
        in_the_way = stands_in_the_way(
            order,
            trades=bool(plan.side[line]),
            wanted=float(facts.weights[line]),
            after=float(plan.target_shares[line]),
        )
        (cancels if in_the_way else kept).append(order)
    if len(kept) > len(stuck):
        request = request_for(facts, staying=tuple(kept), filled=_as_filled(facts, stuck))
        plan = plan_trades(request)
    return _situation(facts, request, plan, tuple(cancels), tuple(kept), ())


def _situation(
    facts: Facts,
    request: PlanRequest | None,
    plan: TradePlan | None,
    cancels: tuple[Pending, ...],
    kept: tuple[Pending, ...],
    more: tuple[Finding, ...],
) -> Situation:
    kept_findings = tuple(
        Finding(
            Severity.INFO, "order_kept", order.asset, f"order {order.order_id} is left standing"
        )
        for order in kept
    )
    planned = plan.findings if plan is not None else ()
    return Situation(
        facts=facts,
        request=request,
        plan=plan,
        cancels=cancels,
        kept=kept,
        findings=(*facts.findings, *value_findings(facts), *planned, *kept_findings, *more),
    )


def request_for(
    facts: Facts, *, staying: tuple[Pending, ...], filled: tuple[Pending, ...]
) -> PlanRequest:
    """The planner's question, with orders that stay and those of them that count as filled.

    What staying sells will take cannot be sold again, and what staying buys will cost cannot be
    spent again, whether or not they count as filled.
    """
    staying = counted(staying)
    shares, cents = facts.held, facts.position_cents
    if filled:
        priced = ~np.isnan(facts.price)
        shares = shares + np.where(priced, facts.column(net_shares(filled)), 0.0)
        if not facts.margin:  # an order under way may sell what is no longer held
            shares = np.maximum(shares, 0.0)
        cents = int(notional_cents(shares, np.where(priced, facts.usd_per_share, 0.0)).sum())
    return PlanRequest(
        tickers=facts.assets,
        current_shares=shares,
        target_weights=facts.weights,
        price=facts.price,
        price_date=(None,) * len(facts.assets),
        tradable=facts.tradable,
        block_reason=facts.blocked,
        cash=from_cents(facts.total_cents - cents),
        cash_flow=0.0,
        config=facts.config,
        costs=facts.costs,
        multiplier=facts.multiplier,
        sellable=np.maximum(facts.held - facts.column(sells(staying)), 0.0) if staying else None,
        spendable=_spendable(facts, reserved(facts, staying)),
        margin=facts.margin,
        free_weights=True,
    )


def reserved(facts: Facts, orders: tuple[Pending, ...]) -> float:
    """USD that buys under way will take, at their limit or the close; costs included."""
    buys = [order for order in orders if order.shares > 0.0]
    if not buys:
        return 0.0
    at = {asset: position for position, asset in enumerate(facts.assets)}
    usd = 0.0
    for order in buys:
        line = at[order.asset]
        multiplier = 1.0 if facts.multiplier is None else float(facts.multiplier[line])
        price = order.limit_price or float(np.nan_to_num(facts.price[line]))
        usd += order.shares * price * multiplier
    return usd * (1.0 + facts.costs.rate)


def _spendable(facts: Facts, reserve: float) -> float | None:
    """USD that buys may take beyond the sells' proceeds."""
    if facts.margin:
        power = facts.account.buying_power
        return None if power is None else power - reserve
    if facts.account.cash is not None:
        return facts.account.cash - reserve
    return from_cents(to_cents(facts.account.value) - facts.position_cents) - reserve
