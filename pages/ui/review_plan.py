"""What moves with the what-if: target, trades, checks, the slider itself and the confirmation.

One fragment draws all of it, and the headline, from one plan. A fragment runs again on its own
when the slider moves; if the book or the newest session has moved meanwhile, the page starts over.
"""

from __future__ import annotations

from dataclasses import dataclass

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
from quantetf_core.charts.portfolio import (
    CHART_ALT,
    chart_height,
    weights_alt,
    weights_data,
    weights_spec,
)


@dataclass(slots=True)
class Page:
    """What one run of the whole page hands to its fragment.

    Parameters
    ----------
    ctx, book
        What the page works on, and the plan on the book's own value.
    headline, table, chart, lines, said, checks
        Places that the fragment fills; their headings and frames stay as they are.
    plan
        The plan on the page; before the fragment has drawn, the book's.
    drawn
        Whether the fragment has drawn: its later runs are its own, and look again.
    """

    ctx: Context
    book: desk.RebalanceResult
    headline: DeltaGenerator
    table: DeltaGenerator
    chart: DeltaGenerator
    said: DeltaGenerator
    lines: DeltaGenerator
    checks: review_checks.Slots
    plan: desk.RebalanceResult
    drawn: bool = False


def lay_out(ctx: Context, book: desk.RebalanceResult, headline: DeltaGenerator) -> Page:
    """Headings and places of everything that moves with the what-if."""
    st.header("Target portfolio", anchor="target")
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(key="target"):
        table = st.empty()
    with right, st.container(key="weights"):
        chart = st.empty()
    st.header("Trades", anchor="trades")
    said = st.empty()
    with st.container(key="trades"):
        lines = st.empty()
    download = st.container()  # below: on a phone the table's own toolbar covers what is above it
    checks = review_checks.lay_out(book)
    page = Page(ctx, book, headline, table, chart, said, lines, checks, plan=book)
    if book.trades:
        download.download_button(
            "Trades as CSV",
            data=lambda: desk.trades_csv(page.plan),
            file_name=_file_name(book),
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
            key="trades_csv",
        )
    st.header("What if the portfolio were larger or smaller?", anchor="what-if")
    return page


@st.fragment
def render(page: Page) -> None:
    """Draw the plan on the value being tried, the slider that changes it, and the confirmation."""
    plan = None
    with show.error_boundary():
        plan = _plan(page)
    if plan is None:
        _blank(page)
    else:
        page.plan = plan
        _fill(page, plan)
    review_what_if.render(page.book, plan)
    if plan is not None:
        review_commit.confirm(page.ctx, plan)


def _fill(page: Page, plan: desk.RebalanceResult) -> None:
    """Everything above the slider, from one plan."""
    page.headline.markdown(review_headline.summary(plan), help=review_headline.TURNOVER)
    _target(page, plan)
    _trades(page, plan)
    review_checks.fill(page.checks, plan)


def _blank(page: Page) -> None:
    """No plan can be made on this value: nothing of another one may stay on the page."""
    page.headline.markdown("#### No plan can be made on this value")
    checks = page.checks
    slots = (page.table, page.chart, page.said, page.lines, checks.findings, checks.cash)
    for slot in (*slots, checks.checked):
        if slot is not None:
            slot.empty()


def _plan(page: Page) -> desk.RebalanceResult:
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


def _basis(plan: desk.RebalanceResult) -> tuple[object, ...]:
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


def _target(page: Page, plan: desk.RebalanceResult) -> None:
    table = desk.weights_table(plan)
    tables.fill(page.table, table, _TARGET, alt=weights_alt(table), height="content")
    page.chart.vega_lite_chart(
        weights_data(table),
        weights_spec(),
        width="stretch",
        height=chart_height(len(table)),
        theme="streamlit",
        alt=CHART_ALT,
        key="weights_chart",
    )


_TARGET: dict[str, tables.Column] = {
    "label": tables.ticker(),
    "weight_now": tables.weight("Weight now", help="Of the value before, after any deposit."),
    "weight_after": tables.weight("Weight after", help="After the trades and their costs."),
    "weight_wanted": tables.weight("Wanted", help="What the strategy asks for, unrounded."),
    "value_after": tables.money("Value after (USD)"),
    "asset_class": tables.text("Asset class"),
    "name": tables.text("Name"),
}


def _trades(page: Page, plan: desk.RebalanceResult) -> None:
    said = _trades_said(plan)
    page.said.caption(format.md_escape(said))
    if plan.trades:
        fractional = bool(plan.used.settings.config.rebalance.allow_fractional)
        columns = _trade_columns(fractional=fractional)
        tables.fill(page.lines, desk.trades_view(plan), columns, alt=said, height="content")
    else:
        with page.lines.container():
            show.empty_state(
                "Nothing to trade",
                "Nothing is held and the strategy chooses nothing, so the money stays in cash.",
            )


def _trade_columns(*, fractional: bool) -> dict[str, tables.Column]:
    volume = "Shares traded over the mean daily volume of the last sessions."
    return {
        "ticker": tables.ticker(),
        "action": _wide(tables.text("Action"), 65),
        "shares_delta": _wide(
            tables.shares("Shares", fractional=fractional, signed=True, help=_SHARES), 70
        ),
        "reason": _wide(tables.text("Reason"), 225),
        "current_shares": _wide(tables.shares("Held now", fractional=fractional), 75),
        "target_shares": _wide(tables.shares("Held after", fractional=fractional), 80),
        "notional_value": _wide(tables.money("Traded (USD)", cents=True), 100),
        "cost": _wide(tables.money("Cost", cents=True, help="USD, estimated."), 70),
        "price": _wide(tables.price("Price", help="USD, close, not adjusted: what one pays."), 75),
        "price_date": _wide(tables.day("Price of"), 95),
        "current_weight": _wide(tables.weight("Weight now"), 85),
        "target_weight": _wide(tables.weight("Weight after"), 85),
        "volume_share": _wide(tables.weight("Of daily volume", help=volume), 105),
        "name": tables.text("Name"),
    }


_SHARES = "Shares to trade; + bought, − sold."


def _wide(column: tables.Column, pixels: int) -> tables.Column:
    return {**column, "width": pixels}


def _trades_said(plan: desk.RebalanceResult) -> str:
    """How many lines trade and how many are held; the same on screen and in the table's name."""
    held = len(plan.trades) - len(plan.orders)
    said = f"{format.count(len(plan.orders), 'trade')}, {format.count(held, 'line')} held."
    scale = plan.used.plan.scale
    if scale < 1.0:
        said += f" Buys are scaled to {format.percent(scale, places=1)} of what they wish for."
    return said


def _file_name(plan: desk.RebalanceResult) -> str:
    name = plan.used.settings.config.name
    marks = ["simulated"] if plan.used.simulated else []
    return "-".join(["trades", name, plan.as_of.date().isoformat(), *marks]) + ".csv"
