from __future__ import annotations

import numpy as np
import pandas as pd

from quantetf_core.charts.regime import spy_trend_figure
from quantetf_core.charts.regime_trial import trial_strips_alt, trial_strips_figure
from quantetf_core.regime import RegimeConfig, label_history
from quantetf_core.regime.comparison import compare_histories


def market(count: int = 210) -> tuple[pd.Series, pd.Series]:
    days = pd.bdate_range("2001-01-01", periods=count)
    return pd.Series(100.0, days), pd.Series(np.where(np.arange(count) < 203, 15.0, 30.0), days)


CONFIGURED = label_history(*market())
TRIAL = label_history(*market(), RegimeConfig(vix_high_threshold=40.0))


def test_the_configured_strip_stands_above_the_trial_and_both_are_named() -> None:
    figure = trial_strips_figure(CONFIGURED, TRIAL)
    assert list(figure.layout.yaxis.ticktext) == ["Configured", "Trial"]
    upper, lower = figure.layout.yaxis.tickvals
    assert upper > lower
    nervous = [one for one in figure.data if one.name == "Up, high vol"]
    assert len(nervous) == 1  # only the configured thresholds ever said so
    assert min(y for y in nervous[0].y if y is not None) > 0.5


def test_a_regime_of_both_strips_stands_in_the_legend_once() -> None:
    figure = trial_strips_figure(CONFIGURED, TRIAL)
    calm = [one.showlegend for one in figure.data if one.name == "Up, low vol"]
    assert calm == [True, False]


def test_the_hover_says_whose_thresholds_it_was() -> None:
    texts = [text for one in trial_strips_figure(CONFIGURED, TRIAL).data for text in one.text or ()]
    assert "Configured: Uptrend, high volatility" in texts[2]
    assert texts[-1].startswith("Trial: Uptrend, low volatility")


def test_the_strips_say_in_words_how_much_they_differ() -> None:
    said = trial_strips_alt(CONFIGURED, compare_histories(CONFIGURED, TRIAL))
    assert said == (
        "Regimes from 1 Jan 2001 to 19 Oct 2001 by the configured and by the trial thresholds: "
        "2 and 1 changes; they disagree on 7 sessions, 3.3% of all."
    )


def test_no_sessions_are_a_sentence() -> None:
    nothing = CONFIGURED.iloc[:0]
    figure = trial_strips_figure(nothing, nothing)
    assert figure.layout.annotations[0].text == "No sessions to show yet"
    said = trial_strips_alt(nothing, compare_histories(nothing, nothing))
    assert said == "No sessions to show yet."


def test_a_logarithmic_scale_is_named_and_has_round_prices() -> None:
    axis = spy_trend_figure(CONFIGURED, sessions=210, logarithmic=True).layout.yaxis2
    assert axis.type == "log"
    assert axis.title.text == "USD per share, log scale"
    assert {50, 100, 200} <= set(axis.tickvals)
    assert spy_trend_figure(CONFIGURED).layout.yaxis2.type is None
