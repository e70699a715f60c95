"""Where an optimizer has no answer, the fallback's weights are used and the reason is said."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from skfolio.exceptions import OptimizationError

from quantetf_core.alpha import realised_volatility
from quantetf_core.config import OptimizerConfig
from quantetf_core.errors import OptimizerError
from quantetf_core.findings import Severity
from quantetf_core.portfolio import PortfolioConstructor
from quantetf_core.portfolio.optimizers import (
    Problem,
    Solution,
    joint_returns,
    skfolio_provider,
    solving,
)
from tests.portfolio.optimizers.markets import closes, codes, optimize, weights_of

CLASSES = {"A": "Bonds", "B": "Bonds", "C": "Shares", "D": "Shares", "E": "Shares", "F": "Shares"}
Answer = Callable[[Problem], Solution]


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    solving._answer.cache_clear()
    yield
    solving._answer.cache_clear()


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], list[Problem]]:
    """Put another provider in skfolio's place; returns the problems it is asked."""

    def put(answer: Answer) -> list[Problem]:
        asked: list[Problem] = []

        class Fake:
            def solve(self, problem: Problem) -> Solution:
                asked.append(problem)
                return answer(problem)

        monkeypatch.setattr(solving, "PROVIDERS", {"skfolio": Fake()})
        return asked

    return put


def shares(*weights: float) -> Answer:
    return lambda problem: Solution(weights=weights, volatility=0.1)


def test_the_fallback_gives_what_the_constructor_gives_and_says_why():
    prices = closes("ABC").tail(100)
    construction = {"top_n": 2, "max_weight": 0.6, "cash_buffer": 0.1}
    found = optimize(prices, construction=construction)
    scores = pd.Series({"A": 0.0, "B": 1.0, "C": 2.0})
    expected = PortfolioConstructor(weighting="inverse_vol", **construction).construct(
        scores, volatility=realised_volatility(prices)
    )
    assert found.targets.weights.to_dict() == expected.to_dict()
    assert found.report.used == "inverse_vol"
    assert found.report.fell_back
    assert (
        found.report.said == "fell back to inverse volatility, because no ticker has enough history"
    )
    (said,) = [f for f in found.targets.findings if f.code == "optimizer_fallback"]
    assert said.severity is Severity.WARN
    assert said.message == (
        "minimum variance gave no weights, so inverse volatility is used: no ticker has enough "
        "history"
    )


def test_equal_weights_and_cash_are_fallbacks_too():
    prices = closes("ABCD").tail(50)
    equal = optimize(prices, fallback="equal")
    cash = optimize(prices, fallback="cash")
    assert equal.targets.weights.tolist() == [0.25] * 4
    assert cash.targets.weights.empty
    assert (equal.report.used, cash.report.used) == ("equal", "cash")
    assert not cash.targets.ranking["selected"].any()


def test_without_any_score_the_money_stays_in_cash():
    found = optimize(closes("AB"), scores=pd.Series({"A": math.nan, "B": math.nan}))
    assert found.targets.weights.empty
    assert "no_eligible" in codes(found)
    assert found.report.reason == "no ticker is eligible"


def test_a_class_without_funds_makes_its_least_weight_impossible():
    found = optimize(
        closes(), classes=CLASSES, asset_class_limits={"Gold": {"min": 0.1}}, fallback="equal"
    )
    assert found.report.reason == (
        "Gold must be at least 10.00%, and the 0 tickers of it can hold 0.00%"
    )
    (said,) = [f.message for f in found.targets.findings if f.code == "optimizer_fallback"]
    assert "so equal weight is used, without limits of asset classes: Gold" in said


def test_least_weights_above_what_is_invested_are_impossible():
    found = optimize(
        closes("ABC"),
        classes=CLASSES,
        construction={"top_n": 6},
        asset_class_limits={"Bonds": {"min": 0.5}, "Shares": {"min": 0.4}},
    )
    assert found.report.reason == (
        "asset classes must be at least 90.00% together, 50.00% is to be invested"
    )


def test_a_fund_too_small_to_take_can_leave_too_little_room():
    found = optimize(
        closes(common=0.0),
        "hierarchical_risk_parity",
        construction={"max_weight": 0.17, "min_weight": 0.169},
    )
    assert "tickers can hold" in found.report.reason


def test_a_singular_covariance_is_said_and_not_repaired():
    prices = closes("ABC")
    prices["D"] = prices["A"] * 2.0
    found = optimize(prices, covariance="empirical")
    assert found.report.reason == (
        "the covariance of 4 tickers over 251 returns is singular: the returns of some are made "
        "up of those of others"
    )
    assert not optimize(prices, covariance="ledoit_wolf").report.fell_back


def test_bounds_that_contradict_the_sum_are_infeasible():
    returns = joint_returns(closes(), list("ABCDEF"), lookback_days=252, needed=167)
    problem = Problem(
        config=OptimizerConfig(provider="skfolio", model="min_variance"),
        tickers=returns.tickers,
        returns=returns.values.tobytes(),
        invested=1.0,
        max_weight=0.1,
    )
    with pytest.raises(OptimizerError, match="no weights keep every limit at once"):
        skfolio_provider.SkfolioProvider().solve(problem)


def test_a_solver_that_is_never_sure_is_not_believed(monkeypatch):
    monkeypatch.setattr(skfolio_provider, "_ATTEMPTS", ((0.5, 1e-30),) * 2)
    found = optimize(closes())
    assert found.report.reason == "the solver stopped before its answer was accurate"


class Unfit:
    """A model of the library whose fit goes wrong."""

    def __init__(self, problem: Exception) -> None:
        self.problem = problem

    def fit(self, returns: object) -> None:
        raise self.problem


