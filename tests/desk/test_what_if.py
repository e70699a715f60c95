"""Trying another value: the range of the slider, the proposal it makes, the file it leaves."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantetf_core import desk
from quantetf_core.data.market import MarketData
from quantetf_core.decision import RebalanceResult
from quantetf_core.errors import InvalidValueError
from quantetf_core.units import to_cents
from tests.workspace import new_workspace

NOW = datetime(2024, 1, 2, 13, tzinfo=UTC)


@pytest.fixture(scope="module")
def opened(
    tmp_path_factory: pytest.TempPathFactory, sample_cache: Path
) -> tuple[desk.Portfolio, MarketData]:
    """The sample portfolio in a workspace of its own, and its market."""
    root = new_workspace(tmp_path_factory.mktemp("what_if") / "desk")
    portfolio = desk.open_portfolio(root, "sample", cache_dir=sample_cache)
    return portfolio, desk.load_market(portfolio, now=NOW)


@given(cents=st.integers(1, 10**14))
def test_the_book_is_on_the_sliders_grid_and_all_of_it_is_above_zero(cents: int) -> None:
    found = desk.value_range(cents / 100)
    low, high, step = to_cents(found.low), to_cents(found.high), to_cents(found.step)
    assert 0 < low <= cents <= high
    assert (cents - low) % step == 0 or low == 1
    assert (high - low) // step <= 2_000
    assert high >= 2 * cents - step


@pytest.mark.parametrize("value", [0.0, -5.0, 0.001, float("nan"), float("inf")])
def test_a_book_without_value_has_no_range(value: float) -> None:
    with pytest.raises(InvalidValueError, match="above 0"):
        desk.value_range(value)


def test_without_a_book_every_value_is_the_first_deposit(
    opened: tuple[desk.Portfolio, MarketData],
) -> None:
    portfolio, market = opened
    book = desk.propose(portfolio, market, now=NOW)
    assert desk.book_value_of(book) == 1_000_000.0
    for declared in (False, True):
        tried = desk.propose_value(
            portfolio, market, book=book, value=250_000.0, declared=declared, now=NOW
        )
        assert tried.used.plan.cash_flow == 250_000.0
        assert tried.confirmable


def test_with_a_book_a_value_is_a_sandbox_or_a_flow_and_the_file_says_which(
    tmp_path: Path, opened: tuple[desk.Portfolio, MarketData]
) -> None:
    shared, market = opened
    portfolio = desk.open_portfolio(
        new_workspace(tmp_path / "desk"), "sample", cache_dir=shared.cache_dir
    )
    day = date(2023, 12, 29)
    assert desk.next_commit_id(portfolio, day) == "20231229"
    first = desk.propose(portfolio, market, now=NOW)
    desk.commit(portfolio, first, approver="Ada", now=NOW)
    assert desk.next_commit_id(portfolio, day) == "20231229-2"
    book = desk.propose(portfolio, market, now=NOW)
    own = desk.book_value_of(book)
    assert own == pytest.approx(1_000_000.0 - first.used.plan.costs)
    tried = {
        declared: desk.propose_value(
            portfolio, market, book=book, value=own - 100_000.0, declared=declared, now=NOW
        )
        for declared in (False, True)
    }
    assert tried[False].what_if
    assert not tried[True].what_if
    assert tried[True].used.plan.cash_flow == -100_000.0
    assert desk.book_value_of(tried[True]) == own
    assert statuses(tried[False]) == {"what-if"}
    assert statuses(tried[True]) == {"proposal, not confirmed"}


def statuses(plan: RebalanceResult) -> set[str]:
    return {row["status"] for row in csv.DictReader(io.StringIO(desk.trades_csv(plan).decode()))}
