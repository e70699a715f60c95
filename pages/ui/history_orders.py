"""Orders and fills of a decision: how far it has come, its files, and that they were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import (
    context,
    format,
    history_fills,
    history_link,
    history_words,
    holdings_confirm,
    order_downloads,
    show,
    state,
    state_forms,
    state_history,
)
from pages.ui.loaders import Past
from quantetf_core import desk
from quantetf_core.desk import DecisionState

if TYPE_CHECKING:
    from quantetf_core.ledger import Commit, CommitEntry

_SENT = "Mark as sent to the broker"

_BASKET, _FILE, _TYPED, _OTHER = (
    "IBKR basket file loaded",
    "CSV or JSON file loaded",
    "Typed in by hand",
    "In another way",
)

_STEPS = (
    DecisionState.COMMITTED,
    DecisionState.SENT,
    DecisionState.PARTLY_FILLED,
    DecisionState.RECONCILED,
)


def render(portfolio: desk.Portfolio, past: Past, commit: Commit) -> None:
    """Draw the part of a rebalance\u2019s record about its orders; nothing for other kinds."""
    state_now = _state(past, commit.id)
    if state_now is None:
        return
    st.header("Orders and fills", anchor="orders")
    _steps(state_now)
    show.line(history_words.STATE_MEANS[state_now])
    _recorded(past, commit.id)
    history_fills.recorded(portfolio, commit.id)
    if state_now is DecisionState.REVERTED:
        return
    if portfolio.settings.config.paper is not None:
        _at_the_paper_broker(portfolio, state_now)
        return
    if state_now is not DecisionState.RECONCILED:  # then nothing is left to order
        st.subheader("Order files", anchor=False)
        if told := _not_again(portfolio, commit.id, state_now):
            st.warning(told, icon=":material/warning:")
        order_downloads.render(portfolio, commit.id, key="record_orders")
    _forms(portfolio, past.history.by_id[commit.id], state_now)


def _at_the_paper_broker(portfolio: desk.Portfolio, now: DecisionState) -> None:
    """Where a paper portfolio's orders are filled: no file goes out, and none comes back."""
    if now is DecisionState.RECONCILED:
        return
    show.line(
        "The orders of this portfolio go to the paper broker, which fills them at the prices of "
        "the next session; the fills are looked at and booked on Holdings."
    )
    st.page_link(
        "pages/holdings.py",
        label="Open Holdings",
        icon=":material/account_balance_wallet:",
        query_params={"portfolio": portfolio.name},
    )


def _not_again(portfolio: desk.Portfolio, commit_id: str, now: DecisionState) -> str:
    """Why these orders should not go out now; empty when they should."""
    if desk.last_decision(portfolio) != commit_id:
        return (
            "A later rebalance is recorded, and it took these trades as filled: the files are for "
            "looking up, not for sending."
        )
    if now is DecisionState.PARTLY_FILLED:
        return (
            "The files have only what is not filled. Those orders may still stand at the broker: "
            "load a file only where they do not, or they are ordered twice."
        )
    if now is not DecisionState.COMMITTED:
        return "These orders went out already: loading a file again orders everything twice."
    return ""


def badge(past: Past, commit_id: str) -> None:
    """How far a decision has come, in a word; nothing for other kinds."""
    found = _state(past, commit_id)
    if found is not None:
        show.badge(
            history_words.state(found), colour=_COLOURS[found], icon=":material/conversion_path:"
        )


def _state(past: Past, commit_id: str) -> DecisionState | None:
    found = past.table.loc[past.table["id"] == commit_id, "state"].tolist()
    return DecisionState(found[0]) if found and found[0] else None


_COLOURS: dict[DecisionState, show.Colour] = {
    DecisionState.COMMITTED: "gray",
    DecisionState.SENT: "blue",
    DecisionState.PARTLY_FILLED: "orange",
    DecisionState.RECONCILED: "green",
    DecisionState.REVERTED: "red",
}


def _steps(now: DecisionState) -> None:
    """The way a decision goes, with the place where it is."""
    if now is DecisionState.REVERTED:
        badge_now = show.badge_text(history_words.state(now), "red", ":material/undo:")
        st.markdown(badge_now)
        return
    steps = [
        show.badge_text(history_words.state(step), _COLOURS[step], ":material/place:")
        if step is now
        else f":gray[{history_words.state(step)}]"
        for step in _STEPS
    ]
    st.markdown(" :gray[→] ".join(steps))


def _recorded(past: Past, commit_id: str) -> None:
    """What was recorded of the decision since, with a way to each record."""
    for entry in desk.decision_records(past.history, commit_id):
        with st.container(horizontal=True, vertical_alignment="center", key=f"about_{entry.id}"):
            st.button(
                format.md_escape(entry.id),
                type="tertiary",
                icon=":material/history:",
                on_click=history_link.open_record,
                args=(entry.id,),
                key=f"open_about_{entry.id}",
            )
            show.line(_what(entry))


def _what(entry: CommitEntry) -> str:
    what = history_words.kind(str(entry.kind))
    how = str(entry.summary.get("how") or entry.summary.get("source") or "")
    said = f": {how}" if how else ""
    return f"{what}{said}. {format.moment(entry.committed_at)}, by {entry.approver}."


def _forms(portfolio: desk.Portfolio, entry: CommitEntry, now: DecisionState) -> None:
    """What can be recorded now; one form at a time, and none under another question."""
    if state.view().pending is not None:
        show.caption("A record is being written; wait for its outcome below.")
        return
    if state_history.undoing() is not None:
        return  # its dialog asks for a name, too
    offered = history_fills.offered(portfolio, entry.id)
    if now is DecisionState.COMMITTED and desk.last_decision(portfolio) == entry.id:
        offered.insert(0, _SENT)
    if not offered:
        return
    chosen = st.segmented_control(
        "What happened since", offered, key=state_forms.form_key(f"since_{entry.id}"), wrap=True
    )
    if chosen is None:
        return
    with show.error_boundary():
        if chosen == _SENT:
            _sent(portfolio, entry)
        else:
            history_fills.form(portfolio, entry.id, chosen)


def _sent(portfolio: desk.Portfolio, entry: CommitEntry) -> None:
    """Say how the orders went out, and confirm it."""
    ways = [_BASKET, _FILE, _TYPED, _OTHER]
    way = st.radio("How", ways, key=state_forms.form_key(f"how_{entry.id}"))
    how = way
    if way == _OTHER:
        how = st.text_input(
            "In which way", max_chars=200, key=state_forms.form_key(f"other_{entry.id}")
        ).strip()
        if not how:
            show.caption("Say in which way the orders went out.")
            return
    ctx = context.current()
    name = ""
    if way == _BASKET:
        name = desk.order_file(portfolio, entry.id, layout=desk.Layout.IBKR).name
    proposed = desk.propose_sent(portfolio, ctx.market, entry.id, how=how, order_file=name)
    show.caption("The book stays as it is: it assumes that all orders are filled at the closes.")
    holdings_confirm.ask(ctx, proposed, button="Record as sent")
