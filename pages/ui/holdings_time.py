"""Value and return of the book through time, beside SPY."""

from __future__ import annotations

import streamlit as st

from pages.ui import format, loaders, show
from pages.ui.context import Context
from pages.ui.loaders import Past
from pages.ui.show import Kpi
from quantetf_core.charts import holdings as charts
from quantetf_core.desk import ValueHistory

_DEFINITION = (
    "Time-weighted: the daily growth of the book at its closes, multiplied up, so that deposits "
    "and withdrawals change nothing. Trading costs and fees lower it. Dividends count only when "
    "they are recorded below as a corporate action; a count confirmed by the broker counts with "
    "its difference. An import or a revert replaces the book and counts neither way."
)


def render(ctx: Context, past: Past) -> None:
    """Figures and two charts; nothing before the first record."""
    if not past.history.entries:
        return
    seen = loaders.value_history(ctx.portfolio, ctx.market, past).up_to(ctx.session)
    if seen.frame.empty:
        return
    st.header("Through time", anchor=False)
    if len(seen.frame) < 2:
        begin = format.day(seen.frame.index[0])
        show.caption(f"The record begins on {begin}; value and return show from the next session.")
        return
    _returns(seen)
    left, right = st.columns(2)
    with left:
        st.subheader("Value", anchor=False)
        show.caption("USD at each close. A diamond: something was recorded.")
        figure = charts.value_figure(seen.frame, seen.events)
        show.chart(figure, alt=charts.value_alt(seen.frame), key="value_chart")
    with right:
        st.subheader("Return", anchor=False)
        show.caption("Per cent since the start, without deposits and withdrawals, and SPY's.")
        figure = charts.growth_figure(seen.frame)
        show.chart(figure, alt=charts.growth_alt(seen.frame), key="growth_chart")


def _returns(seen: ValueHistory) -> None:
    if seen.begin is None:
        show.line(
            "The return cannot be said: a position of the book has no price, or its value was "
            "below zero."
        )
        return
    begin = format.day(seen.begin)
    show.line(f"Return from {begin} to {format.day(seen.frame.index[-1])}:")
    show.kpis(
        [
            _figure(seen, "growth", "Portfolio", _DEFINITION),
            _figure(
                seen,
                "spy",
                "SPY, price only",
                f"SPY's close since {begin}. The desk values a book at closes, so this is the one "
                "to compare with while dividends are not recorded.",
            ),
            _figure(
                seen,
                "spy_total",
                "SPY with dividends",
                f"SPY's adjusted close since {begin}: dividends reinvested.",
            ),
        ],
        key="returns",
    )
    show.caption(_DEFINITION)
    first = seen.frame.index[0]
    if seen.begin > first:
        show.caption(
            f"The record begins on {format.day(first)}; the return is counted from "
            f"{format.day(seen.begin)}, because the book's value before that is not known on "
            "every session."
        )


def _figure(seen: ValueHistory, column: str, label: str, help: str) -> Kpi:
    yearly = seen.yearly(column)
    by_year = "" if yearly is None else f"a year: {format.percent(yearly, signed=True)}"
    return Kpi(label, format.percent(seen.total(column), signed=True), by_year, help=help)
