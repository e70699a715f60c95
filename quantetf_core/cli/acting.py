"""``corporate-action``, ``lock`` and ``unlock``: what happens to single tickers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from quantetf_core import desk
from quantetf_core.cli import words
from quantetf_core.cli.asked import Signature
from quantetf_core.cli.booking import record_entry, session_day, show_entry
from quantetf_core.cli.session import Session


def split(
    session: Session,
    asked: Sequence[str],
    cash_in_lieu: float | None,
    *,
    as_of: date | None,
    sign: Signature,
) -> None:
    """Record splits at once, each ``TICKER=RATIO``; the cash in lieu is the first one's."""
    actions: list[desk.Split] = []
    for text in asked:
        ticker, _, ratio = text.partition("=")
        lieu = cash_in_lieu if not actions else None
        actions.append(desk.Split(ticker=ticker.upper(), ratio=float(ratio), cash_in_lieu=lieu))
    names = ", ".join(action.ticker for action in actions)
    _act(session, actions, f"Record the split of {names}?", as_of=as_of, sign=sign)


def dividend(
    session: Session, ticker: str, amount: float, *, as_of: date | None, sign: Signature
) -> None:
    """Record a dividend, USD for the whole position."""
    action = desk.Dividend(ticker=ticker.upper(), amount=amount)
    question = f"Record a dividend of {words.usd(amount)} on {action.ticker}?"
    _act(session, [action], question, as_of=as_of, sign=sign)


def cash_out(
    session: Session, ticker: str, amount: float, *, as_of: date | None, sign: Signature
) -> None:
    """Record that all shares of a fund became cash, USD for the whole position."""
    action = desk.CashOut(ticker=ticker.upper(), amount=amount)
    question = f"Take {action.ticker} out of the book for {words.usd(amount)}?"
    _act(session, [action], question, as_of=as_of, sign=sign)


def lock(
    session: Session,
    ticker: str,
    rule: str,
    reason: str,
    *,
    until: date | None,
    as_of: date | None,
    sign: Signature,
) -> None:
    """Lock a ticker; whoever approves says so."""
    portfolio = session.open()
    market = session.market(portfolio)
    entry = desk.propose_lock(
        portfolio,
        market,
        ticker=ticker.upper(),
        rule=rule,
        reason=reason,
        until=until,
        as_of=session_day(market, as_of),
    )
    show_entry(session, market, entry, entry.warnings)
    record_entry(session, portfolio, market, entry, sign, f"Lock {ticker.upper()}?")


def unlock(session: Session, ticker: str, *, as_of: date | None, sign: Signature) -> None:
    """Lift the lock of a ticker."""
    portfolio = session.open()
    market = session.market(portfolio)
    day = session_day(market, as_of)
    entry = desk.propose_unlock(portfolio, market, ticker=ticker.upper(), as_of=day)
    show_entry(session, market, entry, entry.warnings)
    record_entry(session, portfolio, market, entry, sign, f"Lift the lock of {ticker.upper()}?")


def _act(
    session: Session,
    actions: Sequence[desk.Action],
    question: str,
    *,
    as_of: date | None,
    sign: Signature,
) -> None:
    portfolio = session.open()
    market = session.market(portfolio)
    day = session_day(market, as_of)
    entry = desk.propose_corporate_actions(portfolio, market, actions=actions, as_of=day)
    session.document["actions"] = list(actions)
    show_entry(session, market, entry, entry.warnings)
    record_entry(session, portfolio, market, entry, sign, question)
