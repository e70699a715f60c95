"""What an entry changes, who confirms it, and handing it to the worker."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import streamlit as st

from pages.ui import format, jobs, loaders, show, state, state_forms, tables
from pages.ui.context import Context
from pages.ui.state import Key
from quantetf_core import desk
from quantetf_core.desk import Approval, Entry, Receipt
from quantetf_core.units import CASH

_PATIENCE = 2.0  # seconds the click waits for the record before the page starts to watch

_WORDS = {"same": "unchanged"}


def render(ctx: Context, entry: Entry, *, button: str, whole: bool = False) -> None:
    """Show what changes, line by line, and ask for the confirmation.

    Parameters
    ----------
    button
        What the confirmation says.
    whole
        Whether to list the unchanged lines too.
    """
    st.subheader("What changes", anchor=False)
    _changes(ctx, entry, whole=whole)
    ask(ctx, entry, button=button)


def ask(ctx: Context, entry: Entry, *, button: str) -> None:
    """Only ask for the confirmation; what it is of stands above. One such form a page."""
    request = entry.request
    state.show_plan(request.plan_id, request.parent_id)
    with st.container(border=True, key="entry_confirm"):
        _form(ctx, entry, button)


def _changes(ctx: Context, entry: Entry, *, whole: bool) -> None:
    names = ctx.portfolio.settings.universe.names
    changes = desk.book_changes(entry.before, entry.after, names=names)
    lines = changes[changes["ticker"] != CASH]
    changed = lines[lines["change"] != "same"]
    show.line(_cash_words(entry))
    if not entry.differences:
        show.line("Nothing differs: this confirms the book as it is recorded.")
    elif len(lines):
        said = f"{format.count(len(changed), 'position')} of {len(lines)} changed."
        show.caption(said if len(changed) else "No share count changes.")
    shown = lines if whole else changed
    if shown.empty:
        return
    st.space("small")  # the table's toolbar lies over what is above it on a touch screen
    fractional = bool((shown[["shares_before", "shares_after"]] % 1 != 0).to_numpy().any())
    columns = {
        "ticker": tables.ticker(),
        "change": tables.text("Change"),
        "shares_before": tables.shares("Shares now", fractional=fractional),
        "shares_after": tables.shares("Shares after", fractional=fractional),
        "shares_delta": tables.shares("Difference", fractional=fractional, signed=True),
        "price": tables.price("Close"),
        "value_after": tables.money("Value after", cents=True),
        "cost": tables.price("Cost", help="Average price paid for a share, where it is known."),
        "name": tables.text("Name"),
    }
    alt = "What changes: " + ("; ".join(entry.differences) or "nothing")
    frame = shown.assign(change=shown["change"].replace(_WORDS))
    tables.show(frame, columns, alt=alt, key="changes", height="content")


def _cash_words(entry: Entry) -> str:
    before, after = entry.before.cash, entry.after.cash
    if before == after:
        return f"Cash stays {format.money(after, cents=True)}."
    moved = format.money(after - before, cents=True, signed=True)
    return (
        f"Cash: {format.money(before, cents=True)} now, {format.money(after, cents=True)} after "
        f"({moved})."
    )


def _form(ctx: Context, entry: Entry, button: str) -> None:
    codes = state_forms.codes_of(entry.warnings)
    for code in codes:
        show.findings_list([w for w in entry.warnings if w.code == code])
        st.text_input(
            f"Why this is acceptable ({format.md_escape(code.replace('_', ' '))})",
            key=state_forms.form_key(f"note_{code}"),
            max_chars=1000,
        )
    st.text_input(
        "Your name",
        key=Key.APPROVER,
        max_chars=100,
        persist_state="session",
        help="Recorded as the approver.",
    )
    st.text_input("Note (optional)", key=state_forms.form_key("note_"), max_chars=1000)
    missing = state_forms.missing(state_forms.entry_notes(codes))
    if missing and state.view().attempted:
        st.error(format.md_escape(missing), icon=":material/edit:")
    show.caption(_written(ctx, entry))
    st.button(
        button,
        type="primary",
        icon=":material/check:",
        key="record_entry",
        on_click=submit,
        args=(ctx, entry),
    )


def _written(ctx: Context, entry: Entry) -> str:
    prices = "simulated prices" if ctx.market.simulated else "market prices"
    day = format.day(entry.request.as_of)
    return (
        f"Recorded for {ctx.portfolio.title} as of {day}, on {prices}, once and for ever; it can "
        "be reverted by another record only."
    )


def submit(ctx: Context, entry: Entry) -> None:
    """Hand the entry that was shown to the worker; the button's callback."""
    codes = state_forms.codes_of(entry.warnings)
    if state_forms.missing(state_forms.entry_notes(codes)):
        state.attempt_incomplete()
        return
    approved = desk.approval(
        ctx.market,
        approver=state.view().approver,
        note=state_forms.entry_notes([""])[""],
        notes=state_forms.entry_notes(codes),
    )
    now = loaders.now()
    reviewed = state.begin_commit()
    if reviewed is None or reviewed.plan_id != entry.request.plan_id:
        return  # another click was quicker; its outcome is on the page
    # From here to the end no `st.` call and no session state: nothing can cut this off.
    jobs.submit(
        reviewed.token, partial(_record, ctx.portfolio, entry, approved, now), wait=_PATIENCE
    )


def _record(
    portfolio: desk.Portfolio, entry: Entry, approved: Approval, now: datetime
) -> tuple[str, Receipt]:
    return portfolio.name, desk.record(portfolio, entry, approved=approved, now=now)
