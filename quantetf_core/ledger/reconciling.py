"""Orders out and fills back, as commits: ``sent``, and ``reconcile`` by what a broker filled.

A rebalance is booked as if filled. The first fills recorded of it take that assumption
out of the book and put what was filled in its place; later ones replace the earlier. So the book
is at any time what is known to have been traded, to the share and to the cent, and what else was
recorded in between (cash, dividends) stays in it.

The cash of such a commit is one net figure, `CashMovement.adjustment`: what the fills brought and
cost, fees included, less what had been booked before. It may have either sign, so it is neither
a sell nor a buy; those of the fills themselves are in ``fill_report.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date
from typing import Any

from quantetf_core.errors import ImportFileError, InvalidValueError
from quantetf_core.execution.fills import Fill, FillReport, fill_report
from quantetf_core.findings import Finding, Severity, in_order, of_severity
from quantetf_core.ledger.booked import FillsSoFar, booked, ordered_lines, shares_after
from quantetf_core.ledger.building import Approval, book_request
from quantetf_core.ledger.fills_file import FILL_REPORT, FILLS, fills_csv, report_csv
from quantetf_core.ledger.reading import Commit
from quantetf_core.ledger.record import CashMovement, CommitRequest, Kind
from quantetf_core.portfolio.holdings import Basis, Holdings, Position
from quantetf_core.units import from_cents


def sent_request(
    current: Holdings | None,
    *,
    decision_id: str,
    how: str,
    order_file: str = "",
    as_of: date,
    approval: Approval,
) -> CommitRequest:
    """Record that the orders of a decision went out; the book stays as it is.

    Parameters
    ----------
    how
        How, in words, e.g. ``IBKR basket``.
    order_file
        Name of the file they went out in, where there was one.

    Raises
    ------
    InvalidValueError
        When it is not said how.
    """
    if not how.strip():
        raise InvalidValueError("how", how, "how the orders were sent, in words")
    return book_request(
        Kind.SENT,
        current,
        replace(current or Holdings(), commit_id=None),
        cash=CashMovement(),
        as_of=as_of,
        approval=approval,
        summary={"decision": decision_id, "how": how.strip()}
        | ({"order_file": order_file} if order_file else {}),
    )


def fills_request(
    so_far: FillsSoFar,
    *,
    current: Holdings,
    new: Sequence[Fill],
    close_rest: bool = False,
    settled: Mapping[str, str],
    closes: Mapping[str, float],
    as_of: date,
    approval: Approval,
    source: str,
    files: Mapping[str, bytes] | None = None,
    findings: Sequence[Finding] = (),
) -> tuple[CommitRequest, FillReport, tuple[Finding, ...]]:
    """Put what was filled in the place of what the book holds of a decision.

    Parameters
    ----------
    so_far
        The decision and the fills recorded of it.
    current
        The newest book.
    new
        Fills that are not recorded yet.
    close_rest
        Whether what is missing will not come any more.
    settled
        Ticker → the commit that restated its shares since the decision, see `settled_since`.
    closes
        Ticker → USD per share at the date of the book, for positions it does not have.
    source
        Where the fills are from, e.g. the file's name.
    files
        The file as it came, by name.
    findings
        Further things to know.

    Returns
    -------
    request, report, findings
        The report is of all fills of the decision; the findings are what to know, the warnings
        among them in the request.

    Raises
    ------
    ImportFileError
        When the book would hold less than nothing of a ticker, or the fills are of one that was
        restated since; with every such ticker.
    """
    was, closed = so_far.booked, so_far.closed or close_rest
    ordered, fills = ordered_lines(so_far.decision), (*so_far.fills, *new)
    report = fill_report(ordered, fills)
    now = booked(report)
    shares, moved = shares_after(current.shares, was=was, now=now)
    _refuse(source, current, shares, moved, settled)
    cash = CashMovement(adjustment=from_cents(now.cents - was.cents))
    complete = report.complete or closed
    after = replace(
        current,
        positions=_positions(so_far.decision, current, shares, closes),
        cash=cash.after(current.cash),
        basis=_basis(so_far.decision, current, complete=complete),
        commit_id=None,
    )
    earlier = set(fill_report(ordered, so_far.fills).findings)
    said = in_order(
        (
            *findings,
            *(finding for finding in report.findings if finding not in earlier),
            *_more_findings(so_far, after, report, new, closed=closed),
        )
    )
    request = book_request(
        Kind.RECONCILE,
        current,
        after,
        cash=cash,
        as_of=as_of,
        approval=approval,
        summary=_summary(so_far, report, n_new=len(new), closed=closed, source=source),
        files={**_kept(files), FILLS: fills_csv(fills), FILL_REPORT: report_csv(report)},
        warnings=of_severity(said, Severity.WARN),
    )
    return request, report, said


def _refuse(
    source: str,
    current: Holdings,
    shares: Mapping[str, float],
    moved: Mapping[str, float],
    settled: Mapping[str, str],
) -> None:
    problems = [
        f"{ticker}: the book holds {current.shares.get(ticker, 0.0):,.6g} shares, and these fills "
        f"would leave {count:,.6g}; it cannot hold less than none"
        for ticker, count in sorted(shares.items())
        if count < 0
    ]
    problems += [
        f"{ticker}: its shares were restated after the decision, by {settled[ticker]}, so its "
        "fills cannot be told from that; undo it first, or hold the book against a position file"
        for ticker in moved
        if ticker in settled
    ]
    if problems:
        raise ImportFileError(source, problems)


def _positions(
    decision: Commit,
    current: Holdings,
    shares: Mapping[str, float],
    closes: Mapping[str, float],
) -> tuple[Position, ...]:
    """Positions at the prices of the book's date; what comes back has the cost it had."""
    held = {position.ticker: position for position in current.positions}
    former = {position.ticker: position for position in decision.holdings_before.positions}
    decided = {line.ticker: line.price for line in ordered_lines(decision)}
    positions = []
    for ticker in sorted(shares):
        if ticker in held:
            positions.append(replace(held[ticker], shares=shares[ticker]))
            continue
        price = closes.get(ticker, decided.get(ticker))
        cost = former[ticker].cost if ticker in former else None
        positions.append(Position(ticker=ticker, shares=shares[ticker], price=price, cost=cost))
    return tuple(positions)


