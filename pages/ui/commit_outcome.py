"""What came of a commit: it is under way, recorded, or refused; at the foot of a page."""

from __future__ import annotations

import logging
from datetime import date

import streamlit as st

from pages.ui import format, jobs, loaders, review_orders, state
from pages.ui.jobs import JobState, JobView
from quantetf_core import desk

_LOG = logging.getLogger(__name__)


def outcome(
    portfolio: desk.Portfolio,
    *,
    after: str = "The page now looks at the new book.",
    session: date | None = None,
) -> None:
    """The commit under way, its receipt, or why it was refused: in sight wherever one reads.

    Parameters
    ----------
    after
        What the page shows once something was recorded, in a sentence.
    session
        The session the page looks at: a record of a later one is not on it.
    """
    pending = state.view().pending
    running = None
    if pending is not None:
        job = jobs.status(pending.token)
        if job.state is JobState.RUNNING:
            running = pending.token
        else:
            _close(portfolio, pending.plan_id, job)
    view = state.view()
    told = view.receipt if view.receipt and view.receipt.portfolio == portfolio.name else None
    if running is None and told is None and not view.refusal:
        return
    with st.bottom:
        if running is not None:
            watch(running)
        elif view.refusal:
            _refusal(view.refusal)
        elif told is not None:
            _receipt(portfolio, told, _later(portfolio, told, session) or after)


@st.fragment(run_every="300ms")
def watch(token: str) -> None:
    """Say that the commit is being written; start the page over when it is done."""
    if jobs.status(token).state is not JobState.RUNNING:
        st.rerun()
    st.info(
        "The decision is being recorded. You may leave this page: it is finished either way.",
        title="Recording …",
        icon=":material/hourglass_top:",
    )


def _close(portfolio: desk.Portfolio, plan_id: str, job: JobView) -> None:
    """Turn a finished job into a receipt or a refusal."""
    if job.state is JobState.DONE:
        name, receipt = job.value()
        state.end_commit(state.Receipt(name, receipt.commit_id))
        return
    state.end_commit(None)
    if job.state is JobState.REFUSED:
        state.refuse(job.message)
        return
    if job.failure is not None:
        _LOG.error("the commit failed", exc_info=job.failure)
    known = desk.history(portfolio).by_plan.get(plan_id)
    if known is not None:
        state.end_commit(state.Receipt(portfolio.name, known.id))
    else:
        state.refuse(
            "The commit did not come to an end and is not in the history of this portfolio. "
            "Confirming again is safe."
        )


def _refusal(text: str) -> None:
    st.error(format.md_escape(text, limit=3000), title="Not recorded", icon=":material/block:")
    st.button("Put away", on_click=state.dismiss_refusal, key="dismiss_refusal")


def _later(portfolio: desk.Portfolio, receipt: state.Receipt, session: date | None) -> str:
    """Where to look, when the record is of a session after the one on the page."""
    entry = loaders.past(portfolio).history.by_id.get(receipt.commit_id)
    if session is None or entry is None or entry.as_of <= session:
        return ""
    return (
        f"It holds from {format.day(entry.as_of)} on: choose that date or a later one in the "
        "sidebar to see the book after it."
    )


def _receipt(portfolio: desk.Portfolio, receipt: state.Receipt, after: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="receipt"):
        st.success(
            f"Recorded as **{format.md_escape(receipt.commit_id)}**. {format.md_escape(after)}",
            icon=":material/verified:",
        )
        st.page_link(
            "pages/history.py",
            label=f"Open record {receipt.commit_id}",
            icon=":material/history:",
            query_params={"portfolio": receipt.portfolio, "id": receipt.commit_id},
        )
        review_orders.of_record(portfolio, receipt.commit_id)
        st.button("Put away", on_click=state.dismiss_receipt, key="dismiss_receipt")
