"""Books as the JSON of ``holdings_before.json`` and ``holdings_after.json``, and compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from quantetf_core.encoding import readable_json
from quantetf_core.ledger import fields
from quantetf_core.ledger.record import KEEPS_LOCKS, Kind
from quantetf_core.portfolio.holdings import (
    Basis,
    Dispute,
    Holdings,
    Lock,
    LockRule,
    Position,
    share_differences,
)
from quantetf_core.units import to_cents

SCHEMA = 1


def book_bytes(book: Holdings | None) -> bytes:
    """Encode a book; no book is written as an empty one.

    The id of the commit that holds the file is not in it: it has none before it is committed.
    """
    held = book or Holdings()
    content = {
        "schema": SCHEMA,
        "as_of": held.as_of,
        "basis": held.basis,
        "cash": held.cash,
        "positions": held.positions,
        **marked_keys(held),
    }
    return readable_json(content)


def marked_keys(book: Holdings) -> dict[str, Any]:
    """The keys of what is disputed and of what is locked, for a book's JSON; none where empty."""
    found: dict[str, Any] = {"disputed": book.disputed, "locks": book.locks}
    return {name: entries for name, entries in found.items() if entries}


def read_disputed(source: dict[str, Any]) -> tuple[Dispute, ...]:
    """The disputes of a book's JSON; none where it has no such key, as older ones have not.

    Raises
    ------
    MalformedError, InvalidValueError
        When they cannot be read.
    """
    if "disputed" not in source:
        return ()
    return tuple(
        Dispute(
            ticker=fields.text(row, "ticker"),
            book_shares=fields.number(row, "book_shares"),
            broker_shares=fields.number(row, "broker_shares"),
            source=fields.text(row, "source"),
            since=fields.day(row, "since"),
        )
        for row in fields.rows(source, "disputed")
    )


def read_locks(source: dict[str, Any]) -> tuple[Lock, ...]:
    """The locks of a book's JSON; none without such a key. Raises as `read_disputed`."""
    if "locks" not in source:
        return ()
    return tuple(
        Lock(
            ticker=fields.text(row, "ticker"),
            rule=LockRule(fields.text(row, "rule")),
            reason=fields.text(row, "reason"),
            since=fields.day(row, "since"),
            until=fields.optional_day(row, "until"),
        )
        for row in fields.rows(source, "locks")
    )


def read_book(content: bytes, *, commit_id: str | None) -> Holdings:
    """Decode a book, and say which commit it came from.

    Raises
    ------
    MalformedError
        When the bytes are not a book of a known schema.
    """
    source = fields.read_object(content)
    if source.get("schema") != SCHEMA:
        raise fields.MalformedError(f"schema {source.get('schema')!r} is not known here")
    try:
        return Holdings(
            positions=tuple(_position(row) for row in fields.rows(source, "positions")),
            cash=fields.number(source, "cash"),
            as_of=fields.optional_day(source, "as_of"),
            basis=Basis(fields.text(source, "basis")),
            commit_id=commit_id,
            disputed=read_disputed(source),
            locks=read_locks(source),
        )
    except ValueError as error:
        raise fields.MalformedError(str(error)) from error


def _position(row: dict[str, Any]) -> Position:
    return Position(
        ticker=fields.text(row, "ticker"),
        shares=fields.number(row, "shares"),
        price=fields.optional_number(row, "price"),
        cost=fields.optional_number(row, "cost"),
    )


def book_differences(before: Holdings | None, after: Holdings | None) -> tuple[str, ...]:
    """One sentence per ticker whose shares differ, for cash, per dispute and lock; or empty.

    Prices, costs and dates are not what is held, and are not compared.

    Examples
    --------
    >>> book_differences(None, Holdings(cash=12.5))
    ('cash: 0.00 → 12.50 USD',)
    """
    first, second = before or Holdings(), after or Holdings()
    found = share_differences(first.shares, second.shares)
    if to_cents(first.cash) != to_cents(second.cash):
        found += (f"cash: {first.cash:,.2f} → {second.cash:,.2f} USD",)
    return found + dispute_differences(first, second) + lock_differences(first, second)


def lock_differences(before: Holdings, after: Holdings) -> tuple[str, ...]:
    """One sentence per ticker that was locked, locked otherwise, or whose lock was lifted."""
    old, new = ({lock.ticker: lock for lock in book.locks} for book in (before, after))
    changed = sorted(t for t in {*old, *new} if old.get(t) != new.get(t))
    return tuple(
        f"{ticker}: locked, {new[ticker].words}" if ticker in new else f"{ticker}: lock lifted"
        for ticker in changed
    )


def moved_since(kind: Kind, after: Holdings, current: Holdings | None) -> tuple[str, ...]:
    """What moved between the book a commit left and the one held now, so that it stays done.

    A lock made since is no such thing: undoing the commit leaves it in force. For a commit that
    was itself about locks, it is.
    """
    if kind in KEEPS_LOCKS:
        now = current or Holdings()
        return book_differences(replace(after, locks=()), replace(now, locks=()))
    return book_differences(after, current)


def dispute_differences(before: Holdings, after: Holdings) -> tuple[str, ...]:
    """One sentence per ticker that was marked as disputed, marked anew, or settled."""
    old, new = ({d.ticker: d for d in book.disputed} for book in (before, after))
    changed = sorted(t for t in {*old, *new} if old.get(t) != new.get(t))
    return tuple(
        f"{ticker}: disputed, {new[ticker].words}" if ticker in new else f"{ticker}: settled"
        for ticker in changed
    )
