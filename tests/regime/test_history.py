from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.errors import InvalidValueError, SessionError, UnknownTickerError
from quantetf_core.regime import (
    RegimeConfig,
    RegimeDetector,
    RegimeState,
    label_history,
    last_known,
    regime_at,
    replay,
    state_at,
)
from quantetf_core.regime.history import mean_of_last_closes
from tests.builders import random_market
from tests.regime.markets import BAD, histories
from tests.regime.reference import reference_labels

COLUMNS = ["regime", "trend", "vol", "spy_price", "spy_200ma", "vix", "vix_age"]

configs = st.sampled_from(
    [RegimeConfig(), RegimeConfig(0.0, 20.0, 20.0), RegimeConfig(0.05, 28.0, 18.0)]
)


def days(count: int) -> pd.DatetimeIndex:
    return pd.bdate_range("2001-01-01", periods=count)


def names(labels: pd.DataFrame) -> list[tuple[str, str, str]]:
    return list(zip(labels["regime"], labels["trend"], labels["vol"], strict=True))


@settings(max_examples=60)
@given(histories(), configs)
def test_the_history_is_what_the_rules_say_session_by_session(
    market: tuple[pd.Series, pd.Series], config: RegimeConfig
) -> None:
    close, vix = market
    expected = reference_labels(
        close.tolist(),
        vix.tolist(),
        band=config.trend_hysteresis_pct,
        high=config.vix_high_threshold,
        low=config.vix_low_threshold,
    )
    assert names(label_history(close, vix, config)) == expected


@settings(max_examples=40)
@given(histories(), configs)
def test_detecting_every_evening_gives_the_same_history(
    market: tuple[pd.Series, pd.Series], config: RegimeConfig
) -> None:
    labels = label_history(*market, config)
    detector, memory = RegimeDetector(config), None
    started = labels["spy_200ma"].notna().cummax()
    for session, row in labels[started].iterrows():
        state = detector.detect(
            row["spy_price"], row["spy_200ma"], row["vix"], memory, as_of=session
        )
        assert state == state_at(labels, session)
        assert state.name == row["regime"]
        memory = last_known(memory, state)
    assert (labels.loc[~started, ["regime", "trend", "vol"]] == "unknown").all().all()


@settings(max_examples=40)
@given(histories(), st.data())
def test_a_later_row_never_changes_an_earlier_one(
    market: tuple[pd.Series, pd.Series], data: st.DataObject
) -> None:
    close, vix = market
    cut = data.draw(st.integers(1, len(close)))
    garbage = np.random.default_rng(0).choice([*BAD, 1e300, 1e-300, 17.0], len(close))
    known = label_history(close[:cut], vix[:cut])
    for series in (close, vix):
        series.iloc[cut:] = garbage[cut:]
    pd.testing.assert_frame_equal(known, label_history(close, vix)[:cut], check_exact=True)
    tail = label_history(close, vix)["spy_200ma"].to_numpy()[:cut]
    assert known["spy_200ma"].to_numpy().tobytes() == tail.tobytes()


@settings(max_examples=20)
@given(histories())
def test_inputs_are_left_as_they_were(market: tuple[pd.Series, pd.Series]) -> None:
    close, vix = market
    copies = close.copy(), vix.copy()
    label_history(close, vix)
    pd.testing.assert_series_equal(close, copies[0])
    pd.testing.assert_series_equal(vix, copies[1])


def test_the_replay_starts_at_the_two_hundredth_close_and_without_history() -> None:
    # High volatility before the start is not remembered: 22 lies between, so it starts low.
    vix = pd.Series([40.0] * 199 + [22.0, 26.0], days(201))
    labels = label_history(pd.Series(100.0, days(201)), vix)
    assert labels["regime"].tolist()[197:] == [
        "unknown",
        "unknown",
        "uptrend_low_vol",
        "uptrend_high_vol",
    ]
    assert labels["spy_200ma"].isna().tolist() == [True] * 199 + [False] * 2
    assert list(labels.columns) == COLUMNS


@pytest.mark.parametrize(
    ("first", "last", "kept"), [(406.25, 393.75, "uptrend"), (393.75, 406.25, "downtrend")]
)
def test_a_close_exactly_on_the_edge_of_the_band_flips_nothing(
    first: float, last: float, kept: str
) -> None:
    # The last 200 closes add up to 80,000, so the mean is 400 and a band of 1/64 ends on the close.
    close = pd.Series([400.0] * 199 + [first, last], days(201))
    labels = label_history(close, pd.Series(15.0, days(201)), RegimeConfig(1 / 64))
    assert labels["spy_200ma"].iloc[-1] == 400.0
    assert labels["trend"].tolist()[-2:] == [kept, kept]
    beyond = close.copy()
    beyond.iloc[-1] += np.sign(last - first) / 8
    assert label_history(beyond, labels["vix"], RegimeConfig(1 / 64))["trend"].iloc[-1] != kept


def test_a_missing_close_leaves_the_mean_to_the_closes_there_are() -> None:
    close = pd.Series(100.0, days(203))
    close.iloc[[5, 201]] = np.nan
    labels = label_history(close, pd.Series(15.0, days(203)))
    assert labels["regime"].tolist()[199:] == [
        "unknown",
        "uptrend_low_vol",
        "unknown",
        "uptrend_low_vol",
    ]
    assert labels["spy_200ma"].tolist()[200] == 100.0
    assert np.isnan(labels["spy_200ma"].iloc[201])
    assert labels["vol"].iloc[201] == "low_vol"


