"""Which prices there are, by ticker and quarter, and the prices around a finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from quantetf_core.charts.regime_words import day
from quantetf_core.charts.theme import (
    NEUTRAL,
    SERIES_1,
    SERIES_2,
    SERIES_3,
    SERIES_4,
    SERIES_5,
    date_axis,
    empty_figure,
    layout,
    value_axis,
)
from quantetf_core.data.quality.record import VIX, QualityFinding
from quantetf_core.findings import Severity

COMPLETE = 0.999
"""Share of a quarter's sessions from which on it counts as complete."""

_ROW = 18  # pixels
_TALLEST = 1400
_HALF = pd.Timedelta(days=45)
_WORDS = ("No close", "Some closes missing", "Complete")
_COLOURS = (SERIES_5, NEUTRAL, SERIES_2)
_MARKS = {Severity.BLOCK: ("x", SERIES_3, "Block"), Severity.WARN: ("diamond", SERIES_4, "Warning")}
_FIELDS = (("close", "Close", SERIES_1, "solid"), ("adj_close", "Adjusted close", SERIES_2, "dot"))


def coverage_figure(share: pd.DataFrame, found: Iterable[QualityFinding] = ()) -> go.Figure:
    """A row for each ticker, a cell for each quarter, and a mark on each grave finding.

    Parameters
    ----------
    share
        Of `quantetf_core.desk.coverage`: share of sessions with a close; NaN before the first.
    found
        Blocks and warnings of tickers among the rows get a mark.
    """
    if share.empty:
        return empty_figure("There is no price", height=200)
    values = share.to_numpy()
    level = np.where(values >= COMPLETE, 2.0, np.where(values > 0.0, 1.0, 0.0))
    level[np.isnan(values)] = np.nan
    cells = go.Heatmap(
        z=level,
        x=[pd.Timestamp(start) + _HALF for start in share.columns],
        y=list(share.index),
        customdata=np.nan_to_num(values * 100.0),
        text=np.broadcast_to([f"{start:%b %Y}" for start in share.columns], values.shape),
        colorscale=_steps(*_COLOURS),
        zmin=-0.5,
        zmax=2.5,
        xgap=0,
        ygap=2,
        showscale=False,
        hoverongaps=False,
        hovertemplate="%{y}, quarter from %{text}: %{customdata:.0f}% there<extra></extra>",
    )
    figure = go.Figure([cells, *_legend(), *_marks(share, found)])
    height = min(_TALLEST, 70 + _ROW * len(share))
    rows = {"autorange": "reversed", "type": "category", "automargin": True, "showgrid": False}
    figure.update_layout(
        **layout(height=height, hovermode="closest", xaxis=date_axis(), yaxis=rows)
    )
    return figure


def coverage_alt(share: pd.DataFrame) -> str:
    """How many tickers there are, how many have gaps, and which end early."""
    if share.empty:
        return "Coverage: there is no price."
    values = share.to_numpy()
    with np.errstate(invalid="ignore"):
        gaps = ((values < COMPLETE) & ~np.isnan(values))[:, 1:-1].any(axis=1)
    ended = [str(name) for name in share.index[values[:, -1] == 0.0]]
    said = f"; nothing in the last quarter for {', '.join(ended[:8])}" if ended else ""
    span = f"{day(share.columns[0])} to {day(share.columns[-1])}"
    return (
        f"Prices of {len(share)} tickers by quarter, {span}: "
        f"{int(gaps.sum())} of them have a quarter with closes missing{said}."
    )


def event_figure(window: pd.DataFrame, found: QualityFinding, *, height: int = 320) -> go.Figure:
    """Prices around a finding, its stretch shaded.

    Parameters
    ----------
    window
        Of `quantetf_core.desk.event_window`.
    found
        What it is about.
    height
        Pixels.
    """
    if window.empty or found.session is None or found.first is None:
        return empty_figure("There is no price to show", height=height)
    if found.subject == VIX:
        lines = [_line(window["vix"], "VIX", SERIES_1, "solid")]
        title = "VIX, index points"
    else:
        lines = [_line(window[field], *how) for field, *how in _FIELDS if field in window]
        title = "USD per share"
    figure = go.Figure(lines)
    figure.add_vrect(
        x0=pd.Timestamp(found.first) - pd.Timedelta(hours=12),
        x1=pd.Timestamp(found.session) + pd.Timedelta(hours=12),
        fillcolor=NEUTRAL,
        opacity=0.25,
        line_width=0,
        layer="below",
    )
    axis = value_axis(title, type=_scale(window))
    figure.update_layout(**layout(height=height, xaxis=date_axis(), yaxis=axis))
    return figure


def event_alt(window: pd.DataFrame, found: QualityFinding) -> str:
    """What the chart shows, in a sentence."""
    if window.empty:
        return f"{found.subject}: there is no price to show."
    span = f"{day(window.index[0])} to {day(window.index[-1])}"
    return f"Prices of {found.subject}, {span}: {found.message}."


def _steps(*colours: str) -> list[list[float | str]]:
    """A colour scale of as many flat steps."""
    edges: Sequence[float] = np.linspace(0.0, 1.0, len(colours) + 1).tolist()
    return [
        [edges[place + side], colour] for place, colour in enumerate(colours) for side in (0, 1)
    ]


def _legend() -> list[go.Scatter]:
    """What the colours of the cells mean: traces without a point, for the legend only."""
    return [
        go.Scatter(
            x=[None],
            y=[None],
            mode="markers",
            name=word,
            marker={"symbol": "square", "size": 10, "color": colour},
        )
        for word, colour in zip(_WORDS, _COLOURS, strict=True)
    ]


def _marks(share: pd.DataFrame, found: Iterable[QualityFinding]) -> list[go.Scatter]:
    """A mark in its ticker's row for each block and each warning with a date."""
    shown = []
    for severity, (symbol, colour, name) in _MARKS.items():
        chosen = [
            one
            for one in found
            if one.severity is severity and one.session and one.subject in share.index
        ]
        if chosen:
            shown.append(
                go.Scatter(
                    x=[str(one.session) for one in chosen],
                    y=[one.subject for one in chosen],
                    mode="markers",
                    name=name,
                    marker={"symbol": symbol, "size": 10, "color": colour},
                    text=[one.code.replace("_", " ") for one in chosen],
                    hovertemplate="%{y}, %{x|%-d %b %Y}: %{text}<extra></extra>",
                )
            )
    return shown


def _line(values: pd.Series[float], name: str, colour: str, dash: str) -> go.Scatter:
    return go.Scatter(
        x=values.index,
        y=values,
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 1.6, "dash": dash},
        marker={"size": 3},
        hovertemplate="%{y:,.2f}",
    )


def _scale(window: pd.DataFrame) -> str:
    """Logarithmic where prices differ by more than a factor of five, so that both ends show."""
    values = window.drop(columns="volume", errors="ignore").to_numpy(dtype=np.float64)
    values = values[np.isfinite(values) & (values > 0)]
    return "log" if len(values) and values.max() / values.min() > 5.0 else "linear"