def _basis(decision: Commit, current: Holdings, *, complete: bool) -> Basis:
    """Reconciled once nothing in the book is assumed, what the decision began on included."""
    began = decision.holdings_before
    assumed_before = bool(began.positions) and began.basis is not Basis.RECONCILED
    if not complete or assumed_before or current.disputed:
        return Basis.ASSUMED_FILL
    return Basis.RECONCILED


def _summary(
    so_far: FillsSoFar, report: FillReport, *, n_new: int, closed: bool, source: str
) -> dict[str, Any]:
    return {
        "decision": so_far.decision.id,
        "previous": None if so_far.recorded is None else so_far.recorded.id,
        "complete": report.complete or closed,
        "closed": closed,
        "fills": len(so_far.fills) + n_new,
        "new_fills": n_new,
        "lines": sum(1 for line in report.lines if line.ordered_shares),
        "open_lines": sum(1 for line in report.lines if line.missing_shares),
        "bought": report.bought,
        "sold": report.sold,
        "fees": report.fees,
        "shortfall": report.shortfall,
        "shortfall_bps": report.shortfall_bps,
        "source": source,
    }


def _kept(files: Mapping[str, bytes] | None) -> dict[str, bytes]:
    kept = dict(files or {})
    taken = sorted({FILLS, FILL_REPORT} & set(kept))
    if taken:
        raise InvalidValueError("file name", taken[0], "another one: the ledger writes this file")
    return kept


def _more_findings(
    so_far: FillsSoFar,
    after: Holdings,
    report: FillReport,
    new: Sequence[Fill],
    *,
    closed: bool,
) -> list[Finding]:
    """What the report cannot know: the book, the times, what was said before."""
    day, found = so_far.decision.manifest.head.as_of, []
    if after.cash < 0:
        message = f"cash is {after.cash:,.2f} USD after these fills, below zero"
        found.append(Finding(Severity.WARN, "cash_below_zero", "portfolio", message))
    if so_far.closed and new:
        message = "the rest had been closed; these fills came after that and are booked"
        found.append(Finding(Severity.WARN, "fills_after_closing", so_far.decision.id, message))
    for fill in new:
        if fill.time is not None and fill.time.astimezone(UTC).date() < day:
            message = f"filled at {fill.time.isoformat()}, before the session decided on, {day}"
            found.append(Finding(Severity.WARN, "fill_before_decision", fill.ticker, message))
    if closed:
        found += [
            Finding(
                Severity.INFO,
                "rest_closed",
                line.ticker,
                f"{abs(line.missing_shares):,.6g} shares that were not filled will not be traded",
            )
            for line in report.lines
            if line.missing_shares
        ]
    if (report.complete or closed) and after.basis is not Basis.RECONCILED:
        message = (
            "the decision is reconciled and the book is not: positions are disputed, or what the "
            "decision began on was itself assumed; hold the book against a position file"
        )
        found.append(Finding(Severity.INFO, "book_still_assumed", "portfolio", message))
    return found
