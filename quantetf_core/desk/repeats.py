"""What a plan says in JSON's own types, and whether it was carried out already."""

from __future__ import annotations

import json
from typing import Any

from quantetf_core.decision import RebalanceResult
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.records import history
from quantetf_core.ledger import CommitEntry, Kind
from quantetf_core.ledger.artifacts import rebalance_files


def plan_facts(plan: RebalanceResult) -> dict[str, Any]:
    """A plan as the record a commit of it keeps, with the account of its cash.

    The keys are those of ``rebalance_result.json``, and besides: ``cash`` (the steps of the cash
    identity, in USD), ``confirmable`` and ``what_if``.
    """
    files = rebalance_files(plan)
    facts: dict[str, Any] = json.loads(files["rebalance_result.json"])
    log = json.loads(files["execution_log.json"])
    return {
        **facts,
        "cash": log["steps"],
        "confirmable": plan.confirmable,
        "what_if": plan.what_if,
    }


def already_committed(portfolio: Portfolio, plan: RebalanceResult) -> CommitEntry | None:
    """The commit this plan repeats; None when it says something new.

    A plan made again after its commit starts from another book, so its id is another one. It
    repeats the newest commit when that is the rebalance of the same session by the same strategy
    and nothing is left to trade or to pay in.
    """
    # Marking the orders as sent leaves the book as it is, so the rebalance before it still counts.
    entries = history(portfolio).entries
    newest = next((entry for entry in entries if entry.kind is not Kind.SENT), None)
    if newest is None or newest.kind is not Kind.REBALANCE or newest.as_of != plan.as_of.date():
        return None
    said = (newest.summary.get("regime"), newest.summary.get("strategy_used"))
    same = said == (plan.regime, plan.strategy_used)
    idle = not plan.orders and not plan.used.plan.cash_flow
    return newest if same and idle else None
