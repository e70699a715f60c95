"""The book through time: its value, and its growth beside SPY.

Both figures take the frame of `quantetf_core.desk.ValueHistory` (by session: ``value``,
``growth``, ``spy``, ``spy_total``); each has a function of the same name ending in ``_alt``: its
takeaway in a sentence, for readers who cannot see it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from quantetf_core.charts.regime_words import day
from quantetf_core.charts.theme import (
    NEUTRAL,
    SERIES_1,
    SERIES_2,
    SERIES_5,
    date_axis,
    empty_figure,
    layout,
    value_axis,
)

NOTHING_YET = "Nothing to draw yet: a line needs two sessions"

KIND_WORDS: Mapping[str, str] = {
    "rebalance": "rebalance",
    "import": "import",
    "reconcile": "broker's count",
    "revert": "revert",
    "corporate_action": "corporate action",
    "cash": "cash in or out",
    "mapping": "mapping change",
}
"""Kind of commit → how the charts call it."""

FEW = 40
"""Marks up to which each can be large enough to be hit with a finger."""

GROWTH_LINES: tuple[tuple[str, str, str, str], ...] = (
    ("growth", "Portfolio", SERIES_1, "solid"),
    ("spy", "SPY, price only", SERIES_5, "dash"),
    ("spy_total", "SPY with dividends", SERIES_2, "dot"),
)
"""Column, name, colour and dash of each line of `growth_figure`."""


def value_figure(frame: pd.DataFrame, events: pd.DataFrame, *, height: int = 300) -> go.Figure:
    """USD of the book at each close, with a mark where something was recorded.

    Parameters
    ----------
    frame
        Of `ValueHistory`.
    events
        One row a commit: ``session, id, kind``; several of a session are one mark.
    height
        Pixels.
    """
    if frame["value"].notna().sum() < 2:
        return empty_figure(NOTHING_YET, height=height)
    line = go.Scatter(
        x=frame.index,
        y=frame["value"],
        name="Value",
        mode="lines",
        line={"color": SERIES_1, "width": 1.8},
        hovertemplate="$%{y:,.0f}",
    )
    figure = go.Figure([line, _marks(frame, events)])
    axis = value_axis("Value, USD", tickprefix="$", tickformat="~s")
    figure.update_layout(**layout(height=height, xaxis=date_axis(), yaxis=axis))
    return figure


def value_alt(frame: pd.DataFrame) -> str:
    """First, lowest, highest and last value."""
    known = frame["value"].dropna()
    if len(known) < 2:
        return "Value of the portfolio: " + NOTHING_YET
    first, last = known.index[0], known.index[-1]
    return (
        f"Value of the portfolio from {day(first)} to {day(last)}: {_usd(known.iloc[0])} at first, "
        f"{_usd(known.iloc[-1])} at last, between {_usd(known.min())} ({day(known.idxmin())}) and "
        f"{_usd(known.max())} ({day(known.idxmax())})."
    )


def growth_figure(frame: pd.DataFrame, *, height: int = 300) -> go.Figure:
    """Growth of the book in per cent since it began, without deposits and withdrawals, and SPY's.

    Parameters
    ----------
    frame
        Of `ValueHistory`.
    height
        Pixels.
    """
    known = frame[frame["growth"].notna()]
    if len(known) < 2:
        return empty_figure(NOTHING_YET, height=height)
    lines = [
        go.Scatter(
            x=known.index,
            y=(known[column] - 1.0) * 100.0,
            name=name,
            mode="lines",
            line={"color": colour, "width": 2.2 if column == "growth" else 1.4, "dash": dash},
            hovertemplate="%{y:+.2f}%",
        )
        for column, name, colour, dash in GROWTH_LINES
        if known[column].notna().any()
    ]
    figure = go.Figure(lines)
    axis = value_axis("Return, %", ticksuffix="%", zeroline=True, zerolinecolor=NEUTRAL)
    figure.update_layout(**layout(height=height, xaxis=date_axis(), yaxis=axis))
    return figure


def growth_alt(frame: pd.DataFrame) -> str:
    """Return of each line over the whole span."""
    known = frame[frame["growth"].notna()]
    if len(known) < 2:
        return "Return of the portfolio: " + NOTHING_YET
    last = known.iloc[-1]
    said = ", ".join(
        f"{name} {(last[column] - 1.0) * 100.0:+.1f}%"
        for column, name, _, _ in GROWTH_LINES
        if not np.isnan(last[column])
    )
    return f"Return from {day(known.index[0])} to {day(known.index[-1])}: {said}."


def _marks(frame: pd.DataFrame, events: pd.DataFrame) -> go.Scatter:
    """A diamond on the line for each session with a commit; hovering says what it was."""
    inside = events[events["session"].isin(frame.index)]
    words = inside["kind"].map(lambda kind: KIND_WORDS.get(kind, kind))
    said = words.groupby(inside["session"]).agg(lambda kinds: ", ".join(dict.fromkeys(kinds)))
    return go.Scatter(
        x=said.index,
        y=frame["value"].reindex(said.index),
        name="Recorded",
        mode="markers",
        marker={"color": SERIES_5, "size": 7 if len(said) <= FEW else 4, "symbol": "diamond"},
        customdata=said.to_numpy(),
        hovertemplate="%{customdata}",
    )


def _usd(value: float) -> str:
    return f"${value:,.0f}"
