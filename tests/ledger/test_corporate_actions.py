"""Cash-outs, and prices that move with the date of the book."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quantetf_core.errors import InvalidValueError
from quantetf_core.ledger import CashOut, Dividend, Split, corporate_action_request
from quantetf_core.ledger.corporate_actions import fraction_left, split_terms
from quantetf_core.portfolio.holdings import Position
from tests.ledger.books import ADA, DAY, Ledger, book

LATER = DAY + timedelta(days=30)


def test_a_closed_fund_leaves_the_book_for_what_was_paid(ledger: Ledger) -> None:
    ledger.begin(cash=100.0, OLD=10.0, SPY=5.0)
    request = corporate_action_request(
        ledger.book, actions=[CashOut(ticker="OLD", amount=123.456)], as_of=LATER, approval=ADA
    )
    ledger.commit(request)
    assert ledger.book is not None
    assert ledger.book.shares == {"SPY": 5.0}
    assert ledger.book.cash == 223.46
    assert ledger.book.as_of == DAY  # it says nothing of the other counts
    assert ledger.history.entries[0].summary["actions"] == [{"ticker": "OLD", "cash_out": 123.456}]
    assert ledger.verify().ok


def test_a_fund_may_close_for_nothing_and_not_for_less() -> None:
    held = book(OLD=10.0)
    after = corporate_action_request(
        held, actions=[CashOut(ticker="OLD", amount=0.0)], as_of=LATER, approval=ADA
    ).holdings_after
    assert after.positions == ()
    for amount in (-1.0, float("nan"), float("inf")):
        with pytest.raises(InvalidValueError, match="amount"):
            corporate_action_request(
                held, actions=[CashOut(ticker="OLD", amount=amount)], as_of=LATER, approval=ADA
            )


def test_a_fund_cannot_pay_a_dividend_after_it_was_closed() -> None:
    actions = [CashOut(ticker="OLD", amount=1.0), Dividend(ticker="OLD", amount=1.0)]
    with pytest.raises(InvalidValueError, match="ticker"):
        corporate_action_request(book(OLD=1.0), actions=actions, as_of=LATER, approval=ADA)


def test_a_split_moves_the_date_and_with_it_every_price_that_is_known() -> None:
    after = corporate_action_request(
        book(SPY=10.0, TLT=4.0, XLK=2.0),
        actions=[Split(ticker="SPY", ratio=2.0)],
        as_of=LATER,
        approval=ADA,
        closes={"SPY": 51.0, "TLT": 90.0},
    ).holdings_after
    assert after.as_of == LATER
    assert {p.ticker: p.price for p in after.positions} == {"SPY": 51.0, "TLT": 90.0, "XLK": 100.0}


def test_a_dividend_moves_neither_date_nor_prices() -> None:
    after = corporate_action_request(
        book(SPY=10.0),
        actions=[Dividend(ticker="SPY", amount=5.0)],
        as_of=LATER,
        approval=ADA,
        closes={"SPY": 51.0},
    ).holdings_after
    assert (after.as_of, after.positions[0].price) == (DAY, 100.0)


def test_what_a_split_leaves_over_and_how_it_is_announced() -> None:
    assert fraction_left(Position(ticker="SPY", shares=25.0), 0.1) == 0.5
    assert fraction_left(Position(ticker="SPY", shares=30.0), 0.1) == 0.0
    assert fraction_left(Position(ticker="SPY", shares=2.5), 0.1) == 0.0
    assert [split_terms(ratio) for ratio in (2.0, 0.1, 4 / 3, 1.0)] == [
        (2, 1),
        (1, 10),
        (4, 3),
        (1, 1),
    ]
