"""The price of a ticker as of a session, and its age."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import PriceMarks, price_marks
from quantetf_core.data.sessions import sessions_between
from quantetf_core.errors import SessionError
from quantetf_core.units import MAX_CARRY_SESSIONS

nan, inf = np.nan, np.inf
SESSIONS = sessions_between("2020-01-06", "2020-06-30")


def market(closes: Mapping[str, Sequence[float]]) -> MarketData:
    """Closes by ticker, from 2020-01-06 on."""
    frame = pd.DataFrame(dict(sorted(closes.items())), dtype=np.float64)
    frame.index = SESSIONS[: len(frame)]
    return MarketData.from_panels(
        {"close": frame}, pd.Series(15.0, index=frame.index), source="test"
    )


def marks_at_end(**closes: Sequence[float]) -> PriceMarks:
    made = market(closes)
    return price_marks(made, as_of=made.last_session, tickers=sorted(closes))


def test_a_close_of_the_session_is_fresh() -> None:
    marks = marks_at_end(SPY=[10.0, 11.0])
    assert (marks.price.tolist(), marks.age.tolist()) == ([11.0], [0])
    assert marks.price_date == (dt.date(2020, 1, 7),)
    assert marks.fresh.tolist() == [True]


@pytest.mark.parametrize("age", [1, 2, 3])
def test_a_close_up_to_three_sessions_old_is_carried_and_never_trades(age: int) -> None:
    marks = marks_at_end(SPY=[9.0, 10.0, *[nan] * age])
    assert marks.age.tolist() == [age]
    assert marks.carried.tolist() == [True]
    assert not (marks.fresh | marks.stale | marks.never_priced).any()
    assert marks.valuation_price.tolist() == [10.0]


@pytest.mark.parametrize("age", [4, 5, 63, 64, 65, 100])
def test_an_older_close_is_stale_and_keeps_its_price_and_date(age: int) -> None:
    marks = marks_at_end(SPY=[9.0, 10.0, *[nan] * age], TLT=[1.0] * (age + 2))
    assert marks.age.tolist() == [age, 0]
    assert marks.stale.tolist() == [True, False]
    assert marks.valuation_price.tolist() == [10.0, 1.0]
    assert marks.price_date[0] == dt.date(2020, 1, 7)


def test_a_ticker_without_a_close_or_without_a_column_is_never_priced() -> None:
    made = market({"LATE": [nan, nan, 5.0], "SPY": [1.0, 2.0, 3.0]})
    marks = price_marks(made, as_of=SESSIONS[1], tickers=["XXX", "SPY", "LATE"])
    assert marks.tickers == ("XXX", "SPY", "LATE")
    assert marks.age.tolist() == [-1, 0, -1]
    assert marks.never_priced.tolist() == [True, False, True]
    assert marks.price_date == (None, dt.date(2020, 1, 7), None)
    assert np.isnan(marks.price[[0, 2]]).all()


@pytest.mark.parametrize("bad", [0.0, -1.0, inf, -inf, nan])
def test_a_close_that_cannot_be_paid_does_not_count(bad: float) -> None:
    marks = marks_at_end(SPY=[10.0, bad])
    assert (marks.price.tolist(), marks.age.tolist()) == ([10.0], [1])


def test_no_ticker_gives_no_mark_and_a_weekend_is_the_friday() -> None:
    made = market({"SPY": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    assert price_marks(made, as_of="2020-01-12", tickers=[]).tickers == ()
    assert price_marks(made, as_of="2020-01-12", tickers=["SPY"]).price.tolist() == [5.0]
    with pytest.raises(SessionError):
        price_marks(made, as_of="2020-01-03", tickers=["SPY"])


def test_marks_cannot_be_changed() -> None:
    marks = marks_at_end(SPY=[10.0])
    with pytest.raises(ValueError, match="read-only"):
        marks.price[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        marks.age[0] = 1


CLOSES = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 90), st.integers(1, 4)),
    elements=st.sampled_from([nan, nan, nan, 0.0, -1.0, inf, 1.0, 2.5, 100.0]),
)


@settings(max_examples=80)
@given(closes=CLOSES, data=st.data())
def test_a_mark_is_the_last_valid_close_whatever_comes_later(
    closes: np.ndarray, data: st.DataObject
) -> None:
    names = [f"T{number}" for number in range(closes.shape[1])]
    row = data.draw(st.integers(0, len(closes) - 1))
    garbage = closes.copy()
    garbage[row + 1 :] = data.draw(st.sampled_from([nan, 1e9, -1.0]))
    day = SESSIONS[row]
    mine, other = (
        price_marks(
            market({name: values[:, i] for i, name in enumerate(names)}), as_of=day, tickers=names
        )
        for values in (closes, garbage)
    )
    np.testing.assert_array_equal(mine.price, other.price)
    np.testing.assert_array_equal(mine.age, other.age)
    assert mine.price_date == other.price_date
    for column in range(len(names)):
        valid = [
            r for r in range(row + 1) if np.isfinite(closes[r, column]) and closes[r, column] > 0
        ]
        assert mine.age[column] == (row - valid[-1] if valid else -1)
        if valid:
            assert mine.price[column] == closes[valid[-1], column]
            assert mine.price_date[column] == SESSIONS[valid[-1]].date()
    states = np.vstack([mine.fresh, mine.carried, mine.stale, mine.never_priced])
    assert (states.sum(axis=0) == 1).all()
    assert (mine.age[mine.carried] <= MAX_CARRY_SESSIONS).all()
