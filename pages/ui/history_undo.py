"""Undoing a commit by another one: the button, the dialog, and what came of it.

Like a confirmation it runs outside the page script (`jobs`): nothing can cut it in half.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import context, format, history_link, jobs, loaders, show, state, state_history
from pages.ui.jobs import JobState
from pages.ui.loaders import Past
from pages.ui.state import Key
from quantetf_core import desk

if TYPE_CHECKING:
    from quantetf_core.ledger import Approval, Commit, Receipt

_LOG = logging.getLogger(__name__)

_PATIENCE = 1.0  # seconds a run of the page waits before it starts to watch


def button(portfolio: desk.Portfolio, commit_id: str) -> None:
    """Ask to undo a commit."""
    asked = state_history.undoing()
    st.button(
        "Revert…",
        icon=":material/undo:",
        on_click=state_history.ask_undo,
        args=(portfolio.name, commit_id),
        disabled=asked is not None and asked.started,
        help="Records another commit that restores the book this one started from.",
        key="ask_undo",
    )


def dialog_if_asked(portfolio: desk.Portfolio, past: Past, commit: Commit) -> None:
    """Open the dialog once its button was pressed on this record."""
    asked = state_history.undoing()
    here = (portfolio.name, commit.id)
    if asked is not None and not asked.started and (asked.portfolio, asked.commit_id) == here:
        _dialog(portfolio, past, commit)


@st.dialog(
    "Revert this commit", icon=":material/undo:", on_dismiss=state_history.end_undo, width="medium"
)
def _dialog(portfolio: desk.Portfolio, past: Past, commit: Commit) -> None:
    asked = state_history.undoing()
    if asked is None or asked.started:
        st.rerun()  # the whole page: it watches, and says what came of it
    with show.error_boundary():
        ctx = context.current()
        undo = desk.undo(portfolio, past.history, commit, session=ctx.status.latest.date())
        if undo.problem:
            st.warning(format.md_escape(undo.problem, limit=2000), icon=":material/block:")
            return
        show.line(
            f"The book before {commit.id} is restored by a new commit of "
            f"{format.day(undo.as_of)}. Nothing is deleted: both stay in the history. The desk "
            f"sends no orders; if the trades were made, make the opposite ones."
        )
        st.text_input("Your name", key=Key.APPROVER, max_chars=100, persist_state="session")
        st.text_area("Reason", key=state_history.REASON, max_chars=1000)
        approved = desk.approval(ctx.market, approver="to be filled in")
        st.button(
            "Revert and record",
            type="primary",
            icon=":material/check:",
            key="confirm_undo",
            on_click=_submit,
            args=(portfolio, commit.id, undo.as_of, approved),
        )
        missing = _missing()
        if missing:
            show.caption(missing)


def _missing() -> str:
    lacking = [] if state.view().approver else ["your name"]
    lacking += [] if state_history.reason() else ["the reason"]
    return f"Needed: {' and '.join(lacking)}." if lacking else ""


def _submit(portfolio: desk.Portfolio, commit_id: str, as_of: date, provenance: Approval) -> None:
    """Hand the undoing to the worker; the dialog's callback."""
    if _missing():
        return
    approver, reason, now = state.view().approver, state_history.reason(), loaders.now()
    asked = state_history.begin_undo()
    if asked is None or asked.commit_id != commit_id:
        return
    job = partial(_undo, portfolio, commit_id, as_of, provenance, approver, reason, now)
    jobs.submit(asked.token, job, wait=_PATIENCE)


def _undo(
    portfolio: desk.Portfolio,
    commit_id: str,
    as_of: date,
    provenance: Approval,
    approver: str,
    reason: str,
    now: datetime,
) -> Receipt:
    approved = replace(provenance, approver=approver, note=reason)
    return desk.revert(portfolio, commit_id, as_of=as_of, approved=approved, now=now)


def outcome(portfolio: desk.Portfolio) -> None:
    """At the top of the page: the undoing under way, or what came of it."""
    asked = state_history.undoing()
    if asked is not None and asked.started:
        job = jobs.status(asked.token)
        if job.state is JobState.RUNNING:
            _watch(asked.token)
            return
        state_history.end_undo()
        if job.state is JobState.DONE:
            receipt = job.value()
            state_history.leave_message(
                f"{asked.commit_id} was reverted. The record of it is {receipt.commit_id}."
            )
            if asked.portfolio == portfolio.name:
                history_link.open_record(receipt.commit_id)
        elif job.state is JobState.REFUSED:
            st.error(
                format.md_escape(job.message, limit=3000),
                title="Not reverted",
                icon=":material/block:",
            )
        else:
            _LOG.error("reverting failed", exc_info=job.failure)
            st.error(
                "Reverting did not come to an end. See whether the newest record below is the "
                "revert; if not, trying again is safe.",
                title="Not certain",
                icon=":material/block:",
            )
    said = state_history.take_message()
    if said:
        st.success(format.md_escape(said), icon=":material/verified:")


@st.fragment(run_every="300ms")
def _watch(token: str) -> None:
    if jobs.status(token).state is not JobState.RUNNING:
        st.rerun()
    st.info(
        "The revert is being recorded. You may leave this page: it is finished either way.",
        title="Recording …",
        icon=":material/hourglass_top:",
    )
