"""Prices and the universe, served as of a date and never later."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.data.access import DataAccessContext
from quantetf_core.data.market import MarketData
from quantetf_core.data.sessions import sessions_between
from quantetf_core.errors import InvalidValueError, SessionError, SourceError, UnknownTickerError

SESSIONS = sessions_between("2020-01-06", "2020-01-31")


def long_prices(**columns: bool) -> pd.DataFrame:
    """Three tickers; LATE starts at the third session; closes are 1, 2, 3 … times 10, 20, 30."""
    rows = [
        {"date": day, "ticker": ticker, "close": float(scale * (row + 1))}
        for row, day in enumerate(SESSIONS)
        for ticker, scale in (("AAA", 10), ("BBB", 20), ("LATE", 30))
        if ticker != "LATE" or row >= 2
    ]
    frame = pd.DataFrame(rows)
    for name in columns:
        frame[name] = frame["close"] * 0.5
    return frame


def vix_series() -> pd.Series:
    return pd.Series(np.linspace(12.0, 20.0, len(SESSIONS)), index=SESSIONS)


def context(**columns: bool) -> DataAccessContext:
    return DataAccessContext.from_frames(prices=long_prices(**columns), vix=vix_series())


def test_prices_come_by_session_with_ticker_and_price_columns() -> None:
    read = context(adj_close=True, volume=True, open=True).prices.read_prices_as_of(
        as_of="2020-01-07"
    )
    assert read.columns.names == ["Ticker", "Price"]
    assert list(read["AAA"].columns) == ["Open", "Close", "Adj Close", "Volume"]
    assert list(read.columns.get_level_values("Ticker").unique()) == ["AAA", "BBB", "LATE"]
    assert read["BBB", "Close"].tolist() == [20.0, 40.0]
    assert read["BBB", "Adj Close"].tolist() == [10.0, 20.0]
    assert read["LATE"].isna().all().all()
    assert list(read.index) == list(SESSIONS[:2])


def test_a_source_with_one_close_has_no_adjusted_one_to_read() -> None:
    read = context().prices.read_prices_as_of(as_of="2020-01-07", tickers=["BBB", "AAA"])
    assert list(read.columns) == [("AAA", "Close"), ("BBB", "Close")]


def test_a_weekend_is_the_session_before() -> None:
    read = context().prices.read_prices_as_of(as_of="2020-01-12")
    assert str(read.index[-1].date()) == "2020-01-10"


def test_an_unknown_ticker_and_a_date_before_the_data_are_refused() -> None:
    prices = context().prices
    with pytest.raises(UnknownTickerError, match=r"needs AAB.*did you mean 'AAA'"):
        prices.read_prices_as_of(as_of="2020-01-10", tickers=["AAB", "AAA"])
    with pytest.raises(SessionError):
        prices.read_prices_as_of(as_of="2019-12-31")


def test_what_is_read_belongs_to_the_reader() -> None:
    access = context()
    read = access.prices.read_prices_as_of(as_of="2020-01-31")
    read.iloc[:, :] = 0.0
    assert access.prices.read_prices_as_of(as_of="2020-01-31")["AAA", "Close"].iloc[0] == 10.0
    assert access.market.close["AAA"].iloc[0] == 10.0


def test_the_universe_has_those_that_had_started() -> None:
    access = DataAccessContext.from_frames(
        prices=long_prices(), vix=vix_series(), universe=["LATE", "AAA", "GONE"]
    )
    assert access.universe.get_universe_as_of("2020-01-07") == ("AAA",)
    assert access.universe.get_universe_as_of("2020-01-08") == ("AAA", "LATE")
    assert context().universe.get_universe_as_of("2020-01-08") == ("AAA", "BBB", "LATE")
    with pytest.raises(SessionError):
        access.universe.get_universe_as_of("2019-12-31")


def test_the_universe_of_a_market_is_given_or_all_of_it() -> None:
    market = context().market
    assert DataAccessContext.from_market(market).universe.tickers == ("AAA", "BBB", "LATE")
    assert DataAccessContext.from_market(market, ["BBB"]).universe.tickers == ("BBB",)


def test_frames_become_a_market_with_its_findings() -> None:
    frame = pd.concat([long_prices(), long_prices().head(1)])
    access = DataAccessContext.from_frames(prices=frame, vix=vix_series().iloc[:0])
    assert access.market.source == "frames"
    codes = {"duplicate_rows", "single_close", "unsorted_rows"}
    assert {f.code for f in access.market.findings} == codes
    assert access.market.vix.isna().all()
    with pytest.raises(SourceError, match="prices: "):
        DataAccessContext.from_frames(prices=frame.drop(columns="close"), vix=vix_series())


@settings(max_examples=30)
@given(row=st.integers(0, len(SESSIONS) - 1), seed=st.integers(0, 2**16))
def test_nothing_later_than_the_date_can_be_read(row: int, seed: int) -> None:
    day = SESSIONS[row]
    generator = np.random.default_rng(seed)
    garbage = long_prices(adj_close=True)
    later = (garbage["date"] > day).to_numpy()
    values = generator.choice([1e9, -5.0, 0.0, np.inf, np.nan], int(later.sum()))
    garbage.loc[later, "close"] = values
    garbage.loc[later, "adj_close"] = -values
    noisy_vix = vix_series().where(vix_series().index <= day, 999.0)
    other = DataAccessContext.from_frames(prices=garbage, vix=noisy_vix)
    mine = context(adj_close=True)
    pd.testing.assert_frame_equal(
        mine.prices.read_prices_as_of(as_of=day), other.prices.read_prices_as_of(as_of=day)
    )
    assert mine.universe.get_universe_as_of(day) == other.universe.get_universe_as_of(day)


def test_one_text_for_a_list_of_tickers_is_refused_and_not_read_letter_by_letter() -> None:
    days = sessions_between("2023-01-03", "2023-01-06")
    prices = pd.DataFrame({"date": days, "ticker": "SPY", "close": 100.0})
    vix = pd.Series(15.0, days)
    with pytest.raises(InvalidValueError, match="universe: found 'SPY'"):
        DataAccessContext.from_frames(prices=prices, vix=vix, universe="SPY")
    access = DataAccessContext.from_frames(prices=prices, vix=vix)
    for wrong in ("SPY", [None]):
        with pytest.raises(InvalidValueError, match="tickers"):
            access.prices.read_prices_as_of("2023-01-06", tickers=wrong)  # type: ignore[arg-type]


def test_what_is_no_frame_or_no_series_is_refused_by_name() -> None:
    days = sessions_between("2023-01-03", "2023-01-06")
    prices = pd.DataFrame({"date": days, "ticker": "SPY", "close": 100.0})
    with pytest.raises(InvalidValueError, match="prices: found 'NoneType'"):
        DataAccessContext.from_frames(prices=None, vix=pd.Series(dtype=float))  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="vix: found 'DataFrame'"):
        DataAccessContext.from_frames(prices=prices, vix=pd.DataFrame({"CLOSE": 15.0}, days))  # type: ignore[arg-type]


@pytest.mark.parametrize("shift", ["16h", "UTC"])
def test_panels_whose_labels_are_not_sessions_are_refused(shift: str) -> None:
    days = sessions_between("2023-01-03", "2023-01-06")
    labels = days.tz_localize(shift) if shift == "UTC" else days + pd.Timedelta(shift)
    close = pd.DataFrame(100.0, labels, ["SPY"])
    with pytest.raises(InvalidValueError, match="midnights without a time zone"):
        MarketData.from_panels({"close": close}, pd.Series(15.0, labels), source="test")


def test_columns_that_are_not_text_and_a_vix_with_a_session_twice_are_refused() -> None:
    days = sessions_between("2023-01-03", "2023-01-06")
    vix = pd.Series(15.0, days)
    with pytest.raises(InvalidValueError, match="not text"):
        MarketData.from_panels({"close": pd.DataFrame(100.0, days, [1])}, vix, source="test")
    with pytest.raises(InvalidValueError, match="vix"):
        MarketData.from_panels(
            {"close": pd.DataFrame(100.0, days, ["SPY"])}, pd.concat([vix, vix]), source="test"
        )


def test_a_ticker_listed_later_changes_no_earlier_fingerprint_and_its_first_value_does() -> None:
    days = sessions_between("2023-01-03", "2023-01-10")
    vix = pd.Series(15.0, days)
    close = pd.DataFrame({"AGG": np.nan, "SPY": 100.0, "TLT": np.nan}, days)
    close.loc[days[1] :, "TLT"] = 90.0
    before = MarketData.from_panels({"close": close[["SPY", "TLT"]]}, vix, source="test")
    close.loc[days[3] :, "AGG"] = 50.0
    after = MarketData.from_panels({"close": close}, vix, source="test")
    same = [before.as_of(day).fingerprint == after.as_of(day).fingerprint for day in days]
    assert same == [True, True, True, False, False, False]
    renamed = MarketData.from_panels(
        {"close": close.rename(columns={"AGG": "BND"})}, vix, source="test"
    )
    assert renamed.as_of(days[2]).fingerprint == after.as_of(days[2]).fingerprint
    assert renamed.as_of(days[3]).fingerprint != after.as_of(days[3]).fingerprint
    assert after.as_of(days[2]).fingerprint != after.as_of(days[1]).fingerprint
