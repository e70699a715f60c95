"""``paper``: the paper broker of a portfolio, from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quantetf_core import desk
from quantetf_core.cli.asked import Signature
from quantetf_core.cli.booking import record_entry, show_entry
from quantetf_core.cli.screen import Line
from quantetf_core.cli.session import Session
from quantetf_core.cli.settling import report_parts
from quantetf_core.cli.tables import simulated_parts
from quantetf_core.errors import InvalidValueError

if TYPE_CHECKING:
    from quantetf_core.data.market import MarketData


def status(session: Session) -> None:
    """Where the orders are, and their fills where the prices are there."""
    portfolio, market, orders = _opened(session)
    _say(session, market, orders)
    entry = desk.propose_paper_fills(portfolio, market)
    if orders is not None and entry is not None:
        _show(session, market, orders, entry)


def send(session: Session, sign: Signature) -> None:
    """Send the orders of a committed rebalance that did not go out with it."""
    portfolio, market, orders = _opened(session)
    entry = desk.propose_paper_sent(portfolio, market)
    _say(session, market, orders)
    if orders is None or entry is None:
        return
    question = f"Send the orders of {orders.decision} to the paper broker?"
    record_entry(session, portfolio, market, entry, sign, question)


def fill(session: Session, sign: Signature, *, dry_run: bool) -> None:
    """Show the fills, and book them once somebody approves."""
    portfolio, market, orders = _opened(session)
    _say(session, market, orders)
    session.document["dry_run"] = dry_run
    entry = desk.propose_paper_fills(portfolio, market)
    if orders is None or entry is None:
        return
    _show(session, market, orders, entry)
    if dry_run:
        session.say([Line("Dry run: nothing was written.")])
        return
    question = f"Book these fills of {orders.decision}?"
    record_entry(session, portfolio, market, entry, sign, question)


def _opened(session: Session) -> tuple[desk.Portfolio, MarketData, desk.PaperOrders | None]:
    """The portfolio, its market, and its orders that wait; refuses one that is not on paper."""
    portfolio = session.open()
    if portfolio.settings.config.paper is None:
        accepted = "one whose file has the key paper"
        raise InvalidValueError("--portfolio", portfolio.name, accepted)
    market = session.market(portfolio)
    return portfolio, market, desk.paper_orders(portfolio, market)


def _say(session: Session, market: MarketData, orders: desk.PaperOrders | None) -> None:
    session.say([*simulated_parts(market.simulated), Line(_where(orders), "bold")], orders=orders)


def _where(orders: desk.PaperOrders | None) -> str:
    if orders is None:
        return "No paper orders wait: nothing is to be sent or filled."
    if not orders.sent:
        return f"Orders of {orders.decision}: not sent to the paper broker; `paper send` does it."
    begun = f"Orders of {orders.decision}: sent to the paper broker"
    if not orders.ready:
        return f"{begun}; waiting for the {orders.price}s of {orders.session}."
    return f"{begun}; filled at the {orders.price}s of {orders.session}, not booked yet."


def _show(
    session: Session, market: MarketData, orders: desk.PaperOrders, entry: desk.FillsEntry
) -> None:
    session.document.update(decision=orders.decision, report=entry.report)
    shown = report_parts(orders.decision, entry.report)
    show_entry(session, market, entry, entry.findings, first=shown)
