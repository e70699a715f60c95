"""The book after every commit, without reading the rest of each folder."""

from __future__ import annotations

from quantetf_core.errors import DamagedHistoryError
from quantetf_core.ledger.book import read_book
from quantetf_core.ledger.chain import CommitEntry
from quantetf_core.ledger.fields import MalformedError, optional_number
from quantetf_core.ledger.history import History
from quantetf_core.ledger.record import HOLDINGS_AFTER, Kind
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.portfolio.performance import BookStep

REPLACING = (Kind.IMPORT, Kind.REVERT)
"""Kinds that replace the book, so that the change of value is nobody's performance."""


def book_after(entry: CommitEntry) -> Holdings:
    """The book one commit led to, from its own file; hashes are for `verify`.

    Raises
    ------
    DamagedHistoryError
        When the file is missing or cannot be read.
    """
    try:
        content = (entry.folder / HOLDINGS_AFTER).read_bytes()
        return read_book(content, commit_id=entry.id)
    except (OSError, MalformedError) as error:
        raise DamagedHistoryError(entry.id, f"{HOLDINGS_AFTER}: {error}") from error


def book_steps(found: History) -> tuple[BookStep, ...]:
    """Every commit's book with the money that came or went, in the order they were recorded.

    Raises
    ------
    DamagedHistoryError
        When the history is not one sound chain, or a book cannot be read: what lies between
        would be taken for gains and losses.
    """
    if found.blocks:
        raise DamagedHistoryError(found.blocks[0].subject, found.blocks[0].message)
    return tuple(_step(entry) for entry in reversed(found.entries))


def _step(entry: CommitEntry) -> BookStep:
    try:
        flow = optional_number(dict(entry.summary), "cash_flow") or 0.0
    except MalformedError as error:
        raise DamagedHistoryError(entry.id, str(error)) from error
    return BookStep(
        session=entry.as_of,
        holdings=book_after(entry),
        flow=flow,
        replaces=entry.kind in REPLACING,
    )


def last_rebalance(found: History, *, up_to: CommitEntry | None = None) -> CommitEntry | None:
    """The newest rebalance that was not reverted; None when there is none.

    Parameters
    ----------
    up_to
        Looks at this commit and those before it; the newest when None.
    """
    undone: set[object] = set()
    begun = up_to is None
    for entry in found.entries:
        begun = begun or entry == up_to
        if not begun or entry.id in undone:
            continue
        if entry.kind is Kind.REVERT:
            undone.add(entry.summary.get("reverts"))
        elif entry.kind is Kind.REBALANCE:
            return entry
    return None
