"""Confirming: the button, and the dialog that repeats what will be written.

The commit runs outside the page script (`jobs`): a click, a reload or a closed tab cannot cut it.
What came of it: `commit_outcome`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from pages.ui import (
    format,
    jobs,
    loaders,
    review_headline,
    review_orders,
    review_override,
    show,
    state,
    state_forms,
)
from pages.ui.context import Context
from pages.ui.state import Key
from quantetf_core import desk
from quantetf_core.findings import Finding

_PATIENCE = 1.0  # seconds a run of the page waits before it starts to watch

_ABOUT_HOLDINGS = {"not_in_history", "holdings_file", "split_since_holdings"}
"""Codes of blocks that the Holdings page can lift."""

Done = tuple[str, desk.Receipt]
"""What a commit's job returns: the portfolio's name and the receipt."""


# --- the button -----------------------------------------------------------------------------


def confirm(ctx: Context, plan: desk.RebalanceResult) -> None:
    """The last part of the page: confirm the plan shown, or why it cannot be."""
    holdings = plan.used.situation.holdings
    state.show_plan(plan.plan_id, holdings.commit_id if holdings else None)
    reason = why_not(plan)
    # Heading and text are one element, as whatever is drawn here is drawn at every move.
    st.markdown(
        f"## Confirm\n\n:gray[{format.md_escape(reason or _consequence(ctx, plan), limit=2000)}]"
    )
    clicked = st.button(
        "Review and confirm…" if plan.orders else "Review and confirm: no trades…",
        type="primary",
        icon=":material/gavel:",
        disabled=bool(reason),
        key="open_confirm",
    )
    if {f.code for f in plan.blocks} & _ABOUT_HOLDINGS:
        st.page_link(
            "pages/holdings.py", label="Open Holdings", icon=":material/account_balance_wallet:"
        )
    review_override.link(plan)
    if clicked and not reason:
        dialog(ctx, plan)
    review_orders.sheet(ctx.portfolio, plan)
    review_orders.of_plan(ctx, plan)


def why_not(plan: desk.RebalanceResult) -> str:
    """Why the plan cannot be confirmed, in words; empty when it can."""
    if state.view().pending is not None:
        return "A commit is under way; wait for its outcome at the bottom of the page."
    if plan.what_if:
        return (
            "Cannot be confirmed: this is a what-if. Go back to the book's value, or declare the "
            "difference as a deposit or withdrawal."
        )
    blocks = plan.final_blocks
    if blocks:
        first = blocks[0]
        more = f" (and {len(plan.blocks) - 1} more above)" if len(plan.blocks) > 1 else ""
        return f"Cannot be confirmed: {first.subject}: {first.message}{more}."
    return ""


def _consequence(ctx: Context, plan: desk.RebalanceResult) -> str:
    trades = format.count(len(plan.orders), "trade") if plan.orders else "No trades"
    if flow := plan.used.plan.cash_flow:
        word = "deposit" if flow > 0 else "withdrawal"
        trades += f" and a {word} of {format.money(abs(flow), cents=True)}"
    orders = (
        "the orders go to the paper broker, which fills them in the next session"
        if plan.orders and ctx.portfolio.settings.config.paper is not None
        else "it sends no orders"
    )
    return (
        f"{review_override.sentence(plan)}{trades}. Nothing is written until you confirm in the "
        "next step. The desk records the decision and the holdings that follow from it; "
        f"{orders}."
    )


# --- the dialog -----------------------------------------------------------------------------


@st.dialog("Confirm this rebalance", width="medium", icon=":material/gavel:")
def dialog(ctx: Context, plan: desk.RebalanceResult) -> None:
    """Repeat what will be written, ask who confirms and what she says to each warning."""
    if state.view().pending is not None:
        st.rerun()  # closes the dialog; the outcome stands at the bottom of the page
    st.markdown(f"**{format.md_escape(review_headline.sentence(plan))}**")
    st.table(_written(ctx, plan), border="horizontal", hide_header=True, alt="What is written")
    review_override.fields(plan)
    codes = state_forms.codes_of(plan.warnings)
    for code in codes:
        _warning(code, [w for w in plan.warnings if w.code == code])
    st.text_input(
        "Your name",
        key=Key.APPROVER,
        max_chars=100,
        persist_state="session",
        help="Recorded as the approver.",
    )
    st.text_input(
        "Note (optional)", key=state_forms.note_key(""), max_chars=1000, persist_state="session"
    )
    if state.view().attempted:
        missing = state_forms.missing(state_forms.notes([*review_override.asked(plan), *codes]))
        if missing:
            st.error(format.md_escape(missing), icon=":material/edit:")
    st.button(
        "Confirm and record",
        type="primary",
        icon=":material/check:",
        key="confirm_commit",
        on_click=submit,
        args=(ctx.portfolio, plan),
        width="stretch",
    )
    show.caption("This is recorded once and for ever. It can be reverted by another record only.")


def _written(ctx: Context, plan: desk.RebalanceResult) -> dict[str, list[str]]:
    cash = desk.cash_steps(plan.used.plan)
    facts = {
        "Portfolio": ctx.portfolio.title,
        "Session": format.day(plan.as_of),
        "Record": f"{desk.next_commit_id(ctx.portfolio, plan.as_of)}, in "
        f"{ctx.portfolio.settings.config.artifacts_dir}",
        "Regime and strategy": f"{format.regime(plan.regime)}; {plan.strategy_used}",
        "Prices": "Simulated prices" if plan.used.simulated else "Market prices",
        "Portfolio value": format.money(plan.used.plan.portfolio_value, cents=True),
        **{step.label: format.money(step.usd, cents=True) for step in cash if step.usd},
        "Warnings": format.number(len(plan.warnings)),
    }
    if plan.orders and ctx.portfolio.settings.config.paper is not None:
        facts["Orders"] = "Sent to the paper broker"
    facts |= {cash[-1].label: format.money(cash[-1].usd, cents=True)}
    return {
        "What": [format.md_escape(name) for name in facts],
        "Value": [format.md_escape(value) for value in facts.values()],
    }


def _warning(code: str, found: Sequence[Finding]) -> None:
    with st.container(border=True):
        show.findings_list(found)
        st.text_input(
            f"Why this is acceptable ({format.md_escape(code.replace('_', ' '))})",
            key=state_forms.note_key(code),
            max_chars=1000,
            persist_state="session",
        )


# --- the commit -----------------------------------------------------------------------------


def submit(portfolio: desk.Portfolio, plan: desk.RebalanceResult) -> None:
    """Hand the plan that was shown to the worker; the dialog's callback."""
    codes, keys = state_forms.codes_of(plan.warnings), review_override.asked(plan)
    if state_forms.missing(state_forms.notes([*keys, *codes])):
        state.attempt_incomplete()
        return
    approver, note = state.view().approver, state_forms.notes([""])[""]
    notes, overrides = state_forms.notes(codes), state_forms.notes(keys)
    now = loaders.now()
    shown = state.view().reviewed
    if shown is None or shown.plan_id != plan.plan_id:
        return  # an earlier click was quicker; its outcome is on the page
    reviewed = state.begin_commit()
    if reviewed is None or reviewed.plan_id != plan.plan_id:
        return
    # From here to the end no `st.` call and no session state: nothing can cut this off.
    job = partial(
        _commit, portfolio, plan, approver, note=note, notes=notes, overrides=overrides, now=now
    )
    jobs.submit(reviewed.token, job, wait=_PATIENCE)


def _commit(
    portfolio: desk.Portfolio,
    plan: desk.RebalanceResult,
    approver: str,
    **said: Any,
) -> Done:
    receipt = desk.commit(portfolio, plan, approver=approver, **said)
    return portfolio.name, receipt
