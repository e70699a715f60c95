"""An optimizer as a strategy's weighting, in both layouts, with every mistake at its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quantetf_core.alpha import AlphaFactory
from quantetf_core.config import (
    ClassLimits,
    ConstructionConfig,
    OptimizerConfig,
    StrategyConfig,
    check_workspace,
    load_portfolio,
    parse_strategy,
)
from quantetf_core.config.yaml_lines import parse_yaml
from quantetf_core.errors import ConfigError

FLAT = """\
alpha_model: momentum
top_n: 8
weighting:
  provider: skfolio
  model: min_variance
  lookback_days: 126
  covariance: oas
  max_turnover: 0.4
  asset_class_limits:
    Bonds: {min: 0.1, max: 0.6}
    Cash-like: {max: 0.2}
  fallback: equal
max_weight: 0.3
min_weight: 0.02
cash_buffer: 0.05
"""
NESTED = """\
alpha_model: {type: momentum}
portfolio_construction:
  type: optimized
  top_n: 8
  weighting:
    provider: skfolio
    model: min_variance
    lookback_days: 126
    covariance: oas
    max_turnover: 0.4
    asset_class_limits: {Bonds: {min: 0.1, max: 0.6}, Cash-like: {max: 0.2}}
    fallback: equal
  constraints: {max_weight: 0.3, min_weight: 0.02}
  cash_buffer: 0.05
