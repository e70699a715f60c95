"""``holdings``, and what changes it without a rebalance: imports, cash, adoption, undoing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from quantetf_core import desk
from quantetf_core.cli import words
from quantetf_core.cli.asked import Import, Signature
from quantetf_core.cli.screen import Column, Grid, Line, Part
from quantetf_core.cli.session import Session
from quantetf_core.cli.tables import (
    Shown,
    finding_parts,
    grid,
    receipt_facts,
    receipt_parts,
    records,
    simulated_parts,
)
from quantetf_core.errors import ImportFileError, PlanRefusedError
from quantetf_core.findings import Finding
from quantetf_core.ledger import Kind
from quantetf_core.units import CASH

if TYPE_CHECKING:
    from quantetf_core.data.market import MarketData
    from quantetf_core.desk.entries import CashKind
    from quantetf_core.ledger import BrokerPositions, Receipt

KEPT_AS = "imported_positions.csv"
"""Name under which a broker's file is kept with its commit, byte for byte."""


def holdings(session: Session, *, as_of: date | None) -> None:
    """The book held at a session, marked to its closes."""
    portfolio = session.open()
    market = session.market(portfolio)
    stamp = market.last_session if as_of is None else market.resolve(as_of)
    with session.working("Marking the book ..."):
        found = desk.mark_book(portfolio, market, as_of=stamp)
    session.say(_book_parts(found, market, stamp.date()), **_book_facts(found, stamp.date()))


def import_holdings(session: Session, wanted: Import, sign: Signature) -> None:
    """Show what a broker's file changes, and record it.

    Raises
    ------
    ImportFileError, ApprovalError
        When it cannot be read, states no cash, or nobody approves; nothing was written.
    """
    content, name = file_content(wanted.file), Path(wanted.file).name
    portfolio = session.open()
    read = desk.read_positions(content, source_name=name)
    money = cash_stated(read, wanted.cash, name)
    market = session.market(portfolio)
    day = session_day(market, wanted.as_of)
    stated = tuple(f for f in read.findings if f.code != "cash_not_stated")
    checked = desk.check_positions(portfolio, market, read.positions, as_of=day)
    entry = desk.propose_import(
        portfolio,
        market,
        positions=read.positions,
        cash=money,
        as_of=day,
        source=name,
        kind=Kind.RECONCILE if wanted.reconcile else Kind.IMPORT,
        files={KEPT_AS: content},
        findings=(*stated, *checked),
    )
    show_entry(session, market, entry, (*stated, *checked))
    session.document["dry_run"] = wanted.dry_run
    if wanted.dry_run:
        session.say([Line("Dry run: nothing was written.")])
        return
    record_entry(session, portfolio, market, entry, sign, f"Replace the book of {portfolio.name}?")


def adopt(session: Session, *, as_of: date | None, sign: Signature) -> None:
    """Begin the history with the holdings file that was there before it."""
    portfolio = session.open()
    market = session.market(portfolio)
    day = session_day(market, as_of)
    entry = desk.propose_adoption(portfolio, market, as_of=day)
    show_entry(session, market, entry, entry.warnings)
    question = f"Begin the history of {portfolio.name} with this book?"
    record_entry(session, portfolio, market, entry, sign, question)


def cash(
    session: Session, flow: str, amount: float, *, as_of: date | None, sign: Signature
) -> None:
    """Record a deposit, a withdrawal or a fee."""
    portfolio = session.open()
    market = session.market(portfolio)
    day = session_day(market, as_of)
    entry = desk.propose_cash(
        portfolio, market, flow=cast("CashKind", flow), amount=amount, as_of=day
    )
    session.document.update(flow=flow, amount=amount)
    show_entry(session, market, entry, entry.warnings)
    record_entry(
        session, portfolio, market, entry, sign, f"Record a {flow} of {words.usd(amount)}?"
    )


def revert(session: Session, commit_id: str, *, as_of: date | None, sign: Signature) -> None:
    """Undo a commit; the note is the reason.

    Raises
    ------
    PlanRefusedError
        When it cannot be undone now.
    """
    portfolio = session.open()
    market = session.market(portfolio)
    found = desk.history(portfolio)
    commit = desk.read(portfolio, session.commit_id(found, commit_id))
    possible = desk.undo(portfolio, found, commit, session=session_day(market, as_of))
    if possible.problem:
        raise PlanRefusedError(possible.problem)
    head = commit.manifest.head
    session.say(
        [Line(f"To undo: {head.id}, {head.kind} as of {head.as_of}")],
        reverts=head.id,
        as_of=possible.as_of,
    )
    approver = session.approver(sign)
    note = session.reason(sign)
    session.confirm(f"Undo {head.id}?", sign)
    approved = desk.approval(market, approver=approver, note=note)
    receipt = desk.revert(
        portfolio, head.id, as_of=possible.as_of, approved=approved, now=session.now
    )
    say_receipt(session, receipt)


