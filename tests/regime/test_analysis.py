from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.config import get_strategy_for_regime, load_regime_mapping, load_thresholds
from quantetf_core.errors import InvalidValueError
from quantetf_core.regime import RegimeConfig, RegimeDetector, RegimeState, days_in_regime
from quantetf_core.regime import config as regime_config
from quantetf_core.regime.analysis import (
    NAMES,
    Distance,
    distribution,
    flip_distance,
    rules_in_words,
    spells,
    transition_matrix,
    transitions,
)

ULV, DHV = "uptrend_low_vol", "downtrend_high_vol"


def history(*regimes: str) -> pd.DataFrame:
    index = pd.bdate_range("2020-01-01", periods=len(regimes))
    return pd.DataFrame({"regime": pd.Series(regimes, index, dtype=object)})


any_history = st.lists(st.sampled_from(NAMES), max_size=40).map(lambda names: history(*names))


def test_spells_are_the_unbroken_runs() -> None:
    runs = spells(history("unknown", ULV, ULV, DHV, ULV))
    assert runs["regime"].tolist() == ["unknown", ULV, DHV, ULV]
    assert runs["next_regime"].tolist() == [ULV, DHV, ULV, None]
    assert runs["sessions"].tolist() == [1, 2, 1, 1]
    assert [str(day.date()) for day in runs["start"]] == [
        "2020-01-01",
        "2020-01-02",
        "2020-01-06",
        "2020-01-07",
    ]
    assert [str(day.date()) for day in runs["end"]][1] == "2020-01-03"


def test_a_transition_names_both_regimes_and_how_long_they_lasted() -> None:
    found = transitions(history(ULV, ULV, DHV, "unknown"))
    assert found.to_dict("records") == [
        {
            "date": pd.Timestamp("2020-01-03"),
            "from_regime": ULV,
            "to_regime": DHV,
            "from_sessions": 2,
            "to_sessions": 1,
            "ongoing": False,
        },
        {
            "date": pd.Timestamp("2020-01-06"),
            "from_regime": DHV,
            "to_regime": "unknown",
            "from_sessions": 1,
            "to_sessions": 1,
            "ongoing": True,
        },
    ]


def test_the_matrix_counts_steps_from_one_session_to_the_next() -> None:
    counts = transition_matrix(history(ULV, ULV, DHV, ULV, ULV))
    assert counts.loc[ULV, ULV] == 2
    assert counts.loc[ULV, DHV] == counts.loc[DHV, ULV] == 1
    shares = transition_matrix(history(ULV, ULV, DHV, ULV, ULV), normalised=True)
    assert shares.loc[ULV, DHV] == pytest.approx(1 / 3)
    assert shares.loc["unknown"].isna().all()


def test_the_distribution_counts_sessions_and_spells() -> None:
    found = distribution(history(ULV, ULV, DHV, ULV))
    assert found.loc[ULV].to_dict() == {"sessions": 3, "share": 0.75, "spells": 2, "longest": 2}
    assert found.loc["uptrend_high_vol"].to_dict() == {
        "sessions": 0,
        "share": 0.0,
        "spells": 0,
        "longest": 0,
    }
    assert found.index.tolist() == list(NAMES)


@pytest.mark.parametrize(
    ("regimes", "expected"),
    [((), 0), ((ULV,), 1), ((ULV, DHV), 1), ((DHV, ULV, ULV), 2), ((ULV, ULV, ULV), 3)],
)
def test_days_in_a_regime_count_today(regimes: tuple[str, ...], expected: int) -> None:
    assert days_in_regime(history(*regimes)) == expected


def test_a_history_of_no_sessions_has_no_spells_and_no_shares() -> None:
    empty = history()
    assert spells(empty).empty
    assert transitions(empty).empty
    assert transition_matrix(empty).to_numpy().sum() == 0
    assert distribution(empty)["share"].isna().all()


