"""Current against target weights, cash included.

A Vega-Lite specification, not a plotly figure: this chart changes with the what-if slider, and
the browser updates Vega in place where it would build a plotly chart again (DESIGN §11.20). The
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


def weights_data(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of `weights_spec`, from `quantetf_core.decision.tables.weights_table`.

    Cash is called by its word.
    """
    return pd.DataFrame(
        {
            "label": ["Cash" if ticker == CASH else ticker for ticker in table["ticker"]],
            "name": table["name"].to_numpy(),
            "now": table["weight_now"].to_numpy(),
            "after": table["weight_after"].to_numpy(),
        }
    )


def chart_height(rows: int) -> int:
    """Pixels for that many bars, cash included, with legend and axis."""
    return ROW * rows + 100


def weights_spec() -> dict[str, Any]:
    """A bar for the weight after the trades, a mark across it for the weight now."""
    y = {"field": "label", "type": "nominal", "sort": None, "title": None}
    return {
        "encoding": {"y": {**y, "axis": _LABELS}},
        "layer": [
            _layer({"type": "bar", "size": 14}, "after", AFTER),
            _layer({"type": "tick", "thickness": 3, "size": 24}, "now", NOW),
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
                {"field": "now", "type": "quantitative", "format": ".2%", "title": NOW},
                {"field": "after", "type": "quantitative", "format": ".2%", "title": AFTER},
            ],
        },
    }


def weights_alt(table: pd.DataFrame) -> str:
    """The takeaway of table and chart: the largest weights after, and cash now and after."""
    funds = table[table["ticker"] != CASH]
    cash = table[table["ticker"] == CASH].iloc[0]
    held = funds[funds["weight_after"] > 0].sort_values("weight_after", ascending=False)
    cash_said = f"cash {cash['weight_now']:.1%} now, {cash['weight_after']:.1%} after"
    if held.empty:
        return f"After the trades nothing is held but cash; {cash_said}."
    parts = [f"{t} {w:.1%}" for t, w in zip(held["ticker"], held["weight_after"], strict=True)]
    more = f" and {len(parts) - 5} more" if len(parts) > 5 else ""
    return f"Weights after the trades: {', '.join(parts[:5])}{more}; {cash_said}."
