from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.errors import InvalidValueError
from quantetf_core.regime import RegimeConfig, label_history
from quantetf_core.regime.comparison import (
    band_percent,
    compare_histories,
    disagreements,
    trial_thresholds,
)
from tests.regime.markets import histories

LOW, HIGH = "uptrend_low_vol", "uptrend_high_vol"


def market(count: int = 210) -> tuple[pd.Series, pd.Series]:
    """A flat SPY; the VIX is 15, then 30 from session 203, then 15 again from 207."""
    days = pd.bdate_range("2001-01-01", periods=count)
    here = np.arange(count)
    return pd.Series(100.0, days), pd.Series(np.where((here >= 203) & (here < 207), 30.0, 15), days)


def test_a_higher_threshold_that_never_trips_is_one_disagreement() -> None:
    configured = label_history(*market())
    trial = label_history(*market(), RegimeConfig(vix_high_threshold=40.0))
    found = compare_histories(configured, trial)
    assert (found.configured_regime, found.trial_regime) == (LOW, LOW)
    assert (found.configured_days, found.trial_days) == (3, 11)
    assert (found.configured_changes, found.trial_changes) == (3, 1)
    assert (found.sessions, found.differing) == (210, 4)
    assert found.differing_share == 4 / 210
    assert found.disagreements.to_dict("records") == [
        {
            "start": configured.index[203],
            "end": configured.index[206],
            "sessions": 4,
            "configured": HIGH,
            "trial": LOW,
        }
    ]
    shares = found.shares.set_index("regime")
    assert shares.loc[HIGH, ["configured_sessions", "trial_sessions"]].tolist() == [4, 0]
    assert shares.loc[LOW, ["configured_spells", "trial_spells"]].tolist() == [2, 1]
    assert shares.loc[LOW, ["configured_average", "trial_average"]].tolist() == [3.5, 11.0]


def test_disagreements_of_different_kinds_are_told_apart_newest_first() -> None:
    days = pd.bdate_range("2001-01-01", periods=5)
    one = pd.DataFrame({"regime": [LOW, LOW, LOW, HIGH, LOW]}, days)
    other = pd.DataFrame({"regime": [HIGH, HIGH, "unknown", LOW, LOW]}, days)
    runs = disagreements(one, other)
    assert runs["trial"].tolist() == [LOW, "unknown", HIGH]
    assert runs["sessions"].tolist() == [1, 1, 2]


def test_unknown_in_one_of_the_two_has_a_row_with_zeros_for_the_other() -> None:
    days = pd.bdate_range("2001-01-01", periods=2)
    one = pd.DataFrame({"regime": [LOW, LOW]}, days)
    other = pd.DataFrame({"regime": [LOW, "unknown"]}, days)
    row = compare_histories(one, other).shares.set_index("regime").loc["unknown"]
    assert (row["configured_sessions"], row["configured_share"], row["trial_share"]) == (0, 0, 0.5)


def test_histories_of_other_sessions_cannot_be_compared() -> None:
    history = label_history(*market())
    with pytest.raises(InvalidValueError, match="the sessions of configured"):
        compare_histories(history, history.iloc[1:])


def test_nothing_compared_with_nothing_is_no_difference() -> None:
    nothing = label_history(*market()).iloc[:0]
    found = compare_histories(nothing, nothing)
    assert (found.differing, found.differing_share, found.trial_regime) == (0, 0.0, "unknown")


@settings(max_examples=25, deadline=None)
@given(histories(), st.sampled_from([0.0, 1.0, 5.0]), st.sampled_from([22.0, 25.0]))
def test_the_runs_cover_exactly_the_sessions_that_differ(
    market: tuple[pd.Series, pd.Series], band: float, high: float
) -> None:
    configured = label_history(*market)
    tried = trial_thresholds(band_percent=band, vix_high=high, vix_low=20.0)
    trial = label_history(*market, tried)
    found = compare_histories(configured, trial)
    differ = configured["regime"].astype(str) != trial["regime"].astype(str)
    assert found.differing == int(differ.sum())
    covered = pd.Series(False, configured.index)
    for run in found.disagreements.itertuples():
        covered.loc[run.start : run.end] = True
    assert covered.equals(differ)
    assert found.shares["trial_sessions"].sum() == len(trial)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 999))
def test_a_band_in_per_cent_comes_back_as_it_went(tenths: int) -> None:
    percent = tenths / 10
    tried = trial_thresholds(band_percent=percent, vix_high=25.0, vix_low=20.0)
    assert band_percent(tried) == percent


def test_the_default_thresholds_on_the_sliders_are_the_default_thresholds() -> None:
    tried = trial_thresholds(band_percent=2.0, vix_high=25.0, vix_low=20.0)
    assert tried == RegimeConfig()


def test_a_low_threshold_above_the_high_one_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="at most the high threshold"):
        trial_thresholds(band_percent=2.0, vix_high=20.0, vix_low=25.0)
