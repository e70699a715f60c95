"""Spells of a regime as coloured boxes along the dates, and their words in the hover."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from quantetf_core.charts.regime_words import count, day
from quantetf_core.charts.theme import REGIME_COLOR
from quantetf_core.regime.analysis import NAMES
from quantetf_core.regime.types import REGIME_LABELS, REGIME_SHORT_LABELS

LEGEND_MOST = 100
"""Pixels a legend above a low chart may take; by default it is cut at half of the chart."""


def spell_boxes(
    runs: pd.DataFrame,
    *,
    opacity: float,
    low: float = 0.0,
    high: float = 1.0,
) -> list[go.Scatter]:
    """One filled trace a regime, however many its spells; each lasts until the next begins.

    Parameters
    ----------
    runs
        Of `quantetf_core.regime.analysis.spells`, not empty.
    opacity
        Of the fill, 0 to 1.
    low, high
        Where the boxes begin and end on the first y axis.
    """
    until = [*runs["start"].iloc[1:], whole_range(runs)[1]]
    traces = []
    for name in NAMES:
        x: list[Any] = []
        y: list[float | None] = []
        for start, stop, regime in zip(runs["start"], until, runs["regime"], strict=True):
            if regime == name:
                x += [start, start, stop, stop, start, None]
                y += [low, high, high, low, low, None]
        if x:
            traces.append(_filled(x, y, name, opacity=opacity))
    return traces


def spell_hover(runs: pd.DataFrame, *, at: float = 0.5, said_first: str = "") -> go.Scatter:
    """An invisible point in the middle of each spell that says what it was.

    Parameters
    ----------
    at
        Height of the points on the first y axis.
    said_first
        Words before the regime, such as whose thresholds they are.
    """
    middle = runs["start"] + (runs["end"] - runs["start"]) / 2
    said = [
        f"{said_first}{REGIME_LABELS[regime]}<br>{day(start)} to {day(end)}, {count(sessions)}"
        for start, end, sessions, regime in zip(
            runs["start"], runs["end"], runs["sessions"], runs["regime"], strict=True
        )
    ]
    return go.Scatter(
        x=middle.tolist(),
        y=[at] * len(runs),
        mode="markers",
        marker={"opacity": 0.0},
        hovertemplate="%{text}<extra></extra>",
        text=said,
        showlegend=False,
    )


def whole_range(runs: pd.DataFrame) -> list[pd.Timestamp]:
    """First and last date of the boxes, so that a strip fills its width."""
    return [runs["start"].iloc[0], runs["end"].iloc[-1] + pd.Timedelta(days=1)]


def _filled(x: list[Any], y: list[float | None], name: str, *, opacity: float) -> go.Scatter:
    return go.Scatter(
        x=x,
        y=y,
        name=REGIME_SHORT_LABELS[name],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=REGIME_COLOR[name],
        opacity=opacity,
        hoverinfo="skip",
        yaxis="y",
    )
