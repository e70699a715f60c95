from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from streamlit.elements.lib import streamlit_plotly_theme

from quantetf_core.charts.regime import (
    distribution_alt,
    distribution_figure,
    regime_strip_alt,
    regime_strip_figure,
    spy_trend_alt,
    spy_trend_figure,
    vix_alt,
    vix_figure,
)
from quantetf_core.charts.theme import (
    NEUTRAL,
    REGIME_COLOR,
    SERIES_1,
    SERIES_2,
    SERIES_5,
    SLOTS,
    date_axis,
    empty_figure,
)
from quantetf_core.regime import (
    REGIME_LABELS,
    REGIME_SHORT_LABELS,
    REGIMES,
    RegimeConfig,
    label_history,
)
from quantetf_core.regime.analysis import NAMES, spells
from tests.regime.markets import histories

FIGURES = (spy_trend_figure, vix_figure, regime_strip_figure, distribution_figure)
ALTS = (spy_trend_alt, vix_alt, regime_strip_alt, distribution_alt)
HIGH_FROM = 230
CONFIG = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"


def labels(count: int = 260) -> pd.DataFrame:
    """An uptrend, calm until session 230 and nervous from there."""
    days = pd.bdate_range("2001-01-01", periods=count)
    close = pd.Series(100.0 + np.arange(count) / 4, days)
    return label_history(close, pd.Series(np.where(np.arange(count) < HIGH_FROM, 15, 30.0), days))


def trace(figure: go.Figure, name: str) -> go.Scatter:
    return next(one for one in figure.data if one.name == name)


def boxes(filled: go.Scatter) -> list[tuple[object, object]]:
    """Start and end of each rectangle of a regime's background."""
    return [(filled.x[i], filled.x[i + 2]) for i in range(0, len(filled.x), 6)]


def drawn_colors(figure: go.Figure) -> set[str]:
    return set(re.findall(r'"(#[0-9a-fA-F]{6})"', json.dumps(figure.to_plotly_json()["data"])))


def without_arrays(figure: go.Figure) -> go.Figure:
    return go.Figure(json.loads(figure.to_json()))


def test_the_trend_chart_draws_the_last_sessions_of_spy_its_mean_and_its_band() -> None:
    history = labels()
    figure = spy_trend_figure(history, RegimeConfig(trend_hysteresis_pct=0.05), sessions=100)
    shown = history.tail(100)
    spy, mean = trace(figure, "SPY close"), trace(figure, "200-day mean")
    assert list(spy.y) == shown["spy_price"].tolist()
    assert list(spy.x) == list(shown.index)
    np.testing.assert_array_equal(np.array(mean.y, float), shown["spy_200ma"])
    known = shown["spy_200ma"].dropna()
    band = trace(figure, "Band ± 5%")
    assert list(band.y) == [*(known * 1.05), *(known * 0.95)[::-1]]
    assert figure.layout.height == 340


def test_the_last_value_is_written_on_the_chart() -> None:
    marked = [one for one in spy_trend_figure(labels()).data if one.mode == "markers+text"]
    assert [one.text for one in marked] == [("164.75",)]
    marked = [one for one in vix_figure(labels()).data if one.mode == "markers+text"]
    assert [one.text for one in marked] == [("30.00",)]


def test_the_background_is_one_trace_a_regime_from_spell_to_spell() -> None:
    history = labels()
    figure = spy_trend_figure(history)
    days = history.index
    assert boxes(trace(figure, "Unknown")) == [(days[0], days[199])]
    assert boxes(trace(figure, "Up, low vol")) == [(days[199], days[HIGH_FROM])]
    last = boxes(trace(figure, "Up, high vol"))
    assert last == [(days[HIGH_FROM], days[-1] + pd.Timedelta(days=1))]


def test_regimes_are_named_in_legend_and_hover_and_never_by_colour_alone() -> None:
    figure = spy_trend_figure(labels())
    for name in ("uptrend_low_vol", "uptrend_high_vol", "unknown"):
        filled = trace(figure, REGIME_SHORT_LABELS[name])
        assert filled.fillcolor == REGIME_COLOR[name]
        assert filled.showlegend is not False
    hover = list(trace(figure, "SPY close").customdata)
    assert hover[-1] == "Uptrend, high volatility"
    assert list(trace(vix_figure(labels()), "VIX").customdata) == hover


def test_the_vix_chart_draws_both_thresholds_by_name() -> None:
    figure = vix_figure(labels(), RegimeConfig(0.02, 31.5, 18.0))
    assert set(trace(figure, "High above 31.5").y) == {31.5}
    assert set(trace(figure, "Low below 18").y) == {18.0}


def test_the_strip_says_of_each_spell_what_it_was() -> None:
    history = labels()
    figure = regime_strip_figure(history)
    said = next(one for one in figure.data if one.mode == "markers").text
    assert len(said) == len(spells(history)) == 3
    assert said[1].startswith("Uptrend, low volatility<br>5 Oct 2001 to ")
    assert said[1].endswith("31 sessions")


