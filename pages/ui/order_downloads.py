"""A decision's orders as files for the broker: how they are limited, and a button per layout."""

from __future__ import annotations

import streamlit as st

from pages.ui import format, show, state_forms
from quantetf_core import desk

_MARKET, _LIMIT = "Market", "Limit"

_FIRST_LIMIT = 20.0  # basis points offered at first

_GIVES = {
    desk.Layout.CSV: "Orders as CSV",
    desk.Layout.JSON: "Orders as JSON",
    desk.Layout.IBKR: "IBKR basket (CSV)",
}
"""What a button gives, in words that stand alone."""

_LAYOUTS = (desk.Layout.CSV, desk.Layout.JSON, desk.Layout.IBKR)
"""The basket last: it alone may refuse a ticker, and then the others are there."""


def render(portfolio: desk.Portfolio, decision: desk.RebalanceResult | str, *, key: str) -> None:
    """Draw the choice of market or limit orders and the downloads.

    Parameters
    ----------
    decision
        A plan, or the id of a commit.
    key
        Names the place; another one for each on a page.
    """
    limit = _limit(key)
    with show.error_boundary():
        files = st.container(horizontal=True, key=f"{key}_files")
        for layout in _LAYOUTS:
            file = desk.order_file(portfolio, decision, layout=layout, limit_bps=limit)
            files.download_button(
                _GIVES[layout],
                data=file.content,
                file_name=file.name,
                mime=file.media_type,
                on_click="ignore",
                icon=":material/download:",
                key=f"{key}_{layout}",
            )
        show.caption(_about(file))
        if file.ticket.simulated:
            st.warning(
                "Simulated prices: these orders are for trying out, not for a real broker.",
                icon=":material/science:",
            )


def _limit(key: str) -> float | None:
    """The limit asked for, in basis points; None for market orders."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}_terms"):
        chosen = st.segmented_control(
            "Order type",
            [_MARKET, _LIMIT],
            default=_MARKET,
            required=True,
            key=state_forms.form_key(f"{key}_type"),
        )
        if chosen != _LIMIT:
            return None
        return st.number_input(
            "At most this much worse than the close (bps)",
            min_value=-1000.0,
            max_value=1000.0,
            value=_FIRST_LIMIT,
            step=5.0,
            format="%.0f",
            key=state_forms.form_key(f"{key}_bps"),
            width=300,
            help="Basis points: 20 is 0.20 per cent. A buy may pay that much more than the close "
            "it was sized on, a sell may bring that much less; the limit is rounded to the cent "
            "and is never worse than asked. Below 0 asks for a better price than the close.",
        )


def _about(file: desk.OrderFile) -> str:
    orders = format.count(len(file.ticket.orders), "order")
    return (
        f"{orders}, sells first, good for the day. In the IBKR basket every line carries the tag "
        f"{file.ticket.tag}, which begins the plan\u2019s id; TWS shows it as the order reference."
    )
