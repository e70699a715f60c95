"""One record: everything that was decided, why, by whom, and the proof of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import (
    format,
    history_check,
    history_evidence,
    history_link,
    history_orders,
    history_parts,
    history_undo,
    history_words,
    show,
)
from pages.ui.loaders import Past
from quantetf_core import desk

if TYPE_CHECKING:
    from quantetf_core.ledger import Commit


@dataclass(frozen=True, slots=True)
class Record:
    """What the parts of the page draw from."""

    portfolio: desk.Portfolio
    past: Past
    commit: Commit
    said: desk.Contents


def render(portfolio: desk.Portfolio, past: Past, commit_id: str) -> None:
    """Draw the record of an id from the address, or say what there is instead."""
    known = commit_id in past.history.by_id
    if not known and not any(f.subject == commit_id for f in past.history.findings):
        _unknown(past, commit_id)
        return
    _navigation(past, commit_id)
    if not known:
        history_evidence.remains(portfolio, past.history, commit_id)
        return
    commit = desk.read(portfolio, commit_id)
    record = Record(portfolio, past, commit, desk.contents(commit))
    _headline(record)
    _actions(record)
    _body(record)


def _unknown(past: Past, commit_id: str) -> None:
    st.title("No such record", anchor=False)
    if not past.table.empty:
        show.line(
            f"This portfolio has no commit with the id “{format.plain_text(commit_id, limit=60)}”. "
            "Nearest to it:"
        )
    else:
        show.line("This portfolio has no commits yet. Another one may be chosen in the sidebar.")
    with st.container(horizontal=True, key="nearest"):
        for near in desk.nearest(past.history, commit_id):
            st.button(
                format.md_escape(near),
                on_click=history_link.open_record,
                args=(near,),
                key=f"near_{near}",
            )
        _back()


def _back() -> None:
    st.button(
        "All commits", icon=":material/arrow_back:", on_click=history_link.open_list, key="back"
    )


def _navigation(past: Past, commit_id: str) -> None:
    """Back to the list, and along the chain."""
    with st.container(horizontal=True, key="along"):
        _back()
        if commit_id not in past.history.by_id:
            return
        older, newer = desk.neighbours(past.history, commit_id)
        for word, icon, other in (("Before", "west", older), ("After", "east", newer)):
            st.button(
                f"{word}: {format.md_escape(other)}" if other else f"{word}: none",
                icon=f":material/{icon}:",
                disabled=other is None,
                on_click=history_link.open_record,
                args=(other,),
                key=word.lower(),
            )


def _headline(record: Record) -> None:
    head = record.commit.manifest.head
    st.title(format.md_escape(history_words.title(record.commit)), anchor=False)
    said = history_words.decided(record.commit, record.said)
    if said:
        st.subheader(format.md_escape(said), anchor=False)
    with st.container(horizontal=True, gap="small"):
        history_orders.badge(record.past, head.id)
        if head.simulated:
            show.badge("Simulated prices", colour="orange", icon=":material/science:")
        if head.summary.get("clock") == "replay":
            show.badge("Replay: the clock was the date chosen", colour="blue")
        if record.commit.findings:
            show.badge("Damaged", colour="red", icon=":material/gpp_bad:")
        show.badge(f"Record {head.id}", icon=":material/tag:")
    made_on = f"Follows {head.parent.id}." if head.parent else "The first of this history."
    show.line(f"{history_words.approved(record.commit)} {made_on}")
    if head.note.strip():
        with st.container(border=True, key="note"):
            st.caption("Note")
            st.text(head.note)
    if record.commit.findings:
        st.error(
            "This record was changed or damaged after it was committed. What can still be read "
            "is shown; do not rely on it.",
            icon=":material/gpp_bad:",
        )
        history_check.listed(record.commit.findings)


def _actions(record: Record) -> None:
    commit_id = record.commit.id
    older, _ = desk.neighbours(record.past.history, commit_id)
    with st.container(horizontal=True, key="actions"):
        verify = st.button("Verify", icon=":material/verified_user:", key="verify_one")
        st.download_button(
            "Download ZIP",
            data=partial(desk.archive, record.portfolio, commit_id),
            file_name=f"{record.portfolio.name}-{commit_id}.zip",
            mime="application/zip",
            icon=":material/download:",
            on_click="ignore",
            key="download",
        )
        _sheet(record)
        st.button(
            "Compare with the one before",
            icon=":material/compare_arrows:",
            disabled=older is None,
            on_click=history_link.open_comparison,
            args=(older, commit_id),
            key="compare_before",
        )
        history_undo.button(record.portfolio, commit_id)
        _undone(record)
    if verify:
        history_check.one_commit(record.portfolio, commit_id)
    history_undo.dialog_if_asked(record.portfolio, record.past, record.commit)


def _sheet(record: Record) -> None:
    """The approval sheet of a rebalance; nothing for other kinds, or for what was changed."""
    head = record.commit.manifest.head
    if head.kind is not desk.Kind.REBALANCE or record.commit.findings:
        return
    st.download_button(
        "Approval sheet",
        data=lambda: desk.approval_sheet(record.portfolio, head.id).content,
        file_name=desk.sheet_name(record.portfolio, head.id, simulated=head.simulated),
        mime="text/html",
        icon=":material/print:",
        on_click="ignore",
        key="sheet",
    )


def _undone(record: Record) -> None:
    """From a revert, or a record about a decision, to what it is about."""
    undone = record.said.reverts or str(record.commit.manifest.head.summary.get("decision") or "")
    if undone in record.past.history.by_id:
        st.button(
            f"Open {format.md_escape(undone)}",
            icon=":material/history:",
            on_click=history_link.open_record,
            args=(undone,),
            key="open_undone",
        )


def _body(record: Record) -> None:
    """The parts that this kind of commit has; none of them empty."""
    commit, said = record.commit, record.said
    history_parts.figures(commit, said)
    history_orders.render(record.portfolio, record.past, commit)
    history_parts.regime(said)
    history_parts.target(said)
    history_parts.trades(commit, said)
    history_parts.money(commit, said)
    history_parts.checks(commit, said)
    history_parts.books(said)
    history_evidence.inputs(commit, said)
    history_evidence.files(commit, said)
