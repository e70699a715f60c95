"""Current against target weights, cash included.

A Vega-Lite specification, not a plotly figure: this chart changes with the what-if slider, and
the browser updates Vega in place where it would build a plotly chart again. The
specification does not depend on the numbers, so that only data travels.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from quantetf_core.units import CASH

ROW = 30
"""Pixels of one bar with its gap."""

AFTER, NOW = "After the trades", "Now"

CHART_ALT = (
    "Bars: the weight of each holding after the trades, with a mark at its weight now, cash "
    "included. The table beside the chart has the numbers."
)
"""Alternative text of the chart. Fixed: it is part of the specification, and a specification that
changes makes the browser build the chart anew, which doubles the time of a repaint; the takeaway
in numbers, `weights_alt`, belongs to the table beside it.
"""

_BLUE, _ORANGE = "#2F7FC1", "#D9730D"  # 3:1 or more on both backgrounds; apart for every eye


FIELDS = ("label", "name", "weight_now", "weight_after")
"""Columns of `quantetf_core.decision.tables.weights_table` that `weights_spec` draws."""


def weights_data(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of `weights_spec`: the columns of a weights table that it draws."""
    return table[list(FIELDS)]


def chart_height(rows: int) -> int:
    """Pixels for that many bars, cash included, with legend and axis."""
    return ROW * rows + 100


def weights_spec() -> dict[str, Any]:
    """A bar for the weight after the trades, a mark across it for the weight now."""
    y = {"field": "label", "type": "nominal", "sort": None, "title": None}
    return {
        "encoding": {"y": {**y, "axis": _LABELS}},
        "layer": [
            _layer({"type": "bar", "size": 14}, "weight_after", AFTER),
            _layer({"type": "tick", "thickness": 3, "size": 24}, "weight_now", NOW),
        ],
        "resolve": {"scale": {"color": "shared"}},
    }


_LABELS = {"labelLimit": 110, "labelOverlap": False, "ticks": False, "domain": False}


def _layer(mark: dict[str, Any], field: str, title: str) -> dict[str, Any]:
    return {
        "mark": mark,
        "encoding": {
            "x": {
                "field": field,
                "type": "quantitative",
                "axis": {"format": ".0%", "title": "Weight", "tickCount": 5},
            },
            "color": {
                "datum": title,
                "type": "nominal",
                "scale": {"domain": [AFTER, NOW], "range": [_BLUE, _ORANGE]},
                "legend": {"title": None, "orient": "top"},
            },
            "tooltip": [
                {"field": "label", "type": "nominal", "title": "Ticker"},
                {"field": "name", "type": "nominal", "title": "Name"},
                {"field": "weight_now", "type": "quantitative", "format": ".2%", "title": NOW},
                {"field": "weight_after", "type": "quantitative", "format": ".2%", "title": AFTER},
            ],
        },
    }


def weights_alt(table: pd.DataFrame) -> str:
    """The takeaway of table and chart: the largest weights after, and cash now and after."""
    rows = list(zip(table["ticker"], table["weight_now"], table["weight_after"], strict=True))
    now, after = next((now, after) for ticker, now, after in rows if ticker == CASH)
    cash = f"cash {now:.1%} now, {after:.1%} after"
    held = [(weight, ticker) for ticker, _, weight in rows if ticker != CASH and weight > 0]
    if not held:
        return f"After the trades nothing is held but cash; {cash}."
    parts = [f"{ticker} {weight:.1%}" for weight, ticker in sorted(held, key=lambda h: -h[0])]
    more = f" and {len(parts) - 5} more" if len(parts) > 5 else ""
    return f"Weights after the trades: {', '.join(parts[:5])}{more}; {cash}."
