"""A book marked to the closes: values, weights, drift, gains, and what is not known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from quantetf_core.data.market import MarketData
from quantetf_core.portfolio.changes import book_changes
from quantetf_core.portfolio.holdings import Holdings, Position
from quantetf_core.portfolio.marking import MarkedBook, Target, mark
from quantetf_core.units import CASH
from tests.builders import universe
from tests.portfolio.test_valuation import DAYS, day, market


def book(*positions: Position, cash: float = 0.0, as_of: date | None = None) -> Holdings:
    return Holdings(positions=positions, cash=cash, as_of=as_of or day(0), commit_id="20180102")


def marked(
    held: Holdings, prices: MarketData, *, at: int = 1, weights: dict[str, float] | None = None
) -> MarkedBook:
    target = None
    if weights is not None:
        target = Target(commit_id="20180102", as_of=day(0), weights=weights)
    names = universe(["AAA", "BBB", "CCC"])
    return mark(held, prices, as_of=DAYS[at], universe=names, target=target)


def row(found: MarkedBook, ticker: str) -> pd.Series:
    return found.frame.set_index("ticker").loc[ticker]


PRICES = market(AAA=[100.0, 110.0], BBB=[50.0, 45.0])
HELD = book(
    Position(ticker="AAA", shares=10.0, price=100.0, cost=80.0),
    Position(ticker="BBB", shares=20.0, price=50.0),
    cash=500.0,
)


def test_values_weights_gains_and_costs_by_hand() -> None:
    found = marked(HELD, PRICES)
    assert found.total == found.known == 2500.0
    assert found.frame["ticker"].tolist() == ["AAA", "BBB", CASH]
    assert found.frame["value"].tolist() == [1100.0, 900.0, 500.0]
    assert found.frame["weight"].tolist() == pytest.approx([0.44, 0.36, 0.20])
    aaa, bbb = row(found, "AAA"), row(found, "BBB")
    assert (aaa["gain"], aaa["gain_on_cost"], bbb["gain"]) == (100.0, 300.0, -100.0)
    assert aaa["gain_pct"] == pytest.approx(0.1)
    assert aaa["gain_on_cost_pct"] == pytest.approx(0.375)
    assert np.isnan(bbb["gain_on_cost"])
    assert (found.gain, found.gain_pct) == (0.0, 0.0)
    assert aaa["name"] == "AAA fund"
    assert found.findings == ()


def test_drift_is_from_the_last_target_and_lists_what_is_wanted_and_not_held() -> None:
    found = marked(HELD, PRICES, weights={"AAA": 0.4, "CCC": 0.3, CASH: 0.3})
    drift = found.frame.set_index("ticker")["drift_bps"]
    assert drift.to_dict() == pytest.approx({"AAA": 400, "BBB": 3600, "CCC": -3000, CASH: -1000})
    assert found.largest_drift == ("BBB", pytest.approx(3600))
    assert row(found, "CCC")["shares"] == 0.0
    assert found.lines["ticker"].tolist() == ["AAA", "BBB"]


def test_without_a_target_there_is_no_drift() -> None:
    found = marked(HELD, PRICES)
    assert found.frame["drift_bps"].isna().all()
    assert found.largest_drift is None


def test_a_position_never_priced_leaves_the_total_and_the_weights_unknown() -> None:
    held = book(
        Position(ticker="AAA", shares=1.0, price=100.0),
        Position(ticker="GONE", shares=5.0),
        cash=10.0,
    )
    found = marked(held, PRICES, weights={"AAA": 1.0})
    assert found.total is None
    assert found.known == 120.0
    assert found.frame["weight"].isna().all()
    assert found.largest_drift is None
    assert row(found, "GONE")["age"] == -1
    assert np.isnan(row(found, "GONE")["value"])
    assert np.isnan(found.gain)
    assert np.isnan(found.gain_pct)
    assert [(f.code, f.subject) for f in found.findings] == [("never_priced", "GONE")]


def test_a_target_that_has_no_price_does_not_make_the_total_unknown() -> None:
    found = marked(HELD, PRICES, weights={"GONE": 1.0})
    assert found.total == 2500.0
    assert row(found, "GONE")["value"] == 0.0
    assert found.findings == ()


def test_a_carried_and_a_stale_close_value_the_position_and_say_so() -> None:
    gap = [np.nan] * 4
    prices = market(AAA=[100.0, 101.0, *gap], BBB=[50.0, 50.0, 50.0, 50.0, 50.0, np.nan])
    found = marked(HELD, prices, at=5)
    assert row(found, "AAA")["value"] == 1010.0
    assert row(found, "AAA")["price_date"] == DAYS[1]
    codes = {f.subject: f.code for f in found.findings}
    assert codes == {"AAA": "stale_price", "BBB": "carried_price"}


def test_a_suspected_split_makes_the_gain_of_its_line_unknown_and_is_a_block() -> None:
    prices = market(AAA=[100.0, 50.0], BBB=[50.0, 45.0])
    found = marked(HELD, prices)
    assert found.splits == ("AAA",)
    assert np.isnan(row(found, "AAA")["gain"])
    assert np.isnan(row(found, "AAA")["gain_on_cost"])
    assert row(found, "BBB")["gain"] == -100.0


def test_cash_alone_is_a_book() -> None:
    found = marked(book(cash=100.0), PRICES)
    assert found.total == 100.0
    assert found.frame["weight"].tolist() == [1.0]
    assert found.lines.empty
    assert found.gain == 0.0
    assert np.isnan(found.gain_pct)


def test_an_empty_book_has_no_weights() -> None:
    found = marked(book(), PRICES)
    assert found.total == 0.0
    assert found.frame["weight"].isna().all()


@hypothesis_settings(max_examples=40)
@given(
    shares=st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)),
    cash=st.integers(0, 10**9).map(lambda cents: cents / 100),
    closes=st.tuples(st.floats(0.01, 3000), st.floats(0.01, 3000)),
)
def test_weights_sum_to_one_and_values_to_the_total(
    shares: tuple[int, int], cash: float, closes: tuple[float, float]
) -> None:
    positions = [
        Position(ticker=t, shares=float(n))
        for t, n in zip(("AAA", "BBB"), shares, strict=True)
        if n
    ]
    prices = market(AAA=[closes[0]] * 2, BBB=[closes[1]] * 2)
    found = marked(book(*positions, cash=cash), prices, weights={"AAA": 0.5, CASH: 0.5})
    assert found.total is not None
    assert found.frame["value"].sum() == pytest.approx(found.total, abs=1e-6)
    if found.total > 0:
        assert found.frame["weight"].sum() == pytest.approx(1.0)
        assert found.frame["drift_bps"].sum() == pytest.approx(0.0, abs=1e-6)


def test_two_books_side_by_side_line_by_line() -> None:
    after = book(
        Position(ticker="AAA", shares=10.0, price=110.0, cost=80.0),
        Position(ticker="CCC", shares=3.0),
        Position(ticker="DDD", shares=2.0, price=7.0),
        cash=400.0,
    )
    before = book(*HELD.positions, Position(ticker="DDD", shares=1.0), cash=500.0)
    found = book_changes(before, after, names={"AAA": "AAA fund"}).set_index("ticker")
    assert found["change"].to_dict() == {
        "AAA": "same",
        "BBB": "gone",
        "CCC": "new",
        "DDD": "more",
        CASH: "fewer",
    }
    assert found["shares_delta"].to_dict() == {
        "AAA": 0.0,
        "BBB": -20.0,
        "CCC": 3.0,
        "DDD": 1.0,
        CASH: -100.0,
    }
    assert found.loc["AAA", "value_after"] == 1100.0
    assert found.loc["BBB", "value_after"] == 0.0
    assert np.isnan(found.loc["CCC", "value_after"])
    assert found["name"].to_dict()["AAA"] == "AAA fund"
