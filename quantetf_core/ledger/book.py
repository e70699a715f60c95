"""Books as the JSON of ``holdings_before.json`` and ``holdings_after.json``, and compared."""

from __future__ import annotations

from typing import Any

from quantetf_core.encoding import readable_json
from quantetf_core.ledger import fields
from quantetf_core.portfolio.holdings import (
    Basis,
    Dispute,
    Holdings,
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
        **disputed_key(held),
    }
    return readable_json(content)


def disputed_key(book: Holdings) -> dict[str, Any]:
    """The key of what is disputed, for a book's JSON; none where nothing is."""
    return {"disputed": book.disputed} if book.disputed else {}


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
    """One sentence per ticker whose shares differ, for cash, and per dispute; empty when all agree.

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
    return found + dispute_differences(first, second)


def dispute_differences(before: Holdings, after: Holdings) -> tuple[str, ...]:
    """One sentence per ticker that was marked as disputed, marked anew, or settled."""
    old, new = ({d.ticker: d for d in book.disputed} for book in (before, after))
    changed = sorted(t for t in {*old, *new} if old.get(t) != new.get(t))
    return tuple(
        f"{ticker}: disputed, {new[ticker].words}" if ticker in new else f"{ticker}: settled"
        for ticker in changed
    )