def test_a_missing_vix_is_carried_three_sessions_and_no_more() -> None:
    vix = pd.Series(30.0, days(208))
    vix.iloc[202:207] = np.nan
    vix.iloc[207] = 22.0
    labels = label_history(pd.Series(100.0, days(208)), vix)
    assert labels["vix_age"].tolist()[201:] == [0, 1, 2, 3, 4, 5, 0]
    assert labels["vol"].tolist()[201:] == ["high_vol"] * 4 + ["unknown"] * 2 + ["high_vol"]
    assert labels["regime"].tolist()[204:] == [
        "uptrend_high_vol",
        "unknown",
        "unknown",
        "uptrend_high_vol",
    ]
    assert labels["vix"].iloc[204] == 30.0
    assert np.isnan(labels["vix"].iloc[205])


def test_the_trend_goes_on_while_the_vix_is_missing() -> None:
    close = pd.Series(100.0, days(220))
    close.iloc[210:] = 100.5
    close.iloc[206] = 50.0
    vix = pd.Series(15.0, days(220))
    vix.iloc[200:212] = np.nan
    labels = label_history(close, vix)
    assert labels["trend"].tolist()[205:208] == ["uptrend", "downtrend", "downtrend"]
    assert labels["regime"].tolist()[211:213] == ["unknown", "downtrend_low_vol"]


def test_a_vix_never_seen_has_no_age() -> None:
    labels = label_history(pd.Series(100.0, days(201)), pd.Series(dtype=float))
    assert set(labels["vix_age"]) == {-1}
    assert set(labels["regime"]) == {"unknown"}
    assert labels["trend"].iloc[-1] == "uptrend"


def test_the_vix_is_aligned_by_date_not_by_place() -> None:
    close = pd.Series(100.0, days(201))
    vix = pd.Series(15.0, days(201))
    saturday = pd.Timestamp("2001-06-02")
    extra = pd.concat([vix, pd.Series([99.0], [saturday])]).sort_index()
    pd.testing.assert_frame_equal(label_history(close, extra), label_history(close, vix))


def test_no_sessions_give_no_rows() -> None:
    empty = pd.Series(dtype=float, index=pd.DatetimeIndex([]))
    labels = label_history(empty, empty)
    assert list(labels.columns) == COLUMNS
    assert labels.empty
    with pytest.raises(SessionError):
        state_at(labels, "2020-01-01")


@pytest.mark.parametrize(
    "index",
    [
        days(3)[::-1],
        days(3)[[0, 0, 1]],
        pd.RangeIndex(3),
    ],
)
def test_unordered_or_unnamed_dates_are_refused(index: pd.Index) -> None:
    with pytest.raises(InvalidValueError, match="spy_close"):
        label_history(pd.Series(1.0, index), pd.Series(1.0, days(3)))
    with pytest.raises(InvalidValueError, match="vix"):
        label_history(pd.Series(1.0, days(3)), pd.Series(1.0, index))


def test_absurd_prices_are_unknown_rather_than_infinite() -> None:
    labels = label_history(pd.Series(1.7e308, days(201)), pd.Series(15.0, days(201)))
    assert set(labels["trend"]) == {"unknown"}


@given(st.lists(st.integers(1, 8000), min_size=1, max_size=60))
def test_the_mean_is_the_mean_of_each_window(eighths: list[int]) -> None:
    price = np.array(eighths) / 8
    expected = [sum(price[i - 15 : i + 1].tolist()) / 16 for i in range(15, len(price))]
    mean = mean_of_last_closes(price, window=16)
    assert mean[15:].tolist() == expected
    assert np.isnan(mean[:15]).all()


def test_a_market_is_replayed_from_its_spy_and_its_vix() -> None:
    market = random_market(["AAA"], n_sessions=260, seed=3)
    labels = replay(market)
    pd.testing.assert_frame_equal(labels, label_history(market.close["SPY"], market.vix))
    last = regime_at(market)
    assert last == state_at(labels, market.last_session)
    assert last.as_of == market.last_session
    middle = market.sessions[230]
    assert regime_at(market, middle.date()) == state_at(labels, middle)
    assert replay(market, ticker="AAA")["spy_price"].equals(
        label_history(market.close["AAA"], market.vix)["spy_price"]
    )


def test_a_day_without_a_session_means_the_session_before() -> None:
    market = random_market([], n_sessions=220)
    new_year = "2018-09-03"  # Labor Day
    assert regime_at(market, new_year).as_of == pd.Timestamp("2018-08-31")
    assert state_at(replay(market), new_year) == state_at(replay(market), "2018-08-31")
    assert isinstance(state_at(replay(market), "2018-08-31"), RegimeState)


@pytest.mark.parametrize("date", ["2001-01-01", "not a date", None])
def test_a_date_before_the_data_or_no_date_is_refused(date: object) -> None:
    with pytest.raises(SessionError):
        state_at(replay(random_market([], n_sessions=5)), date)


def test_a_market_without_spy_is_refused_by_name() -> None:
    with pytest.raises(UnknownTickerError, match="the market regime needs SPX"):
        replay(random_market([], n_sessions=5), ticker="SPX")
