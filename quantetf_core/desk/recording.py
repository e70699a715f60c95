"""Recording what is not a rebalance, and undoing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from quantetf_core.data.market import MarketData
from quantetf_core.desk.entries import Entry, holdings
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.records import history, read
from quantetf_core.errors import ApprovalError, DecisionStateError
from quantetf_core.ledger import (
    Approval,
    CommitRequest,
    Receipt,
    commit,
    revert_request,
)
from quantetf_core.ledger.decisions import revert_problem
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.version import VERSION


def approval(
    market: MarketData, *, approver: str, note: str = "", notes: Mapping[str, str] | None = None
) -> Approval:
    """Who confirms, with the provenance every commit carries.

    Raises
    ------
    ApprovalError
        When there is no name.
    """
    if not approver.strip():
        raise ApprovalError("the name of the person who approves")
    return Approval(
        approver=approver.strip(),
        note=note,
        notes=notes,
        code_version=VERSION,
        simulated=market.simulated,
    )


def record(portfolio: Portfolio, entry: Entry, *, approved: Approval, now: datetime) -> Receipt:
    """Record what was proposed, once, on the book it was proposed on; or refuse.

    Raises
    ------
    ApprovalError
        When the name, or a note on a warning, is missing.
    StaleHoldingsError
        When another commit came since; carries the difference. Nothing was written.
    """
    request = replace(
        entry.request,
        approver=approved.approver,
        note=approved.note,
        notes=dict(approved.notes or {}),
    )
    return _write(portfolio, request, now)


def revert(
    portfolio: Portfolio, commit_id: str, *, as_of: date, approved: Approval, now: datetime
) -> Receipt:
    """Undo a commit by one that restores the book it started from; the note says why.

    Raises
    ------
    CommitNotFoundError
        When there is none of this id.
    DecisionStateError
        When fills, or a count of the book, were recorded on it.
    InvalidValueError
        When the book has moved since, or no reason is given.
    """
    book, _ = holdings(portfolio)
    reverted = read(portfolio, commit_id)
    problem = revert_problem(history(portfolio), commit_id)
    if problem:
        raise DecisionStateError(commit_id, f"cannot be undone. {problem}")
    request = revert_request(
        reverted_id=commit_id,
        reverted_kind=reverted.manifest.head.kind,
        before=reverted.holdings_before,
        after=reverted.holdings_after,
        cash=reverted.manifest.cash,
        current=book or Holdings(),
        as_of=as_of,
        approval=approved,
    )
    return _write(portfolio, request, now)


def _write(portfolio: Portfolio, request: CommitRequest, now: datetime) -> Receipt:
    return commit(
        request, artifacts_dir=portfolio.artifacts_dir, state_dir=portfolio.state_dir, now=now
    )
