"""Paper mode: a confirmed rebalance is sent, filled at the next session's prices, and booked.

The next session is the first of the data after the decision's. Its prices are used for nothing but
the fills: under the clock ``replay`` they are in the data from the start, and the commit that books
them carries that session, so that the record still goes forward.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import pandas as pd

from quantetf_core.config.schema_paper import PaperConfig
from quantetf_core.data.market import MarketData
from quantetf_core.data.sessions import next_session, session_close, session_open
from quantetf_core.decision import RebalanceResult
from quantetf_core.desk.entries import Entry
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.reconciling import FillsEntry, ordered_lines, propose_fills, propose_sent
from quantetf_core.desk.records import history, read
from quantetf_core.errors import InvalidValueError, LedgerError
from quantetf_core.execution.fills import OrderedLine
from quantetf_core.execution.paper_session import (
    PaperAccount,
    PaperSession,
    blotter_csv,
    fill_in_session,
)
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger import (
    Approval,
    History,
    Receipt,
    commit,
    current_holdings,
    decisions,
)
from quantetf_core.ledger.booked import Booked, assumed, shares_after
from quantetf_core.ledger.decisions import DecisionState
from quantetf_core.ledger.reconciling import sent_request
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.units import from_cents, to_cents
from quantetf_core.version import VERSION

HOW = "paper broker"
"""What the record says of orders sent to it."""

BLOTTER = "paper_blotter.csv"
"""File of a commit of paper fills: every event of every order, with the reason of a refusal."""

_LOG = logging.getLogger(__name__)

_FIELDS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperOrders:
    """A confirmed rebalance of a paper portfolio whose orders are not filled yet.

    Parameters
    ----------
    decision, decided
        Id of its commit, and its session.
    sent
        Whether its orders are with the paper broker; they are not where the process ended between
        the commit and the sending.
    session
        The session that fills them.
    ready
        Whether the data has that session.
    price
        ``close`` or ``open``: which of its prices.
    """

    decision: str
    decided: date
    sent: bool
    session: date
    ready: bool
    price: Literal["close", "open"]


def paper_orders(
    portfolio: Portfolio, market: MarketData, *, found: History | None = None
) -> PaperOrders | None:
    """The orders that are to be sent or filled on paper; None where there are none.

    Parameters
    ----------
    found
        The portfolio's history, where it is at hand.
    """
    rules = portfolio.settings.config.paper
    waiting = None if rules is None else _waiting(found or history(portfolio))
    if rules is None or waiting is None:
        return None
    decision, decided, sent = waiting
    later = market.sessions[market.sessions > pd.Timestamp(decided)]
    return PaperOrders(
        decision=decision,
        decided=decided,
        sent=sent,
        session=(later[0] if len(later) else next_session(decided)).date(),
        ready=bool(len(later)),
        price="open" if rules.fill_at == "next_open" else "close",
    )


def _waiting(found: History) -> tuple[str, date, bool] | None:
    """The newest rebalance that stands, if its orders are neither filled nor taken as counted."""
    for decision, state in decisions.decision_states(found).items():
        if state is DecisionState.REVERTED:
            continue
        entry = found.entry(decision)
        waits = state in (DecisionState.COMMITTED, DecisionState.SENT) and entry.summary.get(
            "num_trades"
        )
        return (decision, entry.as_of, state is DecisionState.SENT) if waits else None
    return None


def propose_paper_sent(portfolio: Portfolio, market: MarketData) -> Entry | None:
    """Send the orders of a confirmed rebalance that were not; None where there are none."""
    orders = paper_orders(portfolio, market)
    if orders is None or orders.sent:
        return None
    return propose_sent(portfolio, market, orders.decision, how=HOW)


def propose_paper_fills(portfolio: Portfolio, market: MarketData) -> FillsEntry | None:
    """Fill the orders with the paper broker at the next session; writes nothing.

    Returns
    -------
    What imported fills give, with the rest closed: the orders were good for that session. None
    where no orders are with the paper broker, or the data does not have the session yet.

    Raises
    ------
    InvalidValueError
        When they fill at the open and the source has no opening prices.
    """
    found = history(portfolio)
    orders = paper_orders(portfolio, market, found=found)
    if orders is None or not (orders.sent and orders.ready):
        return None
    done = _filled(portfolio, market, orders, found)
    newest = found.newest
    return propose_fills(
        portfolio,
        market,
        orders.decision,
        fills=done.fills,
        as_of=max(orders.session, orders.decided if newest is None else newest.as_of),
        source=f"{HOW}, {orders.price}s of {orders.session}",
        files={BLOTTER: blotter_csv(done)},
        close_rest=True,
        findings=done.findings,
    )


def _filled(
    portfolio: Portfolio, market: MarketData, orders: PaperOrders, found: History
) -> PaperSession:
    rules = portfolio.settings.config.paper
    assert rules is not None
    if orders.price not in market.fields:
        accepted = f"next_close: {market.source} has no opening prices"
        raise InvalidValueError("paper.fill_at", rules.fill_at, accepted)
    lines = ordered_lines(portfolio, orders.decision)
    moment = session_open if orders.price == "open" else session_close
    return fill_in_session(
        _account(portfolio, orders.decision, found, rules),
        lines,
        decided=orders.decided,
        session=orders.session,
        at=moment(orders.session),
        bars=_bars(market, lines, orders.session),
        label=f"paper-{orders.decision}",
    )


def _account(
    portfolio: Portfolio, decision: str, found: History, rules: PaperConfig
) -> PaperAccount:
    """What is there before the fills: the newest book without what it assumes of the decision."""
    book, _ = current_holdings(portfolio.artifacts_dir, portfolio.state_dir, found=found)
    held, was = book or Holdings(), assumed(read(portfolio, decision))
    shares, _ = shares_after(held.shares, was=was, now=Booked({}, 0))
    settings = portfolio.settings
    return PaperAccount(
        cash=from_cents(to_cents(held.cash) - was.cents),
        shares=shares,
        rules=rules,
        fractional=bool(settings.config.rebalance.allow_fractional),
        cost_bps=settings.costs.cost_bps,
    )


def _bars(
    market: MarketData, lines: Sequence[OrderedLine], session: date
) -> dict[str, dict[str, Any]]:
    """The session's bars of what is traded; a ticker the market does not have has none."""
    row = market.as_of(session)
    tickers = [line.ticker for line in lines if line.ticker in market.tickers]
    columns = {
        name: row.newest(name, tickers).tolist() for name in _FIELDS if name in market.fields
    }
    return {
        ticker: {name: values[at] for name, values in columns.items()}
        for at, ticker in enumerate(tickers)
    }


