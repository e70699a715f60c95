"""Paper mode on the pages: where the orders are, and the form that fills and books them."""

from __future__ import annotations

import streamlit as st

from pages.ui import fills_report, format, holdings_confirm, loaders, show
from pages.ui.context import Context
from quantetf_core import desk
from quantetf_core.desk import PaperOrders

_SAID = "rest_closed"  # of each line; the form says it once


def notice(ctx: Context, *, link: bool = True) -> None:
    """Say where the paper orders are; nothing where none wait.

    Parameters
    ----------
    link
        Whether to lead to Holdings, where they are sent, filled and booked.
    """
    if ctx.portfolio.settings.config.paper is None:
        return
    orders = desk.paper_orders(ctx.portfolio, ctx.market, found=loaders.past(ctx.portfolio).history)
    if orders is None:
        return
    with st.container(
        horizontal=True, vertical_alignment="center", border=True, key="paper_orders"
    ):
        badge = show.badge_text("Paper", "violet", ":material/draft:")
        st.markdown(f"{badge} {format.md_escape(where(orders))}", width="stretch")
        if link and (orders.ready or not orders.sent):
            st.page_link(
                "pages/holdings.py",
                label="Fill and reconcile" if orders.sent else "Send",
                icon=":material/task_alt:" if orders.sent else ":material/send:",
            )


def where(orders: PaperOrders) -> str:
    """Where the orders are and what happens next, in one or two sentences."""
    of, session = format.day(orders.decided), format.day(orders.session)
    if not orders.sent:
        return (
            f"The rebalance of {of} ({orders.decision}) is recorded, but its orders did not go to "
            "the paper broker."
        )
    begun = f"The orders of {orders.decision} are sent to the paper broker"
    if not orders.ready:
        return f"{begun}; they fill at the {orders.price}s of {session}. Waiting for those prices."
    return (
        f"{begun}; they fill at the {orders.price}s of {session}, and those prices are there. "
        "Until you have seen the fills and booked them, the book takes the orders as filled as "
        "planned."
    )


def form(ctx: Context, orders: PaperOrders) -> None:
    """Send the orders, or show their fills and ask for the confirmation that books them."""
    if not orders.sent:
        entry = desk.propose_paper_sent(ctx.portfolio, ctx.market)
        if entry is not None:
            show.line(f"The orders of {orders.decision} go to the paper broker.")
            holdings_confirm.ask(ctx, entry, button="Send to the paper broker")
        return
    fills = desk.propose_paper_fills(ctx.portfolio, ctx.market)
    if fills is None:
        show.line(where(orders))
        return
    st.subheader(f"Fills at the {orders.price}s of {format.day(orders.session)}", anchor=False)
    fills_report.render(fills.report, key="paper_fills")
    notes = [f for f in fills.findings if f not in fills.warnings and f.code != _SAID]
    if notes:
        show.findings_list(notes)
    if not fills.report.complete:
        show.caption("Orders are for one session: what was not filled in it lapses.")
    if ctx.session.date() < fills.request.as_of:
        show.caption(
            f"Recorded as of {format.day(fills.request.as_of)}: choose that date or a later one in "
            "the sidebar to see the book after it."
        )
    holdings_confirm.render(ctx, fills, button="Fill and reconcile")
