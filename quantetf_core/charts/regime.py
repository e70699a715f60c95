"""The regime in pictures: SPY against its mean, the VIX against its thresholds, the whole past.

Each figure has a function of the same name ending in ``_alt``: its takeaway in a sentence, for
readers who cannot see it. All take the frame of `quantetf_core.regime.label_history`.
"""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from quantetf_core.charts.regime_spells import LEGEND_MOST, spell_boxes, spell_hover, whole_range
from quantetf_core.charts.regime_words import (
    NO_SESSIONS,
    count,
    distribution_alt,
    regime_strip_alt,
    shares_in_use,
    spy_trend_alt,
    vix_alt,
)
from quantetf_core.charts.theme import (
    NEUTRAL,
    REGIME_COLOR,
    SERIES_1,
    SERIES_2,
    date_axis,
    empty_figure,
    layout,
    value_axis,
)
from quantetf_core.regime.analysis import spells
from quantetf_core.regime.types import REGIME_LABELS, RegimeConfig

__all__ = [
    "TWO_YEARS",
    "distribution_alt",
    "distribution_figure",
    "regime_strip_alt",
    "regime_strip_figure",
    "spy_trend_alt",
    "spy_trend_figure",
    "vix_alt",
    "vix_figure",
]

TWO_YEARS = 504
"""Sessions the Review page shows."""

_ROUND_PRICES = [digit * 10**power for power in range(6) for digit in (1, 2, 5)]


def spy_trend_figure(
    history: pd.DataFrame,
    config: RegimeConfig | None = None,
    *,
    sessions: int = TWO_YEARS,
    height: int = 340,
    logarithmic: bool = False,
) -> go.Figure:
    """SPY's close, its 200-day mean and the band around it, before the regimes.

    Parameters
    ----------
    history
        Of `label_history`.
    config
        The thresholds the history was made with; those of `RegimeConfig` when None.
    sessions
        How many of the last sessions to draw.
    height
        Pixels.
    logarithmic
        Equal distances are equal percentages: for decades, where 2 per cent of an early price
        would not be seen. The axis says so.
    """
    config = config or RegimeConfig()
    shown = history.tail(sessions)
    if not shown["spy_price"].notna().any():
        return empty_figure("No SPY closes to show yet", height=height)
    traces = [
        _band(shown, config),
        _line(shown, "spy_200ma", "200-day mean", color=SERIES_2, dash="dash"),
        _line(shown, "spy_price", "SPY close", color=SERIES_1, regime_in_hover=True),
        _last_value(shown["spy_price"], SERIES_1),
    ]
    figure = _before_regimes(shown, traces, title="USD per share", height=height)
    if logarithmic:
        figure.update_layout(
            yaxis2={
                "type": "log",
                "tickmode": "array",
                "tickvals": _ROUND_PRICES,
                "title": {"text": "USD per share, log scale"},
            }
        )
    return figure


def vix_figure(
    history: pd.DataFrame,
    config: RegimeConfig | None = None,
    *,
    sessions: int = TWO_YEARS,
    height: int = 260,
) -> go.Figure:
    """The VIX and its two thresholds, before the regimes; parameters as `spy_trend_figure`.

    The legend names the lines only: the regimes are named in the hover, and in the legend of
    `spy_trend_figure`, which stands above it.
    """
    config = config or RegimeConfig()
    shown = history.tail(sessions)
    if not shown["vix"].notna().any():
        return empty_figure("No VIX to show yet", height=height)
    traces = [
        _threshold(shown, config.vix_high_threshold, "High above", dash="dash"),
        _threshold(shown, config.vix_low_threshold, "Low below", dash="dot"),
        _line(shown, "vix", "VIX", color=SERIES_1, regime_in_hover=True),
        _last_value(shown["vix"], SERIES_1),
    ]
    figure = _before_regimes(shown, traces, title="VIX, index points", height=height)
    return figure.update_traces(showlegend=False, selector={"fill": "toself"})


