"""The top of the Review page: what day it is, what the market is, what is asked of the PM."""

from __future__ import annotations

import streamlit as st

from pages.ui import format, loaders, show
from pages.ui.context import Context
from quantetf_core import desk
from quantetf_core.data.schedule import is_due
from quantetf_core.regime.types import UNKNOWN

TURNOVER = (
    "Turnover is one-way: half of everything bought and sold and of the change in cash, over the "
    "portfolio value after any deposit. Funding a book from cash is 100%."
)


def title(ctx: Context, book: desk.RebalanceResult) -> None:
    """Date, regime and strategy; what the what-if does not change."""
    regime = format.regime(book.regime)
    st.title(format.md_escape(f"{format.day(book.as_of)}: {regime}"), anchor=False)
    strategy = format.md_escape(book.strategy_used)
    fallback = " (the fallback, because the regime is unknown)" if book.regime == UNKNOWN else ""
    st.markdown(f"Strategy **{strategy}**{fallback}. {_schedule(ctx)}")
    _date_notes(ctx, book)


def _schedule(ctx: Context) -> str:
    """When the next rebalance is due, that it is now, or that it is recorded."""
    decided = desk.last_decision(ctx.portfolio)
    if decided is not None:
        entry = loaders.past(ctx.portfolio).history.by_id[decided]
        if entry.as_of == ctx.session.date():
            return f"The rebalance of this session is recorded, as {format.md_escape(decided)}."
    if is_due(ctx.portfolio.settings.config.schedule, ctx.session):
        return "A rebalance is due at this session."
    due = ctx.status.next_due
    if due.session is None:
        return "No schedule is set: rebalance whenever you decide."
    return f"Next rebalance due: {format.md_escape(due.reason)}."


def _date_notes(ctx: Context, book: desk.RebalanceResult) -> None:
    """What to know about the date: another one than asked for, in the past, or late."""
    asked = book.used.situation.requested
    if asked != book.as_of.date():
        show.caption(
            f"{format.day(asked)} has no session in the data; shown is the one before, "
            f"{format.day(book.as_of)}."
        )
    if not ctx.latest and ctx.portfolio.settings.config.clock == "exchange":
        st.info(
            f"An earlier session is looked at. The latest is "
            f"{format.day(ctx.market.last_session)}; only that one can be confirmed.",
            icon=":material/event_busy:",
        )
    if ctx.status.age:
        st.warning(
            f"The newest prices are of {format.day(ctx.market.last_session)}, "
            f"{format.count(ctx.status.age, 'session')} behind the last completed session, "
            f"{format.day(ctx.status.clock_session)}. Bring the data up to date to rebalance.",
            icon=":material/update:",
        )


def summary(plan: desk.RebalanceResult) -> str:
    """What the plan on the page asks for, as Markdown: one line, and a traffic light.

    Written by whatever fills the tables, from the same plan, so that they cannot disagree.
    """
    marks = [_light(plan), _sizing(plan)]
    if plan.used.simulated:
        marks.append(show.badge_text("Simulated prices", "orange", ":material/science:"))
    return f"#### {format.md_escape(sentence(plan))}\n\n{' '.join(marks)}"


def sentence(plan: desk.RebalanceResult) -> str:
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


def _light(plan: desk.RebalanceResult) -> str:
    """Whether the plan can be confirmed: a word, an icon and a colour."""
    if plan.what_if:
        return show.badge_text("What-if only", "violet", ":material/experiment:")
    if plan.final_blocks:
        return show.badge_text("Cannot be confirmed", "red", ":material/block:")
    if plan.blocks:
        found = format.count(len(plan.blocks), "block")
        return show.badge_text(f"{found} on data: needs a reason", "red", ":material/block:")
    if plan.warnings:
        found = format.count(len(plan.warnings), "warning")
        return show.badge_text(f"{found} to acknowledge", "orange", ":material/warning:")
    said = "Ready to confirm" if plan.orders or plan.used.plan.cash_flow else "Nothing to trade"
    return show.badge_text(said, "green", ":material/check_circle:")


def _sizing(plan: desk.RebalanceResult) -> str:
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
    return show.badge_text(text, colour, ":material/account_balance_wallet:")
