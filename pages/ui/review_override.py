"""Confirming despite a block on data: what it means, and the reason each of them asks for."""

from __future__ import annotations

import streamlit as st

from pages.ui import format, show, state_forms
from quantetf_core import desk
from quantetf_core.findings import override_key


def asked(plan: desk.RebalanceResult) -> list[str]:
    """What must be given a reason, as ``CODE:SUBJECT``."""
    return [override_key(block) for block in plan.overridable]


def sentence(plan: desk.RebalanceResult) -> str:
    """What a person may do about a plan that only data blocks; empty for another plan."""
    if not plan.overridable or plan.final_blocks:
        return ""
    count = format.count(len(plan.overridable), "block")
    return (
        f"{count} on data. You may confirm the rest with your name and a reason for each; what "
        "they stand on is not traded. To trade it, accept the finding on the Data page, or "
        "bring the data in order. "
    )


def link(plan: desk.RebalanceResult) -> None:
    """The way to the Data page, where there is something about data to look at."""
    if plan.overridable:
        st.page_link("pages/data.py", label="Open Data", icon=":material/database:")


def fields(plan: desk.RebalanceResult) -> None:
    """One field for each block: why the plan may be confirmed despite it."""
    for block in plan.overridable:
        key = override_key(block)
        with st.container(border=True, key=f"override_{key.replace(':', '_')}"):
            show.findings_list([block])
            st.text_input(
                f"Why the plan may be confirmed despite this ({format.md_escape(block.subject)})",
                key=state_forms.note_key(key),
                max_chars=1000,
                persist_state="session",
            )
