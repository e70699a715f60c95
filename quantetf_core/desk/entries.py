"""Commits that are not a rebalance: imports, reverts, cash and corporate actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import price_marks
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.records import history, read
from quantetf_core.errors import ApprovalError
from quantetf_core.findings import Finding
from quantetf_core.ledger import (
    Approval,
    BrokerPositions,
    CommitRequest,
    Dividend,
    Receipt,
    Split,
    adopt,
    cash_request,
    commit,
    corporate_action_request,
    current_holdings,
    import_request,
    parse_positions,
    revert_request,
)
from quantetf_core.portfolio.holdings import Holdings, Position
from quantetf_core.version import VERSION


def holdings(portfolio: Portfolio) -> tuple[Holdings | None, tuple[Finding, ...]]:
    """The book, None when there is none yet, and what to know before trusting it."""
    return current_holdings(portfolio.artifacts_dir, portfolio.state_dir, found=history(portfolio))


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


def read_positions(content: bytes, *, source_name: str) -> BrokerPositions:
    """A broker's position CSV as positions and cash, for a preview; writes nothing.

    Raises
    ------
    ImportFileError
        With every problem of the file.
    """
    return parse_positions(content, source_name=source_name)


def import_positions(
    portfolio: Portfolio,
    market: MarketData,
    *,
    positions: Sequence[Position],
    cash: float,
    as_of: date,
    source: str,
    approved: Approval,
    now: datetime,
    files: Mapping[str, bytes] | None = None,
    warnings: tuple[Finding, ...] = (),
) -> Receipt:
    """Replace the book by what a broker says is held, valued at the closes of a session."""
    book, _ = holdings(portfolio)
    request = import_request(
        book,
        positions=priced(positions, market, as_of=as_of),
        cash=cash,
        as_of=as_of,
        approval=approved,
        source=source,
        files=files,
        warnings=warnings,
    )
    return _write(portfolio, request, now)


def adopt_holdings_file(
    portfolio: Portfolio, *, as_of: date, approved: Approval, now: datetime
) -> Receipt:
    """Begin the history with the holdings file that was there before it."""
    return adopt(
        artifacts_dir=portfolio.artifacts_dir,
        state_dir=portfolio.state_dir,
        as_of=as_of,
        now=now,
        approval=approved,
    )


def record_cash(
    portfolio: Portfolio,
    *,
    flow: Literal["deposit", "withdrawal", "fee"],
    amount: float,
    as_of: date,
    approved: Approval,
    now: datetime,
) -> Receipt:
    """Record money moved without a trade; USD above 0."""
    book, _ = holdings(portfolio)
    request = cash_request(book, flow=flow, amount=amount, as_of=as_of, approval=approved)
    return _write(portfolio, request, now)


def record_corporate_actions(
    portfolio: Portfolio,
    *,
    actions: Sequence[Split | Dividend],
    as_of: date,
    approved: Approval,
    now: datetime,
) -> Receipt:
    """Record splits and dividends of held tickers."""
    book, _ = holdings(portfolio)
    request = corporate_action_request(book, actions=actions, as_of=as_of, approval=approved)
    return _write(portfolio, request, now)


def revert(
    portfolio: Portfolio, commit_id: str, *, as_of: date, approved: Approval, now: datetime
) -> Receipt:
    """Undo a commit by one that restores the book it started from; the note says why.

    Raises
    ------
    CommitNotFoundError
        When there is none of this id.
    InvalidValueError
        When the book has moved since, or no reason is given.
    """
    book, _ = holdings(portfolio)
    reverted = read(portfolio, commit_id)
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


def priced(
    positions: Sequence[Position], market: MarketData, *, as_of: date
) -> tuple[Position, ...]:
    """Positions with the last valid close at a session; None where there is none."""
    marks = price_marks(market, as_of=as_of, tickers=[p.ticker for p in positions])
    return tuple(
        replace(position, price=None if never else float(price))
        for position, price, never in zip(positions, marks.price, marks.never_priced, strict=True)
    )


def _write(portfolio: Portfolio, request: CommitRequest, now: datetime) -> Receipt:
    return commit(
        request, artifacts_dir=portfolio.artifacts_dir, state_dir=portfolio.state_dir, now=now
    )
