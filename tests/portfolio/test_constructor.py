"""Scores to weights: the stages by hand, and the laws for any scores."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.config.schema import ConstructionConfig
from quantetf_core.errors import InvalidValueError
from quantetf_core.findings import Severity
from quantetf_core.portfolio.constraints import redistribute_excess
from quantetf_core.portfolio.constructor import PortfolioConstructor, TargetWeights

NAN, INF = math.nan, math.inf
TICKERS = [f"T{i:02d}" for i in range(12)]


def series(**values: float) -> pd.Series:
    return pd.Series(values, dtype=float)


def codes(built: TargetWeights) -> list[str]:
    return [finding.code for finding in built.findings]


# --- by hand -------------------------------------------------------------------------------------


def test_the_best_scores_are_held_equally_and_ties_go_by_ticker() -> None:
    scores = series(D=0.3, C=0.1, B=0.1, A=-0.2, E=NAN)
    weights = PortfolioConstructor(top_n=2).construct(scores)
    assert weights.to_dict() == {"B": 0.5, "D": 0.5}
    assert weights.name == "weight"
    assert weights.index.name == "ticker"


def test_a_negative_score_is_eligible_for_an_equal_weight() -> None:
    assert PortfolioConstructor(top_n=1).construct(series(A=-2, B=-1)).to_dict() == {"B": 1.0}


def test_score_weights_are_in_proportion_to_positive_scores() -> None:
    built = PortfolioConstructor(top_n=3, weighting="score").build(series(A=3, B=1, C=-1, D=-2))
    assert built.weights.to_dict() == {"A": 0.75, "B": 0.25}
    assert [(f.code, f.subject) for f in built.findings] == [("score_not_positive", "C")]


def test_without_a_positive_score_nothing_is_held() -> None:
    built = PortfolioConstructor(top_n=2, weighting="score").build(series(A=0, B=-1))
    assert built.weights.empty
    assert built.cash == 1.0
    assert codes(built) == ["no_eligible"]


def test_inverse_vol_gives_half_the_weight_to_twice_the_volatility() -> None:
    constructor = PortfolioConstructor(top_n=2, weighting="inverse_vol")
    weights = constructor.construct(series(A=2, B=1), volatility=series(A=0.4, B=0.2))
    assert weights.to_dict() == pytest.approx({"B": 2 / 3, "A": 1 / 3})
    assert list(weights.index) == ["B", "A"]


@pytest.mark.parametrize("volatility", [NAN, 0.0, -0.1, INF, 1e-320])
def test_a_ticker_without_a_usable_volatility_is_passed_over_for_the_next(
    volatility: float,
) -> None:
    built = PortfolioConstructor(top_n=2, weighting="inverse_vol").build(
        series(A=3, B=2, C=1, D=0), volatility=series(A=volatility, B=0.2, C=0.2)
    )
    assert built.weights.to_dict() == {"B": 0.5, "C": 0.5}
    assert [(f.code, f.subject) for f in built.findings] == [("no_volatility", "A")]
    assert built.ranking["selected"].to_dict() == {"A": False, "B": True, "C": True, "D": False}


def test_inverse_vol_without_volatility_is_refused() -> None:
    constructor = PortfolioConstructor(top_n=1, weighting="inverse_vol")
    with pytest.raises(InvalidValueError, match="volatility: found None"):
        constructor.construct(series(A=1))


@pytest.mark.parametrize(
    ("unfilled", "weight", "cash"), [("cash", 0.2, 0.4), ("redistribute", 1 / 3, 0.0)]
)
def test_places_that_stay_empty_are_cash_or_shared_out(
    unfilled: str, weight: float, cash: float
) -> None:
    built = PortfolioConstructor(top_n=5, unfilled=unfilled).build(series(A=1, B=2, C=3, D=NAN))
    assert set(built.weights) == {weight}
    assert built.cash == pytest.approx(cash)
    (finding,) = built.findings
    assert (finding.severity, finding.code) == (Severity.WARN, "few_eligible")
    assert finding.message.startswith("3 of 5 places are filled")


@pytest.mark.parametrize("scores", [series(), series(A=NAN), series(A=INF, B=-INF)])
def test_when_nothing_is_eligible_everything_stays_in_cash_and_is_said(scores: pd.Series) -> None:
    built = PortfolioConstructor(top_n=3).build(scores)
    assert built.weights.empty
    assert built.weights.dtype == float
    assert built.cash == 1.0
    assert "no_eligible" in codes(built)
    assert codes(built).count("score_not_finite") == np.isinf(scores.to_numpy()).sum()
    assert built.ranking.empty


def test_the_smaller_of_exposure_and_what_the_buffer_leaves_is_invested() -> None:
    scores = series(A=2, B=1)
    for exposure, buffer, each in ((0.4, 0.1, 0.2), (1.0, 0.1, 0.45), (1.0, 0.0, 0.5)):
        constructor = PortfolioConstructor(top_n=2, gross_exposure=exposure, cash_buffer=buffer)
        assert set(constructor.construct(scores)) == {each}
    assert PortfolioConstructor(top_n=2, cash_buffer=1.0).construct(scores).empty


def test_the_excess_over_the_maximum_goes_to_the_others_in_proportion() -> None:
    built = PortfolioConstructor(top_n=3, weighting="score", max_weight=0.5).build(
        series(A=6, B=3, C=1)
    )
    assert built.weights.to_dict() == pytest.approx({"A": 0.5, "B": 0.375, "C": 0.125})
    assert [(f.code, f.subject) for f in built.findings] == [("capped", "A")]
    assert built.cash == pytest.approx(0.0)


def test_what_the_maximum_leaves_unplaced_becomes_cash_and_is_said() -> None:
    built = PortfolioConstructor(top_n=2, max_weight=0.3).build(series(A=2, B=1))
    assert built.weights.to_dict() == {"A": 0.3, "B": 0.3}
    assert built.cash == pytest.approx(0.4)
    assert codes(built) == ["cash_unplaced", "capped", "capped"]
    assert built.findings[0].message.startswith("40.00% stays in cash")


def test_a_weight_at_the_maximum_from_the_start_is_not_called_capped() -> None:
    assert (
        codes(PortfolioConstructor(top_n=4, max_weight=0.25).build(series(A=1, B=1, C=1, D=1)))
        == []
    )


def test_weights_below_the_minimum_are_dropped_smallest_first_and_shared_out() -> None:
    built = PortfolioConstructor(top_n=4, weighting="score", min_weight=0.15).build(
        series(A=50, B=30, C=14, D=6)
    )
    # Without D, C has 14/94 = 14.9 %: dropped too.
    assert built.weights.to_dict() == pytest.approx({"A": 0.625, "B": 0.375})
    (finding,) = built.findings
    assert finding.code == "below_min_weight"
    assert finding.message.endswith("15.00%: C, D")


def test_of_equal_weights_below_the_minimum_the_worst_ranked_goes_first() -> None:
    built = PortfolioConstructor(top_n=4, min_weight=0.3).build(series(A=1, B=2, C=3, D=4))
    assert built.weights.to_dict() == pytest.approx({"B": 1 / 3, "C": 1 / 3, "D": 1 / 3})


def test_a_minimum_above_all_there_is_to_invest_leaves_cash() -> None:
    built = PortfolioConstructor(top_n=2, min_weight=0.3, gross_exposure=0.2).build(
        series(A=1, B=2)
    )
    assert built.weights.empty
    assert codes(built) == ["below_min_weight"]


def test_the_ranking_shows_who_missed_the_cut_and_by_how_much() -> None:
    ranking = PortfolioConstructor(top_n=2).build(series(A=1, B=4, C=3, D=2.5, E=NAN)).ranking
    assert list(ranking.index) == ["B", "C", "D", "A"]
    assert ranking["rank"].tolist() == [1, 2, 3, 4]
    assert ranking["selected"].tolist() == [True, True, False, False]
    assert ranking["gap"].tolist() == [1.0, 0.0, -0.5, -2.0]
    assert ranking["score"].tolist() == [4.0, 3.0, 2.5, 1.0]


def test_without_a_selection_there_is_no_cut_to_miss() -> None:
    built = PortfolioConstructor(top_n=1, weighting="inverse_vol").build(
        series(A=1), volatility=series(B=1)
    )
    assert built.ranking["gap"].isna().all()
    assert codes(built) == ["no_eligible", "no_volatility"]


def test_enormous_scores_do_not_overflow() -> None:
    weights = PortfolioConstructor(top_n=3, weighting="score").construct(
        series(A=1.5e308, B=1.5e308, C=5e-324)
    )
    assert weights.to_dict() == {"A": 0.5, "B": 0.5}


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"top_n": 0}, "top_n"),
        ({"top_n": True}, "top_n"),
        ({"top_n": 2.0}, "top_n"),
        ({"weighting": "equel"}, "weighting"),
        ({"unfilled": "keep"}, "unfilled"),
        ({"max_weight": 0.0}, "max_weight"),
        ({"max_weight": 1.1}, "max_weight"),
        ({"max_weight": NAN}, "max_weight"),
        ({"max_weight": True}, "max_weight"),
        ({"max_weight": "1"}, "max_weight"),
        ({"min_weight": -0.1}, "min_weight"),
        ({"min_weight": 0.6, "max_weight": 0.5}, "min_weight"),
        ({"cash_buffer": 1.5}, "cash_buffer"),
        ({"gross_exposure": 0.0}, "gross_exposure"),
        ({"gross_exposure": 1.5}, "gross_exposure"),
    ],
)
def test_a_parameter_that_is_not_accepted_is_named(parameters: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        PortfolioConstructor(**{"top_n": 2, **parameters})
    assert caught.value.parameter == name


def test_a_misspelt_weighting_is_answered_with_the_nearest() -> None:
    with pytest.raises(InvalidValueError, match="did you mean 'equal'"):
        PortfolioConstructor(top_n=1, weighting="equel")


@pytest.mark.parametrize(
    "scores",
    [
        {"A": 1.0},
        pd.Series([1.0, 2.0], index=["A", "A"]),
        pd.Series([1.0, 2.0]),
        pd.Series({"A": "high"}),
        pd.Series({"A": "high"}, dtype=object),
    ],
)
def test_scores_that_are_not_numbers_by_ticker_are_refused(scores: Any) -> None:
    with pytest.raises(InvalidValueError, match="scores"):
        PortfolioConstructor(top_n=1).construct(scores)


def test_a_strategys_configuration_makes_its_constructor() -> None:
    config = ConstructionConfig(top_n=7, weighting="score", max_weight=0.4, cash_buffer=0.02)
    assert PortfolioConstructor.from_config(config) == PortfolioConstructor(
        top_n=7, weighting="score", max_weight=0.4, cash_buffer=0.02
    )


def test_the_result_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        PortfolioConstructor(top_n=1).build(series(A=1)).findings = ()  # type: ignore[misc]


# --- laws ----------------------------------------------------------------------------------------

score = st.one_of(
    st.integers(-40, 40).map(lambda tenths: tenths / 10),
    st.floats(-1e3, 1e3),
    st.sampled_from([NAN, INF, -INF, 0.0, 1e-300, 1e300]),
)
fraction = st.integers(0, 20).map(lambda twentieths: twentieths / 20)
positive_fraction = st.integers(1, 20).map(lambda twentieths: twentieths / 20)


@st.composite
def constructors(draw: st.DrawFn) -> PortfolioConstructor:
    low, high = sorted((draw(fraction), draw(positive_fraction)))
    return PortfolioConstructor(
        top_n=draw(st.integers(1, 8)),
        weighting=draw(st.sampled_from(["equal", "score", "inverse_vol"])),
        min_weight=low,
        max_weight=high,
        cash_buffer=draw(fraction),
        gross_exposure=draw(positive_fraction),
        unfilled=draw(st.sampled_from(["cash", "redistribute"])),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[pd.Series, pd.Series]:
    tickers = draw(st.lists(st.sampled_from(TICKERS), unique=True))
    n = len(tickers)
    scores = draw(st.lists(score, min_size=n, max_size=n))
    volatility = st.one_of(st.floats(0.01, 2.0), st.sampled_from([NAN, 0.0]))
    volatilities = draw(st.lists(volatility, min_size=n, max_size=n))
    return (
        pd.Series(scores, index=tickers, dtype=float),
        pd.Series(volatilities, index=tickers, dtype=float),
    )


@given(constructors(), cases())
@settings(max_examples=300)
def test_weights_obey_their_bounds_and_never_exceed_what_may_be_invested(
    constructor: PortfolioConstructor, case: tuple[pd.Series, pd.Series]
) -> None:
    scores, volatility = case
    before = scores.copy()
    built = constructor.build(scores, volatility=volatility)
    weights = built.weights
    assert (weights > 0).all()
    assert (weights <= constructor.max_weight).all()
    assert (weights >= constructor.min_weight - 1e-12).all()
    assert weights.sum() <= constructor.investable + 1e-12
    assert len(weights) <= constructor.top_n
    assert np.isfinite(scores[weights.index]).all()
    assert set(weights.index) <= set(built.ranking.index[built.ranking["selected"]])
    assert weights.sum() + built.cash == pytest.approx(1.0)
    pairs = [(-weight, ticker) for ticker, weight in weights.items()]
    assert pairs == sorted(pairs)
    pd.testing.assert_series_equal(scores, before)


@given(constructors(), cases())
@settings(max_examples=150)
def test_money_not_invested_is_always_explained(
    constructor: PortfolioConstructor, case: tuple[pd.Series, pd.Series]
) -> None:
    built = constructor.build(case[0], volatility=case[1])
    if built.weights.sum() < constructor.investable - 1e-9:
        reasons = {"few_eligible", "no_eligible", "cash_unplaced", "below_min_weight"}
        assert reasons & set(codes(built))


@given(constructors(), cases(), st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_the_order_of_the_scores_changes_nothing(
    constructor: PortfolioConstructor, case: tuple[pd.Series, pd.Series], shuffler: Any
) -> None:
    scores, volatility = case
    order = list(scores.index)
    shuffler.shuffle(order)
    one = constructor.build(scores, volatility=volatility)
    other = constructor.build(scores[order], volatility=volatility[order[::-1]])
    pd.testing.assert_series_equal(one.weights, other.weights, check_exact=True)
    pd.testing.assert_frame_equal(one.ranking, other.ranking, check_exact=True)
    assert one.findings == other.findings


@given(constructors(), cases())
@settings(max_examples=100)
def test_a_ticker_worse_than_all_held_never_changes_a_filled_portfolio(
    constructor: PortfolioConstructor, case: tuple[pd.Series, pd.Series]
) -> None:
    scores, volatility = case
    built = constructor.build(scores, volatility=volatility)
    if built.ranking["selected"].sum() < constructor.top_n:
        return
    worse = pd.concat([scores, pd.Series({"WORSE": -1e301})])
    again = constructor.build(worse, volatility=pd.concat([volatility, series(WORSE=0.2)]))
    pd.testing.assert_series_equal(built.weights, again.weights, check_exact=True)


@given(cases(), st.integers(1, 8))
@settings(max_examples=60)
def test_a_better_score_never_has_a_smaller_weight(
    case: tuple[pd.Series, pd.Series], top_n: int
) -> None:
    for weighting in ("equal", "score"):
        built = PortfolioConstructor(top_n=top_n, weighting=weighting).build(case[0])
        held = built.weights.reindex(built.ranking.index).fillna(0.0)
        assert (held.diff().dropna() <= 1e-15).all()


# --- the cap alone -------------------------------------------------------------------------------


@given(
    st.lists(st.floats(0, 1), max_size=8),
    st.floats(0.01, 1.0),
)
@settings(max_examples=200)
def test_capping_keeps_the_total_and_lowers_only_what_was_above(
    values: list[float], cap: float
) -> None:
    weights = pd.Series(values, index=TICKERS[: len(values)], name="w", dtype=float)
    capped, unplaced = redistribute_excess(weights, cap)
    assert (capped <= cap).all()
    assert capped.sum() + unplaced == pytest.approx(weights.sum())
    assert unplaced >= 0.0
    assert (capped >= weights.clip(upper=cap) - 1e-12).all()
    assert (capped[weights == 0.0] == 0.0).all()
    if unplaced > 1e-12:
        assert (capped[weights > 0.0] == cap).all()
    if (weights <= cap).all():
        pd.testing.assert_series_equal(capped, weights, check_exact=True)
    assert capped.index.equals(weights.index)
    assert capped.name == "w"


@pytest.mark.parametrize(
    ("weights", "cap"),
    [
        (series(A=0.5), 0.0),
        (series(A=0.5), NAN),
        (series(A=-0.1), 0.5),
        (series(A=NAN), 0.5),
        (pd.Series([0.1, 0.2], index=["A", "A"]), 0.5),
    ],
)
def test_weights_that_cannot_be_capped_are_refused(weights: pd.Series, cap: float) -> None:
    with pytest.raises(InvalidValueError):
        redistribute_excess(weights, cap)
