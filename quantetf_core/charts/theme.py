"""Colours by name, and the look every chart shares.

A trace names a *slot*, not a colour: ``#000001`` … ``#000010`` are replaced in the browser by the
ten ``chartCategoricalColors`` of the theme in use (``.streamlit/config.toml``), so a chart follows
light and dark without being made again. Regimes come first there, cool for rising markets and warm
for falling ones, and stay apart for colour-blind readers. A colour is never the only sign: regimes
are named in legend and hover, actions by their words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from quantetf_core.regime.types import REGIMES, UNKNOWN

SLOTS = tuple(f"#{slot:06d}" for slot in range(1, 11))
"""The ten placeholders, in the order of the theme's ``chartCategoricalColors``."""

SERIES_4, SERIES_2, SERIES_3, SERIES_1, SERIES_5 = SLOTS[4:9]
"""Colours of series that are not regimes: violet, green, magenta, ink, orange.

The browser keeps the colours of an open page when light and dark change places, until the page is
drawn again: those of lines, 1, 2 and 5, can be seen on both backgrounds.
"""

NEUTRAL = SLOTS[9]
"""Grey: bands, thresholds, references, whatever is not known."""

REGIME_COLOR: Mapping[str, str] = {**dict(zip(REGIMES, SLOTS[:4], strict=True)), UNKNOWN: NEUTRAL}
"""Regime → slot."""

CLEAR = "rgba(0,0,0,0)"
"""No background of its own: the page's shows through."""

DATE_FORMAT = "%-d %b %Y"  # as the browser's d3 reads it


def layout(*, height: int, **more: Any) -> dict[str, Any]:
    """Layout every chart shares: no background, tight margins, legend above, one hover a date.

    Parameters
    ----------
    height
        Pixels.
    **more
        Further layout, which wins.
    """
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "hovermode": "x unified",
        "legend": {
            "orientation": "h",
            "yanchor": "bottom",
            "y": 1.0,
            "xanchor": "left",
            "x": 0.0,
            "title": {"text": ""},
            "font": {"size": 11},
            "itemwidth": 30,
        },
        "dragmode": False,
        **more,
    }


def date_axis(**more: Any) -> dict[str, Any]:
    """An axis of sessions, which needs no title: an empty one would be given room all the same."""
    return {"type": "date", "hoverformat": DATE_FORMAT, "showgrid": False, **more}


def value_axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis of numbers with its unit; labels make their own room."""
    return {
        "title": {"text": title, "standoff": 6},
        "automargin": True,
        "zeroline": False,
        "tickmode": "auto",
        **more,
    }


def empty_figure(message: str, *, height: int) -> go.Figure:
    """What a chart is when there is nothing to draw: the sentence that says so."""
    note = {
        "text": message,
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
        "font": {"size": 14, "color": NEUTRAL},
    }
    hidden = {"visible": False}
    return go.Figure(layout=layout(height=height, annotations=[note], xaxis=hidden, yaxis=hidden))
