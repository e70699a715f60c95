from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantetf_core.config import REGIMES, RegimeConfig
from quantetf_core.encoding import canonical_json
from quantetf_core.errors import InvalidValueError
from quantetf_core.regime.types import (
    REGIME_LABELS,
    REGIME_SHORT_LABELS,
    UNKNOWN,
    RegimeState,
    TrendState,
    VolatilityState,
    usable,
)

DAY = pd.Timestamp("2020-03-31")

numbers = st.none() | st.floats()
states = st.builds(
    RegimeState,
    st.sampled_from(TrendState),
    st.sampled_from(VolatilityState),
    st.none() | st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    numbers,
    numbers,
    numbers,
)


@pytest.mark.parametrize(
    ("trend", "vol", "name"),
    [
        ("uptrend", "low_vol", "uptrend_low_vol"),
        ("uptrend", "high_vol", "uptrend_high_vol"),
        ("downtrend", "low_vol", "downtrend_low_vol"),
        ("downtrend", "high_vol", "downtrend_high_vol"),
        ("unknown", "high_vol", "unknown"),
        ("uptrend", "unknown", "unknown"),
        ("unknown", "unknown", "unknown"),
    ],
)
def test_a_regime_is_named_after_both_parts_or_is_unknown(trend: str, vol: str, name: str) -> None:
    state = RegimeState(TrendState(trend), VolatilityState(vol), DAY)
    assert state.name == name
    assert state.known is (name != "unknown")
    assert state.label == REGIME_LABELS[name]


def test_every_regime_has_words_for_people() -> None:
    assert set(REGIME_LABELS) == set(REGIME_SHORT_LABELS) == {*REGIMES, UNKNOWN}
    assert REGIME_LABELS["downtrend_high_vol"] == "Downtrend, high volatility"


@given(states)
def test_a_state_comes_back_from_its_dictionary_whatever_else_is_in_it(state: RegimeState) -> None:
    written = {**state.to_dict(), "updated_at": "2024-01-02T00:00:00+00:00"}
    canonical_json(written)
    assert RegimeState.from_dict(written) == state


def test_a_state_knows_its_time_again_when_it_has_one() -> None:
    moment = datetime(2024, 1, 2, 16, 0, tzinfo=UTC)
    state = RegimeState("uptrend", "low_vol", moment)
    assert RegimeState.from_dict(state.to_dict()).as_of == pd.Timestamp(moment)


def test_equal_facts_are_equal_states() -> None:
    first = RegimeState(TrendState.UPTREND, VolatilityState.LOW_VOL, DAY, 1, np.float64(2), np.nan)
    second = RegimeState("uptrend", "low_vol", date(2020, 3, 31), 1.0, 2.0)
    assert first == second
    assert hash(first) == hash(second)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("uptrend", "regime state"),
        ({}, "trend"),
        ({"trend": "sideways", "vol": "low_vol", "as_of": None}, "uptrend, downtrend, unknown"),
        ({"trend": "uptrend", "vol": 3, "as_of": None}, "low_vol, high_vol, unknown"),
        ({"trend": "uptrend", "vol": "low_vol", "as_of": "soon"}, "as_of"),
        ({"trend": "uptrend", "vol": "low_vol", "as_of": 20200331}, "as_of"),
        ({"trend": "uptrend", "vol": "low_vol", "as_of": None, "vix": "high"}, "vix"),
        ({"trend": "uptrend", "vol": "low_vol", "as_of": None, "vix": True}, "vix"),
        (
            {"trend": "uptrend", "vol": "low_vol", "as_of": None, "regime": "unknown"},
            "uptrend_low_vol, by its parts",
        ),
    ],
)
def test_a_malformed_state_is_refused_with_what_is_accepted(data: object, said: str) -> None:
    with pytest.raises(InvalidValueError, match=said):
        RegimeState.from_dict(data)


def test_a_text_is_no_indicator_and_no_threshold() -> None:
    with pytest.raises(InvalidValueError, match="indicator: found '400'"):
        usable("400")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="vix_high_threshold: found '25'"):
        RegimeConfig(vix_high_threshold="25")  # type: ignore[arg-type]
