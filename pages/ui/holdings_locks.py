"""Locking a ticker, so that no plan buys, sells or trades it, and lifting a lock."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from pages.ui import format, holdings_confirm, loaders, show, state_forms, tables
from pages.ui.context import Context
from quantetf_core import desk
from quantetf_core.desk import BookAtSession, LockRule, LockStatus

_LOCK, _LIFT = "Lock", "Lift a lock"

_RULES = {
    LockRule.NO_BUY: "Not bought: never more of it than is held",
    LockRule.NO_SELL: "Not sold: never less of it than is held",
    LockRule.HOLD: "Not traded: exactly what is held",
}


def render(ctx: Context, held: BookAtSession, session: date) -> None:
    """What is locked, and a form to lock or to lift."""
    if held.book is None:
        show.line("There is no book yet. Fund the portfolio or import one first.")
        return
    book = held.book.holdings
    found = desk.lock_statuses(loaders.past(ctx.portfolio).history, book, as_of=session)
    _listed(found)
    chosen = _LOCK
    if found:
        chosen = st.radio(
            "What to do", [_LOCK, _LIFT], horizontal=True, key=state_forms.form_key("lock_or_lift")
        )
    with show.error_boundary():
        if chosen == _LOCK:
            _lock(ctx, held, session)
        else:
            _lift(ctx, found, session)


def _listed(found: tuple[LockStatus, ...]) -> None:
    """Every lock with who said so."""
    if not found:
        show.caption("Nothing is locked.")
        return
    locks = [status.lock for status in found]
    frame = pd.DataFrame(
        {
            "ticker": tables.inert(pd.Series([lock.ticker for lock in locks], dtype="str")),
            "rule": [lock.rule.label for lock in locks],
            "state": ["in force" if status.in_force else "expired" for status in found],
            "reason": [lock.reason for lock in locks],
            "since": [format.day(lock.since, weekday=False) for lock in locks],
            "until": [format.day(lock.until, weekday=False) for lock in locks],
            "by": [status.approver for status in found],
            "record": [status.commit_id for status in found],
        }
    )
    labels = ("Lock", "State", "Reason", "Since", "Until", "By", "Record")
    columns = {"ticker": tables.ticker()}
    names = list(frame.columns[1:])
    columns |= {name: tables.text(label) for name, label in zip(names, labels, strict=True)}
    alt = "Locked: " + "; ".join(f"{lock.ticker} {lock.words}" for lock in locks)
    tables.show(frame, columns, alt=alt, key="locks", height="content")


def _lock(ctx: Context, held: BookAtSession, session: date) -> None:
    """A ticker, what is forbidden, why, and until when."""
    symbols = {*ctx.portfolio.settings.universe.symbols}
    if held.book is not None:
        symbols |= {*held.book.holdings.tickers}
    ticker = st.selectbox(
        "Ticker", sorted(symbols), index=None, key=state_forms.form_key("lock"), width=220
    )
    rule = st.radio(
        "What is forbidden",
        list(_RULES),
        format_func=_RULES.__getitem__,
        key=state_forms.form_key("lock_rule"),
    )
    reason = st.text_input("Reason", max_chars=300, key=state_forms.form_key("lock_reason"))
    until = st.date_input(
        "In force until (empty: until it is lifted)",
        value=None,
        min_value=session,
        key=state_forms.form_key("lock_until"),
        width=320,
        help="The last session it holds at.",
    )
    show.caption(
        "A lock changes no share count and no cash. What is not bought because of it stays in "
        "cash, and a ticker that is not held and may not be bought is left out of the ranking."
    )
    if ticker is None or not reason.strip():
        show.caption("Choose a ticker and give the reason.")
        return
    entry = desk.propose_lock(
        ctx.portfolio,
        ctx.market,
        ticker=ticker,
        rule=rule,
        reason=reason,
        until=until,
        as_of=session,
    )
    holdings_confirm.ask(ctx, entry, button=f"Lock {format.md_escape(ticker)}")


def _lift(ctx: Context, found: tuple[LockStatus, ...], session: date) -> None:
    tickers = [status.lock.ticker for status in found]
    ticker = st.selectbox("Ticker", tickers, key=state_forms.form_key("lift"), width=220)
    entry = desk.propose_unlock(ctx.portfolio, ctx.market, ticker=ticker, as_of=session)
    holdings_confirm.ask(ctx, entry, button=f"Lift the lock of {format.md_escape(ticker)}")
