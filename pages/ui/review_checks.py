"""What the checks found, what they passed, and the cash identity, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import format, show
from quantetf_core import desk

_SHORTEST, _TALLEST, _PER_FINDING = 90, 330, 84  # pixels

_WORD = {
    desk.Outcome.PASSED: ("Passed", ":material/check_circle:", "green"),
    desk.Outcome.FOUND: ("See above", ":material/arrow_upward:", "orange"),
    desk.Outcome.EXEMPT: ("Exempt", ":material/remove_circle:", "gray"),
    desk.Outcome.NOT_JUDGED: ("Not judged", ":material/help:", "orange"),
    desk.Outcome.OFF: ("Off", ":material/toggle_off:", "gray"),
}


@dataclass(frozen=True, slots=True)
class Slots:
    """Places for the findings, for what was checked (None while closed), and for the cash."""

    findings: DeltaGenerator
    checked: DeltaGenerator | None
    cash: DeltaGenerator


def lay_out(book: desk.RebalanceResult) -> Slots:
    """Findings and checks on the left, cash on the right.

    The height of the findings comes from ``book``, the plan on the book's own value: moving the
    what-if slider may change what is listed, and must not move the slider.
    """
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.header("Checks", anchor="checks")
        height = min(max(_SHORTEST, _PER_FINDING * (len(book.findings) + 1)), _TALLEST)
        with st.container(height=height, key="findings"):
            findings = st.empty()
        # Closed, it is not filled: a hidden list would be drawn anew at every move of the slider.
        listed = st.expander(
            "What was checked", icon=":material/checklist:", key="checked", on_change="rerun"
        )
        checked = listed.empty() if listed.open else None
    with right:
        st.header("Cash", anchor="cash")
        with st.container(key="cash"):
            cash = st.empty()
    return Slots(findings, checked, cash)


def fill(slots: Slots, plan: desk.RebalanceResult) -> None:
    """What the checks said of a plan, and where its cash goes."""
    ended = desk.outcomes(plan)
    said = _counted([check.outcome for check in ended])
    found = show.findings_text(plan.findings, none="Nothing was found.")
    slots.findings.markdown(f"{found}\n\n:gray[{said}]")
    if slots.checked is not None:
        slots.checked.markdown("\n".join(f"- {_said(check)}" for check in ended))
    slots.cash.markdown(_cash(plan))


def _counted(ended: Sequence[desk.Outcome]) -> str:
    """How many checks ended how, the passed ones first and none left out."""
    passed = ended.count(desk.Outcome.PASSED)
    said = [f"{passed} of {format.count(len(ended), 'check')} passed"]
    for outcome, (word, _, _) in _WORD.items():
        if outcome is not desk.Outcome.PASSED and outcome in ended:
            said.append(f"{ended.count(outcome)} {word.lower()}")
    return f"{', '.join(said)}."


def _said(check: desk.CheckOutcome) -> str:
    word, icon, colour = _WORD[check.outcome]
    why = f" ({format.md_escape(check.why)})" if check.why else ""
    return f":{colour}[{icon} **{word}**] {format.md_escape(check.rule)}{why}"


def _cash(plan: desk.RebalanceResult) -> str:
    """The cash identity, one line a step, amounts under each other."""
    *steps, after = desk.cash_steps(plan.used.plan)
    lines = [f"| {step.label} | {_usd(step.usd, signed=n > 0)} |" for n, step in enumerate(steps)]
    head = "| USD | |\n|:--|--:|"
    return "\n".join((head, *lines, f"| **{after.label}** | **{_usd(after.usd)}** |"))


def _usd(amount: float, *, signed: bool = False) -> str:
    return format.number(amount, places=2, signed=signed)
