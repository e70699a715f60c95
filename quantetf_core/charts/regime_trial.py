"""Two regime histories of the same sessions, one strip above the other."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from quantetf_core.charts.regime_spells import LEGEND_MOST, spell_boxes, spell_hover, whole_range
from quantetf_core.charts.regime_words import NO_SESSIONS, count, day
from quantetf_core.charts.theme import date_axis, empty_figure, layout
from quantetf_core.regime.analysis import spells
from quantetf_core.regime.comparison import Trial

_UPPER, _LOWER = (0.54, 1.0), (0.0, 0.46)
_ROWS = (("Configured", _UPPER), ("Trial", _LOWER))


def trial_strips_figure(
    configured: pd.DataFrame, trial: pd.DataFrame, *, height: int = 210
) -> go.Figure:
    """The spells of the configured history above those of the trial.

    Parameters
    ----------
    configured, trial
        Of `label_history`, on the same sessions.
    height
        Pixels.
    """
    if configured.empty:
        return empty_figure(NO_SESSIONS, height=height)
    traces: list[go.Scatter] = []
    named: set[str] = set()
    for (title, (low, high)), history in zip(_ROWS, (configured, trial), strict=True):
        runs = spells(history)
        boxes = spell_boxes(runs, opacity=0.9, low=low, high=high)
        for box in boxes:  # each regime stands in the legend once
            box.showlegend = box.name not in named
            named.add(box.name)
        traces += [*boxes, spell_hover(runs, at=(low + high) / 2, said_first=f"{title}: ")]
    rows = {"tickvals": [sum(at) / 2 for _, at in _ROWS], "ticktext": [t for t, _ in _ROWS]}
    plain = {"range": [0, 1], "fixedrange": True, "showgrid": False, "zeroline": False}
    look = layout(
        height=height,
        hovermode="closest",
        xaxis=date_axis(range=whole_range(runs)),
        yaxis={**plain, **rows, "automargin": True, "title": {"text": ""}},
    )
    look["legend"] = {**look["legend"], "maxheight": LEGEND_MOST}
    return go.Figure(traces, look)  # at once: a later update copies every point


def trial_strips_alt(configured: pd.DataFrame, found: Trial) -> str:
    """The takeaway of `trial_strips_figure`."""
    if configured.empty:
        return f"{NO_SESSIONS}."
    return (
        f"Regimes from {day(configured.index[0])} to {day(configured.index[-1])} by the configured "
        f"and by the trial thresholds: {found.configured_changes:,} and {found.trial_changes:,} "
        f"changes; they disagree on {count(found.differing)}, "
        f"{found.differing_share * 100:.1f}% of all."
    )
