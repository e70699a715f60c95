"""Decisions on a book with locked tickers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from quantetf_core.decision import RebalanceResult, decide
from quantetf_core.execution import Reason
from quantetf_core.portfolio.holdings import Holdings, Lock, LockRule
from tests import builders

TICKERS = ("AAA", "BBB", "CCC", "DDD", "EEE")
MARKET = builders.random_market(TICKERS, seed=5)
SINCE = date(2018, 6, 29)


def lock(ticker: str, rule: str, until: date | None = None) -> Lock:
    return Lock(ticker=ticker, rule=LockRule(rule), reason="tender offer", since=SINCE, until=until)


def decided(book: Holdings, *locks: Lock) -> RebalanceResult:
    held = replace(book, locks=tuple(sorted(locks, key=lambda one: one.ticker)))
    situation = builders.situation(MARKET, holdings=held)
    return decide(MARKET, builders.settings(TICKERS), situation)


def line(result: RebalanceResult, ticker: str):
    return next(one for one in result.trades if one.ticker == ticker)


def said(result: RebalanceResult) -> dict[str, str]:
    return {f.subject: f.message for f in result.findings if f.code == "locked"}


CASH = builders.book({}, cash=100_000.0)
FREE = decided(CASH)
FIRST, SECOND, THIRD, FOURTH, LAST = FREE.used.ranking.index


def test_what_may_not_be_bought_and_is_not_held_leaves_its_place_to_the_next():
    result = decided(CASH, lock(FIRST, "no_buy"))
    assert FIRST not in result.used.ranking.index
    bought = {one.ticker for one in result.orders}
    assert bought == {SECOND, THIRD, FOURTH}
    assert said(result) == {
        FIRST: "locked by a person: not bought (tender offer; since 2018-06-29); it is not held, "
        "so it was not ranked"
    }
    assert result.plan_id != FREE.plan_id


def test_what_is_held_and_may_not_be_bought_keeps_its_place_and_the_rest_is_cash():
    book = builders.book({FIRST: 10.0}, cash=100_000.0)
    free, result = decided(book), decided(book, lock(FIRST, "no_buy"))
    assert line(free, FIRST).shares_delta > 0
    kept = line(result, FIRST)
    assert (kept.shares_delta, kept.reasons) == (0.0, (Reason.LOCKED_NO_BUY,))
    assert kept.ideal_weight == line(free, FIRST).ideal_weight
    assert "what is not bought of it stays in cash" in said(result)[FIRST]
    assert {one.ticker for one in result.orders} == {SECOND, THIRD}
    spared = free.used.plan.notional_value.max()
    assert result.used.plan.cash_after >= spared * 0.9


def test_what_may_not_be_sold_stays_though_the_strategy_drops_it():
    book = builders.book({LAST: 500.0}, cash=10_000.0)
    assert line(decided(book), LAST).shares_delta == -500.0
    for rule, reason in (("no_sell", Reason.LOCKED_NO_SELL), ("hold", Reason.LOCKED_HOLD)):
        result = decided(book, lock(LAST, rule))
        assert line(result, LAST).shares_delta == 0.0
        assert line(result, LAST).reasons[0] is reason
        assert "is not there for other lines" in said(result)[LAST]
        assert result.used.plan.cash_after >= 0.0
        assert not result.blocks


def test_a_lock_ends_after_its_last_day():
    session = MARKET.last_session.date()
    for until, ranked in ((session, False), (MARKET.sessions[-2].date(), True)):
        result = decided(CASH, lock(FIRST, "hold", until))
        assert (FIRST in result.used.ranking.index) is ranked
        assert bool(said(result)) is not ranked


def test_a_plan_without_locks_has_the_id_it_had_before_there_were_any():
    content = decided(CASH, lock(FIRST, "hold", SINCE))
    assert decided(CASH).plan_id == FREE.plan_id
    assert content.plan_id != FREE.plan_id  # an expired lock is still a fact of the book
