"""What the checks found, what they passed, and the cash identity, side by side."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.ui import format, show, tables
from quantetf_core.decision import RebalanceResult
from quantetf_core.decision.outcomes import CheckOutcome, Outcome, outcomes
from quantetf_core.decision.tables import cash_steps

_SHORTEST, _TALLEST, _PER_FINDING = 90, 330, 84  # pixels

_WORD = {
    Outcome.PASSED: ("Passed", ":material/check_circle:", "green"),
    Outcome.FOUND: ("See above", ":material/arrow_upward:", "orange"),
    Outcome.EXEMPT: ("Exempt", ":material/remove_circle:", "gray"),
    Outcome.NOT_JUDGED: ("Not judged", ":material/help:", "orange"),
    Outcome.OFF: ("Off", ":material/toggle_off:", "gray"),
}


def render(plan: RebalanceResult, book: RebalanceResult) -> None:
    """Findings and passed checks on the left, cash on the right.

    The list's height comes from ``book``, the plan on the book's own value: moving the what-if
    slider may change what is listed, and must not move the slider.
    """
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.header("Checks", anchor="checks")
        height = min(max(_SHORTEST, _PER_FINDING * (len(book.findings) + 1)), _TALLEST)
        with st.container(height=height, key="findings"):
            show.findings_list(plan.findings, none="Nothing was found.")
        _passed(plan)
    with right:
        st.header("Cash", anchor="cash")
        _cash(plan)


def _passed(plan: RebalanceResult) -> None:
    ended = outcomes(plan)
    passed = sum(check.outcome is Outcome.PASSED for check in ended)
    label = f"{passed} of {format.count(len(ended), 'check')} passed"
    with st.expander(label, icon=":material/checklist:", key="passed"):
        st.markdown("\n".join(f"- {_said(check)}" for check in ended))


def _said(check: CheckOutcome) -> str:
    word, icon, colour = _WORD[check.outcome]
    why = f" ({format.md_escape(check.why)})" if check.why else ""
    return f":{colour}[{icon} **{word}**] {format.md_escape(check.rule)}{why}"


def _cash(plan: RebalanceResult) -> None:
    steps = pd.DataFrame(cash_steps(plan.used.plan))
    columns = {"label": tables.text("Step"), "usd": tables.number("USD", places=2)}
    said = "Cash after = cash before + deposit (or − withdrawal) + sells − buys − costs."
    tables.show(steps, columns, alt=said, key="cash", height="content")
    show.caption(said)
