"""Order files on Review: of the plan on the page, and of the decision that was just recorded."""

from __future__ import annotations

import streamlit as st

from pages.ui import loaders, order_downloads, show
from pages.ui.context import Context
from quantetf_core import desk


def of_plan(ctx: Context, plan: desk.RebalanceResult) -> None:
    """The files of a plan nobody has confirmed, behind a lid; they say that they are that."""
    lid = st.expander(
        "Order files of this plan, before it is confirmed",
        icon=":material/draft:",
        key="plan_orders",
        on_change="rerun",
    )
    if not lid.open:
        return  # made only when looked at: the what-if repaints this at every move
    with lid:
        if not plan.orders and plan.confirmable:
            show.line("Nothing trades, so there is nothing to order.")
            return
        show.line(
            "To prepare, or to show to somebody. Every file says that the plan is not committed: "
            "in its name, in its lines, in the basket\u2019s tag. Confirm first, and send the "
            "files of the record."
        )
        order_downloads.render(ctx.portfolio, plan, key="plan_orders")


def sheet(portfolio: desk.Portfolio, plan: desk.RebalanceResult) -> None:
    """The approval sheet of the plan shown, marked as not confirmed."""
    st.download_button(
        "Approval sheet, not confirmed",
        data=lambda: desk.approval_sheet(portfolio, plan).content,
        file_name=desk.sheet_name(portfolio, plan),
        mime="text/html",
        icon=":material/print:",
        on_click="ignore",
        key="sheet",
        help="One page to print: what is to be decided, why, and what speaks against it.",
    )


def of_record(portfolio: desk.Portfolio, commit_id: str) -> None:
    """A button to the files of a decision that was just recorded; nothing for other records."""
    entry = loaders.past(portfolio).history.by_id.get(commit_id)
    if entry is None or entry.kind is not desk.Kind.REBALANCE:
        return
    if st.button("Order files…", icon=":material/download:", key="receipt_orders"):
        _files(portfolio, commit_id)


@st.dialog("Order files", width="medium", icon=":material/download:")
def _files(portfolio: desk.Portfolio, commit_id: str) -> None:
    if portfolio.settings.config.paper is not None:
        show.line("The orders go to the paper broker by themselves; the files are to look at.")
        order_downloads.render(portfolio, commit_id, key="receipt_orders")
        return
    show.line(
        "The desk sends nothing: load a file at the broker, or type the orders in. Then say so in "
        "the record, so that everybody knows they are out."
    )
    order_downloads.render(portfolio, commit_id, key="receipt_orders")
    st.page_link(
        "pages/history.py",
        label=f"Mark as sent in record {commit_id}",
        icon=":material/send:",
        query_params={"portfolio": portfolio.name, "id": commit_id},
    )
