"""A broker's count of the book: what differs, and the commits that mark and settle it.

A ticker that differs is marked in the book (`Holdings.disputed`) and not traded until a later
count agrees, or until somebody says whose count holds. A count that agrees everywhere confirms
the book, with the broker's cash.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from quantetf_core.errors import InvalidValueError, did_you_mean
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger.building import Approval, book_request, whole_cents
from quantetf_core.ledger.record import CashMovement, CommitRequest, Kind
from quantetf_core.ledger.requests import import_request
from quantetf_core.portfolio.holdings import Dispute, Holdings, Position
from quantetf_core.units import from_cents, to_cents

SAME_SHARES = 1e-6
"""Shares by which two counts may differ and be the same: brokers round fractions."""

Keep = Literal["book", "broker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLine:
    """One ticker that the book or the broker has, in shares (0: not held).

    ``disputed`` says whether it is marked already.
    """

    ticker: str
    book_shares: float
    broker_shares: float
    disputed: bool = False

    @property
    def difference(self) -> float:
        """Broker less book, shares; 0 when only rounding is between them."""
        apart = self.broker_shares - self.book_shares
        return apart if abs(apart) > SAME_SHARES else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionCheck:
    """A book against a broker's count of it.

    Parameters
    ----------
    as_of, source
        The session of the count, and where it is from.
    lines
        By ticker, those that agree included.
    book_cash, broker_cash
        USD; the broker's is None when it was not stated.
    """

    as_of: date
    source: str
    lines: tuple[CountedLine, ...]
    book_cash: float
    broker_cash: float | None

    @property
    def differing(self) -> tuple[CountedLine, ...]:
        """The lines on which the counts are not the same."""
        return tuple(line for line in self.lines if line.difference)

    @property
    def cash_difference(self) -> float:
        """Broker less book, USD in whole cents; 0 when the broker's is not known."""
        if self.broker_cash is None:
            return 0.0
        return from_cents(to_cents(self.broker_cash) - to_cents(self.book_cash))

    @property
    def agrees(self) -> bool:
        """Whether every share count agrees; cash may still differ."""
        return not self.differing


def position_check(
    book: Holdings | None,
    positions: Iterable[Position],
    cash: float | None,
    *,
    as_of: date,
    source: str,
) -> PositionCheck:
    """Hold a book against a broker's count.

    Parameters
    ----------
    positions
        The whole of what the broker has: a ticker not among them is not held there.
    cash
        USD at the broker; None when it is not known.

    Examples
    --------
    >>> book = Holdings(positions=(Position(ticker="SPY", shares=10.0),), cash=5.0)
    >>> found = position_check(
    ...     book, [Position(ticker="SPY", shares=12.0)], 4.0, as_of=date(2024, 1, 31), source="x"
    ... )
    >>> [(line.ticker, line.difference) for line in found.differing], found.cash_difference
    ([('SPY', 2.0)], -1.0)
    """
    held = book or Holdings()
    ours, theirs = held.shares, {p.ticker: p.shares for p in positions}
    marked = {dispute.ticker for dispute in held.disputed}
    return PositionCheck(
        as_of=as_of,
        source=source,
        lines=tuple(
            CountedLine(
                ticker=ticker,
                book_shares=ours.get(ticker, 0.0),
                broker_shares=theirs.get(ticker, 0.0),
                disputed=ticker in marked,
            )
            for ticker in sorted({*ours, *theirs, *marked})
        ),
        book_cash=held.cash,
        broker_cash=None if cash is None else whole_cents("cash", cash),
    )


def dispute_request(
    current: Holdings,
    found: PositionCheck,
    *,
    approval: Approval,
    files: Mapping[str, bytes] | None = None,
) -> CommitRequest:
    """Mark every ticker that differs; one that was marked and agrees by now is settled.

    Shares and cash stay as the book has them.

    Raises
    ------
    InvalidValueError
        When nothing differs.
    """
    if found.agrees:
        raise InvalidValueError("positions", "no difference", "a count that differs from the book")
    disputed = tuple(
        Dispute(
            ticker=line.ticker,
            book_shares=line.book_shares,
            broker_shares=line.broker_shares,
            source=found.source,
            since=found.as_of,
        )
        for line in found.differing
    )
    return book_request(
        Kind.RECONCILE,
        current,
        replace(current, disputed=disputed, commit_id=None),
        cash=CashMovement(),
        as_of=found.as_of,
        approval=approval,
        summary={
            "disputed": [dispute.ticker for dispute in disputed],
            "cash_difference": found.cash_difference,
            "source": found.source,
        },
        files=files,
    )


