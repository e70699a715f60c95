"""The past on the Regime page: the strip of all spells, the two indicators, changes and shares."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from pages.ui import format, show, tables
from pages.ui.regime_view import View
from quantetf_core.charts.regime import (
    TWO_YEARS,
    distribution_alt,
    distribution_figure,
    regime_strip_alt,
    regime_strip_figure,
    spy_trend_alt,
    spy_trend_figure,
    vix_alt,
    vix_figure,
)
from quantetf_core.desk import regimes
from quantetf_core.regime.tables import change_table, share_table
from quantetf_core.regime.types import REGIME_SHORT_LABELS, UNKNOWN

FIVE_YEARS = 1260

_PERIODS = {"2 years": TWO_YEARS, "5 years": FIVE_YEARS, "All": None}


def strip(seen: View) -> None:
    """Every spell since the first session."""
    st.header("The whole history", anchor="past")
    said = regime_strip_alt(seen.history)
    show.chart(regime_strip_figure(seen.history), alt=said, key="strip")
    show.caption(said)


@st.fragment
def indicators(seen: View) -> None:
    """SPY and the VIX over the period chosen, before the regimes."""
    st.header("What the regime is read from", anchor="indicators")
    period = st.segmented_control(
        "Period",
        tuple(_PERIODS),
        default="2 years",
        required=True,
        key="regime_period",
        persist_state="session",
    )
    everything = len(seen.history)
    sessions = min(_PERIODS.get(str(period)) or everything, everything)
    left, right = st.columns(2)
    with left:
        said = spy_trend_alt(seen.history, seen.thresholds)
        figure = spy_trend_figure(
            seen.history,
            seen.thresholds,
            sessions=sessions,
            height=340,
            logarithmic=sessions > FIVE_YEARS,
        )
        show.chart(figure, alt=said, key="regime_spy")
        show.caption(said)
    with right:
        said = vix_alt(seen.history, seen.thresholds)
        figure = vix_figure(seen.history, seen.thresholds, sessions=sessions, height=340)
        show.chart(figure, alt=said, key="regime_vix")
        show.caption(said)


def changes(seen: View) -> None:
    """Every change of regime, newest first, with the indicators of that day."""
    st.header("Changes of regime", anchor="changes")
    found = change_table(seen.history)
    if found.empty:
        show.empty_state(
            "No change of regime yet",
            f"The regime has been the same since the first session, {format.day(seen.since)}.",
        )
        return
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        show.caption(_changes_said(found))
        simulated = seen.ctx.market.simulated
        st.download_button(
            "Changes as CSV",
            data=partial(regimes.changes_csv, seen.history, simulated=simulated),
            file_name=_file_name(seen),
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
            key="changes_csv",
        )
    tables.show(
        found.assign(
            from_regime=found["from_regime"].map(REGIME_SHORT_LABELS),
            to_regime=found["to_regime"].map(REGIME_SHORT_LABELS),
        ),
        {
            "date": tables.day("First session"),
            "from_regime": tables.text("From"),
            "to_regime": tables.text("To"),
            "from_sessions": tables.number("Old lasted (sessions)", places=0),
            "to_sessions": tables.number(
                "New lasted (sessions)", places=0, help="So far, for the regime still running."
            ),
            "spy_price": tables.price("SPY close"),
            "spy_200ma": tables.price("SPY 200-day mean"),
            "vix": tables.number("VIX", help="Index points, as used on that session."),
        },
        alt=_changes_said(found),
        key="changes",
        height=min(420, 38 + 35 * len(found)),
    )


def shares(seen: View) -> None:
    """How the sessions divide among the regimes, as bars and as numbers."""
    st.header("How often each regime was", anchor="shares")
    said = distribution_alt(seen.history)
    found = share_table(seen.history)
    left, right = st.columns([2, 3])
    with left:
        show.chart(distribution_figure(seen.history), alt=said, key="distribution")
    with right:
        st.space("small")  # on touch a table's tools lie over what stands right above it
        tables.show(
            found.assign(regime=found["regime"].map(format.regime)),
            {
                "regime": tables.text("Regime"),
                "sessions": tables.number("Sessions", places=0),
                "share": tables.weight("Share", help="Of all sessions in the data."),
                "spells": tables.number("Spells", places=0, help="Unbroken runs of the regime."),
                "average": tables.number("Sessions a spell", places=1, help="The average spell."),
                "longest": tables.number("In the longest", places=0, help="Sessions of it."),
            },
            alt=said,
            key="shares",
        )
    show.caption(said)
    if UNKNOWN in set(found["regime"]):
        show.caption(
            "Unknown are the sessions before SPY had 200 closes, and those without a SPY close or "
            "a VIX."
        )


def _changes_said(found: pd.DataFrame) -> str:
    last = found.iloc[0]
    return (
        f"{format.count(len(found), 'change')}; the last on {format.day(last['date'])}, from "
        f"{format.regime(last['from_regime']).lower()} to "
        f"{format.regime(last['to_regime']).lower()}."
    )


def _file_name(seen: View) -> str:
    kind = "simulated_" if seen.ctx.market.simulated else ""
    return f"{kind}regime_changes_{seen.ctx.portfolio.name}_{seen.ctx.session:%Y%m%d}.csv"
