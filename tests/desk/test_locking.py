"""Locks in the chain: made, carried through everything that follows, lifted, undone."""

from __future__ import annotations

import json
from datetime import date

import pytest

from quantetf_core import desk
from quantetf_core.errors import InvalidValueError
from quantetf_core.ledger.fold import kind_problems
from quantetf_core.ledger.record import Kind
from quantetf_core.portfolio.holdings import Holdings, Lock, LockRule
from tests.desk.test_entries import MARKET, day
from tests.desk.test_reconciling import (
    NOW,
    begin,
    book,  # noqa: F401 - the fixture
    fill,
    fills,
    held,
    record,
    sound,
    trade,
)


def lock(portfolio: desk.Portfolio, ticker: str = "TLT", rule: str = "no_sell", **more) -> str:
    options = {"as_of": day(0), "reason": "pledged", **more}
    return record(
        portfolio, desk.propose_lock(portfolio, MARKET, ticker=ticker, rule=rule, **options)
    )


def locked(portfolio: desk.Portfolio) -> dict[str, str]:
    found, _ = desk.holdings(portfolio)
    return {one.ticker: str(one.rule) for one in found.locks}


def test_a_lock_moves_nothing_and_stays_through_all_that_follows(book):  # noqa: F811
    begin(book)
    before = held(book)
    lock(book)
    assert (held(book), locked(book)) == (before, {"TLT": "no_sell"})
    assert sound(book)
    decision = trade(book, SPY=(-4.0, 100.0), XLK=(8.0, 10.0))
    record(book, desk.propose_sent(book, MARKET, decision, how="by hand"))
    record(book, fills(book, decision, fill("SPY", -4.0, 99.0, "a")))
    record(book, desk.propose_cash(book, MARKET, flow="fee", amount=5.0, as_of=day(1)))
    positions = desk.holdings(book)[0].positions
    count = desk.propose_import(
        book, MARKET, positions=positions, cash=7.0, as_of=day(1), source="x.csv"
    )
    record(book, count)
    assert locked(book) == {"TLT": "no_sell"}
    assert sound(book)
    (status,) = desk.lock_statuses(desk.history(book), desk.holdings(book)[0], as_of=day(1))
    assert (status.approver, status.in_force, status.lock.reason) == ("Ada", True, "pledged")
    content = json.loads((book.state_dir / "current_holdings.json").read_bytes())
    assert content["locks"][0]["ticker"] == "TLT"


def test_undoing_a_rebalance_leaves_a_later_lock_in_force(book):  # noqa: F811
    begin(book)
    decision = trade(book, SPY=(-4.0, 100.0))
    lock(book, "SPY", "hold")
    head = desk.read(book, decision)
    assert desk.undo(book, desk.history(book), head, session=day(0)).problem == ""
    approved = desk.approval(MARKET, approver="Ada", note="mistake")
    desk.revert(book, decision, as_of=day(0), approved=approved, now=NOW)
    assert held(book)["SPY"] == 10.0
    assert locked(book) == {"SPY": "hold"}
    assert sound(book)


def test_undoing_a_lock_lifts_it_and_undoing_that_locks_again(book):  # noqa: F811
    begin(book)
    made = lock(book)
    approved = desk.approval(MARKET, approver="Ada", note="mistake")
    undone = desk.revert(book, made, as_of=day(0), approved=approved, now=NOW).commit_id
    assert locked(book) == {}
    desk.revert(book, undone, as_of=day(0), approved=approved, now=NOW)
    assert locked(book) == {"TLT": "no_sell"}
    assert sound(book)


def test_locks_are_replaced_lifted_and_cleared_away_once_expired(book):  # noqa: F811
    begin(book)
    lock(book, until=day(0))
    lock(book, rule="hold", until=day(0))
    assert locked(book) == {"TLT": "hold"}
    lock(book, "XLK", "no_buy", as_of=day(1))
    assert locked(book) == {"XLK": "no_buy"}
    record(book, desk.propose_unlock(book, MARKET, ticker="XLK", as_of=day(1)))
    assert locked(book) == {}
    assert desk.history(book).newest.summary["unlocked"] == "XLK"
    assert sound(book)


@pytest.mark.parametrize(
    ("facts", "about"),
    [
        ({"ticker": "SPX"}, "one of the universe, or held"),
        ({"rule": "never"}, "one of hold, no_buy, no_sell"),
        ({"reason": "  "}, "a reason"),
        ({"until": date(1999, 1, 4)}, "a date from"),
        ({"ticker": "TLT", "rule": "no_sell", "reason": "pledged"}, "locked like that already"),
    ],
)
def test_what_cannot_be_locked_is_told_why(book, facts, about):  # noqa: F811
    with pytest.raises(InvalidValueError, match="fund the portfolio, or import one, first"):
        lock(book)
    begin(book)
    lock(book)
    with pytest.raises(InvalidValueError, match=about):
        lock(book, **facts)
    with pytest.raises(InvalidValueError, match="TLT"):
        desk.propose_unlock(book, MARKET, ticker="TLS", as_of=day(0))


def test_only_a_lock_may_lock_and_a_lock_may_do_nothing_else():
    made = Lock(ticker="SPY", rule=LockRule.HOLD, reason="x", since=date(2024, 1, 31))
    free, locked_book = Holdings(cash=5.0), Holdings(cash=5.0, locks=(made,))
    assert kind_problems(Kind.LOCK, free, locked_book) == ()
    for kind in (Kind.REBALANCE, Kind.CASH, Kind.RECONCILE, Kind.CORPORATE_ACTION, Kind.SENT):
        assert any("lock" in problem for problem in kind_problems(kind, free, locked_book))
    assert kind_problems(Kind.LOCK, Holdings(cash=6.0), locked_book) != ()
