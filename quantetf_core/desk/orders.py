"""Order files: what was decided, in the form a broker takes. The desk itself sends nothing."""

from __future__ import annotations

from dataclasses import replace

from quantetf_core.decision import RebalanceResult
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.reconciling import fills_so_far, ordered_lines
from quantetf_core.desk.records import history, verify_commit
from quantetf_core.errors import OrderFileError
from quantetf_core.execution.fills import OrderedLine, fill_report
from quantetf_core.execution.order_files import write_orders
from quantetf_core.execution.order_ticket import (
    REST,
    Layout,
    OrderFile,
    OrderTicket,
    TimeInForce,
)
from quantetf_core.ledger import CommitEntry, History, Kind
from quantetf_core.ledger.book_history import last_rebalance
from quantetf_core.ledger.decisions import (
    DecisionState,
    decision_of,
    decision_states,
    standing,
)


def order_file(
    portfolio: Portfolio,
    decision: RebalanceResult | str,
    *,
    layout: Layout | str,
    limit_bps: float | None = None,
    time_in_force: TimeInForce | str = TimeInForce.DAY,
) -> OrderFile:
    """The orders of a plan, or of the commit of this id, as a broker's file; writes nothing.

    Every layout says whether the decision is committed; a plan that is not can be looked at and
    prepared, and is marked in name, content and tag. Of a partly filled decision the file has
    only what is not filled yet, and says so.

    Parameters
    ----------
    layout, limit_bps, time_in_force
        See `quantetf_core.execution.order_files.write_orders`.

    Raises
    ------
    OrderFileError
        When the plan is a what-if or blocked, or the book has moved since it was made; when the
        commit is no rebalance, was reverted, is reconciled, or does not hold; when there is
        nothing to order.
    CommitNotFoundError, DamagedHistoryError
        When there is no commit of this id, or its manifest cannot be read.
    InvalidValueError
        When an argument is not one of those accepted.
    """
    if isinstance(decision, RebalanceResult):
        ticket = _of_plan(portfolio, decision)
    else:
        ticket = _of_commit(portfolio, decision)
    return write_orders(ticket, layout=layout, limit_bps=limit_bps, time_in_force=time_in_force)


def _of_plan(portfolio: Portfolio, plan: RebalanceResult) -> OrderTicket:
    if plan.what_if:
        raise OrderFileError(
            "this plan is a what-if, sized on a value the portfolio does not have; go back to the "
            "book's value, or declare the difference as a deposit or withdrawal"
        )
    if plan.blocks:
        first = plan.blocks[0]
        raise OrderFileError(f"a check blocks this plan: {first.subject}: {first.message}")
    held, newest = plan.used.situation.holdings, history(portfolio).newest
    made_on, now_on = held.commit_id if held else None, newest.id if newest else None
    if made_on != now_on:
        raise OrderFileError(
            f"the book has moved since this plan was made (the newest record is {now_on or 'none'},"
            f" the plan was made on {made_on or 'none'}); review the plan again"
        )
    return OrderTicket(
        plan_id=plan.plan_id,
        portfolio=portfolio.name,
        as_of=plan.as_of.date(),
        simulated=plan.used.simulated,
        orders=tuple(
            OrderedLine(ticker=line.ticker, shares=line.shares_delta, price=line.price)
            for line in plan.orders
            if line.price is not None
        ),
    )


def last_decision(portfolio: Portfolio) -> str | None:
    """Id of the newest rebalance that was not reverted; None when there is none."""
    newest = last_rebalance(history(portfolio))
    return None if newest is None else newest.id


def decision_records(found: History, commit_id: str) -> tuple[CommitEntry, ...]:
    """What was recorded of a decision since, and not undone: sent, filled; oldest first."""
    about = [entry for entry in standing(found) if decision_of(entry) == commit_id]
    return tuple(reversed(about))


def _of_commit(portfolio: Portfolio, commit_id: str) -> OrderTicket:
    found = history(portfolio)
    head = found.entry(commit_id).head
    if head.kind is not Kind.REBALANCE:
        raise OrderFileError(f"{commit_id} is not a rebalance, so it has no orders")
    broken = verify_commit(portfolio, commit_id)
    if broken:
        raise OrderFileError(f"{commit_id} was changed after it was committed: {broken[0].message}")
    state = decision_states(found)[commit_id]
    if state is DecisionState.REVERTED:
        raise OrderFileError(f"{commit_id} was reverted, so its orders are not to be sent")
    if state is DecisionState.RECONCILED:
        raise OrderFileError(
            f"{commit_id} is reconciled: all of it is filled, closed or counted, so nothing of it "
            "is left to order"
        )
    partly = state is DecisionState.PARTLY_FILLED
    return OrderTicket(
        plan_id=head.plan_id,
        portfolio=portfolio.name,
        as_of=head.as_of,
        simulated=head.simulated,
        orders=(_rest if partly else ordered_lines)(portfolio, commit_id),
        commit_id=commit_id,
        state=REST if partly else state.label,
    )


def _rest(portfolio: Portfolio, commit_id: str) -> tuple[OrderedLine, ...]:
    """What a decision ordered less what was filled of it; lines that lack nothing are left out."""
    ordered = ordered_lines(portfolio, commit_id)
    report = fill_report(ordered, fills_so_far(portfolio, commit_id))
    missing = {line.ticker: line.missing_shares for line in report.lines}
    return tuple(
        replace(line, shares=missing[line.ticker]) for line in ordered if missing[line.ticker]
    )