"""
STRATEGY = "configs/strategies/momentum_short.yaml"


def read(text: str) -> StrategyConfig:
    document, problems = parse_yaml("s.yaml", text)
    strategy, more = parse_strategy(document, "configs/strategies/s.yaml")
    if strategy is None:
        raise ConfigError(problems + more)
    return strategy


def said(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


def test_both_layouts_say_the_same():
    flat, nested = read(FLAT).construction, read(NESTED).construction
    assert flat == nested
    assert hash(flat) == hash(nested)
    assert flat.optimizer == OptimizerConfig(
        provider="skfolio",
        model="min_variance",
        lookback_days=126,
        covariance="oas",
        max_turnover=0.4,
        asset_class_limits={
            "Bonds": ClassLimits(min=0.1, max=0.6),
            "Cash-like": ClassLimits(max=0.2),
        },
        fallback="equal",
    )
    assert (flat.top_n, flat.max_weight, flat.min_weight, flat.investable) == (8, 0.3, 0.02, 0.95)


@pytest.mark.parametrize("text", [FLAT, NESTED])
def test_top_n_may_be_left_out(text):
    without = "".join(line for line in text.splitlines(True) if "top_n" not in line)
    assert read(without).construction.top_n is None


def test_a_plain_weighting_still_needs_it():
    assert said("alpha_model: momentum\nweighting: equal\n") == [
        "s.yaml:1: top_n: found nothing; the key is missing; accepted: a whole number of at least 1"
    ]
    with pytest.raises(ValueError, match="a whole number of at least 1"):
        ConstructionConfig()


def test_two_thirds_of_the_returns_of_the_window_are_needed_unless_told():
    short = OptimizerConfig(provider="skfolio", model="min_variance", lookback_days=31)
    assert short.needed == 20
    told = OptimizerConfig(
        provider="skfolio", model="min_variance", lookback_days=31, min_observations=25
    )
    assert told.needed == 25


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "model: min_variance",
            "model: min_varance",
            "s.yaml:5: weighting.model: found 'min_varance'; accepted: min_variance, "
            "hierarchical_risk_parity, risk_budgeting, max_diversification or mean_risk; did you "
            "mean 'min_variance'?",
        ),
        (
            "covariance: oas",
            "covariance: ledoit_wolff",
            "s.yaml:7: weighting.covariance: found 'ledoit_wolff'; accepted: ledoit_wolf, oas, "
            "empirical, exponential, gerber or denoised; did you mean 'ledoit_wolf'?",
        ),
        (
            "provider: skfolio",
            "provider: riskfolio",
            "s.yaml:4: weighting.provider: found 'riskfolio'; accepted: skfolio; did you mean "
            "'skfolio'?",
        ),
        (
            "max_turnover: 0.4",
            "max_turnover: 40",
            "s.yaml:8: weighting.max_turnover: found 40; accepted: a number above 0 and at most 1",
        ),
        (
            "max_turnover: 0.4",
            "min_observations: 126",
            "s.yaml:8: weighting.min_observations: found 126; accepted: at most 125, the returns "
            "of the window",
        ),
        (
            "max_turnover: 0.4",
            "risk_aversion: 3",
            "s.yaml:8: weighting.risk_aversion: found 3; accepted: nothing here: only mean_risk "
            "can follow it",
        ),
        (
            "min: 0.1, max: 0.6",
            "min: 0.7, max: 0.6",
            "s.yaml:10: weighting.asset_class_limits.Bonds.min: found 0.7; accepted: a number of "
            "at most max (0.6)",
        ),
        (
            "min: 0.1, max: 0.6",
            "mim: 0.1",
            "s.yaml:10: weighting.asset_class_limits.Bonds.mim: found the unknown key 'mim'; "
            "accepted: min and max; did you mean 'min'?",
        ),
        (
            "Cash-like: {max: 0.2}",
            "Gold: {min: 0.9}",
            "s.yaml:9: weighting.asset_class_limits: found a mapping of keys; accepted: least "
            "weights of at most 0.95 together, all that is invested; these are 1",
        ),
        (
            "max_weight: 0.3",
            "max_weight: 0.01",
            "s.yaml:14: min_weight: found 0.02; accepted: a number of at most max_weight (0.01)",
        ),
    ],
)
def test_a_mistake_is_said_at_its_line(old, new, problem):
    assert problem in said(FLAT.replace(old, new))


def test_few_places_cannot_hold_what_classes_must_have():
    text = FLAT.replace("top_n: 8", "top_n: 1").replace("min: 0.1", "min: 0.5")
    assert said(text) == [
        "s.yaml:9: weighting.asset_class_limits: found a mapping of keys; accepted: least weights "
        "of at most 0.3 together: 1 positions of 0.3 each"
    ]


def test_hierarchical_risk_parity_refuses_limits_it_cannot_follow():
    (problem,) = said(FLAT.replace("min_variance", "hierarchical_risk_parity"))
    assert problem.endswith(
        "accepted: nothing here: only min_variance, risk_budgeting, max_diversification, "
        "mean_risk can follow it"
    )


def test_the_nested_layout_needs_its_type_and_its_optimizer():
    wrong = NESTED.replace("type: optimized", "type: equal_weight_top_n")
    assert said(wrong) == [
        "s.yaml:3: portfolio_construction.type: found 'equal_weight_top_n'; accepted: optimized"
    ]
    missing = "alpha_model: {type: momentum}\nportfolio_construction: {type: optimised, top_n: 3}\n"
    assert said(missing) == [
        "s.yaml:2: portfolio_construction.type: found 'optimised'; accepted: equal_weight_top_n, "
        "score_weight_top_n, inverse_vol_top_n or optimized; did you mean 'optimized'?"
    ]
    bare = "alpha_model: {type: momentum}\nportfolio_construction: {type: optimized}\n"
    assert said(bare)[0].startswith(
        "s.yaml:2: portfolio_construction.weighting: found nothing; the key is missing; accepted: "
        "a mapping with the keys provider, model"
    )


@pytest.mark.parametrize("text", [FLAT, NESTED])
def test_classes_are_those_of_the_portfolios_universe(workspace: Path, text: str):
    wrong = text.replace("Bonds", "Bond").replace("Cash-like", "Real assets")
    wrong = wrong.replace("max: 0.2", "min: 0.7, max: 0.8").replace(
        "max_weight: 0.3", "max_weight: 0.2"
    )
    (workspace / STRATEGY).write_text(wrong, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_portfolio(workspace, "sample", models=None)
    found = {
        problem.key.rpartition(".asset_class_limits.")[2]: problem
        for problem in caught.value.problems
    }
    assert found["Bond"].accepted == (
        "an asset class of the universe 'Sample universe': Bonds, Cash-like, International "
        "equity, Real assets, US equity or US sectors; did you mean 'Bonds'?"
    )
    assert found["Real assets.min"].found == "0.7"
    assert found["Real assets.min"].accepted == (
        "at most 0.6, what the tickers of 'Real assets' may hold together"
    )


@pytest.mark.parametrize("name", ["min_variance", "hierarchical_risk_parity"])
def test_a_shipped_optimizer_is_chosen_by_naming_it_in_the_mapping(
    workspace: Path, edit: Callable[[str, str, str], int], name: str
):
    mapping = "configs/regimes/default_mapping.yaml"
    edit(mapping, "strategy: momentum_acceleration", f"strategy: {name}")
    edit(mapping, "strategies/momentum_acceleration.yaml", f"strategies/{name}.yaml")
    assert check_workspace(workspace, models=AlphaFactory) == ()
    for portfolio in ("sample", "files_example"):
        settings = load_portfolio(workspace, portfolio, models=AlphaFactory)
        _, strategy = settings.strategy_for("uptrend_low_vol")
        assert strategy.construction.optimizer.model == name
        assert strategy.construction.max_weight <= settings.checks.position_size.max_weight
