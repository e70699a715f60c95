"""Trying other thresholds on the Regime page: what would have been, never saved."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from pages.ui import format, show, tables
from pages.ui.regime_view import View
from pages.ui.show import Kpi
from pages.ui.state_regime import reset_trial, seed_trial
from quantetf_core.charts.regime_trial import trial_strips_alt, trial_strips_figure
from quantetf_core.config import RegimeConfig
from quantetf_core.desk import regimes
from quantetf_core.regime.comparison import Trial, band_percent, trial_thresholds
from quantetf_core.regime.types import REGIME_SHORT_LABELS

_BAND_MOST, _VIX_MOST = 10.0, 60.0


@st.fragment
def render(seen: View) -> None:
    """Three sliders, and the past as their thresholds would have labelled it."""
    st.header("Try other thresholds", anchor="try")
    show.caption(
        "A what-if on the past up to this session. Nothing here is saved; decisions keep using "
        f"{seen.ctx.portfolio.settings.config.thresholds}."
    )
    configured = seen.thresholds
    tried = _sliders(seen)
    if tried is None:
        return
    history, found = regimes.try_thresholds(seen.ctx.market, seen.history, tried)
    _answer(found, same=tried == configured)
    _figures(found)
    figure = trial_strips_figure(seen.history, history)
    show.chart(figure, alt=trial_strips_alt(seen.history, found), key="trial_strips")
    _shares(found)
    _disagreements(found)


def _sliders(seen: View) -> RegimeConfig | None:
    """The thresholds on the sliders; None, with a sentence, when they are impossible."""
    at = seen.thresholds
    band = band_percent(at)
    keys = _keys(seen.ctx.portfolio.name, at)
    start = dict(zip(keys, (band, at.vix_high_threshold, at.vix_low_threshold), strict=True))
    seed_trial(start)
    one, two, three = st.columns(3)
    with one:
        tried_band = _slider(
            "Band around the 200-day mean (per cent)", keys[0], 0.0, max(_BAND_MOST, band), 0.1
        )
    with two:
        most = max(_VIX_MOST, at.vix_high_threshold)
        low = _slider("VIX: volatility turns low below", keys[2], 1.0, most, 0.5)
    with three:
        high = _slider("VIX: volatility turns high above", keys[1], 1.0, most, 0.5)
    _reset(start)
    if low > high:
        st.error(
            f"The lower VIX threshold ({low:g}) is above the upper one ({high:g}). Volatility "
            "could turn high and low on the same day: move one of the two.",
            icon=":material/block:",
        )
        return None
    return trial_thresholds(band_percent=tried_band, vix_high=high, vix_low=low)


def _keys(portfolio: str, at: RegimeConfig) -> tuple[str, str, str]:
    """Keys that change with the configured values, so that an edited file starts afresh."""
    band, high, low = at.trend_hysteresis_pct, at.vix_high_threshold, at.vix_low_threshold
    of = f"{portfolio}_{band:g}_{high:g}_{low:g}"
    return f"trial_band_{of}", f"trial_high_{of}", f"trial_low_{of}"


def _slider(label: str, key: str, low: float, high: float, step: float) -> float:
    return float(
        st.slider(
            label,
            min(low, high),
            high,
            step=step,
            key=key,
            format="%.1f",
            persist_state="session",
        )
    )


def _reset(start: Mapping[str, float]) -> None:
    st.button(
        "Back to the configured thresholds",
        on_click=reset_trial,
        args=(start,),
        icon=":material/undo:",
        key="trial_reset",
    )


def _answer(found: Trial, *, same: bool) -> None:
    """What the trial says of the session looked at, in one sentence."""
    if same:
        st.info(
            "These are the configured thresholds. Move a slider to see what others would have "
            "said.",
            icon=":material/tune:",
        )
        return
    trial = format.md_escape(format.regime(found.trial_regime))
    lasted = format.count(found.trial_days, "session")
    if found.trial_regime == found.configured_regime:
        st.info(
            f"The regime would be the same, **{trial}**, for {lasted} now (configured: "
            f"{format.number(found.configured_days)}).",
            icon=":material/equal:",
        )
        return
    configured = format.md_escape(format.regime(found.configured_regime))
    st.warning(
        f"The regime would be **{trial}**, for {lasted} now, instead of **{configured}**.",
        icon=":material/swap_horiz:",
    )


def _figures(found: Trial) -> None:
    show.kpis(
        [
            Kpi(
                "Changes, trial",
                format.number(found.trial_changes),
                delta=f"configured {format.number(found.configured_changes)}",
                help="Changes of regime in the whole history up to this session.",
            ),
            Kpi(
                "Sessions that differ",
                format.number(found.differing),
                delta=f"{format.percent(found.differing_share, places=1)} of all",
                help="Sessions on which the two give another regime.",
            ),
        ],
        key="trial_figures",
    )


def _shares(found: Trial) -> None:
    st.subheader("Shares, side by side", anchor=False)
    percent, count = tables.weight, tables.number
    tables.show(
        found.shares.assign(regime=found.shares["regime"].map(format.regime)),
        {
            "regime": tables.text("Regime"),
            "configured_share": percent("Share, configured"),
            "trial_share": percent("Share, trial"),
            "configured_spells": count("Spells, configured", places=0),
            "trial_spells": count("Spells, trial", places=0),
            "configured_average": count("Sessions a spell, configured", places=1),
            "trial_average": count("Sessions a spell, trial", places=1),
        },
        alt=_shares_said(found.shares),
        key="trial_shares",
    )


def _shares_said(frame: pd.DataFrame) -> str:
    lines = (
        f"{format.regime(regime)} {format.percent(one, places=1)} and "
        f"{format.percent(other, places=1)}"
        for regime, one, other in zip(
            frame["regime"], frame["configured_share"], frame["trial_share"], strict=True
        )
    )
    return f"Shares by the configured and by the trial thresholds: {'; '.join(lines)}."


def _disagreements(found: Trial) -> None:
    runs = found.disagreements
    if runs.empty:
        return
    st.subheader("Where they differ", anchor=False)
    tables.show(
        runs.assign(
            configured=runs["configured"].map(REGIME_SHORT_LABELS),
            trial=runs["trial"].map(REGIME_SHORT_LABELS),
        ),
        {
            "start": tables.day("From"),
            "end": tables.day("To"),
            "sessions": tables.number("Sessions", places=0),
            "configured": tables.text("Configured"),
            "trial": tables.text("Trial"),
        },
        alt=(
            f"{format.count(len(runs), 'spell')} of disagreement, the newest from "
            f"{format.day(runs['start'].iloc[0])} to {format.day(runs['end'].iloc[0])}."
        ),
        key="trial_differs",
        height=min(300, 38 + 35 * len(runs)),
    )
