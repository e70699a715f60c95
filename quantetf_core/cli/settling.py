"""``sent``, ``fills`` and ``positions``: what became of a decision at the broker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

from quantetf_core import desk
from quantetf_core.cli import words
from quantetf_core.cli.asked import Count, Fills, Signature
from quantetf_core.cli.booking import (
    KEPT_AS,
    file_content,
    record_entry,
    session_day,
    show_entry,
)
from quantetf_core.cli.screen import Column, Grid, Line, Part
from quantetf_core.cli.session import Session, decision_id
from quantetf_core.cli.tables import already_parts, simulated_parts
from quantetf_core.units import CASH

if TYPE_CHECKING:
    from quantetf_core.execution.fills import FillReport
    from quantetf_core.ledger.position_check import Keep

FILLS_KEPT_AS = "imported_fills.csv"
"""Name under which a broker's list of fills is kept with its commit, byte for byte."""


def sent(session: Session, commit_id: str, *, how: str, order_file: str, sign: Signature) -> None:
    """Mark a decision's orders as sent.

    Raises
    ------
    DecisionStateError
        When the decision's state does not allow it.
    """
    portfolio = session.open()
    decision = decision_id(portfolio, commit_id)
    market = session.market(portfolio)
    entry = desk.propose_sent(portfolio, market, decision, how=how, order_file=order_file)
    lines = desk.ordered_lines(portfolio, decision)
    session.say(
        [
            *simulated_parts(market.simulated),
            Line(f"Orders of {decision} went out: {how}", "bold"),
            Line(f"{words.count(len(lines), 'order')}; the book stays as it is."),
        ],
        decision=decision,
        how=how,
        orders=lines,
    )
    record_entry(session, portfolio, market, entry, sign, f"Mark {decision} as sent?")


def fills(session: Session, wanted: Fills, sign: Signature) -> None:
    """Show fills against what was ordered, and book them.

    Raises
    ------
    ImportFileError, DecisionStateError, ApprovalError
        When the file cannot be read, the decision takes no fills, or nobody approves; nothing was
        written.
    """
    portfolio = session.open()
    decision = decision_id(portfolio, wanted.commit_id)
    content = None if wanted.file is None else file_content(wanted.file)
    name = "" if wanted.file is None else Path(wanted.file).name
    columns = dict(_pair(text) for text in wanted.columns)
    read = (
        None
        if content is None
        else desk.read_fills(content, source_name=name, columns=columns or None)
    )
    market = session.market(portfolio)
    entry = desk.propose_fills(
        portfolio,
        market,
        decision,
        fills=() if read is None else read.fills,
        as_of=session_day(market, wanted.as_of),
        source=name or "closed by hand",
        files=None if content is None else {FILLS_KEPT_AS: content},
        close_rest=wanted.close_rest,
        findings=() if read is None else read.findings,
    )
    session.document.update(
        decision=decision,
        report=entry.report,
        complete=entry.request.summary["complete"],
        new_fills=len(entry.new),
        repeated_fills=len(entry.repeated),
        dry_run=wanted.dry_run,
    )
    shown = report_parts(decision, entry.report)
    show_entry(session, market, entry, entry.findings, first=shown)
    if entry.already is not None:
        session.say(already_parts(entry.already), already=entry.already)
        return
    if wanted.dry_run:
        session.say([Line("Dry run: nothing was written.")])
        return
    record_entry(session, portfolio, market, entry, sign, f"Book these fills of {decision}?")