def file_content(file: str) -> bytes:
    """The bytes of a file; raises `ImportFileError`."""
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise ImportFileError(file, [f"it cannot be read: {error.strerror}"]) from error


def session_day(market: MarketData, as_of: date | None) -> date:
    """The session meant by ``--date``; the last one when it is not given."""
    return (market.last_session if as_of is None else market.resolve(as_of)).date()


def cash_stated(read: BrokerPositions, stated: float | None, source: str) -> float:
    """The cash of ``--cash``, else the file's; raises `ImportFileError` when there is neither."""
    if stated is not None:
        return stated
    if read.cash is None:
        raise ImportFileError(source, ["it has no cash line; state the cash held with --cash"])
    return read.cash


def show_entry(
    session: Session,
    market: MarketData,
    entry: desk.Entry,
    findings: tuple[Finding, ...],
    *,
    first: Iterable[Part] = (),
) -> None:
    """Show what a change of the book does, before anybody approves it; ``first`` is above it."""
    session.say(
        _entry_parts(market, entry, findings, first),
        as_of=entry.request.as_of,
        kind=entry.request.kind,
        before=entry.before,
        after=entry.after,
        differences=entry.differences,
        findings=findings,
    )


def record_entry(
    session: Session,
    portfolio: desk.Portfolio,
    market: MarketData,
    entry: desk.Entry,
    sign: Signature,
    question: str,
) -> None:
    """Record what was shown, once somebody approves."""
    approver = session.approver(sign)
    note, notes = session.acknowledge(entry.warnings, sign)
    session.confirm(question, sign)
    approved = desk.approval(market, approver=approver, note=note, notes=notes)
    say_receipt(session, desk.record(portfolio, entry, approved=approved, now=session.now))


def say_receipt(session: Session, receipt: Receipt) -> None:
    """Where the decision now is."""
    session.say(receipt_parts(receipt), receipt=receipt_facts(receipt))


# --- text -----------------------------------------------------------------------------------


def _entry_parts(
    market: MarketData, entry: desk.Entry, findings: tuple[Finding, ...], first: Iterable[Part]
) -> Iterator[Part]:
    yield from simulated_parts(market.simulated)
    yield from first
    yield Line(
        f"{str(entry.request.kind).replace('_', ' ').capitalize()} as of {entry.request.as_of}",
        "bold",
    )
    before, after = entry.before.shares, entry.after.shares
    rows = [
        (ticker, words.shares(before.get(ticker, 0.0)), words.shares(after.get(ticker, 0.0)))
        for ticker in sorted({*before, *after})
    ]
    rows.append((CASH, words.usd(entry.before.cash), words.usd(entry.after.cash)))
    columns = [Column("Ticker"), Column("Now", right=True), Column("After", right=True)]
    yield Grid("Shares, and cash in USD", columns, rows)
    yield from (Line(said) for said in entry.marks)
    yield Line("")
    yield from finding_parts(findings)


def _book_facts(found: desk.BookAtSession, day: date) -> dict[str, Any]:
    book, entry = found.book, found.entry
    return {
        "as_of": day,
        "commit_id": None if entry is None else entry.id,
        "newest": found.newest,
        "findings": found.findings,
        "book": None
        if book is None
        else {
            "value": book.total,
            "cash": book.cash,
            "basis": book.basis,
            "shares_as_of": book.holdings.as_of,
            "gain": book.gain,
            "gain_pct": book.gain_pct,
            "target_commit": None if book.target is None else book.target.commit_id,
            "lines": records(book.frame),
        },
    }


def _book_parts(found: desk.BookAtSession, market: MarketData, day: date) -> Iterator[Part]:
    yield from simulated_parts(market.simulated)
    book = found.book
    if book is None:
        yield Line(f"No book at session {day} yet: rebalance or import-holdings begins one.")
        yield from finding_parts(found.findings)
        return
    worth = "no value: a position has no price" if book.total is None else words.usd(book.total)
    yield Line(f"Book at the closes of {day}: {worth}", "bold")
    origin = "a file from before the history" if found.entry is None else found.entry.id
    basis = str(book.basis).replace("_", " ")
    yield Line(f"From {origin}; shares are {basis}, as of {book.holdings.as_of}")
    yield Line(
        f"Gain of the positions since then {words.usd(book.gain, signed=True)}, "
        f"{words.percent(book.gain_pct, signed=True)}"
    )
    yield grid("Positions", book.frame, _LINES)
    yield Line("")
    yield from finding_parts(found.findings)


_LINES = (
    Shown("ticker", "Ticker"),
    Shown("shares", "Shares", words.shares),
    Shown("price", "Price", words.usd),
    Shown("price_date", "Of", words.day),
    Shown("value", "Value", words.usd),
    Shown("weight", "Weight", words.percent),
    Shown("target_weight", "Target", words.percent),
    Shown("drift_bps", "Drift bps", words.places(0, signed=True)),
    Shown("gain", "Gain", words.change),
    Shown("name", "Name", wraps=True),
)