def test_what_the_library_says_of_a_failure_is_passed_on(monkeypatch):
    unfit = Unfit(OptimizationError("Clusters cannot be split."))
    monkeypatch.setattr(skfolio_provider, "_model", lambda *_: unfit)
    found = optimize(closes())
    assert found.report.reason == "the solver failed (Clusters cannot be split)"


def test_a_warning_nobody_expected_is_not_taken_for_a_failure(monkeypatch):
    monkeypatch.setattr(skfolio_provider, "_model", lambda *_: Unfit(UserWarning("of its own")))
    with pytest.raises(UserWarning, match="of its own"):
        optimize(closes())


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        ((0.5, math.nan, 0.5), "its answer has weights that are not finite numbers"),
        ((0.5, 0.5), "its answer does not have one weight per ticker"),
        ((0.5, 0.4, 0.05), "its weights sum to 0.950000 and not to 1"),
        ((0.7, 0.1, 0.2), "its answer breaks a limit: A has 70.0000%, allowed are 0 to 50.0000%"),
        ((0.5, 0.55, -0.05), "its answer breaks a limit: B has 55.0000%"),
        (
            (0.5, 0.4, 0.1),
            "its answer breaks a limit: Bonds has 90.0000%, allowed are 0.0000% to 60.0000%",
        ),
    ],
)
def test_an_answer_that_breaks_its_problem_is_never_bent_to_fit(answering, weights, reason):
    answering(shares(*weights))
    found = optimize(
        closes("ABC"),
        classes=CLASSES,
        asset_class_limits={"Bonds": {"max": 0.6}},
        construction={"max_weight": 0.5},
    )
    assert found.report.reason.startswith(reason)
    assert found.report.used == "inverse_vol"


def test_an_answer_beyond_the_turnover_limit_is_not_used_but_gone_towards(answering):
    answering(shares(0.0, 0.5, 0.5))
    found = optimize(closes("ABC"), book={"A": 1.0}, max_turnover=0.5)
    assert found.targets.weights.to_dict() == {"A": 0.5, "B": 0.25, "C": 0.25}
    assert not found.report.fell_back
    assert found.report.way == 0.5


def test_rounded_weights_sum_to_what_is_invested(answering):
    answering(shares(1 / 3, 1 / 3, 1 / 3))
    found = optimize(closes("ABC"), construction={"cash_buffer": 0.02, "max_weight": 0.5})
    assert found.targets.weights.to_dict() == {"A": 0.326666, "B": 0.326667, "C": 0.326667}
    answering(shares(2e-7, 0.4999999, 0.4999999))
    solving._answer.cache_clear()
    found = optimize(closes("ABC"), construction={"max_weight": 0.5})
    assert found.targets.weights.to_dict() == {"B": 0.5, "C": 0.5}


def test_the_same_problem_is_solved_once_and_failures_are_remembered(answering):
    asked = answering(shares(0.2, 0.3, 0.5))
    prices = closes("ABC")
    assert optimize(prices).targets.weights.equals(optimize(prices).targets.weights)
    assert len(asked) == 1
    optimize(prices, covariance="oas")
    changed = prices.copy()
    changed.iloc[-1, 0] *= 1.0 + 1e-12
    optimize(changed)
    assert len(asked) == 3

    def refuse(problem: Problem) -> Solution:
        raise OptimizerError("of a reason")

    solving._answer.cache_clear()
    asked = answering(refuse)
    reasons = {optimize(prices).report.reason for _ in range(3)}
    assert (reasons, len(asked)) == ({"of a reason"}, 1)


def test_a_fund_with_too_little_history_makes_way_for_the_next():
    prices = closes("ABCD")
    prices.iloc[:-100, 3] = np.nan  # D has the best score
    found = optimize(prices, construction={"top_n": 2})
    assert sorted(found.targets.weights.index) == ["B", "C"]
    assert found.report.excluded == ("D",)
    (said,) = found.targets.findings
    assert (said.code, said.subject) == ("too_little_history", "D")
    assert said.message == "passed over by the optimizer: 100 closes of the 168 needed"


def test_a_fund_below_the_cut_is_not_spoken_of():
    prices = closes("ABCD")
    prices.iloc[:-100, 0] = np.nan  # A has the worst score
    assert codes(optimize(prices, construction={"top_n": 2})) == []


def test_a_price_that_does_not_move_is_passed_over():
    prices = closes("ABC")
    prices["B"] = 20.0
    found = optimize(prices)
    assert found.report.excluded == ("B",)
    assert "its price does not move" in found.targets.findings[0].message


def test_returns_span_sessions_that_any_fund_misses():
    prices = closes("AB", n_sessions=12)
    prices.iloc[5, 0] = np.nan
    prices.iloc[8, 1] = np.nan
    found = joint_returns(prices, ["B", "A"], lookback_days=10, needed=5)
    kept = prices.dropna()
    assert found.tickers == ("A", "B")
    assert found.values == pytest.approx(kept.pct_change().iloc[1:].to_numpy(), rel=1e-12)


def test_where_too_few_sessions_are_shared_the_fund_with_the_fewest_closes_goes():
    prices = closes("ABC", n_sessions=40)
    prices.iloc[::2, 1] = np.nan
    prices.iloc[1:39:3, 2] = np.nan
    found = joint_returns(prices, list("ABC"), lookback_days=20, needed=15)
    assert found.tickers == ("A", "C")
    assert list(found.excluded) == ["B"]
    assert found.values.shape[0] <= 19


def test_no_returns_are_left_where_no_fund_has_enough():
    found = joint_returns(closes("AB", n_sessions=5), ["A", "B"], lookback_days=10, needed=8)
    assert found.tickers == ()
    assert weights_of(optimize(closes("AB").tail(5)), "AB").sum() >= 0.0
