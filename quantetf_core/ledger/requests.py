"""Requests for everything that is not a rebalance. Pure: nothing is read or written here.

A plan id covers what is done and the commit it is done on, so a double click is one commit and
the same deposit a day later is another.

``Holdings.as_of`` says when the share counts were right. Only what states share counts moves it
(an import, a corporate action); cash and reverts leave it, so that no split since is overlooked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

from quantetf_core.errors import InvalidValueError
from quantetf_core.findings import Finding
from quantetf_core.ledger.book import book_differences, moved_since
from quantetf_core.ledger.building import Approval, book_request, positive, whole_cents
from quantetf_core.ledger.record import IMPORTED, KEEPS_LOCKS, CashMovement, CommitRequest, Kind
from quantetf_core.portfolio.holdings import Basis, Holdings, Position
from quantetf_core.units import from_cents, to_cents


def import_request(
    current: Holdings | None,
    *,
    positions: Sequence[Position],
    cash: float,
    as_of: date,
    approval: Approval,
    source: str,
    kind: Literal[Kind.IMPORT, Kind.RECONCILE] = Kind.IMPORT,
    files: Mapping[str, bytes] | None = None,
    warnings: tuple[Finding, ...] = (),
) -> CommitRequest:
    """Replace the book by what a broker, or a person, says is held; its basis is ``reconciled``.

    Parameters
    ----------
    current
        The newest book, None when there is none.
    positions, cash
        The whole book: a ticker not among the positions is no longer held. Positions may come in
        any order, with the price each was last valued at.
    as_of
        The session at whose close this was held.
    source
        Where it came from, for the record, e.g. the file's name.
    kind
        ``import``, or ``reconcile`` when it confirms what the last trades should have given.
    files
        The imported file, to be kept with the commit.
    warnings
        Findings on the import, to be acknowledged.
    """
    before = current or Holdings()
    ordered = tuple(sorted(positions, key=lambda position: position.ticker))
    after = Holdings(
        positions=ordered,
        cash=whole_cents("cash", cash),
        as_of=as_of,
        basis=Basis.RECONCILED,
        locks=before.locks,  # a count says what is held, not what may be traded
    )
    return book_request(
        kind,
        current,
        after,
        cash=CashMovement(adjustment=whole_cents("cash", after.cash - before.cash)),
        as_of=as_of,
        approval=approval,
        summary={"source": source, "differences": len(book_differences(before, after))},
        files=files,
        warnings=warnings,
    )


def adopt_request(
    book: Holdings,
    *,
    content: bytes,
    as_of: date,
    approval: Approval,
    warnings: tuple[Finding, ...] = (),
) -> CommitRequest:
    """Begin a history with the holdings file that was there before it, kept byte for byte.

    The basis stays what the file says: nobody has confirmed it by this.
    """
    after = replace(book, as_of=as_of, commit_id=None, cash=whole_cents("cash", book.cash))
    return book_request(
        Kind.IMPORT,
        None,
        after,
        cash=CashMovement(adjustment=after.cash),
        as_of=as_of,
        approval=approval,
        summary={"source": "holdings file from before the history"},
        files={IMPORTED: content},
        warnings=warnings,
    )


def cash_request(
    current: Holdings | None,
    *,
    flow: Literal["deposit", "withdrawal", "fee"],
    amount: float,
    as_of: date,
    approval: Approval,
) -> CommitRequest:
    """Move cash without a trade.

    Parameters
    ----------
    amount
        USD above 0. A deposit or withdrawal is money from or to outside; a fee is a cost.

    Raises
    ------
    InvalidValueError
        When the amount is less than a cent, or more than the cash there is to take.
    """
    before = current or Holdings()
    usd = positive("amount", whole_cents("amount", amount))
    if flow == "fee":
        cash = CashMovement(costs=usd)
    else:
        cash = CashMovement(flow=usd if flow == "deposit" else -usd)
    left = cash.after(before.cash)
    if flow != "deposit" and left < 0:
        raise InvalidValueError("amount", amount, f"at most the cash held, {before.cash:,.2f} USD")
    return book_request(
        Kind.CASH,
        current,
        replace(before, cash=left, commit_id=None),
        cash=cash,
        as_of=as_of,
        approval=approval,
        summary={"flow": flow},
    )


def revert_request(
    *,
    reverted_id: str,
    reverted_kind: Kind,
    before: Holdings,
    after: Holdings,
    cash: CashMovement,
    current: Holdings,
    as_of: date,
    approval: Approval,
) -> CommitRequest:
    """Undo a commit by one that restores the book it started from; the approval's note says why.

    A commit can be undone while the book is the one it left: the newest at any time, an older one
    once everything after it was undone. Undoing an undo does it again. Locks made since stay in
    force.

    Parameters
    ----------
    reverted_id, reverted_kind, before, after, cash
        The commit to undo: its id, kind, books and cash movement.
    current
        The newest book.

    Raises
    ------
    InvalidValueError
        When the book has moved since, or no reason is given.
    """
    since = moved_since(reverted_kind, after, current)
    if since:
        accepted = f"a commit whose book is still held; since then: {'; '.join(since)}"
        raise InvalidValueError("commit to revert", reverted_id, accepted)
    if not approval.note.strip():
        raise InvalidValueError("note", approval.note, "the reason for reverting")
    total = to_cents(before.cash) - to_cents(current.cash)
    flow = -to_cents(cash.flow)
    return book_request(
        Kind.REVERT,
        current,
        replace(
            before,
            commit_id=None,
            locks=current.locks if reverted_kind in KEEPS_LOCKS else before.locks,
        ),
        cash=CashMovement(flow=from_cents(flow), adjustment=from_cents(total - flow)),
        as_of=as_of,
        approval=approval,
        summary={"reverts": reverted_id, "reverted_kind": str(reverted_kind)},
    )


def mapping_request(
    current: Holdings | None,
    *,
    files: Mapping[str, bytes],
    as_of: date,
    approval: Approval,
    summary: Mapping[str, Any],
) -> CommitRequest:
    """Record a change of the regime mapping, by the files before and after; the book stays."""
    return book_request(
        Kind.MAPPING,
        current,
        replace(current or Holdings(), commit_id=None),
        cash=CashMovement(),
        as_of=as_of,
        approval=approval,
        summary=summary,
        files=files,
    )
