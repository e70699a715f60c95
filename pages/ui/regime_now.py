"""The top of the Regime page: the regime, how firmly it stands, and what it calls for."""

from __future__ import annotations

import streamlit as st

from pages.ui import format, show
from pages.ui.regime_view import View
from pages.ui.show import Kpi
from quantetf_core.regime.analysis import Distance, flip_distance
from quantetf_core.regime.tables import why_unknown
from quantetf_core.regime.types import REGIMES, UNKNOWN

_FLIPS = {
    "downtrend": "SPY to a downtrend",
    "uptrend": "SPY to an uptrend",
    "high_vol": "VIX to high volatility",
    "low_vol": "VIX to low volatility",
}


def title(seen: View) -> None:
    """The regime in words, since when, and what is special about the date or the data."""
    ctx = seen.ctx
    st.title(f"Regime: {format.md_escape(format.regime(seen.state.name))}", anchor=False)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        lasted = format.count(seen.days, "session")
        entry = ctx.portfolio.settings.mapping.entry(seen.state.name)
        st.markdown(
            f"At the close of **{format.day(ctx.session)}**, "
            f"since {format.day(seen.since)} ({lasted}). "
            f"It calls for **{format.md_escape(entry.strategy)}**."
        )
        if ctx.market.simulated:
            show.badge("Simulated prices", colour="orange", icon=":material/science:")
    if ctx.requested and ctx.requested != ctx.session.date():
        show.caption(
            f"{format.day(ctx.requested)} has no session in the data; shown is the one before."
        )
    why = why_unknown(seen.history)
    if why:
        text = f"{why} Until the regime is known again, decisions use the fallback strategy."
        st.warning(format.md_escape(text), icon=":material/help:")


def indicators(seen: View) -> None:
    """Where SPY and the VIX stand, and how far each is from changing its part of the regime."""
    far = flip_distance(seen.state, seen.thresholds)
    show.kpis(
        [
            _spy(seen),
            _flip(far.trend, "SPY to a change of trend", unit="USD"),
            _vix(seen),
            _flip(far.vol, "VIX to a change of volatility", unit="points"),
        ],
        key="indicators",
    )


def _spy(seen: View) -> Kpi:
    price, mean = seen.state.spy_price, seen.state.spy_200ma
    beside = f"200-day mean {format.money(mean, cents=True)}" if mean else "no 200-day mean yet"
    return Kpi(
        "SPY close",
        format.money(price, cents=True),
        delta=beside,
        help=(
            "The closing price in USD per share, not adjusted for dividends, beside the plain mean "
            "of its last 200 closes."
        ),
    )


def _vix(seen: View) -> Kpi:
    at = seen.thresholds
    return Kpi(
        "VIX",
        format.number(seen.state.vix, places=2) if seen.state.vix else format.MISSING,
        delta=_vix_age(int(seen.history["vix_age"].iloc[-1])),
        help=(
            f"Index points at the close. Volatility turns high above {at.vix_high_threshold:g} and "
            f"low below {at.vix_low_threshold:g}; between the two it stays what it was."
        ),
    )


def _vix_age(age: int) -> str:
    if age < 0:
        return "never seen"
    return "of this session" if age == 0 else f"last seen {format.count(age, 'session')} ago"


def _flip(far: Distance | None, unknown: str, *, unit: str) -> Kpi:
    if far is None:
        return Kpi(unknown, format.MISSING, delta="not known", help="A value is missing.")
    points = format.number(far.points, places=2, signed=True)
    level = format.number(far.level, places=2)
    return Kpi(
        _FLIPS[far.to],
        f"{points} {unit}",
        delta=format.percent(far.fraction, places=1, signed=True),
        help=(
            f"The move it takes from this close. The change comes when a close goes beyond {level} "
            f"{unit}, at this session's 200-day mean and the configured thresholds."
            if unit == "USD"
            else f"The move it takes from this close. The change comes beyond {level} {unit}."
        ),
    )


def mapping(seen: View) -> None:
    """Which strategy each regime calls for and why, the one in use marked."""
    settings = seen.ctx.portfolio.settings
    st.header("What each regime calls for", anchor="mapping")
    with st.container(border=True, key="mapping"):
        for name in (*REGIMES, UNKNOWN):
            entry = settings.mapping.entry(name)
            regime, strategy, why = st.columns([3, 3, 6])
            heading = "Unknown (fallback)" if name == UNKNOWN else format.regime(name)
            regime.markdown(f"**{format.md_escape(heading)}**")
            strategy.markdown(format.md_escape(entry.strategy))
            if name == seen.state.name:
                with regime:
                    show.badge("In use now", colour="blue", icon=":material/check:")
            with why:
                show.caption(entry.rationale)
    show.caption(f"From {settings.config.mapping}.")
