"""What was decided through time: portfolio value, turnover and regime, commit by commit.

The figure has a function of the same name ending in ``_alt``: its takeaway in a sentence, for
readers who cannot see it. Both take the table of `quantetf_core.ledger.listing.history_table`, or
any rows of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from quantetf_core.charts.regime_words import day
from quantetf_core.charts.theme import (
    REGIME_COLOR,
    SERIES_1,
    SERIES_2,
    date_axis,
    empty_figure,
    layout,
    value_axis,
)
from quantetf_core.regime.types import REGIME_LABELS, REGIME_SHORT_LABELS

NOTHING = "No commit to show"

MARKED = 60
"""Up to so many commits, each is a dot on the line of the value."""

DRAWN = 400
"""Groups of neighbouring commits that a long history is drawn by; a screen has fewer columns."""

_FLAT = 0.02
"""Values within this share of the largest are drawn with as much room above and below."""

_THICK, _THIN = 6.0, 1.2  # px of a turnover stem: few commits, many commits
_VALUE, _TURNOVER, _REGIME = [0.48, 1.0], [0.15, 0.40], [0.0, 0.07]  # shares of the height


def through_time_figure(table: pd.DataFrame, *, height: int = 420) -> go.Figure:
    """Value after each commit, the one-way turnover of each, and the regime it was made in.

    Parameters
    ----------
    table
        Rows of a `history_table`. A commit that records no value or turnover has no point there;
        its regime is that of the last commit that names one.
    height
        Pixels.
    """
    if table.empty:
        return empty_figure(NOTHING, height=height)
    shown = in_time(table)
    drawn = thinned(shown)
    figure = go.Figure([_value(drawn), *_turnover(drawn), *_regimes(shown, drawn)])
    figure.update_layout(
        **layout(
            height=height,
            xaxis=date_axis(anchor="y3", **_span(shown)),
            yaxis=value_axis(
                "Value, USD",
                domain=_VALUE,
                tickformat="~s",
                fixedrange=True,
                **_value_range(shown["value"].dropna()),
            ),
            yaxis2=value_axis(
                "Turnover, %", domain=_TURNOVER, rangemode="tozero", fixedrange=True, nticks=4
            ),
            yaxis3={"visible": False, "domain": _REGIME, "range": [0, 1], "fixedrange": True},
        )
    )
    return figure


def _value_range(values: pd.Series[float]) -> dict[str, Any]:
    """Room around values that hardly differ: an axis fitted to them repeats its labels."""
    if values.empty or values.max() - values.min() > _FLAT * abs(values.max()):
        return {}
    room = max(_FLAT * abs(values.max()), 1.0)
    return {"range": [values.min() - room, values.max() + room]}


def through_time_alt(table: pd.DataFrame) -> str:
    """The takeaway of `through_time_figure`."""
    if table.empty:
        return f"{NOTHING}."
    shown = in_time(table)
    first, last = shown["as_of"].iloc[0], shown["as_of"].iloc[-1]
    values, turnover = shown["value"].dropna(), shown["turnover"].dropna()
    said = [f"{_count(len(shown))} from {day(first)} to {day(last)}"]
    if len(values):
        said.append(f"the value went from {values.iloc[0]:,.0f} to {values.iloc[-1]:,.0f} USD")
    if len(turnover):
        middle = float(turnover.median()) * 100.0
        said.append(
            f"turnover was {middle:.0f}% in the middle and at most {turnover.max() * 100:.0f}%"
        )
    named = shown.loc[shown["regime"] != "", "regime"]
    if len(named):
        said.append(f"the last regime was: {_label(named.iloc[-1])}")
    return "; ".join(said) + "."


def in_time(table: pd.DataFrame) -> pd.DataFrame:
    """Rows by session, and by their place in the chain within one; oldest first."""
    return table.iloc[::-1].sort_values("as_of", kind="stable").reset_index(drop=True)


def thinned(shown: pd.DataFrame) -> pd.DataFrame:
    """The rows that can be told apart on a screen: all of them up to twice `DRAWN`.

    Of more, every group of neighbours keeps those with its lowest and highest value, its highest
    turnover, and its last; so no extreme is lost, and every point is a commit there is.
    """
    if len(shown) <= 2 * DRAWN:
        return shown
    group = np.arange(len(shown)) * DRAWN // len(shown)
    kept = [
        np.flatnonzero(np.diff(group, append=DRAWN)),
        _extremes(shown["value"], group, lowest=True),
        _extremes(shown["value"], group),
        _extremes(shown["turnover"], group),
    ]
    return shown.iloc[np.unique(np.concatenate(kept))].reset_index(drop=True)


def _extremes(
    values: pd.Series[float], group: npt.NDArray[np.int64], *, lowest: bool = False
) -> npt.NDArray[np.int64]:
    """Row of the highest (or lowest) value of each group that has any."""
    known = values.notna().to_numpy()
    grouped = values[known].groupby(group[known])
    found = grouped.idxmin() if lowest else grouped.idxmax()
    return found.to_numpy(dtype=np.int64)


def regime_runs(shown: pd.DataFrame) -> pd.DataFrame:
    """Stretches of one regime among rows `in_time`: ``start, end, regime``.

    Each lasts until the next begins, the last one until the session after its last row; rows
    before the first named regime are left out.
    """
    named = shown["regime"].where(shown["regime"] != "").ffill()
    kept = shown.assign(regime=named)[named.notna()]
    begins = kept["regime"] != kept["regime"].shift()
    start = kept.loc[begins, "as_of"].to_numpy()
    if not len(start):
        return pd.DataFrame({"start": [], "end": [], "regime": []})
    last = kept["as_of"].iloc[-1] + pd.Timedelta(days=1)
    end = np.append(start[1:], np.datetime64(last))
    return pd.DataFrame({"start": start, "end": end, "regime": kept.loc[begins, "regime"].tolist()})


def _value(shown: pd.DataFrame) -> go.Scatter:
    known = shown[shown["value"].notna()]
    return go.Scatter(
        x=_days(known["as_of"]),
        y=known["value"],
        name="Value after the commit",
        mode="lines+markers" if len(known) <= MARKED else "lines",
        line={"color": SERIES_1, "width": 1.8},
        marker={"size": 6},
        customdata=_escaped(known["id"]),
        hovertemplate="%{y:$,.0f} · %{customdata}",
    )


def _turnover(shown: pd.DataFrame) -> list[go.Scatter]:
    """One path of stems, however many commits, and dots that say the figures."""
    known = shown[shown["turnover"].notna()]
    percent = known["turnover"].to_numpy() * 100.0
    width = _THICK if len(known) <= MARKED else _THIN
    stems = go.Scatter(
        x=np.repeat(_days(known["as_of"]), 3),
        y=np.column_stack([np.zeros_like(percent), percent, np.full_like(percent, np.nan)]).ravel(),
        name="Turnover (one-way)",
        mode="lines",
        line={"color": SERIES_2, "width": width},
        hoverinfo="skip",
        yaxis="y2",
    )
    dots = go.Scatter(
        x=_days(known["as_of"]),
        y=percent,
        name="Turnover",
        mode="markers" if len(known) <= MARKED else "none",  # nothing drawn, and still in the hover
        marker={"color": SERIES_2, "size": 6},
        hovertemplate="%{y:.1f}%",
        showlegend=False,
        yaxis="y2",
    )
    return [stems, dots]


def _regimes(shown: pd.DataFrame, drawn: pd.DataFrame) -> list[go.Scatter]:
    """One filled trace a regime, and points, not drawn, that name it in the hover."""
    runs = regime_runs(shown)
    if runs.empty:
        return []
    traces = [_strip(runs[runs["regime"] == name], name) for name in dict.fromkeys(runs["regime"])]
    named = drawn["regime"].where(drawn["regime"] != "").ffill()
    said = go.Scatter(
        x=_days(drawn.loc[named.notna(), "as_of"]),
        y=np.full(int(named.notna().sum()), 0.5),
        name="Regime",
        mode="none",
        text=[_label(name) for name in named.dropna()],
        hovertemplate="%{text}",
        showlegend=False,
        yaxis="y3",
    )
    return [*traces, said]


def _strip(runs: pd.DataFrame, name: str) -> go.Scatter:
    start, end = _days(runs["start"]), _days(runs["end"])
    x = np.column_stack([start, start, end, end, start, start]).ravel()
    y = np.tile([0.0, 1.0, 1.0, 0.0, 0.0, np.nan], len(runs))
    return go.Scatter(
        x=x,
        y=y,
        name=_escape(REGIME_SHORT_LABELS.get(name, name)),
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=REGIME_COLOR.get(name, REGIME_COLOR["unknown"]),
        opacity=0.9,
        hoverinfo="skip",
        yaxis="y3",
    )


def _span(shown: pd.DataFrame) -> dict[str, Any]:
    """Room around a single session, which has no width of its own."""
    first, last = shown["as_of"].iloc[0], shown["as_of"].iloc[-1]
    if first != last:
        return {}
    return {"range": [first - pd.Timedelta(days=4), last + pd.Timedelta(days=4)]}


def _days(stamps: pd.Series[Any]) -> npt.NDArray[np.str_]:
    """Dates as plotly's shortest text for them."""
    return stamps.to_numpy().astype("datetime64[D]").astype(str)


def _label(name: str) -> str:
    return _escape(REGIME_LABELS.get(name, name))


def _escaped(texts: pd.Series[str]) -> list[str]:
    return [_escape(text) for text in texts]


def _escape(text: str) -> str:
    """Plotly draws tags in text; a name from a file shall be shown letter by letter."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _count(commits: int) -> str:
    return f"{commits:,} {'commit' if commits == 1 else 'commits'}"
