"""Each model against arithmetic of its own: closed forms and conditions of the optimum."""

from __future__ import annotations

import numpy as np
import pytest

from tests.portfolio.optimizers.markets import closes, optimize, weights_of

LETTERS = "ABCDEF"


def sample_covariance(prices, lookback=252):
    returns = prices.tail(lookback).pct_change().iloc[1:]
    return np.cov(returns.to_numpy(), rowvar=False)


def test_minimum_variance_of_two_funds_is_the_closed_form():
    prices = closes("AB", common=0.2)
    (a, ab), (_, b) = sample_covariance(prices)
    found = optimize(prices, covariance="empirical")
    expected = [(b - ab) / (a + b - 2 * ab), (a - ab) / (a + b - 2 * ab)]
    assert min(expected) > 0.01
    assert weights_of(found, "AB") == pytest.approx(expected, abs=3e-6)
    assert not found.report.fell_back


@pytest.mark.parametrize("cap", [1.0, 0.3])
def test_minimum_variance_leaves_no_fund_that_would_lower_it(cap):
    prices = closes(seed=3)
    covariance = sample_covariance(prices)
    found = optimize(prices, covariance="empirical", construction={"max_weight": cap})
    weights = weights_of(found, LETTERS)
    marginal = covariance @ weights
    inside = (weights > 1e-5) & (weights < cap - 1e-5)
    level = marginal[inside].mean()
    assert marginal[inside] == pytest.approx(level, rel=1e-3)
    assert (marginal[weights <= 1e-5] >= level * 0.999).all()
    assert (marginal[weights >= cap - 1e-5] <= level * 1.001).all()


def test_the_reported_volatility_is_that_of_the_weights():
    prices = closes(seed=5)
    found = optimize(prices, covariance="empirical")
    weights = weights_of(found, LETTERS)
    expected = np.sqrt(weights @ sample_covariance(prices) @ weights * 252)
    assert found.report.volatility == pytest.approx(expected, rel=1e-4)


def test_hierarchical_risk_parity_of_two_funds_weighs_by_inverse_variance():
    prices = closes("AB", seed=1)
    (a, _), (_, b) = sample_covariance(prices)
    found = optimize(prices, "hierarchical_risk_parity", covariance="empirical")
    assert weights_of(found, "AB") == pytest.approx([b / (a + b), a / (a + b)], abs=2e-6)


def test_hierarchical_risk_parity_gives_every_fund_something_and_quiet_ones_more():
    found = optimize(closes(common=0.0, seed=2), "hierarchical_risk_parity")
    weights = weights_of(found, LETTERS)
    assert weights.sum() == pytest.approx(1.0, abs=1e-6)
    assert (weights > 0.0).all()
    assert weights[0] == weights.max()


def test_the_order_of_the_columns_changes_nothing():
    prices = closes(seed=4)
    for model in ("hierarchical_risk_parity", "min_variance"):
        straight, turned = optimize(prices, model), optimize(prices[list("FEDCBA")], model)
        assert straight.targets.weights.to_dict() == turned.targets.weights.to_dict()


def test_equal_risk_contributions_are_equal():
    prices = closes(seed=6)
    found = optimize(prices, "risk_budgeting", covariance="empirical")
    weights = weights_of(found, LETTERS)
    contributions = weights * (sample_covariance(prices) @ weights)
    assert contributions == pytest.approx(contributions.mean(), rel=2e-4)


def test_no_random_mix_diversifies_more_than_maximum_diversification():
    prices = closes(seed=7)
    covariance = sample_covariance(prices)
    weights = weights_of(optimize(prices, "max_diversification", covariance="empirical"), LETTERS)

    def ratio(mix):
        risk = np.sqrt(np.einsum("...i,ij,...j->...", mix, covariance, mix))
        return mix @ np.sqrt(np.diag(covariance)) / risk

    others = np.random.default_rng(0).dirichlet(np.ones(6), 2_000)
    assert ratio(weights) >= ratio(others).max()
    near = 0.98 * weights + 0.02 * others
    assert ratio(weights) >= ratio(near).max() - 1e-9


def test_mean_less_risk_nears_minimum_variance_as_risk_counts_more():
    prices = closes(seed=8)
    calm = weights_of(optimize(prices), LETTERS)
    bold = weights_of(optimize(prices, "mean_risk", risk_aversion=0.1), LETTERS)
    careful = weights_of(optimize(prices, "mean_risk", risk_aversion=1e5), LETTERS)
    assert careful == pytest.approx(calm, abs=2e-3)
    assert np.abs(bold - calm).max() > 0.2


def test_no_random_mix_has_milder_worst_days_than_the_least_cvar():
    prices = closes(seed=9)
    returns = prices.tail(252).pct_change().iloc[1:].to_numpy()
    found = optimize(prices, "mean_risk", risk_measure="cvar", risk_aversion=1e4)
    assert not found.report.fell_back

    def worst_days(mix):
        losses = np.sort(-returns @ mix, axis=0)
        # The mean of the worst 5 %: 12.55 of 251 days, the thirteenth in part.
        return (losses[-12:].sum(axis=0) + 0.55 * losses[-13]) / 12.55

    others = np.random.default_rng(1).dirichlet(np.ones(6), 1_000).T
    assert worst_days(weights_of(found, LETTERS)) <= worst_days(others).min() + 1e-6


@pytest.mark.parametrize("name", ["oas", "exponential", "gerber", "denoised"])
def test_every_estimator_of_the_covariance_gives_weights(name):
    found = optimize(closes(seed=2), covariance=name)
    assert not found.report.fell_back
    assert found.targets.weights.sum() == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("model", ["hierarchical_risk_parity", "risk_budgeting"])
@pytest.mark.parametrize("measure", ["semi_variance", "cvar"])
def test_every_measure_of_risk_gives_weights(model, measure):
    found = optimize(closes(seed=2), model, risk_measure=measure)
    assert not found.report.fell_back
    assert found.targets.weights.sum() == pytest.approx(1.0, abs=1e-6)
