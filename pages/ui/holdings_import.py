"""The whole book stated anew: from a broker's file, typed in, or a file from before the history."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from pages.ui import format, holdings_check, holdings_confirm, show, state_forms
from pages.ui.context import Context
from quantetf_core import desk
from quantetf_core.desk import BookAtSession, BrokerPositions, Kind, TypedRow

_UNDERSTOOD = (
    "A CSV file as brokers export it: a header row with a ticker column (Symbol, Ticker …) and a "
    "share column (Quantity, Qty, Shares …), optionally Cost (per share) or Cost Basis (of the "
    "whole position), and cash as a row (CASH, USD, Cash & Cash Investments …). At most 1 MB. The "
    "file is the whole book: a ticker that is not in it counts as not held."
)

_CHECK = "Check it against the book; nothing is replaced"
_SAME = "The broker’s count of this book: take it over"
_OTHER = "Another book, e.g. positions moved in or out"
_MEANING = {
    _CHECK: "Each share count is compared. What agrees can be confirmed, what differs is marked "
    "and not traded until it is settled.",
    _SAME: "A difference from what is recorded here counts as a gain or loss in the return.",
    _OTHER: "The book is replaced; the difference counts neither way in the return.",
}

_ROWS = 4  # empty lines offered for typing at first


def from_file(ctx: Context, held: BookAtSession, session: date) -> None:
    """Upload, say how it was understood, preview, confirm."""
    uploaded = st.file_uploader(
        "The broker's position file",
        type=["csv", "tsv", "txt"],
        key=state_forms.form_key("file"),
        max_upload_size=1,
    )
    show.caption(_UNDERSTOOD)
    if uploaded is None:
        return
    content = uploaded.getvalue()
    with show.error_boundary():
        read = desk.read_positions(content, source_name=uploaded.name)
        files = {"broker_positions.csv": content}
        show.line(_reading(uploaded.name, read))
        meaning = _meaning(held)
        if meaning == _CHECK:
            holdings_check.check(ctx, session, read, source=uploaded.name, files=files)
            return
        cash = read.cash if read.cash is not None else _ask_cash()
        if cash is None:
            show.findings_list(read.findings)
            show.caption("State the cash to see what changes.")
            return
        _preview(ctx, session, read, cash, source=uploaded.name, files=files, meaning=meaning)


def typed(ctx: Context, held: BookAtSession, session: date) -> None:
    """Type ticker, shares and cost line by line, and the cash; preview, confirm."""
    show.caption(
        "The whole book, line by line: a ticker that is not listed is no longer held. Cost is the "
        "average price paid for a share, in USD; leave it empty where it is not known."
    )
    st.space("small")  # the table's toolbar lies over what is above it on a touch screen
    start = _start(held)
    book_id = held.entry.id if held.entry else "none"
    edited = st.data_editor(
        start,
        key=state_forms.form_key(f"typed_{book_id}"),
        num_rows="dynamic",
        hide_index=True,
        column_config={
            "ticker": st.column_config.TextColumn("Ticker", width="small", max_chars=20),
            "shares": st.column_config.NumberColumn("Shares", format="localized", min_value=0.0),
            "cost": st.column_config.NumberColumn("Cost (USD)", format="localized", min_value=0.0),
        },
        placeholder="",
        alt="Positions to type: ticker, shares, cost",
    )
    cash = st.number_input(
        "Cash, USD",
        value=held.book.cash if held.book is not None else None,
        step=1000.0,
        format="%.2f",
        key=state_forms.form_key(f"typed_cash_{book_id}"),
        width=220,
    )
    if held.book is None and edited.equals(start) and cash is None:
        return
    with show.error_boundary():
        read = desk.type_positions(_rows(edited), cash=cash)
        files = {"typed_positions.csv": desk.positions_csv(read)}
        meaning = _meaning(held)
        source = "typed in by hand"
        if meaning == _CHECK:
            holdings_check.check(ctx, session, read, source=source, files=files)
        else:
            _preview(
                ctx,
                session,
                read,
                read.cash or 0.0,
                source=source,
                files=files,
                meaning=meaning,
            )


def adoption(ctx: Context, session: date) -> None:
    """Make a holdings file from before the history its beginning."""
    st.subheader("Begin the history with the holdings file", anchor=False)
    show.line(
        "There is a file current_holdings.json from before this history. It is never overwritten: "
        "adopt it as the first record, byte for byte, before anything else can be recorded."
    )
    with show.error_boundary():
        entry = desk.propose_adoption(ctx.portfolio, ctx.market, as_of=session)
        holdings_confirm.render(ctx, entry, button="Adopt the file", whole=True)


def _preview(
    ctx: Context,
    session: date,
    read: BrokerPositions,
    cash: float,
    *,
    source: str,
    files: dict[str, bytes],
    meaning: str,
) -> None:
    checked = desk.check_positions(ctx.portfolio, ctx.market, read.positions, as_of=session)
    findings = [f for f in (*read.findings, *checked) if f.code != "cash_not_stated"]
    entry = desk.propose_import(
        ctx.portfolio,
        ctx.market,
        positions=read.positions,
        cash=cash,
        as_of=session,
        source=source,
        kind=Kind.RECONCILE if meaning == _SAME else Kind.IMPORT,
        files=files,
        findings=findings,
    )
    notes = [finding for finding in findings if finding not in entry.warnings]
    if notes:
        show.findings_list(notes)
    holdings_confirm.render(ctx, entry, button="Record these positions", whole=True)


def _meaning(held: BookAtSession) -> str:
    """What the count is for; asked only where there is a book."""
    if held.book is None:
        return _OTHER
    chosen = st.radio("What this is for", list(_MEANING), key=state_forms.form_key("kind"))
    show.caption(_MEANING[chosen])
    return chosen


def _ask_cash() -> float | None:
    return st.number_input(
        "Cash, USD (the file states none)",
        value=None,
        step=1000.0,
        format="%.2f",
        key=state_forms.form_key("file_cash"),
        width=260,
    )


def _reading(name: str, read: BrokerPositions) -> str:
    cash = "no cash line" if read.cash is None else f"{format.money(read.cash, cents=True)} cash"
    return f"{name}: {format.count(len(read.positions), 'position')} and {cash} were read."


def _start(held: BookAtSession) -> pd.DataFrame:
    """The lines to begin with: the book's, or empty ones."""
    lines = () if held.book is None else held.book.holdings.positions
    rows: list[tuple[object, ...]] = [(p.ticker, p.shares, p.cost) for p in lines]
    rows = rows or [(None, None, None)] * _ROWS
    frame = pd.DataFrame.from_records(rows, columns=["ticker", "shares", "cost"])
    return frame.astype({"ticker": "object", "shares": "float64", "cost": "float64"})


def _rows(edited: pd.DataFrame) -> list[TypedRow]:
    clean = edited.astype(object).where(edited.notna(), None)
    return [TypedRow(row["ticker"], row["shares"], row["cost"]) for row in clean.to_dict("records")]