def test_the_distribution_writes_its_numbers_beside_the_bars() -> None:
    (bar,) = distribution_figure(labels()).data
    assert list(bar.y) == [REGIME_LABELS[name] for name in NAMES]
    assert list(bar.text) == ["11.9%", "11.5%", "0.0%", "0.0%", "76.5%"]
    assert bar.customdata[0] == "31 sessions"
    (bar,) = distribution_figure(labels().iloc[199:]).data
    assert list(bar.y) == [REGIME_LABELS[name] for name in REGIMES]


def test_the_alternative_texts_say_the_takeaway() -> None:
    history = labels()
    mean = history["spy_200ma"].iloc[-1]
    assert spy_trend_alt(history) == (
        f"SPY closed at 164.75 USD on 28 Dec 2001, {(164.75 / mean - 1) * 100:.1f}% above its "
        f"200-day mean of {mean:.2f}; the trend is up and turns down below {mean * 0.98:.2f}."
    )
    assert vix_alt(history) == (
        "The VIX stands at 30.00 on 28 Dec 2001; volatility is high and turns low below 20."
    )
    assert regime_strip_alt(history) == (
        "Regimes from 1 Jan 2001 to 28 Dec 2001, in 3 spells. The last, uptrend, high volatility, "
        "began on 19 Nov 2001 and has lasted 30 sessions."
    )
    assert distribution_alt(history.iloc[199:]) == (
        "Of 61 sessions: Uptrend, low volatility 50.8%; Uptrend, high volatility 49.2%; "
        "Downtrend, low volatility 0.0%; Downtrend, high volatility 0.0%."
    )


def test_the_alternative_texts_cover_what_is_not_known() -> None:
    history = labels()
    assert "does not have 200 closes" in spy_trend_alt(history.head(10))
    assert "not known before SPY has 200 closes" in vix_alt(history.head(10))
    assert "volatility is low and turns high above 25" in vix_alt(history.head(220))
    assert "in 1 spell." in regime_strip_alt(history.head(1))
    assert "has lasted 1 session." in regime_strip_alt(history.head(1))
    gone = history.assign(spy_price=np.nan, vix=np.nan)
    assert "no close" in spy_trend_alt(gone)
    assert "missing" in vix_alt(gone)
    falling = history.assign(trend="downtrend", spy_price=50.0)
    assert "below its 200-day mean" in spy_trend_alt(falling)
    assert "turns up above" in spy_trend_alt(falling)


@pytest.mark.parametrize("draw", FIGURES)
def test_an_empty_history_is_a_sentence_and_no_chart(draw: object) -> None:
    figure = draw(labels().iloc[:0])
    assert len(figure.data) == 0
    assert figure.layout.annotations[0].text.startswith("No ")


@pytest.mark.parametrize("say", ALTS)
def test_an_empty_history_has_an_alternative_text_too(say: object) -> None:
    assert say(labels().iloc[:0]) == "No sessions to show yet."


@settings(max_examples=20)
@given(histories())
def test_any_history_is_drawn_without_numbers_that_are_none(
    market: tuple[pd.Series, pd.Series],
) -> None:
    history = label_history(*market)
    for draw, say in zip(FIGURES, ALTS, strict=True):
        figure = draw(history)
        text = figure.to_json()
        assert not re.search(r"\bNaN\b|\bInfinity\b", text)
        assert "nan" not in say(history).lower()
        assert len(figure.data) <= 10
        assert not figure.layout.shapes
        colors = drawn_colors(without_arrays(figure))
        assert colors <= set(SLOTS)
        assert bool(colors) is bool(figure.data)


def test_the_slots_are_the_placeholders_that_the_browser_replaces() -> None:
    known = vars(streamlit_plotly_theme)
    assert list(SLOTS) == [known[f"CATEGORY_{slot}"] for slot in range(10)]
    assert REGIME_COLOR["uptrend_low_vol"] == "#000001"
    assert NEUTRAL == "#000010"
    assert len(set(REGIME_COLOR.values())) == 5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_each_theme_has_a_colour_for_every_slot_that_stands_out_from_the_page(mode: str) -> None:
    theme = tomllib.loads(CONFIG.read_text())["theme"][mode]
    colors = theme["chartCategoricalColors"]
    assert len(colors) == len(set(colors)) == len(SLOTS)
    for color in colors:
        assert contrast(color, theme["backgroundColor"]) >= 3.0


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("line", [SERIES_1, SERIES_2, SERIES_5])
def test_the_colours_of_lines_can_be_seen_on_the_other_background_too(mode: str, line: str) -> None:
    """The browser does not recolour a chart of an open page when the theme is changed."""
    themes = tomllib.loads(CONFIG.read_text())["theme"]
    color = themes[mode]["chartCategoricalColors"][SLOTS.index(line)]
    for background in (themes["light"]["backgroundColor"], themes["dark"]["backgroundColor"]):
        assert contrast(color, background) >= 3.0


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two colours."""
    darker, lighter = sorted(luminance(color) for color in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_an_empty_figure_says_why_in_the_height_it_was_given() -> None:
    figure = empty_figure("Nothing committed yet", height=90)
    assert figure.layout.height == 90
    assert figure.layout.annotations[0].text == "Nothing committed yet"


def test_a_date_axis_reserves_no_room_for_a_title_it_does_not_have() -> None:
    """plotly gives an empty title the room of a written one, about 30 pixels below the axis."""
    assert "title" not in date_axis()
