"""The top of the Review page: what day it is, what the market is, what is asked of the PM."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import format, show
from pages.ui.context import Context
from quantetf_core.data.schedule import is_due
from quantetf_core.decision import RebalanceResult
from quantetf_core.regime.types import UNKNOWN

TURNOVER = (
    "Turnover is one-way: half of everything bought and sold and of the change in cash, over the "
    "portfolio value after any deposit. Funding a book from cash is 100%."
)


def title(ctx: Context, book: RebalanceResult) -> None:
    """Date, regime and strategy; what the what-if does not change."""
    regime = format.regime(book.regime)
    st.title(format.md_escape(f"{format.day(book.as_of)}: {regime}"), anchor=False)
    strategy = format.md_escape(book.strategy_used)
    fallback = " (the fallback, because the regime is unknown)" if book.regime == UNKNOWN else ""
    st.markdown(f"Strategy **{strategy}**{fallback}. {_schedule(ctx)}")
    _date_notes(ctx, book)


def _schedule(ctx: Context) -> str:
    """When the next rebalance is due, or that it is now."""
    if is_due(ctx.portfolio.settings.config.schedule, ctx.session):
        return "A rebalance is due at this session."
    due = ctx.status.next_due
    if due.session is None:
        return "No schedule is set: rebalance whenever you decide."
    return f"Next rebalance due: {format.md_escape(due.reason)}."


def _date_notes(ctx: Context, book: RebalanceResult) -> None:
    """What to know about the date: another one than asked for, in the past, or late."""
    asked = book.used.situation.requested
    if asked != book.as_of.date():
        show.caption(
            f"{format.day(asked)} has no session in the data; shown is the one before, "
            f"{format.day(book.as_of)}."
        )
    if ctx.status.age:
        st.warning(
            f"The newest prices are of {format.day(ctx.market.last_session)}, "
            f"{format.count(ctx.status.age, 'session')} behind the last completed session, "
            f"{format.day(ctx.status.clock_session)}. Bring the data up to date to rebalance.",
            icon=":material/update:",
        )


def summary(plan: RebalanceResult, slot: DeltaGenerator) -> None:
    """What the plan on the page asks for, in one line with a traffic light.

    Drawn by whatever draws the tables, from the same plan, so that they cannot disagree.
    """
    with slot.container(border=True, key="headline"):
        st.markdown(f"#### {format.md_escape(sentence(plan))}", help=TURNOVER)
        with st.container(horizontal=True, gap="small"):
            light(plan)
            sizing(plan)
            if plan.used.simulated:
                show.badge("Simulated prices", colour="orange", icon=":material/science:")


def sentence(plan: RebalanceResult) -> str:
    """Trades, turnover, cost, blocks and warnings in one line."""
    used = plan.used.plan
    return ", ".join(
        (
            format.count(used.n_trades, "trade"),
            f"{format.percent(used.turnover, places=0)} turnover",
            f"≈ {format.money(used.costs)} cost",
            format.count(len(plan.blocks), "block"),
            format.count(len(plan.warnings), "warning"),
        )
    )


def light(plan: RebalanceResult) -> None:
    """Whether the plan can be confirmed: a word, an icon and a colour."""
    if plan.what_if:
        show.badge("What-if only", colour="violet", icon=":material/experiment:")
    elif plan.blocks:
        show.badge("Cannot be confirmed", colour="red", icon=":material/block:")
    elif plan.warnings:
        found = format.count(len(plan.warnings), "warning")
        show.badge(f"{found} to acknowledge", colour="orange", icon=":material/warning:")
    else:
        show.badge("Ready to confirm", colour="green", icon=":material/check_circle:")


def sizing(plan: RebalanceResult) -> None:
    """The value the plan is sized on, and what makes it differ from the book's."""
    used = plan.used
    value = format.money(used.plan.portfolio_value)
    colour: show.Colour = "blue"
    if used.situation.holdings is None:
        text = f"First funding of {value}"
    elif plan.what_if:
        text, colour = f"Sized on {value}, which is not the book's value", "violet"
    elif used.plan.cash_flow:
        flow = "deposit" if used.plan.cash_flow > 0 else "withdrawal"
        text = f"Book after a {flow} of {format.money(abs(used.plan.cash_flow))}: {value}"
    else:
        text, colour = f"Book value {value}", "gray"
    show.badge(text, colour=colour, icon=":material/account_balance_wallet:")
