"""`MarketData` takes only panels whose labels agree, and nobody can change what it holds."""

from __future__ import annotations

import pandas as pd
import pytest

from quantetf_core.data.market import MarketData
from quantetf_core.errors import InvalidValueError, SessionError, UnknownTickerError

DAYS = pd.DatetimeIndex(["2024-01-02", "2024-01-03", "2024-01-04"])
CLOSE = pd.DataFrame({"AAA": [1.0, 2.0, 3.0], "BBB": [4.0, 5.0, 6.0]}, index=DAYS)
VIX = pd.Series([13.0, 14.0, 15.0], index=DAYS)


def market(**panels: pd.DataFrame) -> MarketData:
    return MarketData.from_panels(panels, VIX, source="test")


@pytest.mark.parametrize(
    ("panels", "said"),
    [
        ({"open": CLOSE}, "a 'close' panel at least"),
        ({"close": CLOSE, "bid": CLOSE}, "fields of"),
        ({"close": CLOSE, "volume": CLOSE.iloc[1:]}, "the sessions and tickers of 'close'"),
        ({"close": CLOSE.reset_index(drop=True)}, "a non-empty DatetimeIndex"),
        ({"close": CLOSE.iloc[:0]}, "a non-empty DatetimeIndex"),
        ({"close": CLOSE.iloc[::-1]}, "ascending sessions"),
        ({"close": CLOSE[["BBB", "AAA"]]}, "sorted, unique tickers"),
    ],
)
def test_panels_whose_labels_do_not_agree_are_refused(
    panels: dict[str, pd.DataFrame], said: str
) -> None:
    with pytest.raises(InvalidValueError, match=said):
        market(**panels)


def test_a_date_that_is_none_or_before_the_data_is_refused() -> None:
    for date in ("never", "2023-12-29", None):
        with pytest.raises(SessionError, match="2024-01-02 to 2024-01-04"):
            market(close=CLOSE).resolve(date)


def test_a_ticker_that_is_not_there_is_named_with_who_wants_it() -> None:
    with pytest.raises(UnknownTickerError, match="the test needs CCC"):
        market(close=CLOSE).require(["AAA", "CCC"], wanted_by="the test")


def test_newest_values_come_by_ticker_and_are_missing_where_there_is_none() -> None:
    newest = market(close=CLOSE).newest("close", ["BBB", "CCC", "AAA"])
    assert newest[[0, 2]].tolist() == [6.0, 3.0]
    assert pd.isna(newest[1])


def test_no_caller_changes_what_another_sees() -> None:
    data = market(close=CLOSE)
    mine = data.close
    mine.loc[DAYS[0], "AAA"] = 99.0
    assert data.close.loc[DAYS[0], "AAA"] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        data.close.to_numpy()[0, 0] = 99.0


def test_a_restated_close_changes_the_fingerprint_from_its_session_on() -> None:
    restated = CLOSE.copy()
    restated.loc[DAYS[1], "AAA"] = 2.5
    before, after = market(close=CLOSE), market(close=restated)
    assert before.as_of(DAYS[0]).fingerprint == after.as_of(DAYS[0]).fingerprint
    assert before.as_of(DAYS[1]).fingerprint != after.as_of(DAYS[1]).fingerprint
    assert before.fingerprint != after.fingerprint
