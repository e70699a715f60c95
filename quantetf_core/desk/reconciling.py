"""Orders marked as sent, fills booked: what happens to a decision after it was committed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import price_marks
from quantetf_core.desk.entries import Entry, book_at, check_positions, provenance
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.records import history, read
from quantetf_core.errors import DamagedHistoryError, DecisionStateError, InvalidValueError
from quantetf_core.execution.fills import Fill, FillReport, OrderedLine
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger import History, current_holdings
from quantetf_core.ledger import decisions as ledger_decisions
from quantetf_core.ledger.booked import FillsSoFar
from quantetf_core.ledger.booked import ordered_lines as lines_of
from quantetf_core.ledger.decisions import DecisionState
from quantetf_core.ledger.fields import MalformedError
from quantetf_core.ledger.fills_file import not_recorded, twice
from quantetf_core.ledger.reconciling import fills_request, sent_request
from quantetf_core.portfolio.holdings import Holdings, Position


@dataclass(frozen=True, slots=True)
class FillsEntry(Entry):
    """Fills in the place of what was assumed, complete but for who approves it.

    Parameters
    ----------
    report
        What was ordered against every fill of the decision, recorded ones included.
    findings
        What to know; the warnings among them need a note.
    new, repeated
        The fills that were given: those not recorded yet, and those that are.
    already
        Id of the commit that says all of this already; recording it again returns its receipt.
        None when there is something to record.
    """

    report: FillReport
    findings: tuple[Finding, ...]
    new: tuple[Fill, ...]
    repeated: tuple[Fill, ...]
    already: str | None = None


def decision_states(portfolio: Portfolio) -> dict[str, DecisionState]:
    """The state of every rebalance, by its id, newest first."""
    return ledger_decisions.decision_states(history(portfolio))


def open_fills_findings(found: History) -> tuple[Finding, ...]:
    """A warning while orders of the newest rebalance in force are filled in part only.

    The book has what was filled, so a new plan orders again what those orders may still bring.
    """
    states = ledger_decisions.decision_states(found)
    newest = next((c for c, s in states.items() if s is not DecisionState.REVERTED), None)
    if newest is None or states[newest] is not DecisionState.PARTLY_FILLED:
        return ()
    fills = ledger_decisions.fills_commit(found, newest)
    lines = "some of its lines" if fills is None else f"{fills.summary.get('open_lines')} lines"
    message = (
        f"{lines} are not filled as ordered, and this plan orders anew what they may still bring: "
        "record the other fills, or that the rest will not come, before confirming"
    )
    return (Finding(Severity.WARN, "orders_open", newest, message),)


def propose_sent(
    portfolio: Portfolio,
    market: MarketData,
    commit_id: str,
    *,
    how: str,
    order_file: str = "",
) -> Entry:
    """Say that the orders of a decision went out; the book stays as it is.

    Parameters
    ----------
    how
        How, in words, e.g. ``IBKR basket``.
    order_file
        Name of the file they went out in, where there was one.

    Raises
    ------
    CommitNotFoundError
        When there is none of this id.
    DecisionStateError
        When it is no rebalance, was reverted, is not the newest, or went out already.
    InvalidValueError
        When it is not said how.
    """
    found = history(portfolio)
    problem = ledger_decisions.sent_problem(found, commit_id)
    if problem:
        raise DecisionStateError(commit_id, f"{problem}, so it cannot be marked as sent")
    return Entry(
        sent_request(
            current_holdings(portfolio.artifacts_dir, portfolio.state_dir, found=found)[0],
            decision_id=commit_id,
            how=how,
            order_file=order_file,
            as_of=_newest_session(found),
            approval=provenance(market),
        )
    )


def ordered_lines(portfolio: Portfolio, commit_id: str) -> tuple[OrderedLine, ...]:
    """The traded lines of a rebalance, by its id, with the price each was decided at."""
    return lines_of(read(portfolio, commit_id))


def fills_so_far(portfolio: Portfolio, commit_id: str) -> tuple[Fill, ...]:
    """Every fill recorded of a rebalance.

    Raises
    ------
    CommitNotFoundError, DamagedHistoryError
        When there is none of this id, or its fills cannot be read.
    """
    return _fills(_so_far(portfolio, history(portfolio), commit_id))


def propose_fills(
    portfolio: Portfolio,
    market: MarketData,
    commit_id: str,
    *,
    fills: Sequence[Fill],
    as_of: date,
    source: str,
    files: Mapping[str, bytes] | None = None,
    close_rest: bool = False,
    findings: Sequence[Finding] = (),
) -> FillsEntry:
    """Put what was filled in the place of what the book assumes of a decision.

    Parameters
    ----------
    commit_id
        The decision: the newest rebalance that was not reverted.
    fills
        What was filled. Fills that are recorded already are known again by everything about them,
        so that a file can be given twice, or a longer file after a shorter one.
    as_of
        The session of the recording, from the newest commit's on.
    source
        Where they are from, e.g. the file's name.
    files
        The file as it came, by a plain name; kept with the commit.
    close_rest
        Whether what is missing will not come any more.
    findings
        Of reading the file; the warnings among them need a note.

    Raises
    ------
    CommitNotFoundError
        When there is none of this id.
    DecisionStateError
        When the decision takes no fills: reverted, followed by another one or by a count.
    ImportFileError
        When a ticker would be held below nothing, or was restated since.
    InvalidValueError
        When there is neither a fill nor a rest to close, or ``as_of`` is not a session from the
        newest commit's on.
    """
    book = book_at(portfolio, market, as_of)
    found = history(portfolio)
    problem = ledger_decisions.fills_problem(found, commit_id)
    if problem:
        raise DecisionStateError(commit_id, f"{problem}; no fills of it can be recorded")
    so_far = _so_far(portfolio, found, commit_id)
    recorded = _fills(so_far)
    new, repeated = not_recorded(fills, recorded)
    idle = not new and (so_far.closed or not close_rest)
    if idle and so_far.recorded is None:
        raise InvalidValueError("fills", "none", "at least one, or the closing of the rest")
    current = book or Holdings()
    request, report, said = fills_request(
        so_far,
        current=current,
        new=new,
        close_rest=close_rest,
        settled=ledger_decisions.settled_since(found, commit_id),
        closes=_closes(market, current, fills, so_far),
        as_of=as_of,
        approval=provenance(market),
        source=source,
        files=files,
        findings=(
            *findings,
            *_repetitions(new, repeated),
            *_strangers(portfolio, market, new, so_far, as_of),
        ),
    )
    already = so_far.recorded if idle else None
    if already is not None:  # what was recorded is recorded: the same plan, the same receipt
        request = replace(request, plan_id=already.manifest.head.plan_id)
    return FillsEntry(
        request,
        report=report,
        findings=said,
        new=new,
        repeated=repeated,
        already=None if already is None else already.id,
    )


def _so_far(portfolio: Portfolio, found: History, commit_id: str) -> FillsSoFar:
    recorded = ledger_decisions.fills_commit(found, commit_id)
    return FillsSoFar(
        decision=read(portfolio, commit_id),
        recorded=None if recorded is None else read(portfolio, recorded.id),
    )


def _fills(so_far: FillsSoFar) -> tuple[Fill, ...]:
    try:
        return so_far.fills
    except MalformedError as error:
        where = "" if so_far.recorded is None else so_far.recorded.id
        raise DamagedHistoryError(where, str(error)) from error


def _strangers(
    portfolio: Portfolio,
    market: MarketData,
    new: Sequence[Fill],
    so_far: FillsSoFar,
    as_of: date,
) -> tuple[Finding, ...]:
    """What to know of tickers that were not ordered: without a decision price, the close judges."""
    ordered = {line.ticker for line in lines_of(so_far.decision)}
    strangers = {
        fill.ticker: Position(ticker=fill.ticker, shares=abs(fill.shares), price=fill.price)
        for fill in new
        if fill.ticker not in ordered
    }
    return check_positions(portfolio, market, tuple(strangers.values()), as_of=as_of)


def _repetitions(new: Sequence[Fill], repeated: Sequence[Fill]) -> list[Finding]:
    """What is known again; what only looks the same needs a word."""
    found = []
    for fill in sorted(set(repeated), key=lambda f: (f.ticker, f.order_id, f.shares, f.price)):
        named = bool(fill.order_id or fill.time)
        message = f"{_said(fill)} is recorded already and is not booked again"
        if not named:
            message += "; if it is another one, give it a time or an order id"
        severity = Severity.INFO if named else Severity.WARN
        found.append(Finding(severity, "fill_recorded_already", fill.ticker, message))
    for fill in twice(new):
        message = f"{_said(fill)} is there more than once, each time the same; all are booked"
        found.append(Finding(Severity.WARN, "fill_twice", fill.ticker, message))
    return found


def _said(fill: Fill) -> str:
    side = "bought" if fill.shares > 0 else "sold"
    return f"{abs(fill.shares):,.6g} {side} at {fill.price:,.6g}"


def _closes(
    market: MarketData, book: Holdings, fills: Sequence[Fill], so_far: FillsSoFar
) -> dict[str, float]:
    """Closes at the date of the book: what is new in it must not look restated."""
    ordered = (line.ticker for line in lines_of(so_far.decision))
    tickers = sorted({*ordered, *(fill.ticker for fill in fills)})
    stated = book.as_of
    if stated is None or not market.sessions[0].date() <= stated:
        return {}
    marks = price_marks(market, as_of=stated, tickers=tickers)
    return {t: float(p) for t, p in zip(tickers, marks.price, strict=True) if p > 0}


def _newest_session(found: History) -> date:
    if found.newest is None:
        raise InvalidValueError("decision", None, "one that is committed")
    return found.newest.as_of
