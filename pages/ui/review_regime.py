"""The regime on the Review page: two years of it, and how far it is from changing."""

from __future__ import annotations

import streamlit as st

from pages.ui import format, loaders, show
from pages.ui.context import Context
from pages.ui.show import Kpi
from quantetf_core import desk
from quantetf_core.charts.regime import spy_trend_alt, spy_trend_figure, vix_alt, vix_figure
from quantetf_core.regime.analysis import Distance, flip_distance
from quantetf_core.regime.types import UNKNOWN

_TO = {
    "downtrend": "SPY to a downtrend",
    "uptrend": "SPY to an uptrend",
    "high_vol": "VIX to high volatility",
    "low_vol": "VIX to low volatility",
}


def render(ctx: Context, plan: desk.RebalanceResult) -> None:
    """Distances to the next change, SPY against its mean, the VIX against its thresholds."""
    thresholds = ctx.portfolio.settings.thresholds
    labels = loaders.regime_labels(ctx.portfolio, ctx.market).loc[: ctx.session]
    st.header("Regime", anchor="regime")
    if plan.regime == UNKNOWN:
        st.warning(
            "The regime is unknown at this session, because SPY or VIX data is missing or SPY has "
            "no 200 closes yet. The mapping's fallback strategy is used until it is known again.",
            icon=":material/help:",
        )
    far = flip_distance(plan.used.regime_state, thresholds)
    days = Kpi(
        "In this regime for",
        format.count(plan.used.days_in_regime, "session"),
        help="This session included.",
    )
    show.kpis(
        [
            days,
            _distance(far.trend, "SPY to a change of trend", unit="USD"),
            _distance(far.vol, "VIX to a change of volatility", unit="points"),
        ],
        key="distances",
    )
    left, right = st.columns(2)
    with left:
        said = spy_trend_alt(labels, thresholds)
        figure = spy_trend_figure(labels, thresholds, height=320)
        show.chart(figure, alt=said, key="spy_trend", height=320)
        show.caption(said)
    with right:
        said = vix_alt(labels, thresholds)
        show.chart(vix_figure(labels, thresholds, height=320), alt=said, key="vix", height=320)
        show.caption(said)


def _distance(far: Distance | None, unknown: str, *, unit: str) -> Kpi:
    if far is None:
        return Kpi(unknown, format.MISSING, help="Not known while the regime is unknown.")
    points = format.number(far.points, places=2, signed=True)
    return Kpi(
        _TO[far.to],
        f"{points} {unit}",
        help=(
            f"It changes beyond {format.number(far.level, places=2)} {unit}, at today's 200-day "
            "mean and thresholds."
        ),
        delta=f"{format.percent(far.fraction, places=1, signed=True)}",
    )
