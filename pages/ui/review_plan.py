"""What moves with the what-if: target, trades, checks, the slider itself and the confirmation.

One fragment draws all of it, and the headline, from one plan. A fragment runs again on its own
when the slider moves; if the book or the newest session has moved meanwhile, the page starts over.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import (
    context,
    format,
    review_checks,
    review_commit,
    review_headline,
    review_what_if,
    show,
    state,
    tables,
)
from pages.ui.context import Context
from quantetf_core import desk
from quantetf_core.charts.portfolio import chart_height, weights_alt, weights_data, weights_spec
from quantetf_core.decision import RebalanceResult
from quantetf_core.decision.frames import trades_frame
from quantetf_core.decision.tables import weights_table
from quantetf_core.units import CASH


@dataclass(slots=True)
class Page:
    """What one run of the whole page hands to its fragment.

    Parameters
    ----------
    ctx, book
        What the page works on, and the plan on the book's own value.
    headline
        The place at the top that the fragment fills.
    drawn
        Whether the fragment has drawn since: its later runs are its own, and look again.
    """

    ctx: Context
    book: RebalanceResult
    headline: DeltaGenerator
    drawn: bool = False


@st.fragment
def render(page: Page) -> None:
    """Draw the plan on the value being tried."""
    with show.error_boundary():
        plan = _plan(page)
        review_headline.summary(plan, page.headline)
        _target(plan)
        _trades(plan)
        review_checks.render(plan, page.book)
        review_what_if.render(plan, page.book)
        review_commit.confirm(page.ctx, plan)


def _plan(page: Page) -> RebalanceResult:
    """The plan to draw; starts the page over when book or session moved since it was drawn."""
    ctx = context.current() if page.drawn else page.ctx
    tried = state.view().what_if
    if tried == desk.book_value_of(page.book):
        tried = None
    if tried is None and not page.drawn:
        plan = page.book
    elif tried is None:
        plan = desk.propose(ctx.portfolio, ctx.market, now=ctx.now, as_of=ctx.requested)
    else:
        plan = desk.propose_value(
            ctx.portfolio,
            ctx.market,
            book=page.book,
            value=tried,
            declared=state.view().flow is state.Flow.CASH_FLOW,
            now=ctx.now,
            as_of=ctx.requested,
        )
    page.drawn = True
    if _basis(plan) != _basis(page.book):
        st.rerun()
    return plan


def _basis(plan: RebalanceResult) -> tuple[object, ...]:
    """What two plans must share to stand on one page."""
    used = plan.used
    return (
        used.settings.config.name,
        plan.as_of,
        used.situation.holdings,
        used.situation.latest,
        used.data_fingerprint,
        used.strategy,
    )


def _target(plan: RebalanceResult) -> None:
    st.header("Target portfolio", anchor="target")
    table = weights_table(plan)
    columns = {
        "ticker": tables.ticker(),
        "weight_now": tables.weight("Weight now", help="Of the value before, after any deposit."),
        "weight_after": tables.weight("Weight after", help="After the trades and their costs."),
        "weight_wanted": tables.weight("Wanted", help="What the strategy asks for, unrounded."),
        "value_after": tables.money("Value after (USD)"),
        "asset_class": tables.text("Asset class"),
        "name": tables.text("Name"),
    }
    left, right = st.columns([3, 2], gap="medium")
    with left:
        named = _cash_named(table)
        tables.show(named, columns, alt=weights_alt(table), key="target", height="content")
    with right:
        st.vega_lite_chart(
            weights_data(table),
            weights_spec(),
            width="stretch",
            height=chart_height(len(table)),
            theme="streamlit",
            alt=weights_alt(table),
            key="weights",
        )


def _cash_named(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(ticker=table["ticker"].where(table["ticker"] != CASH, "Cash"))


def _trades(plan: RebalanceResult) -> None:
    st.header("Trades", anchor="trades")
    used = plan.used
    if not plan.trades:
        show.empty_state(
            "Nothing to trade",
            "Nothing is held and the strategy chooses nothing, so the money stays in cash.",
        )
        return
    frame = trades_frame(
        plan.trades, universe=used.settings.universe, volume_share=used.volume_share
    )
    fractional = used.settings.config.rebalance.allow_fractional
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        show.caption(_trades_said(plan))
        st.download_button(
            "Trades as CSV",
            data=partial(desk.trades_csv, plan),
            file_name=_file_name(plan),
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
            key="trades_csv",
        )
    tables.show(
        frame,
        _trade_columns(fractional=fractional),
        alt=_trades_said(plan),
        key="trades",
        height="content",
    )


def _trade_columns(*, fractional: bool) -> dict[str, tables.Column]:
    volume = "Shares traded over the mean daily volume of the last sessions."
    return {
        "ticker": tables.ticker(),
        "action": tables.text("Action", width="small"),
        "name": _wide(tables.text("Name"), 120),
        "current_shares": tables.shares("Shares now", fractional=fractional),
        "target_shares": tables.shares("After", fractional=fractional),
        "shares_delta": tables.shares("Change", fractional=fractional, signed=True),
        "price": _wide(tables.price("Price", help="USD, close, not adjusted: what one pays."), 80),
        "price_date": _wide(tables.day("Price of"), 100),
        "notional_value": _wide(tables.money("Traded (USD)", cents=True), 110),
        "current_weight": tables.weight("Weight now"),
        "target_weight": tables.weight("After"),
        "reason": _wide(tables.text("Reason"), 150),
        "volume_share": tables.weight("Of daily volume", help=volume),
        "cost": tables.money("Cost (USD)", cents=True),
    }


def _wide(column: tables.Column, pixels: int) -> tables.Column:
    return {**column, "width": pixels}


def _trades_said(plan: RebalanceResult) -> str:
    """How many lines trade and how many are held; the same on screen and in the table's name."""
    held = len(plan.trades) - len(plan.orders)
    said = f"{format.count(len(plan.orders), 'trade')}, {format.count(held, 'line')} held."
    scale = plan.used.plan.scale
    if scale < 1.0:
        said += f" Buys are scaled to {format.percent(scale, places=1)} of what they wish for."
    return said


def _file_name(plan: RebalanceResult) -> str:
    name = plan.used.settings.config.name
    marks = ["simulated"] * plan.used.simulated + ["what-if"] * plan.what_if
    return "-".join(["trades", name, plan.as_of.date().isoformat(), *marks]) + ".csv"