def confirmation_request(
    current: Holdings,
    found: PositionCheck,
    *,
    closes: Mapping[str, float],
    approval: Approval,
    files: Mapping[str, bytes] | None = None,
) -> CommitRequest:
    """Confirm the book: its shares are the broker's, and its cash becomes the broker's.

    Parameters
    ----------
    closes
        Ticker → USD per share at the session of the count, from when on the shares are stated.

    Raises
    ------
    InvalidValueError
        When a share count differs.
    """
    if not found.agrees:
        names = ", ".join(line.ticker for line in found.differing)
        raise InvalidValueError("positions", names, "the share counts of the book")
    positions = [replace(p, price=closes.get(p.ticker)) for p in current.positions]
    return import_request(
        current,
        positions=positions,
        cash=current.cash if found.broker_cash is None else found.broker_cash,
        as_of=found.as_of,
        approval=approval,
        source=found.source,
        kind=Kind.RECONCILE,
        files=files,
        warnings=cash_findings(found),
    )


def cash_findings(found: PositionCheck) -> tuple[Finding, ...]:
    """A warning when the broker has other cash than the book."""
    if not found.cash_difference:
        return ()
    message = (
        f"the broker has {found.broker_cash:,.2f} USD and the book {found.book_cash:,.2f} USD; "
        "confirming takes the broker's, and counts the difference as a gain or loss"
    )
    return (Finding(Severity.WARN, "cash_differs", "cash", message),)


def resolution_request(
    current: Holdings,
    *,
    ticker: str,
    keep: Keep,
    price: float | None,
    as_of: date,
    approval: Approval,
) -> CommitRequest:
    """Settle a dispute: whose count holds.

    Parameters
    ----------
    keep
        ``broker`` makes the broker's count the book's, without cash, so that the difference is a
        gain or loss. ``book`` leaves the book as it is and needs a note.
    price
        USD per share at the date of the book, for a ticker it does not hold; None when unknown.

    Raises
    ------
    InvalidValueError
        When the ticker is not disputed, or the broker's count is to be taken although the book
        has moved since.
    """
    marked = {dispute.ticker: dispute for dispute in current.disputed}
    if ticker not in marked:
        names = ", ".join(marked) or "none is disputed"
        raise InvalidValueError("ticker", ticker, f"{names}{did_you_mean(ticker, marked)}")
    dispute = marked.pop(ticker)
    after = replace(current, disputed=tuple(marked.values()), commit_id=None)
    if keep == "broker":
        after = replace(after, positions=_counted(current, dispute, price))
    return book_request(
        Kind.RECONCILE,
        current,
        after,
        cash=CashMovement(),
        as_of=as_of,
        approval=approval,
        summary={
            "resolved": [
                {
                    "ticker": ticker,
                    "keep": keep,
                    "book_shares": dispute.book_shares,
                    "broker_shares": dispute.broker_shares,
                }
            ],
            "source": dispute.source,
        },
        warnings=(_kept_finding(dispute),) if keep == "book" else (),
    )


def _counted(current: Holdings, dispute: Dispute, price: float | None) -> tuple[Position, ...]:
    held = {position.ticker: position for position in current.positions}
    old = held.pop(dispute.ticker, None)
    now = old.shares if old else 0.0
    if now != dispute.book_shares:
        accepted = (
            f"a book that still holds the {dispute.book_shares:,.6g} shares it was counted "
            "against; check a newer position file"
        )
        raise InvalidValueError(f"shares of {dispute.ticker}", now, accepted)
    if dispute.broker_shares:
        base = old or Position(ticker=dispute.ticker, shares=dispute.broker_shares, price=price)
        held[dispute.ticker] = replace(base, shares=dispute.broker_shares)
    return tuple(held[ticker] for ticker in sorted(held))


def _kept_finding(dispute: Dispute) -> Finding:
    message = f"{dispute.words}; the book's count is kept: say why the broker's is wrong"
    return Finding(Severity.WARN, "book_kept_against_broker", dispute.ticker, message)