def regime_strip_figure(history: pd.DataFrame, *, height: int = 160) -> go.Figure:
    """Every spell of the whole history, as one strip."""
    if history.empty:
        return empty_figure(NO_SESSIONS, height=height)
    runs = spells(history)
    traces = [*spell_boxes(runs, opacity=0.9), spell_hover(runs)]
    figure = go.Figure(traces)
    figure.update_layout(
        **layout(
            height=height,
            hovermode="x",
            xaxis=date_axis(range=whole_range(runs)),
            yaxis={"visible": False, "range": [0, 1], "fixedrange": True},
        )
    )
    return figure.update_layout(legend_maxheight=LEGEND_MOST)


def distribution_figure(history: pd.DataFrame, *, height: int = 220) -> go.Figure:
    """Share of sessions in each regime, as bars with their numbers; unknown only when it occurs."""
    shares = shares_in_use(history)
    if not shares:
        return empty_figure(NO_SESSIONS, height=height)
    percent = [share * 100.0 for _, share in shares.values()]
    bars = go.Bar(
        x=percent,
        y=[REGIME_LABELS[name] for name in shares],
        orientation="h",
        marker={"color": [REGIME_COLOR[name] for name in shares]},
        text=[f"{value:.1f}%" for value in percent],
        textposition="outside",
        customdata=[count(sessions) for sessions, _ in shares.values()],
        hovertemplate="%{y}<br>%{x:.1f}% · %{customdata}<extra></extra>",
    )
    figure = go.Figure(bars)
    figure.update_layout(
        **layout(
            height=height,
            showlegend=False,
            hovermode="y",
            xaxis=value_axis("Share of sessions, %", range=[0.0, max(percent) * 1.25]),
            yaxis={"autorange": "reversed", "automargin": True, "title": {"text": ""}},
        )
    )
    return figure


def _before_regimes(
    shown: pd.DataFrame, traces: list[go.Scatter], *, title: str, height: int
) -> go.Figure:
    """Traces on a second axis drawn over the first, which holds the regimes as background."""
    figure = go.Figure([*traces, *spell_boxes(spells(shown), opacity=0.24)])
    figure.update_layout(
        **layout(
            height=height,
            xaxis=date_axis(),
            yaxis={"visible": False, "range": [0, 1], "fixedrange": True},
            yaxis2=value_axis(title, overlaying="y", side="left"),
        )
    )
    return figure


def _band(shown: pd.DataFrame, config: RegimeConfig) -> go.Scatter:
    mean = shown["spy_200ma"].dropna()
    width = config.trend_hysteresis_pct
    upper, lower = mean * (1.0 + width), mean * (1.0 - width)
    return go.Scatter(
        x=[*mean.index, *mean.index[::-1]],
        y=[*upper, *lower[::-1]],
        name=f"Band ± {width * 100:g}%",
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=NEUTRAL,
        opacity=0.5,
        hoverinfo="skip",
        yaxis="y2",
    )


def _line(
    shown: pd.DataFrame,
    column: str,
    name: str,
    *,
    color: str,
    dash: str = "solid",
    regime_in_hover: bool = False,
) -> go.Scatter:
    labels = [REGIME_LABELS[regime] for regime in shown["regime"]] if regime_in_hover else None
    return go.Scatter(
        x=shown.index,
        y=shown[column],
        name=name,
        mode="lines",
        line={"color": color, "width": 1.6, "dash": dash},
        customdata=labels,
        hovertemplate="%{y:,.2f} · %{customdata}" if labels else "%{y:,.2f}",
        yaxis="y2",
    )


def _threshold(shown: pd.DataFrame, level: float, name: str, *, dash: str) -> go.Scatter:
    return go.Scatter(
        x=[shown.index[0], shown.index[-1]],
        y=[level, level],
        name=f"{name} {level:g}",
        mode="lines",
        line={"color": SERIES_2, "width": 1.4, "dash": dash},
        hoverinfo="skip",
        yaxis="y2",
    )


def _last_value(values: pd.Series[float], color: str) -> go.Scatter:
    last = values.dropna()
    return go.Scatter(
        x=[last.index[-1]],
        y=[last.iloc[-1]],
        mode="markers+text",
        marker={"color": color, "size": 8},
        text=[f"{last.iloc[-1]:,.2f}"],
        textposition="top left",
        textfont={"color": color},
        showlegend=False,
        hoverinfo="skip",
        cliponaxis=False,
        yaxis="y2",
    )
