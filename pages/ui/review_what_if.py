"""The what-if: another portfolio value, as a sandbox or as a declared deposit or withdrawal."""

from __future__ import annotations

import streamlit as st

from pages.ui import format, review_headline, show, state
from pages.ui.state import Flow, Key
from quantetf_core import desk

_MEANING = {
    Flow.WHAT_IF: "What-if only: nothing can be confirmed",
    Flow.CASH_FLOW: "Deposit or withdrawal: confirmed with the trades",
}


def render(book: desk.RebalanceResult, plan: desk.RebalanceResult | None) -> None:
    """Slider, number box, what a difference means, and what comes out, in one card.

    Parameters
    ----------
    book
        The plan on the book's own value.
    plan
        The plan on the value tried; None when there can be none.
    """
    own = desk.book_value_of(book)
    funding = book.used.situation.holdings is None
    with st.container(border=True, key="what_if"):
        _controls(own)
        if funding:
            show.caption(
                "There is no book yet: the value is the first deposit, and is confirmed with the "
                "trades. If the portfolio already holds something, import it first, on Holdings."
            )
        else:
            st.radio(
                "A value different from the book's is",
                list(_MEANING),
                format_func=lambda flow: _MEANING[flow],
                key=Key.FLOW,
                horizontal=True,
                persist_state="session",
            )
        if plan is not None:
            st.markdown(_result(plan, own, funding=funding))


def _controls(own: float) -> None:
    reach = desk.value_range(own)
    slider, box = state.seed_what_if(own, low=reach.low, high=reach.high)
    # One row that wraps on a phone: half of the messages that columns would send at every move.
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    row.slider(
        "Portfolio value (USD)",
        min_value=reach.low,
        max_value=reach.high,
        step=reach.step,
        format="$%,.0f",
        value=slider.first,
        key=slider.key,
        on_change=state.adopt_what_if,
        args=(slider.key,),
    )
    row.number_input(
        "Portfolio value, typed (USD)",
        min_value=0.01,
        step=reach.step,
        format="%.2f",
        value=box.first,
        width=240,
        key=box.key,
        on_change=state.adopt_what_if,
        args=(box.key,),
    )
    row.button(
        "Book value",
        on_click=state.reset_what_if,
        icon=":material/restart_alt:",
        key="reset_what_if",
    )


def _result(plan: desk.RebalanceResult, own: float, *, funding: bool) -> str:
    """The same sentence as the headline's, beside the slider that changed it."""
    tried = plan.used.plan.portfolio_value
    if funding:
        said = f"Deposit of {format.money(tried, cents=True)} into a new book."
    elif plan.what_if:
        said = f"{format.money(tried - own, signed=True)} against the book's {format.money(own)}."
    elif plan.used.plan.cash_flow:
        flow = plan.used.plan.cash_flow
        word = "Withdrawal" if flow < 0 else "Deposit"
        said = f"{word} of {format.money(abs(flow), cents=True)}, recorded when you confirm."
    else:
        said = f"The book's own value, {format.money(own, cents=True)}."
    headline = format.md_escape(review_headline.sentence(plan))
    return f"**{headline}**\n\n:gray[{format.md_escape(said)}]"