def test_a_name_that_is_no_regime_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="sideways"):
        spells(history("sideways", "unknown"))


@settings(max_examples=60)
@given(any_history)
def test_all_views_agree_on_the_same_history(labels: pd.DataFrame) -> None:
    runs, changes, found = spells(labels), transitions(labels), distribution(labels)
    rebuilt = np.repeat(runs["regime"].to_numpy(), runs["sessions"].to_numpy(dtype=int))
    assert rebuilt.tolist() == labels["regime"].tolist()
    assert runs["sessions"].sum() == found["sessions"].sum() == len(labels)
    assert len(changes) == max(len(runs) - 1, 0) == max(found["spells"].sum() - 1, 0)
    assert transition_matrix(labels).to_numpy().sum() == max(len(labels) - 1, 0)
    if len(labels):
        assert days_in_regime(labels) == runs["sessions"].iloc[-1]
        assert found["share"].sum() == pytest.approx(1.0)


def test_the_distance_is_to_the_far_edge_of_the_band() -> None:
    config = RegimeConfig(trend_hysteresis_pct=1 / 64)
    up = flip_distance(RegimeState("uptrend", "high_vol", None, 420.0, 400.0, 40.0), config)
    assert up.trend == Distance(
        to="downtrend", level=393.75, points=-26.25, fraction=393.75 / 420 - 1
    )
    assert up.vol == Distance(to="low_vol", level=20.0, points=-20.0, fraction=-0.5)
    down = flip_distance(RegimeState("downtrend", "low_vol", None, 400.0, 400.0, 10.0), config)
    assert down.trend == Distance(
        to="uptrend", level=406.25, points=6.25, fraction=406.25 / 400 - 1
    )
    assert down.vol == Distance(to="high_vol", level=25.0, points=15.0, fraction=1.5)


@given(
    st.floats(1.0, 1000.0),
    st.floats(1.0, 1000.0),
    st.floats(5.0, 80.0),
    st.sampled_from(["uptrend", "downtrend"]),
    st.sampled_from(["low_vol", "high_vol"]),
)
def test_going_just_beyond_the_distance_flips_the_state(
    price: float, mean: float, vix: float, trend: str, vol: str
) -> None:
    detector = RegimeDetector()
    state = detector.detect(price, mean, vix, RegimeState(trend, vol, None))
    far = flip_distance(state)
    assert far.trend is not None
    assert far.vol is not None
    beyond = np.nextafter(far.trend.level, far.trend.level + np.sign(far.trend.points))
    assert detector.detect(far.trend.level, mean, vix, state).trend is state.trend
    if far.trend.points:
        assert detector.detect(beyond, mean, vix, state).trend == far.trend.to
    assert detector.detect(price, mean, far.vol.level, state).vol is state.vol
    if far.vol.points:
        beyond = far.vol.level + np.sign(far.vol.points) * 1e-9
        assert detector.detect(price, mean, beyond, state).vol == far.vol.to


@pytest.mark.parametrize(
    "state",
    [
        RegimeState("unknown", "unknown", None, 400.0, 400.0, 15.0),
        RegimeState("uptrend", "low_vol", None),
        RegimeState("uptrend", "low_vol", None, 400.0),
    ],
)
def test_what_is_unknown_has_no_distance(state: RegimeState) -> None:
    far = flip_distance(state)
    assert far.trend is None
    assert far.vol is None


def test_the_rules_in_words_name_the_thresholds_in_use() -> None:
    said = " ".join(rules_in_words(RegimeConfig(0.035, 31.5, 18.0)))
    for number in ("3.5 per cent", "31.5", "18", "200-day mean", "3 sessions"):
        assert number in said


def test_the_loaders_are_found_beside_the_rules_too() -> None:
    assert regime_config.load_thresholds is load_thresholds
    assert regime_config.load_regime_mapping is load_regime_mapping
    assert regime_config.get_strategy_for_regime is get_strategy_for_regime
