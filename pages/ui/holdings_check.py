"""The book held against the broker's count of it, and settling the lines on which they differ."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Literal

import pandas as pd
import streamlit as st

from pages.ui import format, holdings_confirm, show, state_forms, tables
from pages.ui.context import Context
from quantetf_core import desk
from quantetf_core.desk import BookAtSession, BrokerPositions, PositionCheck

_MARKED = (
    "Marking changes no share count and no cash. A marked ticker is left out of every trade until "
    "it is settled: on this page, line by line, or by a later check in which the counts agree."
)

_BROKER, _BOOK = "broker", "book"


def check(
    ctx: Context,
    session: date,
    read: BrokerPositions,
    *,
    source: str,
    files: Mapping[str, bytes],
) -> None:
    """Compare, and offer what follows: confirm the book, or mark what differs."""
    given = (ctx.portfolio, ctx.market, read.positions, read.cash)
    found = desk.compare_positions(*given, as_of=session, source=source)
    notes = [finding for finding in read.findings if finding.code != "cash_not_stated"]
    if notes:
        show.findings_list(notes)
    st.subheader("The book and the broker", anchor=False)
    show.line(_verdict(found))
    show.line(_cash(found))
    if found.lines and len(found.differing) == len(found.lines):
        st.warning(
            "Not one share count agrees: is this the file of this portfolio’s account?",
            icon=":material/help:",
        )
    if found.lines:
        _table(found)
    if found.agrees:
        cash = "the cash stays as it is" if found.broker_cash is None else "the cash the broker’s"
        show.caption(f"Confirming makes the share counts known as reconciled, and {cash}.")
        entry = desk.propose_confirmation(*given, as_of=session, source=source, files=files)
        holdings_confirm.ask(ctx, entry, button="Confirm the book")
        return
    show.caption(_MARKED)
    marking = desk.propose_dispute(*given, as_of=session, source=source, files=files)
    tickers = format.count(len(found.differing), "ticker")
    holdings_confirm.ask(ctx, marking, button=f"Mark {tickers} as disputed")


def settle(ctx: Context, held: BookAtSession, session: date) -> None:
    """Say of one disputed ticker whose count holds."""
    if held.book is None or not held.book.holdings.disputed:
        show.line("The book and the broker's last file agree: there is nothing to settle.")
        return
    disputes = {dispute.ticker: dispute for dispute in held.book.holdings.disputed}
    ticker = st.selectbox("Ticker", list(disputes), key=state_forms.form_key("settle"), width=220)
    dispute = disputes[ticker]
    said = {_BROKER: dispute.broker_shares, _BOOK: dispute.book_shares}
    words = {
        _BROKER: f"The broker’s: {_shares(said[_BROKER])}",
        _BOOK: f"The book’s: {_shares(said[_BOOK])}",
    }
    keep = st.radio(
        "Which count holds",
        [_BROKER, _BOOK],
        index=None,
        format_func=words.__getitem__,
        key=state_forms.form_key(f"settle_{ticker}"),
    )
    show.caption(
        f"The broker's count is of {format.day(dispute.since)}, from {dispute.source}. Taking it "
        "changes the shares and not the cash: the difference counts as a gain or loss. If a trade "
        "explains it, record its cash, too. Keeping the book's needs a note."
    )
    if keep is None:
        return
    with show.error_boundary():
        entry = desk.propose_resolution(
            ctx.portfolio, ctx.market, ticker=ticker, keep=_kept(keep), as_of=session
        )
        holdings_confirm.render(ctx, entry, button=f"Settle {format.md_escape(ticker)}")


def _kept(chosen: str) -> Literal["broker", "book"]:
    return "broker" if chosen == _BROKER else "book"


def _verdict(found: PositionCheck) -> str:
    lines, apart = len(found.lines), len(found.differing)
    if not lines:
        return "Neither the book nor the broker holds a position."
    if not apart:
        return f"All share counts agree: {format.count(lines, 'ticker')}."
    verb = "differs" if apart == 1 else "differ"
    return f"{format.number(apart)} of {format.count(lines, 'ticker')} {verb}."


def _cash(found: PositionCheck) -> str:
    ours = format.money(found.book_cash, cents=True)
    if found.broker_cash is None:
        return f"Cash is not compared: the broker states none. The book has {ours}."
    theirs = format.money(found.broker_cash, cents=True)
    if not found.cash_difference:
        return f"Cash agrees: {ours}."
    apart = format.money(found.cash_difference, cents=True, signed=True)
    return f"Cash differs by {apart}: the book has {ours}, the broker {theirs}."


def _table(found: PositionCheck) -> None:
    """Every line, those that differ first."""
    lines = sorted(found.lines, key=lambda line: (not line.difference, line.ticker))
    frame = pd.DataFrame(
        {
            "ticker": [line.ticker for line in lines],
            "book": [line.book_shares for line in lines],
            "broker": [line.broker_shares for line in lines],
            "difference": [line.difference or math.nan for line in lines],
            "verdict": ["differs" if line.difference else "agrees" for line in lines],
            "marked": ["disputed already" if line.disputed else "" for line in lines],
        }
    )
    figures = frame[["book", "broker"]]
    fractional = bool((figures % 1 != 0).to_numpy().any())
    columns = {
        "ticker": tables.ticker(),
        "verdict": tables.text("Verdict"),
        "book": tables.shares("Book", fractional=fractional, help="Shares in the book."),
        "broker": tables.shares("Broker", fractional=fractional, help="Shares at the broker."),
        "difference": tables.shares(
            "Difference", fractional=fractional, signed=True, help="Broker less book, shares."
        ),
    }
    if frame["marked"].any():
        columns["marked"] = tables.text("Marked")
    st.space("small")  # the table's toolbar lies over what is above it on a touch screen
    safe = frame.assign(ticker=tables.inert(frame["ticker"].astype("str")))
    alt = f"The book against the broker: {_verdict(found)}"
    tables.show(safe, columns, alt=alt, key="position_check", height="content")


def _shares(count: float) -> str:
    places = 0 if count == round(count) else 4
    return f"{format.number(count, places=places)} shares"
