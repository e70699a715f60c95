"""What every request that is not a rebalance has in common."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from quantetf_core.encoding import canonical_json, sha256
from quantetf_core.errors import InvalidValueError
from quantetf_core.findings import Finding
from quantetf_core.ledger.record import CashMovement, CommitRequest, Kind
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.units import from_cents, to_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who confirms and in what words, and the provenance every commit carries."""

    approver: str = ""
    note: str = ""
    notes: Mapping[str, str] | None = None
    code_version: str = ""
    simulated: bool = False


def book_request(
    kind: Kind,
    current: Holdings | None,
    after: Holdings,
    *,
    cash: CashMovement,
    as_of: date,
    approval: Approval,
    summary: Mapping[str, Any],
    files: Mapping[str, bytes] | None = None,
    warnings: tuple[Finding, ...] = (),
) -> CommitRequest:
    """A request that leads from one book to another without trades.

    Its plan id covers what is done and the commit it is done on; approver and notes are left out.
    """
    parent_id = current.commit_id if current else None
    kept = dict(files or {})
    covered = {
        "kind": kind,
        "as_of": as_of,
        "parent": parent_id,
        "after": after,
        "cash": cash,
        "summary": summary,
        "files": {name: sha256(content) for name, content in kept.items()},
        "simulated": approval.simulated,
    }
    return CommitRequest(
        kind=kind,
        as_of=as_of,
        plan_id=sha256(canonical_json(covered)),
        parent_id=parent_id,
        holdings_before=current,
        holdings_after=after,
        cash=cash,
        files=kept,
        summary={
            **summary,
            "cash_flow": cash.flow,
            "costs": cash.costs,
            "cash_after": after.cash,
            "num_positions": len(after.positions),
            "num_trades": 0,
        },
        approver=approval.approver,
        note=approval.note,
        notes=dict(approval.notes or {}),
        warnings=warnings,
        code_version=approval.code_version,
        simulated=approval.simulated,
    )


def whole_cents(name: str, usd: float) -> float:
    """USD rounded to cents; refuses what is not finite."""
    if not math.isfinite(usd):
        raise InvalidValueError(name, usd, "a finite number of USD")
    return from_cents(to_cents(usd))


def positive(name: str, value: float) -> float:
    """The value, if it is finite and above 0; refuses anything else."""
    if not (math.isfinite(value) and value > 0):
        raise InvalidValueError(name, value, "a number above 0")
    return value
