"""Limits hold for every input, and so do the ways out where they cannot."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.portfolio.optimizers import BookWeights, one_way_turnover
from tests.portfolio.optimizers.markets import closes, codes, optimize, weights_of

LETTERS = "ABCDEF"
CLASSES = dict(zip(LETTERS, ["Bonds", "Bonds", "Gold", "Shares", "Shares", "Shares"], strict=True))
CONVEX = ("min_variance", "risk_budgeting", "max_diversification", "mean_risk")
MODELS = (*CONVEX, "hierarchical_risk_parity")


@settings(max_examples=8)
@given(
    model=st.sampled_from(CONVEX),
    seed=st.integers(0, 20),
    cap=st.sampled_from([0.3, 0.5, 1.0]),
    exposure=st.sampled_from([0.6, 1.0]),
    most_bonds=st.floats(0.1, 0.6),
    least_shares=st.floats(0.0, 0.4),
)
def test_bounds_and_limits_of_asset_classes_hold(
    model, seed, cap, exposure, most_bonds, least_shares
):
    limits = {"Bonds": {"max": most_bonds}, "Shares": {"min": least_shares}}
    found = optimize(
        closes(seed=seed),
        model,
        classes=CLASSES,
        asset_class_limits=limits,
        construction={"max_weight": cap, "gross_exposure": exposure},
    )
    weights = weights_of(found, LETTERS)
    assert not found.report.fell_back
    assert weights.min() >= 0.0
    assert weights.max() <= cap
    assert weights[:2].sum() <= most_bonds + 1e-5
    assert weights[3:].sum() >= least_shares - 1e-5
    room = min(most_bonds, 2 * cap) + 4 * cap
    assert weights.sum() == pytest.approx(min(exposure, room), abs=2e-6)


books = st.lists(st.floats(0.0, 1.0), min_size=7, max_size=7).filter(lambda held: sum(held) > 0.1)


@settings(max_examples=15)
@given(model=st.sampled_from(MODELS), held=books, limit=st.floats(0.02, 1.0), cash=st.booleans())
def test_turnover_from_the_book_never_exceeds_its_limit(model, held, limit, cash):
    shares = np.array(held) / sum(held) * (0.8 if cash else 1.0)
    book = dict(zip([*LETTERS, "HELD"], shares.tolist(), strict=True))
    found = optimize(
        closes(seed=1), model, book=book, max_turnover=limit, construction={"max_weight": 0.4}
    )
    weights = found.targets.weights.to_dict()
    moved = one_way_turnover(BookWeights(weights=book), weights)
    assert moved <= limit + 2e-5
    assert found.report.turnover == pytest.approx(moved, abs=2e-5)
    assert math.fsum(weights.values()) <= 1.0 + 1e-9
    assert (found.report.way < 1.0) == ("turnover_limited" in codes(found))


def test_a_limit_that_does_not_bind_changes_nothing():
    prices, book = closes(seed=1), {"A": 0.5, "F": 0.5}
    free = optimize(prices, book=book)
    limited = optimize(prices, book=book, max_turnover=0.9)
    expected = free.targets.weights.to_dict()
    assert limited.targets.weights.to_dict() == pytest.approx(expected, abs=5e-6)
    assert limited.report.way == 1.0


def test_within_the_limit_the_optimizer_finds_less_variance_than_half_a_step_does():
    prices, book = closes(seed=1), dict.fromkeys(LETTERS, 1 / 6)
    covariance = np.cov(prices.tail(252).pct_change().iloc[1:].to_numpy(), rowvar=False)
    free = optimize(prices, book=book, covariance="empirical")
    limit = free.report.turnover / 2
    limited = optimize(prices, book=book, covariance="empirical", max_turnover=limit)
    half = (weights_of(free, LETTERS) + 1 / 6) / 2
    chosen = weights_of(limited, LETTERS)
    assert limited.report.way == 1.0
    assert chosen @ covariance @ chosen < half @ covariance @ half


def test_without_a_book_there_is_no_turnover_to_limit():
    found = optimize(closes(), max_turnover=0.01)
    assert found.targets.weights.sum() == pytest.approx(1.0, abs=1e-6)
    assert found.report.turnover is None


def test_what_the_limit_stops_is_said_with_how_far_it_got():
    found = optimize(closes(), "hierarchical_risk_parity", book={"HELD": 1.0}, max_turnover=0.25)
    assert found.report.way == pytest.approx(0.25, abs=1e-6)
    assert found.targets.weights["HELD"] == pytest.approx(0.75, abs=1e-5)
    (said,) = [f.message for f in found.targets.findings if f.code == "turnover_limited"]
    assert said == (
        "a turnover of 100.00% is wanted and 25.00% allowed: the weights go 25.00% of the way "
        "from the book"
    )


def test_too_few_largest_weights_leave_the_rest_in_cash():
    found = optimize(closes(), construction={"max_weight": 0.1})
    assert weights_of(found, LETTERS).tolist() == [0.1] * 6
    assert codes(found) == ["cash_unplaced"]
    assert not found.report.fell_back


def test_classes_without_room_leave_the_rest_in_cash():
    limits = {"Bonds": {"max": 0.1}, "Gold": {"max": 0.1}, "Shares": {"max": 0.3}}
    found = optimize(closes(), classes=CLASSES, asset_class_limits=limits)
    weights = weights_of(found, LETTERS)
    assert [weights[:2].sum(), weights[2], weights[3:].sum()] == pytest.approx([0.1, 0.1, 0.3])
    assert codes(found) == ["cash_unplaced"]


def test_places_without_a_fund_stay_in_cash_unless_shared_out():
    prices = closes("ABC")
    kept = optimize(prices, construction={"top_n": 4})
    shared = optimize(prices, construction={"top_n": 4, "unfilled": "redistribute"})
    assert kept.targets.cash == pytest.approx(0.25)
    assert codes(kept) == ["few_eligible"]
    assert shared.targets.cash == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("model", ["min_variance", "risk_budgeting"])
def test_positions_below_the_minimum_are_not_taken_and_the_others_share_the_money(model):
    found = optimize(closes(seed=3), model, construction={"min_weight": 0.12})
    assert found.targets.weights.min() >= 0.12
    assert found.targets.weights.sum() == pytest.approx(1.0, abs=1e-6)
    assert len(found.targets.weights) < 6


def test_one_fund_gets_everything():
    for model in MODELS:
        assert optimize(closes("A"), model).targets.weights.to_dict() == {"A": 1.0}


def test_what_is_too_small_to_take_counts_as_sold_in_the_turnover():
    book = dict.fromkeys(LETTERS, 1 / 6)
    found = optimize(closes(seed=3), book=book, max_turnover=0.5, construction={"min_weight": 0.12})
    assert found.report.way == 1.0
    assert found.targets.weights.min() >= 0.12
    assert one_way_turnover(BookWeights(weights=book), found.targets.weights.to_dict()) <= 0.50001


def test_a_limit_of_a_class_that_nobody_is_of_is_said():
    found = optimize(closes(), asset_class_limits={"Bonds": {"max": 0.2}})
    (said,) = found.targets.findings
    assert (said.code, said.subject) == ("unknown_asset_class", "Bonds")
    assert not found.report.fell_back
