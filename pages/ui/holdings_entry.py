"""Recording what is not a rebalance: which form is open, and why none may be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import streamlit as st

from pages.ui import (
    format,
    holdings_check,
    holdings_import,
    holdings_locks,
    holdings_money,
    paper,
    show,
    state,
    state_forms,
)
from pages.ui.context import Context
from pages.ui.loaders import Past
from quantetf_core import desk
from quantetf_core.desk import BookAtSession, PaperOrders

PAPER = "Paper orders"
IMPORT = "Import from CSV"
TYPED = "Type positions"
CASH = "Deposit, withdrawal, fee"
ACTION = "Split, dividend, closure"
SETTLE = "Settle a disputed count"
LOCK = "Lock a ticker"

Form = Callable[[Context, BookAtSession, date], None]

_FORMS: Mapping[str, Form] = {
    IMPORT: holdings_import.from_file,
    TYPED: holdings_import.typed,
    CASH: holdings_money.cash,
    ACTION: holdings_money.corporate_action,
    SETTLE: holdings_check.settle,
    LOCK: holdings_locks.render,
}


def render(ctx: Context, held: BookAtSession, past: Past) -> None:
    """The part of the page that records; each form previews before it writes anything."""
    st.header("Record a change", anchor=False)
    reason = _why_not(held, past)
    if reason:
        show.line(reason)
        return
    show.caption(
        "Trades belong to Review. Everything else that changes the book is recorded here, once "
        "and for ever; nothing is written before you have seen what changes and confirmed it."
    )
    if held.unclaimed:
        holdings_import.adoption(ctx, _session(ctx, past))
        return
    orders = desk.paper_orders(ctx.portfolio, ctx.market, found=past.history)
    options = [IMPORT, TYPED, CASH] + ([ACTION, LOCK] if held.book is not None else [])
    options = ([SETTLE] if _disputed(held) else []) + options
    options = ([PAPER] if orders is not None else []) + options
    chosen = st.segmented_control(
        "What to record",
        options,
        default=_first(held, orders),
        key=state_forms.form_key("form"),
        wrap=True,
    )
    if chosen == PAPER and orders is not None:
        with show.error_boundary():
            paper.form(ctx, orders)
    elif chosen is not None and chosen != PAPER:
        _FORMS[chosen](ctx, held, _session(ctx, past))


def _why_not(held: BookAtSession, past: Past) -> str:
    """Why nothing can be recorded from here; empty when it can."""
    if state.view().pending is not None:
        return "A record is being written; wait for its outcome below."
    newest = past.history.newest
    if newest is not None and not held.newest:
        return (
            f"The newest record is of {format.day(newest.as_of)}, after the session you are "
            "looking at, and the record never goes back. Choose a later date in the sidebar."
        )
    if past.history.blocks:
        return "Nothing can be recorded until what is blocked above is put right."
    return ""


def _disputed(held: BookAtSession) -> bool:
    return held.book is not None and bool(held.book.holdings.disputed)


def _first(held: BookAtSession, orders: PaperOrders | None) -> str | None:
    """The form that is open at first: the one there is a reason for."""
    if orders is not None:
        return PAPER
    if held.book is None:
        return IMPORT
    if _disputed(held):
        return SETTLE
    return ACTION if held.book.splits else None


def _session(ctx: Context, past: Past) -> date:
    """The session at whose close the change holds, from the newest record's on."""
    if ctx.portfolio.settings.config.clock == "replay":
        show.caption(f"Recorded as of {format.day(ctx.session)}, the date chosen in the sidebar.")
        return ctx.session.date()
    newest = past.history.newest
    first = newest.as_of if newest is not None else ctx.market.sessions[0].date()
    asked = st.date_input(
        "As of the close of",
        value=ctx.session.date(),
        min_value=first,
        max_value=ctx.market.last_session.date(),
        key=state_forms.form_key(f"as_of_{ctx.session:%Y%m%d}"),
        width=220,
        help="The session at whose close this holds; not before the newest record.",
    )
    session = max(ctx.market.resolve(asked).date(), first)
    if session != asked:
        show.caption(f"{format.day(asked)} has no session; {format.day(session)} is used.")
    return session