# --- at the confirmation --------------------------------------------------------------------


def send_committed(
    portfolio: Portfolio, plan: RebalanceResult, receipt: Receipt, *, approver: str, now: datetime
) -> None:
    """Send the orders just committed, where the portfolio is on paper and they did not go yet.

    A failure is logged and not raised: the commit stands, and `paper_orders` says that its orders
    wait to be sent. An error here would tell the approver that nothing was committed.
    """
    if portfolio.settings.config.paper is None or not plan.orders:
        return
    found = history(portfolio)
    if decisions.sent_problem(found, receipt.commit_id):
        return  # the plan had been committed before
    book, _ = current_holdings(portfolio.artifacts_dir, portfolio.state_dir, found=found)
    request = sent_request(
        book,
        decision_id=receipt.commit_id,
        how=HOW,
        as_of=receipt.as_of,
        approval=Approval(approver=approver, code_version=VERSION, simulated=plan.used.simulated),
    )
    try:
        commit(
            request, artifacts_dir=portfolio.artifacts_dir, state_dir=portfolio.state_dir, now=now
        )
    except LedgerError as error:
        _LOG.warning("the commit stands, its orders are not sent: %s", error)


def unfilled_findings(portfolio: Portfolio, found: History) -> tuple[Finding, ...]:
    """A warning on a new plan while the orders of the last one are not filled."""
    waiting = None if portfolio.settings.config.paper is None else _waiting(found)
    if waiting is None:
        return ()
    decision, decided, _ = waiting
    message = (
        f"the paper orders of {decision} are not filled yet; this plan takes them as filled whole "
        f"at the closes of {decided}. Fill and reconcile them on Holdings first"
    )
    return (Finding(Severity.WARN, "paper_orders_open", "portfolio", message),)
