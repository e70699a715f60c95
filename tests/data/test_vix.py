"""The VIX of a table or a series: what is read, refused and noticed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from quantetf_core.data.vix import vix_from_frame, vix_from_series
from quantetf_core.errors import SourceError
from quantetf_core.findings import Severity

MONDAY, TUESDAY, WEDNESDAY = "2020-01-06", "2020-01-07", "2020-01-08"


def table(values: list[object], *, close: str = "CLOSE", date: str = "DATE") -> pd.DataFrame:
    days = pd.bdate_range(MONDAY, periods=len(values)).strftime("%Y-%m-%d")
    return pd.DataFrame({date: days, close: values})


@pytest.mark.parametrize(
    ("date", "close"),
    [
        ("DATE", "CLOSE"),
        ("Date", "Close"),
        ("observation_date", "VIXCLS"),
        ("date", "vix"),
        ("date", "VIX"),
        ("day", "^VIX"),
        ("timestamp", "value"),
        ("Date", "Adj Close"),
    ],
)
def test_the_close_is_found_under_whatever_common_name(date: str, close: str) -> None:
    vix, findings = vix_from_frame(table([14.0, 15.0], date=date, close=close), origin="vix")
    assert vix.tolist() == [14.0, 15.0]
    assert str(vix.index[0].date()) == MONDAY
    assert findings == ()


def test_the_close_is_used_before_the_adjusted_one() -> None:
    vix, _ = vix_from_frame(table([14.0]).assign(**{"Adj Close": 99.0}), origin="vix")
    assert vix.tolist() == [14.0]


def test_the_dates_may_be_the_index_without_a_name() -> None:
    frame = pd.DataFrame({"vix": [14.0]}, index=pd.DatetimeIndex([MONDAY]))
    assert vix_from_frame(frame, origin="vix")[0].tolist() == [14.0]


def test_a_dot_is_a_missing_value_and_leaves_no_row() -> None:
    vix, findings = vix_from_frame(table(["14.0", ".", "15.5"]), origin="vix")
    assert [str(day.date()) for day in vix.index] == [MONDAY, WEDNESDAY]
    assert findings == ()


@pytest.mark.parametrize(
    ("frame", "facts"),
    [
        (pd.DataFrame({"Date": [MONDAY], "x": [14.0]}), ("no column is the VIX close", "'x'")),
        (pd.DataFrame({"when": [MONDAY], "vix": [14.0]}), ("no column is the date", "'when'")),
        (table([14.0]).assign(vix=14.0), ("2 columns could be the VIX close",)),
        (table([0.14, 0.16, 0.35]), ("0.16 at its median", "a fraction")),
        (table([".", None]), ("no value on any session",)),
        (table(["14", "n.a.?"]), ("row 2 has 'n.a.?'",)),
        (
            pd.DataFrame({"date": [MONDAY] * 2, "ticker": ["SPY", "^VIX"], "close": [1.0, 2.0]}),
            ("several tickers (SPY, ^VIX)",),
        ),
    ],
)
def test_what_is_not_the_vix_is_refused(frame: pd.DataFrame, facts: tuple[str, ...]) -> None:
    with pytest.raises(SourceError) as caught:
        vix_from_frame(frame, origin="vix.csv")
    for fact in ("vix.csv: ", *facts):
        assert fact in str(caught.value)


def test_rows_that_no_session_can_hold_or_that_disagree_are_noticed() -> None:
    frame = pd.DataFrame(
        {
            "date": ["2020-01-04", MONDAY, MONDAY, TUESDAY, TUESDAY, WEDNESDAY, "2020-01-09"],
            "close": [13.0, 14.0, 14.0, 15.0, 16.0, -1.0, 17.0],
        }
    )
    vix, findings = vix_from_frame(frame, origin="vix.csv")
    assert vix.tolist() == [14.0, 17.0]
    assert {f.code: f.severity for f in findings} == {
        "not_a_session": Severity.INFO,
        "duplicate_rows": Severity.INFO,
        "conflicting_rows": Severity.WARN,
        "invalid_price": Severity.WARN,
    }
    assert {f.subject for f in findings} == {"VIX"}
    messages = {f.code: f.message for f in findings}
    assert "1 row on days" in messages["not_a_session"]
    assert TUESDAY in messages["conflicting_rows"]
    assert WEDNESDAY in messages["invalid_price"]


def test_a_series_is_read_by_its_dates_and_may_be_empty() -> None:
    vix, _ = vix_from_series(pd.Series([15.0, 14.0], index=[TUESDAY, MONDAY]), origin="vix")
    assert vix.tolist() == [14.0, 15.0]
    empty, findings = vix_from_series(pd.Series(dtype=np.float64), origin="vix")
    assert (len(empty), findings) == (0, ())
    with pytest.raises(SourceError, match="2020-01-07"):
        vix_from_series(pd.Series(["14", "x"], index=[MONDAY, TUESDAY]), origin="vix")
