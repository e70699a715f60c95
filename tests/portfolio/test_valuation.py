"""Value of a book on one session and through time."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from quantetf_core.data.market import MarketData
from quantetf_core.errors import InvalidValueError, PlanRefusedError
from quantetf_core.portfolio.holdings import Holdings, Position
from quantetf_core.portfolio.valuation import book_value, value_through_time
from tests.builders import sessions

DAYS = sessions(6)


def market(**closes: list[float]) -> MarketData:
    """A market of these closes on the first sessions of 2018."""
    n = len(next(iter(closes.values())))
    panel = pd.DataFrame(closes, index=DAYS[:n], dtype=float).sort_index(axis=1)
    return MarketData.from_panels({"close": panel}, pd.Series(15.0, index=DAYS[:n]), source="test")


def held(cash: float = 0.0, **shares: float) -> Holdings:
    positions = tuple(Position(ticker=t, shares=n) for t, n in sorted(shares.items()))
    return Holdings(positions=positions, cash=cash)


def day(number: int) -> date:
    return DAYS[number].date()


def test_a_book_is_worth_its_cash_and_its_shares_at_the_close_each_to_the_cent() -> None:
    prices = market(AAA=[10.0, 10.333], BBB=[5.0, 5.0])
    assert book_value(held(1.5, AAA=3, BBB=2), prices, DAYS[1]) == 31.0 + 10.0 + 1.5


def test_a_book_with_a_position_never_priced_has_no_value_and_says_which() -> None:
    with pytest.raises(PlanRefusedError, match="GONE: held, and never priced"):
        book_value(held(AAA=1, GONE=1), market(AAA=[10.0]), DAYS[0])


def test_each_book_is_valued_from_its_session_until_the_next() -> None:
    prices = market(AAA=[10.0, 11.0, 12.0, 13.0], BBB=[1.0, 2.0, 3.0, 4.0])
    books = [(day(1), held(AAA=1)), (day(3), held(5.0, BBB=10))]
    value = value_through_time(books, prices)
    assert value.to_dict() == {DAYS[1]: 11.0, DAYS[2]: 12.0, DAYS[3]: 45.0}


def test_of_two_books_of_one_session_the_last_counts() -> None:
    prices = market(AAA=[10.0, 11.0])
    books = [(day(0), held(AAA=1)), (day(0), held(AAA=2))]
    assert value_through_time(books, prices).tolist() == [20.0, 22.0]


def test_a_book_dated_before_the_one_it_follows_holds_from_that_ones_date() -> None:
    prices = market(AAA=[10.0, 11.0, 12.0])
    books = [(day(2), held(AAA=1)), (day(0), held(AAA=2))]
    assert value_through_time(books, prices).to_dict() == {DAYS[2]: 24.0}


def test_a_missing_zero_or_infinite_close_is_carried_from_the_last_valid_one() -> None:
    prices = market(AAA=[10.0, np.nan, 0.0, np.inf, -4.0, 12.0])
    value = value_through_time([(day(1), held(AAA=2))], prices)
    assert value.tolist() == [20.0, 20.0, 20.0, 20.0, 24.0]


def test_a_position_without_a_close_yet_leaves_the_value_unknown() -> None:
    prices = market(AAA=[np.nan, 7.0], BBB=[1.0, 1.0])
    value = value_through_time([(day(0), held(AAA=1, BBB=1))], prices)
    assert np.isnan(value.iloc[0])
    assert value.iloc[1] == 8.0
    assert value_through_time([(day(0), held(GONE=1))], prices).isna().all()


def test_no_book_or_one_after_the_last_session_has_no_value_yet() -> None:
    prices = market(AAA=[10.0, 11.0])
    assert value_through_time([], prices).empty
    assert value_through_time([(date(2030, 1, 2), held(AAA=1))], prices).empty


def test_cash_alone_is_its_own_value_on_every_session() -> None:
    assert (
        value_through_time([(day(0), held(12.34))], market(AAA=[1.0, 2.0])).tolist() == [12.34] * 2
    )


@hypothesis_settings(max_examples=40)
@given(
    closes=st.lists(
        st.tuples(*[st.floats(0.01, 5000, allow_nan=False) for _ in range(3)]),
        min_size=1,
        max_size=6,
    ),
    shares=st.tuples(*[st.floats(0.0001, 1e6) for _ in range(3)]),
    cash=st.integers(-(10**9), 10**11).map(lambda cents: cents / 100),
)
def test_the_last_value_through_time_is_the_value_of_the_book(
    closes: list[tuple[float, ...]], shares: tuple[float, ...], cash: float
) -> None:
    columns = zip(*closes, strict=True)
    prices = market(**dict(zip("ABC", map(list, columns), strict=True)))
    book = held(cash, **dict(zip("ABC", shares, strict=True)))
    value = value_through_time([(day(0), book)], prices)
    for session in prices.sessions:
        assert value[session] == book_value(book, prices, session)


@pytest.mark.parametrize("wrong", ["10", None, float("nan"), True])
def test_shares_and_cash_that_are_no_numbers_are_refused(wrong: object) -> None:
    with pytest.raises(InvalidValueError, match="shares of SPY"):
        Position(ticker="SPY", shares=wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="cash"):
        Holdings(cash=wrong)  # type: ignore[arg-type]
