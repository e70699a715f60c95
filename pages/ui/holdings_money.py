"""Money moved without a trade, and what the issuers of the funds did."""

from __future__ import annotations

from datetime import date

import streamlit as st

from pages.ui import format, holdings_confirm, show, state_forms
from pages.ui.context import Context
from quantetf_core import desk
from quantetf_core.desk import Action, BookAtSession, CashKind, CashOut, Dividend, MarkedBook, Split

_FLOWS: dict[str, CashKind] = {"Deposit": "deposit", "Withdrawal": "withdrawal", "Fee": "fee"}
_FLOW_MEANING = {
    "Deposit": "Money from outside: it raises the value and leaves the return as it is.",
    "Withdrawal": "Money to outside: it lowers the value and leaves the return as it is.",
    "Fee": "A cost paid from cash: it lowers the value and the return.",
}

_SPLIT, _DIVIDEND, _CLOSED = "Split", "Dividend", "Fund closed or delisted"


def cash(ctx: Context, held: BookAtSession, session: date) -> None:  # noqa: ARG001 - as all forms
    """A deposit, a withdrawal or a fee."""
    flow = st.radio("Kind", list(_FLOWS), horizontal=True, key=state_forms.form_key("flow"))
    show.caption(_FLOW_MEANING[flow])
    amount = _usd("Amount, USD", "amount")
    if amount is None:
        return
    with show.error_boundary():
        entry = desk.propose_cash(
            ctx.portfolio, ctx.market, flow=_FLOWS[flow], amount=amount, as_of=session
        )
        holdings_confirm.render(ctx, entry, button=f"Record the {flow.lower()}")


def corporate_action(ctx: Context, held: BookAtSession, session: date) -> None:
    """A split, a dividend, or a fund that is no more."""
    if held.book is None or held.book.lines.empty:
        show.line("Nothing is held that a corporate action could change.")
        return
    kind = st.radio(
        "Kind", [_SPLIT, _DIVIDEND, _CLOSED], horizontal=True, key=state_forms.form_key("action")
    )
    with show.error_boundary():
        actions = _splits(ctx, held.book, session) if kind == _SPLIT else _paid(held.book, kind)
        if not actions:
            return
        entry = desk.propose_corporate_actions(
            ctx.portfolio, ctx.market, actions=actions, as_of=session
        )
        holdings_confirm.render(ctx, entry, button="Record it")


def _splits(ctx: Context, book: MarkedBook, session: date) -> list[Action]:
    """The splits the closes show, to be confirmed all at once; or one the PM knows of."""
    seen = desk.suspected_splits(ctx.portfolio, ctx.market, as_of=session)
    if seen:
        show.caption(
            "The closes look like these splits. Change the numbers if the broker says otherwise; "
            "1 for 1 records that there was none. They are recorded together."
        )
        found = [_split(book, ticker, ratio) for ticker, ratio in seen.items()]
        return [split for split in found if split is not None] if None not in found else []
    ticker = _ticker(book)
    split = _split(book, ticker, None) if ticker else None
    return [split] if split else []


def _split(book: MarkedBook, ticker: str, ratio: float | None) -> Split | None:
    """New shares for old ones; and the cash for a fraction, where one is left."""
    new, old = desk.split_terms(ratio) if ratio else (None, 1)
    position = next(p for p in book.holdings.positions if p.ticker == ticker)
    show.line(f"{ticker}: {format.shares(position.shares)} shares held.")
    with st.container(horizontal=True, key=f"split_{ticker}"):
        terms = st.number_input(
            "New shares", min_value=1, value=new, step=1, key=_key("new", ticker), width=140
        )
        for_old = st.number_input(
            "for old shares", min_value=1, value=old, step=1, key=_key("old", ticker), width=140
        )
    if terms is None or for_old is None:
        return None
    left = desk.fraction_left(position, terms / for_old)
    in_lieu = None
    if left:
        show.caption(f"That leaves {left:.4f} of a share, which the broker pays out in cash.")
        in_lieu = _usd(f"Cash in lieu for {format.md_escape(ticker)}, USD", f"lieu_{ticker}")
        if in_lieu is None:
            return None
    return Split(ticker=ticker, ratio=terms / for_old, cash_in_lieu=in_lieu)


def _paid(book: MarkedBook, kind: str) -> list[Action]:
    ticker = _ticker(book)
    if kind == _CLOSED:
        show.caption("All shares leave the book for what was paid; 0 if nothing was.")
    else:
        show.caption("What was paid to cash for the whole position, after tax withheld.")
    amount = _usd("Paid for the whole position, USD", "paid", least=0.0)
    if not ticker or amount is None:
        return []
    if kind == _CLOSED:
        return [CashOut(ticker=ticker, amount=amount)]
    return [Dividend(ticker=ticker, amount=amount)]


def _ticker(book: MarkedBook) -> str | None:
    return st.selectbox(
        "Ticker",
        list(book.holdings.tickers),
        index=None,
        placeholder="Choose what it is about",
        key=state_forms.form_key("action_ticker"),
        width=260,
    )


def _usd(label: str, key: str, *, least: float = 0.01) -> float | None:
    return st.number_input(
        label,
        min_value=least,
        value=None,
        step=100.0,
        format="%.2f",
        key=state_forms.form_key(key),
        width=260,
    )


def _key(name: str, ticker: str) -> str:
    return state_forms.form_key(f"{name}_{ticker}")
