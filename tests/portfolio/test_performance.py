"""Time-weighted return: examples by hand, and the law that flows never change it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from quantetf_core.data.market import MarketData
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.portfolio.performance import BookStep, performance, step_factor
from tests.portfolio.test_valuation import DAYS, day, held, market


def step(number: int, book: Holdings, flow: float = 0.0, *, replaces: bool = False) -> BookStep:
    return BookStep(session=day(number), holdings=book, flow=flow, replaces=replaces)


def growth(steps: list[BookStep], prices: MarketData) -> list[float]:
    return performance(steps, prices)["growth"].tolist()


def test_a_book_that_nobody_touches_grows_with_its_value() -> None:
    prices = market(AAA=[100.0, 110.0, 99.0])
    assert growth([step(0, held(AAA=10), 1000.0)], prices) == pytest.approx([1.0, 1.1, 0.99])


def test_a_deposit_on_the_second_day_doubles_the_value_and_not_the_return() -> None:
    prices = market(AAA=[100.0, 110.0, 121.0])
    steps = [step(0, held(AAA=10), 1000.0), step(1, held(1100.0, AAA=10), 1100.0)]
    frame = performance(steps, prices)
    assert frame["value"].tolist() == [1000.0, 2200.0, 2310.0]
    # day 1: 1,100 of 1,000; day 2: 2,310 of 2,200
    assert frame["growth"].tolist() == pytest.approx([1.0, 1.1, 1.1 * 1.05])


def test_costs_of_a_rebalance_lower_the_return_first_funding_included() -> None:
    prices = market(AAA=[100.0, 100.0], BBB=[50.0, 50.0])
    steps = [step(0, held(5.0, AAA=9), 1000.0), step(1, held(0.0, BBB=18))]
    # 905 of the 1,000 that came in; then 900 of 905
    assert growth(steps, prices) == pytest.approx([0.905, 0.905 * 900 / 905])


def test_a_rebalance_that_takes_money_out_costs_what_it_costs() -> None:
    prices = market(AAA=[100.0, 100.0])
    steps = [step(0, held(AAA=10), 1000.0), step(1, held(195.0, AAA=5), -300.0)]
    # 695 are left and 300 were paid out: 995 of 1,000
    assert growth(steps, prices) == pytest.approx([1.0, 0.995])


def test_a_fee_and_a_dividend_move_the_return_by_what_they_take_or_bring() -> None:
    prices = market(AAA=[100.0] * 3)
    steps = [
        step(0, held(100.0, AAA=9), 1000.0),
        step(1, held(90.0, AAA=9)),
        step(2, held(190.0, AAA=9)),
    ]
    assert growth(steps, prices) == pytest.approx([1.0, 0.99, 0.99 * 1090 / 990])


def test_an_import_and_a_revert_replace_the_book_and_change_nothing() -> None:
    prices = market(AAA=[100.0, 100.0, 110.0])
    steps = [step(0, held(AAA=10), replaces=True), step(1, held(AAA=70), replaces=True)]
    assert growth(steps, prices) == pytest.approx([1.0, 1.0, 1.1])


def test_a_split_recorded_late_makes_good_what_the_closes_seemed_to_lose() -> None:
    prices = market(AAA=[100.0, 50.0, 55.0])
    steps = [step(0, held(AAA=10), 1000.0), step(2, held(AAA=20))]
    assert growth(steps, prices) == pytest.approx([1.0, 0.5, 1.1])


def test_a_book_paid_out_whole_keeps_its_return_until_money_comes_again() -> None:
    prices = market(AAA=[100.0, 120.0, 999.0, 100.0, 110.0])
    steps = [
        step(0, held(AAA=10), 1000.0),
        step(1, held(), -1200.0),
        step(3, held(AAA=1), 100.0),
    ]
    assert growth(steps, prices) == pytest.approx([1.0, 1.2, 1.2, 1.2, 1.32])


def test_a_book_that_lost_everything_has_lost_everything() -> None:
    prices = market(AAA=[100.0, 100.0])
    assert growth([step(0, held(AAA=1), 100.0), step(1, held())], prices) == [1.0, 0.0]


def test_the_return_is_counted_from_where_it_is_known() -> None:
    prices = market(AAA=[np.nan, np.nan, 50.0, 55.0])
    frame = performance([step(0, held(100.0, AAA=2), 200.0)], prices)
    assert frame["growth"].tolist()[2:] == pytest.approx([1.0, 1.05])
    assert frame["growth"].isna().tolist() == [True, True, False, False]


def test_a_position_never_priced_leaves_the_return_unknown() -> None:
    assert all(np.isnan(growth([step(0, held(GONE=2), 10.0)], market(AAA=[1.0, 2.0]))))


def test_a_book_worth_less_than_nothing_has_no_return_until_it_is_worth_something() -> None:
    prices = market(AAA=[100.0, 100.0, 110.0])
    steps = [step(0, held(-50.0), 10.0), step(1, held(AAA=1), 150.0)]
    assert growth(steps, prices)[1:] == pytest.approx([1.0, 1.1])


def test_a_session_without_steps_after_the_data_is_left_out() -> None:
    prices = market(AAA=[100.0, 110.0])
    late = BookStep(session=date(2030, 1, 2), holdings=held(AAA=1))
    assert growth([step(0, held(AAA=10), 1000.0), late], prices) == pytest.approx([1.0, 1.1])
    assert performance([late], prices).empty
    assert performance([], prices).empty


def test_factors_by_hand() -> None:
    assert step_factor(1000.0, 1500.0, 500.0) == 1.0
    assert step_factor(1000.0, 400.0, -600.0) == 1.0
    assert step_factor(0.0, 0.0, 0.0) == 1.0
    assert np.isnan(step_factor(-5.0, 10.0, 0.0))
    assert np.isnan(step_factor(np.nan, 10.0, 0.0))


CLOSES = st.lists(st.floats(1.0, 500.0), min_size=6, max_size=6)


@hypothesis_settings(max_examples=60)
@given(
    a=CLOSES,
    b=CLOSES,
    lots=st.tuples(st.integers(1, 100), st.integers(1, 100)),
    scales=st.lists(st.sampled_from([0.5, 1.0, 2.0]), min_size=5, max_size=5),
)
def test_flows_never_change_the_return(
    a: list[float], b: list[float], lots: tuple[int, int], scales: list[float]
) -> None:
    """Scaling the book on every session, by money that comes or goes, leaves its growth alone."""
    prices = market(A=[round(x, 2) for x in a], B=[round(x, 2) for x in b])
    shares = (32 * lots[0], 32 * lots[1])  # halved five times they are still whole
    untouched = [step(0, held(A=shares[0], B=shares[1]), replaces=True)]
    size, steps = 1.0, untouched.copy()
    for number, scale in enumerate(scales, start=1):
        before = size
        size *= scale
        book = held(A=shares[0] * size, B=shares[1] * size)
        worth = (
            shares[0] * prices.close["A"].iloc[number] + shares[1] * prices.close["B"].iloc[number]
        )
        steps.append(step(number, book, worth * (size - before)))
    assert growth(steps, prices) == pytest.approx(growth(untouched, prices), rel=1e-9)


@hypothesis_settings(max_examples=60)
@given(
    a=CLOSES,
    flows=st.lists(st.floats(-0.9, 5.0), min_size=5, max_size=5),
)
def test_cash_that_comes_and_goes_again_between_two_closes_changes_nothing(
    a: list[float], flows: list[float]
) -> None:
    prices = market(A=[round(x, 2) for x in a])
    alone = [step(0, held(10.0, A=100), replaces=True)]
    steps = alone.copy()
    for number, fraction in enumerate(flows, start=1):
        worth = 100 * prices.close["A"].iloc[number] + 10.0
        flow = round(fraction * worth, 2)
        rich = replace(held(A=100), cash=round(10.0 + flow, 2))
        steps += [step(number, rich, flow), step(number, held(10.0, A=100), -flow)]
    assert growth(steps, prices) == pytest.approx(growth(alone, prices), rel=1e-9)


@given(rows=st.integers(1, 6))
@hypothesis_settings(max_examples=6)
def test_what_is_known_at_a_session_does_not_depend_on_later_closes(rows: int) -> None:
    prices = market(A=[3.0, 4.0, 5.0, 2.0, 9.0, 7.0])
    steps = [step(0, held(A=2), 6.0), step(3, held(1.0, A=3), 3.0)]
    whole = performance(steps, prices)
    cut = performance(steps, prices.as_of(DAYS[rows - 1]))
    pd.testing.assert_frame_equal(whole.iloc[:rows], cut)
