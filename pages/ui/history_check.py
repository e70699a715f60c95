"""Proof: what is wrong in the folder, and the buttons that check hashes and links."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import format, history_link, show
from quantetf_core import desk
from quantetf_core.findings import Finding, Severity

if TYPE_CHECKING:
    from quantetf_core.ledger import History

_SHOWN = 30  # findings listed; the rest is counted


def folder_findings(history: History) -> None:
    """What was found in the history's folder besides sound commits; nothing when all is well."""
    found = history.findings
    if not found:
        return
    wrong = [finding for finding in found if finding.severity is not Severity.INFO]
    what = "Damage in the history" if wrong else "Folders that are not commits"
    label = f"{what}: {format.count(len(found), 'finding')}"
    icon = ":material/warning:" if wrong else ":material/info:"
    with st.expander(label, expanded=bool(wrong), icon=icon):
        if history.blocks:
            show.line(
                "Nothing can be added to this history until the blocking findings are settled: "
                "restore the folders from a backup, or move away what does not belong here."
            )
        listed(found)
        damaged = sorted({f.subject for f in wrong})
        for name in damaged[:_SHOWN]:
            st.button(
                f"Look at {format.md_escape(name)}",
                on_click=history_link.open_record,
                args=(name,),
                key=f"look_{name}",
                type="tertiary",
                icon=":material/folder_open:",
            )


def listed(found: Sequence[Finding]) -> None:
    """The first findings, and how many more there are."""
    show.findings_list(found[:_SHOWN])
    if len(found) > _SHOWN:
        show.caption(f"… and {format.number(len(found) - _SHOWN)} more.")


def whole_history(portfolio: desk.Portfolio) -> None:
    """The button that walks the whole chain, and its answer in words."""
    st.header("Proof", anchor=False)
    show.caption(
        "Checks every file of every commit against its hash, every commit against the one before "
        "it, every book against the trades and the cash that led to it, and the holdings file."
    )
    if not st.button("Verify the whole history", icon=":material/verified_user:", key="verify_all"):
        return
    with st.spinner("Reading every file …", show_time=True):
        answer = desk.verify(portfolio)
    commits = format.count(answer.checked, "commit")
    if answer.ok:
        st.success(f"The whole history holds: {commits} checked, file by file and link by link.")
        return
    where = f" The first that does not hold is {answer.first_bad_link}."
    st.error(
        format.md_escape(f"The history does not hold.{where} {commits} checked."),
        icon=":material/gpp_bad:",
    )
    listed(answer.findings)


def one_commit(portfolio: desk.Portfolio, commit_id: str) -> None:
    """Check one commit and its link to the one before, and say so."""
    found = desk.verify_commit(portfolio, commit_id)
    if not found:
        st.success(
            format.md_escape(
                f"{commit_id} holds: every file is what was committed, the books agree with the "
                f"trades to the cent, and the link to the commit before it is intact."
            ),
            icon=":material/verified:",
        )
        return
    st.error(format.md_escape(f"{commit_id} does not hold."), icon=":material/gpp_bad:")
    listed(found)