def check(session: Session, wanted: Count, sign: Signature) -> None:
    """Show the book against a position file; mark what differs, or confirm the book.

    Raises
    ------
    ImportFileError, ApprovalError
        When the file cannot be read, or nobody approves; nothing was written.
    """
    content, name = file_content(wanted.file), Path(wanted.file).name
    portfolio = session.open()
    read = desk.read_positions(content, source_name=name)
    market = session.market(portfolio)
    cash = read.cash if wanted.cash is None else wanted.cash
    day = session_day(market, wanted.as_of)
    found = desk.compare_positions(portfolio, market, read.positions, cash, as_of=day, source=name)
    session.document.update(
        agrees=found.agrees,
        lines=found.lines,
        book_cash=found.book_cash,
        broker_cash=found.broker_cash,
        dry_run=wanted.dry_run,
    )
    propose = desk.propose_confirmation if found.agrees else desk.propose_dispute
    entry = propose(
        portfolio,
        market,
        read.positions,
        cash,
        as_of=day,
        source=name,
        files={KEPT_AS: content},
    )
    stated = tuple(f for f in read.findings if f.code != "cash_not_stated")
    said = (*stated, *entry.warnings)
    show_entry(session, market, entry, said, first=_check_parts(found))
    if wanted.dry_run:
        session.say([Line("Dry run: nothing was written.")])
        return
    marked = words.count(len(found.differing), "position")
    question = f"Confirm the book of {portfolio.name}?" if found.agrees else f"Mark {marked}?"
    record_entry(session, portfolio, market, entry, sign, question)


def resolve(
    session: Session, ticker: str, keep: str, *, as_of: date | None, sign: Signature
) -> None:
    """Say whose count of a disputed position holds."""
    portfolio = session.open()
    market = session.market(portfolio)
    entry = desk.propose_resolution(
        portfolio,
        market,
        ticker=ticker.upper(),
        keep=cast("Keep", keep),
        as_of=None if as_of is None else session_day(market, as_of),
    )
    session.document.update(ticker=ticker.upper(), keep=keep)
    show_entry(session, market, entry, entry.warnings)
    question = f"Keep the {keep}'s count of {ticker.upper()}?"
    record_entry(session, portfolio, market, entry, sign, question)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(), value.strip()


# --- text -----------------------------------------------------------------------------------


def report_parts(decision: str, report: FillReport) -> Iterator[Part]:
    """What was ordered against what was filled, line by line, and what the difference cost."""
    rows = [
        (
            line.ticker,
            words.shares(line.ordered_shares, signed=True),
            words.shares(line.filled_shares, signed=True),
            words.shares(line.missing_shares, signed=True),
            line.status.label,
            words.usd(line.decision_price),
            words.number(line.average_price, places=4),
            words.number(line.price_difference_bps, places=1, signed=True),
            words.usd(line.fees),
            words.usd(line.shortfall, signed=True),
        )
        for line in report.lines
    ]
    labels = ("Ordered", "Filled", "Missing", "", "Decided at", "Average")
    columns = [
        Column("Ticker"),
        *(Column(label, right=bool(label)) for label in labels),
        *(Column(label, right=True) for label in ("Worse by, bps", "Fees", "Shortfall")),
    ]
    yield Grid(f"Orders of {decision} against all fills of them", columns, rows)
    bps = words.number(report.shortfall_bps, places=1, signed=True)
    yield Line(
        f"Implementation shortfall {words.usd(report.shortfall, signed=True)} ({bps} bps of what "
        f"was ordered), {words.usd(report.fees)} of it fees"
    )


def _check_parts(found: desk.PositionCheck) -> Iterator[Part]:
    rows = [
        (
            line.ticker,
            words.shares(line.book_shares),
            words.shares(line.broker_shares),
            words.shares(line.difference, signed=True),
            "disputed" if line.disputed else "",
        )
        for line in found.lines
    ]
    rows.append(
        (
            CASH,
            words.usd(found.book_cash),
            words.usd(found.broker_cash),
            words.usd(found.cash_difference, signed=True),
            "",
        )
    )
    columns = [
        Column("Ticker"),
        *(Column(label, right=True) for label in ("Book", "Broker", "Difference")),
        Column("Marked"),
    ]
    yield Grid(f"The book against {found.source} as of {found.as_of}", columns, rows)
    differing = len(found.differing)
    yield Line(
        "Every share count agrees."
        if found.agrees
        else f"{words.count(differing, 'position')} {'differs' if differing == 1 else 'differ'}; "
        "what is marked is not traded until it is resolved.",
        "bold",
    )
