"""From long tables to panels: what is read, what is refused, what is noticed."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.data.columns import clean_ticker
from quantetf_core.data.panels import panels_from_long
from quantetf_core.errors import SourceError
from quantetf_core.findings import Finding, Severity

MONDAY, TUESDAY, WEDNESDAY = "2020-01-06", "2020-01-07", "2020-01-08"


def long(*rows: tuple[object, str, object], **columns: list[object]) -> pd.DataFrame:
    """A long table of ``(date, ticker, close)``."""
    frame = pd.DataFrame(list(rows), columns=["date", "ticker", "close"])
    return frame.assign(**columns)


def close_of(frame: pd.DataFrame) -> pd.DataFrame:
    return panels_from_long(frame, origin="prices")[0]["close"]


def found(frame: pd.DataFrame) -> dict[str, Finding]:
    """Findings by code; `single_close` is left out where it is not what is asked."""
    findings = panels_from_long(frame, origin="prices")[1]
    return {f.code: f for f in findings if f.code != "single_close"}


def refusal(frame: pd.DataFrame) -> str:
    with pytest.raises(SourceError) as caught:
        panels_from_long(frame, origin="prices")
    return str(caught.value)


def dates_read(dates: object) -> list[str]:
    frame = pd.DataFrame({"date": dates, "ticker": "SPY", "close": 1.0})
    return [str(day.date()) for day in close_of(frame).dropna().index]


# what is read


def test_rows_in_any_order_become_sessions_down_and_tickers_across() -> None:
    close = close_of(long((TUESDAY, "SPY", 11.0), (MONDAY, "TLT", 20.0), (MONDAY, "SPY", 10.0)))
    assert list(close.columns) == ["SPY", "TLT"]
    assert [str(day.date()) for day in close.index] == [MONDAY, TUESDAY]
    np.testing.assert_array_equal(close.to_numpy(), [[10.0, 20.0], [11.0, np.nan]])


def test_a_session_that_no_ticker_has_is_a_row_of_gaps() -> None:
    close = close_of(long((MONDAY, "SPY", 10.0), (WEDNESDAY, "SPY", 12.0)))
    assert [str(day.date()) for day in close.index] == [MONDAY, TUESDAY, WEDNESDAY]
    assert close.loc[TUESDAY].isna().all()


@pytest.mark.parametrize(
    "names",
    [
        ("Date", "Ticker", "Close", "Adj Close", "Volume"),
        ("DATE", "SYMBOL", "CLOSE", "ADJ_CLOSE", "VOL"),
        (" date ", "<TICKER>", "close price", "Adj. Close*", "Volume "),
        ("timestamp", "symbol", "Close/Last", "adjusted_close", "volume"),
    ],
)
def test_column_names_may_be_written_in_any_usual_way(names: tuple[str, ...]) -> None:
    frame = pd.DataFrame([[MONDAY, "SPY", 10.0, 9.0, 5]], columns=list(names))
    panels, findings = panels_from_long(frame, origin="prices")
    assert {name: panel.iloc[0, 0] for name, panel in panels.items()} == {
        "close": 10.0,
        "adj_close": 9.0,
        "volume": 5.0,
    }
    assert findings == ()


def test_dates_and_tickers_may_be_the_index() -> None:
    frame = long((MONDAY, "SPY", 10.0)).set_index(["date", "ticker"])
    assert close_of(frame).loc[MONDAY, "SPY"] == 10.0
    unnamed = pd.DataFrame({"ticker": ["SPY"], "close": [10.0]}, index=pd.DatetimeIndex([MONDAY]))
    assert close_of(unnamed).loc[MONDAY, "SPY"] == 10.0


def test_the_frame_given_is_not_changed() -> None:
    frame = long((TUESDAY, " SPY ", "11"), (MONDAY, "SPY", "0"))
    before = frame.copy(deep=True)
    close_of(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_tickers_are_trimmed_and_otherwise_data() -> None:
    hostile = "<img src=x>"
    close = close_of(long((MONDAY, " SPY", 10.0), (TUESDAY, "SPY ", 11.0), (MONDAY, hostile, 1.0)))
    assert list(close.columns) == [hostile, "SPY"]
    assert close["SPY"].tolist() == [10.0, 11.0]


def test_tickers_may_be_categories() -> None:
    frame = long((MONDAY, "TLT", 20.0), (MONDAY, "SPY", 10.0))
    frame["ticker"] = pd.Categorical(frame["ticker"], categories=["XXX", "TLT", "SPY"])
    assert close_of(frame).to_dict("list") == {"SPY": [10.0], "TLT": [20.0]}


# dates


@pytest.mark.parametrize(
    ("written", "days"),
    [
        (["2020-01-06", "2020/1/7"], [MONDAY, TUESDAY]),
        (["20200106", "2020-01-07 16:00:00"], [MONDAY, TUESDAY]),
        ([20200106, 20200107], [MONDAY, TUESDAY]),
        ([20200106.0, 20200107.0], [MONDAY, TUESDAY]),
        (["1/6/2020", "1/17/2020"], [MONDAY, "2020-01-17"]),
        (["6/1/2020", "17/1/2020"], [MONDAY, "2020-01-17"]),
        (["06.01.2020", "07.01.2020"], [MONDAY, TUESDAY]),
        (["1.6.2020", "1.17.2020"], [MONDAY, "2020-01-17"]),
        (["06-Jan-2020", "Jan 7, 2020"], [MONDAY, TUESDAY]),
        (["6 January 2020", "7-jan-2020"], [MONDAY, TUESDAY]),
        (["2020-01-06T00:00:00-05:00", "2020-01-07 23:59:00+00:00"], [MONDAY, TUESDAY]),
        (["1/6/2020 4:00 PM", "1/31/2020"], [MONDAY, "2020-01-31"]),
        ([dt.date(2020, 1, 6), pd.Timestamp("2020-01-07 16:00")], [MONDAY, TUESDAY]),
        (["2020-01-06", "13.01.2020", "1/31/2020"], [MONDAY, "2020-01-13", "2020-01-31"]),
        (["12/12/2019", "2020-01-06"], ["2019-12-12", MONDAY]),
        (pd.to_datetime(["2020-01-06 09:30", "2020-01-07 16:00"]), [MONDAY, TUESDAY]),
        (pd.Categorical(["2020-01-07", "2020-01-06"]), [MONDAY, TUESDAY]),
        (np.array([20200106, dt.date(2020, 1, 7)], dtype=object), [MONDAY, TUESDAY]),
    ],
)
def test_dates_are_read_however_they_are_written(written: object, days: list[str]) -> None:
    assert dates_read(written) == days


def test_a_time_with_a_zone_is_the_date_in_its_own_zone() -> None:
    evening = pd.to_datetime(["2020-01-06 20:00", "2020-01-07 23:30"]).tz_localize("US/Eastern")
    assert dates_read(evening) == [MONDAY, TUESDAY]
    indexed = pd.DataFrame({"ticker": "SPY", "close": [1.0, 2.0]}, index=evening)
    assert [str(day.date()) for day in close_of(indexed).index] == [MONDAY, TUESDAY]


@pytest.mark.parametrize(
    ("written", "facts"),
    [
        (["03/04/2020", "2020-01-06"], ("row 1 has '03/04/2020'", "cannot be told apart")),
        (["1/31/2020", "31/1/2020"], ("both orders", "'31/1/2020'", "'1/31/2020'")),
        (["2020-01-06", "yesterday"], ("row 2 has 'yesterday'",)),
        (["2020-01-06", "2020-13-01"], ("row 2 has '2020-13-01'",)),
        (["2020-01-06", "31/2/2020"], ("row 2 has '31/2/2020'",)),
        (["2020-01-06", "6 Brumaire 2020"], ("row 2 has '6 Brumaire 2020'",)),
        (["2020-01-06", "6 abc 2020"], ("row 2 has '6 abc 2020'",)),
        (["2020-01-06", "1/6/20"], ("row 2 has '1/6/20'",)),
        (["2020-01-06", None], ("row 2 has no date",)),
        ([pd.Timestamp(MONDAY), pd.NaT], ("row 2 has no date",)),
        ([20200106, 20201340], ("row 2 has '20201340'",)),
        ([20200106.0, np.nan], ("row 2 has no date",)),
        ([20200106.5, 20200107.0], ("row 1 has 20200106.5",)),
        ([43836, 43837], ("row 1 has 43836",)),
        ([True, False], ("row 1 has True",)),
    ],
)
def test_a_date_that_is_ambiguous_or_none_is_refused_by_row(
    written: list[object], facts: tuple[str, ...]
) -> None:
    message = refusal(pd.DataFrame({"date": written, "ticker": "SPY", "close": 1.0}))
    assert message.startswith("prices: ")
    for fact in facts:
        assert fact in message


# what is refused


@pytest.mark.parametrize(
    ("frame", "facts"),
    [
        (pd.DataFrame({"date": [MONDAY], "px": [1.0]}), ("ticker or close", "'date', 'px'")),
        (long().astype({"close": float}), ("there is no row",)),
        (
            long((MONDAY, "SPY", 1.0), Close=[2.0]),
            ("columns 'close' and 'Close' both mean close",),
        ),
        (long((MONDAY, "SPY", 1.0), (TUESDAY, "SPY", "abc")), ("row 2 (SPY)", "'abc'", "close")),
        (long((MONDAY, "SPY", "1,234.5")), ("row 1 (SPY)", "'1,234.5'")),
        (long((MONDAY, "SPY", True)), ("row 1 (SPY)", "True")),
        (long((MONDAY, "SPY", 1.0), (TUESDAY, " ", 1.0)), ("row 2 has a blank ticker",)),
        (long((MONDAY, "SPY", 1.0), (TUESDAY, None, 1.0)), ("row 2 has a blank ticker",)),
        (long((MONDAY, 500, 1.0)), ("row 1 has 500 for a ticker",)),
        (long((MONDAY, "S\x00PY", 1.0)), ("row 1", "'S\\x00PY'", "control character")),
        (long((MONDAY, "SPY\u202e", 1.0)), ("'SPY\\u202e'", "control character")),
        (long((MONDAY, "$CASH$", 1.0)), ("$CASH$", "label of cash")),
        (long(("2020-01-04", "SPY", 1.0)), ("no row is on a trading session", "2020-01-04")),
    ],
)
def test_a_table_that_cannot_be_prices_is_refused_by_name(
    frame: pd.DataFrame, facts: tuple[str, ...]
) -> None:
    message = refusal(frame)
    assert message.startswith("prices: ")
    for fact in facts:
        assert fact in message


@pytest.mark.parametrize("blank", ["", " ", ".", "NA", "null", "N/A", "nan", None, np.nan, "-"])
def test_a_recognised_blank_is_a_gap(blank: object) -> None:
    close = close_of(long((MONDAY, "SPY", "10.5"), (TUESDAY, "SPY", blank)))
    assert close["SPY"].iloc[0] == 10.5
    assert np.isnan(close["SPY"].iloc[1])


def test_numbers_of_any_numeric_type_are_read() -> None:
    frame = long((MONDAY, "SPY", 10.0), (TUESDAY, "SPY", 11.0), volume=[5, None])
    frame["volume"] = frame["volume"].astype("Int64")
    panels, _ = panels_from_long(frame, origin="prices")
    np.testing.assert_array_equal(panels["volume"]["SPY"].to_numpy(), [5.0, np.nan])


def test_a_ticker_is_checked_wherever_it_comes_from() -> None:
    with pytest.raises(SourceError, match="the file has a blank ticker"):
        clean_ticker("  ", origin="prices", where="the file")


# what is noticed


def test_extra_columns_are_ignored_and_named() -> None:
    frame = long((MONDAY, "SPY", 1.0), dividends=[0.0], Sector=["x"])
    finding = found(frame)["extra_columns"]
    assert (finding.severity, finding.subject) == (Severity.INFO, "prices")
    assert "Sector, dividends" in finding.message


def test_identical_rows_are_dropped_and_counted() -> None:
    frame = long(*[(MONDAY, "SPY", 1.0)] * 3, (TUESDAY, "SPY", np.nan), (TUESDAY, "SPY", np.nan))
    finding = found(frame)["duplicate_rows"]
    assert (finding.severity, finding.message.split()[0]) == (Severity.INFO, "3")
    assert close_of(frame)["SPY"].iloc[0] == 1.0


def test_rows_that_disagree_are_not_used_at_all() -> None:
    frame = long(
        (MONDAY, "SPY", 1.0), (TUESDAY, "SPY", 2.0), (TUESDAY, "SPY", 2.5), (TUESDAY, "TLT", 9.0)
    )
    finding = found(frame)["conflicting_rows"]
    assert (finding.severity, finding.subject) == (Severity.WARN, "SPY")
    assert TUESDAY in finding.message
    close = close_of(frame)
    assert np.isnan(close.loc[TUESDAY, "SPY"])
    assert close.loc[TUESDAY, "TLT"] == 9.0


def test_rows_on_closed_days_are_dropped_and_counted() -> None:
    frame = long(("2020-01-04", "SPY", 1.0), ("2020-01-05", "SPY", 1.0), (MONDAY, "SPY", 2.0))
    finding = found(frame)["not_a_session"]
    assert finding.severity is Severity.WARN
    assert finding.message.startswith("2 rows")
    assert "2020-01-04, 2020-01-05" in finding.message
    assert close_of(frame)["SPY"].tolist() == [2.0]


def test_rows_before_the_calendar_are_dropped_and_say_so() -> None:
    frame = long(("1989-12-29", "SPY", 1.0), (MONDAY, "SPY", 2.0))
    assert "1 row outside the exchange calendar" in found(frame)["outside_calendar"].message
    assert len(close_of(frame)) == 1


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf, -np.inf])
def test_a_price_that_cannot_be_paid_is_a_gap_and_a_warning(bad: float) -> None:
    frame = long((MONDAY, "SPY", bad), (TUESDAY, "SPY", 1.0), (WEDNESDAY, "SPY", bad))
    finding = found(frame)["invalid_price"]
    assert (finding.severity, finding.subject) == (Severity.WARN, "SPY")
    assert finding.message.startswith("2 dates with a close")
    assert f"first {MONDAY}, last {WEDNESDAY}" in finding.message
    assert close_of(frame)["SPY"].notna().tolist() == [False, True, False]


def test_a_negative_volume_is_a_gap_and_a_zero_one_is_not() -> None:
    frame = long((MONDAY, "SPY", 1.0), (TUESDAY, "SPY", 1.0), volume=[-5.0, 0.0])
    panels, findings = panels_from_long(frame, origin="prices")
    np.testing.assert_array_equal(panels["volume"]["SPY"].to_numpy(), [np.nan, 0.0])
    assert {f.code: f.severity for f in findings}["invalid_volume"] is Severity.INFO


def test_a_source_with_one_close_says_so_and_has_no_adjusted_panel() -> None:
    panels, findings = panels_from_long(long((MONDAY, "SPY", 1.0)), origin="prices")
    assert set(panels) == {"close"}
    assert [(f.code, f.subject) for f in findings] == [("single_close", "prices")]
    assert "1 of 1 ticker" in findings[0].message


def test_a_ticker_without_adjusted_closes_among_others_uses_its_close() -> None:
    frame = long((MONDAY, "SPY", 10.0), (MONDAY, "TLT", 20.0), adj_close=[9.0, np.nan])
    panels, findings = panels_from_long(frame, origin="prices")
    assert panels["adj_close"].loc[MONDAY].tolist() == [9.0, 20.0]
    assert "1 of 2 tickers" in findings[0].message


def test_adjusted_closes_that_are_all_blank_are_one_close() -> None:
    panels, findings = panels_from_long(
        long((MONDAY, "SPY", 10.0), adj_close=[np.nan]), origin="prices"
    )
    assert set(panels) == {"close"}
    assert [f.code for f in findings] == ["single_close"]


def test_adjusted_closes_that_are_all_invalid_are_not_replaced_by_closes() -> None:
    panels, findings = panels_from_long(
        long((MONDAY, "SPY", 10.0), adj_close=[-1.0]), origin="prices"
    )
    assert panels["adj_close"].isna().all().all()
    assert [f.code for f in findings] == ["invalid_price", "adj_close_missing"]
    assert "an adjusted close" in findings[0].message


def test_a_gap_in_the_adjusted_close_alone_is_told() -> None:
    frame = long((MONDAY, "SPY", 10.0), (TUESDAY, "SPY", 11.0), adj_close=[9.0, np.nan])
    panels, _ = panels_from_long(frame, origin="prices")
    assert np.isnan(panels["adj_close"].loc[TUESDAY, "SPY"])
    finding = found(frame)["adj_close_missing"]
    assert (finding.severity, finding.subject) == (Severity.INFO, "SPY")
    assert TUESDAY in finding.message


# laws

CELLS = st.dictionaries(
    st.tuples(st.integers(0, 9), st.sampled_from(["AAA", "BBB", "CCC"])),
    st.one_of(st.floats(allow_nan=True, width=32), st.just(0.0)),
    min_size=1,
    max_size=20,
)


@settings(max_examples=60)
@given(cells=CELLS, data=st.data())
def test_the_order_and_the_repetition_of_rows_change_nothing_but_the_findings(
    cells: dict[tuple[int, str], float], data: st.DataObject
) -> None:
    days = pd.bdate_range("2020-03-02", periods=10)
    rows = [(days[day], ticker, value) for (day, ticker), value in cells.items()]
    repeated = data.draw(st.lists(st.sampled_from(rows), max_size=10))
    shuffled = data.draw(st.permutations(rows + repeated))
    plain, noticed = panels_from_long(long(*rows), origin="prices")
    other, noticed_too = panels_from_long(long(*shuffled), origin="prices")
    pd.testing.assert_frame_equal(plain["close"], other["close"])
    about_rows = ("duplicate_rows", "unsorted_rows")
    assert {f for f in noticed if f.code not in about_rows} == {
        f for f in noticed_too if f.code not in about_rows
    }
    assert ("duplicate_rows" in {f.code for f in noticed_too}) == bool(repeated)


def test_rows_out_of_order_are_told_by_ticker_and_newest_first_is_an_order() -> None:
    days = pd.bdate_range("2020-03-02", periods=3)
    mixed = [(days[day], "AAA", 10.0 + day) for day in (1, 0, 2)]
    falling = [(days[day], "BBB", 10.0 + day) for day in (2, 1, 0)]
    _, noticed = panels_from_long(long(*mixed, *falling), origin="prices")
    (said,) = [f for f in noticed if f.code == "unsorted_rows"]
    assert said.message == "rows of AAA are out of order; they were put in order"


@settings(max_examples=60)
@given(cells=CELLS)
def test_a_panel_holds_every_valid_close_once_and_nothing_else(
    cells: dict[tuple[int, str], float],
) -> None:
    days = pd.bdate_range("2020-03-02", periods=10)
    rows = [(days[day], ticker, value) for (day, ticker), value in cells.items()]
    close = close_of(long(*rows))
    valid = {(d, t): v for d, t, v in rows if np.isfinite(v) and v > 0}
    assert int(close.notna().to_numpy().sum()) == len(valid)
    for (day, ticker), value in valid.items():
        assert close.loc[day, ticker] == value
