"""A series beside the market, through time."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from quantetf_core.charts.regime_words import day
from quantetf_core.charts.theme import SERIES_1, date_axis, layout, value_axis


def context_figure(values: pd.Series[float], *, name: str, height: int = 180) -> go.Figure:
    """One line; values are percentage points by date, at least one."""
    line = go.Scatter(
        x=values.index,
        y=values.to_numpy(),
        name=name,
        mode="lines",
        line={"color": SERIES_1, "width": 1.5},
        hovertemplate="%{y:.2f} points",
        showlegend=False,
    )
    look = layout(height=height, xaxis=date_axis(), yaxis=value_axis("points"))
    return go.Figure([line], look)


def context_alt(values: pd.Series[float], *, name: str) -> str:
    """The takeaway of `context_figure`."""
    return (
        f"{name} from {day(values.index[0])} to {day(values.index[-1])}: "
        f"last {values.iloc[-1]:.2f} percentage points, "
        f"between {values.min():.2f} and {values.max():.2f}."
    )
