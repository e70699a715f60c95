"""Splits since a book was stated: what is compared with what, and when nothing can be."""

from __future__ import annotations

from datetime import date

import pytest

from quantetf_core.findings import Severity
from quantetf_core.portfolio.holdings import Holdings, Position
from quantetf_core.portfolio.stated_shares import split_findings, splits_since_stated
from tests.portfolio.test_valuation import DAYS, day, market

HALVED = market(AAA=[100.0, 100.0, 50.0, 50.0])


def book(as_of: date | None, price: float | None = 100.0) -> Holdings:
    return Holdings(positions=(Position(ticker="AAA", shares=1.0, price=price),), as_of=as_of)


def test_a_jump_after_the_books_date_is_a_split_and_one_before_it_is_none() -> None:
    assert splits_since_stated(book(day(0)), HALVED, as_of=DAYS[3]) == {"AAA": 2.0}
    assert splits_since_stated(book(day(2), 50.0), HALVED, as_of=DAYS[3]) == {}


def test_a_close_restated_since_it_was_recorded_is_a_split() -> None:
    assert splits_since_stated(book(day(2)), HALVED, as_of=DAYS[3]) == {"AAA": 2.0}


@pytest.mark.parametrize("price", [None, 0.0, -5.0])
def test_a_price_that_was_none_is_not_compared(price: float | None) -> None:
    assert splits_since_stated(book(day(2), price), HALVED, as_of=DAYS[3]) == {}


@pytest.mark.parametrize("held", [None, book(None), book(date(2017, 12, 29))])
def test_without_a_book_a_date_or_closes_at_it_nothing_is_found(held: Holdings | None) -> None:
    assert splits_since_stated(held, HALVED, as_of=DAYS[3]) == {}


def test_a_book_stated_after_the_session_looked_at_is_not_compared_with_later_closes() -> None:
    assert splits_since_stated(book(day(2)), HALVED, as_of=DAYS[1]) == {}


def test_each_split_is_a_block_that_names_ratio_and_date() -> None:
    (found,) = split_findings({"AAA": 2.0}, book(day(0)))
    assert (found.severity, found.code, found.subject) == (
        Severity.BLOCK,
        "split_since_holdings",
        "AAA",
    )
    assert "a ratio of 2 since the holdings' date 2018-01-02;" in found.message
