"""The factory: which models there are, what they accept, and how others join them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import FrozenInstanceError, dataclass
from importlib.metadata import EntryPoint
from typing import Any

import numpy as np
import pandas as pd
import pytest

from quantetf_core.alpha import (
    AlphaFactory,
    AlphaModel,
    Ensemble,
    Momentum,
    PriceView,
    factory,
    realised_volatility,
)
from quantetf_core.config.catalogue import ModelCatalogue
from quantetf_core.errors import InvalidValueError, UnknownTickerError


@dataclass(frozen=True, slots=True, kw_only=True)
class LowPrice(AlphaModel):
    """The cheapest share is preferred.

    ``score = −P``.
    """

    factor: float
    ceiling: Any = None

    def score(self, view: PriceView) -> np.ndarray:
        return -self.factor * view.window(1).closes[-1]


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, type[AlphaModel]]]:
    """A registry of this test's own."""
    models = dict(AlphaFactory._models)
    monkeypatch.setattr(AlphaFactory, "_models", models)
    return models


@pytest.fixture
def installed(registry: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pretend that a package is installed which offers models."""

    def offer(**values: str) -> None:
        entries = tuple(
            EntryPoint(name=name, value=value, group=factory.ENTRY_POINTS)
            for name, value in values.items()
        )
        monkeypatch.setattr(factory, "_installed", lambda: entries)

    return offer


def found(model_type: str, **parameters: Any) -> dict[tuple[Any, ...], str]:
    return {p.key_path: p.accepted for p in AlphaFactory.problems(model_type, parameters)}


def test_the_factory_is_the_catalogue_that_configuration_asks() -> None:
    catalogue: ModelCatalogue = AlphaFactory
    assert "momentum" in catalogue.names()
    assert catalogue.problems("momentum", {}) == ()


def test_all_models_of_the_specification_are_there_with_its_defaults() -> None:
    safe = ("AGG", "TLT", "GLD", "BIL")
    expected = {
        "dual_momentum": {
            "lookback": 252,
            "risk_free_rate": 0.02,
            "safe_tickers": safe,
            "min_periods": 200,
        },
        "ensemble": {"models": (), "weights": None},
        "momentum": {"lookback_days": 252, "min_periods": 200, "skip_recent_days": 0},
        "momentum_acceleration": {
            "short_lookback_days": 63,
            "long_lookback_days": 252,
            "min_periods": 200,
        },
        "residual_momentum": {
            "lookback_days": 252,
            "formation_days": 126,
            "min_periods": 200,
            "market": "SPY",
        },
        "trend_filtered_momentum": {
            "momentum_lookback": 252,
            "ma_period": 200,
            "trend_ticker": "SPY",
            "defensive_tickers": safe,
            "min_periods": 200,
        },
        "value_momentum": {
            "momentum_weight": 0.5,
            "value_weight": 0.5,
            "momentum_lookback": 252,
            "value_lookback": 63,
            "min_periods": 60,
        },
        "vol_adjusted_momentum": {"lookback_days": 252, "min_periods": 200, "vol_floor": 0.01},
    }
    assert {name: AlphaFactory.parameters(name) for name in AlphaFactory.names()} == expected


def test_every_model_says_what_it_prefers_in_one_sentence() -> None:
    for name in AlphaFactory.names():
        assert AlphaFactory.describe(name).endswith(".")


def test_a_model_is_frozen_and_equal_to_one_with_the_same_parameters() -> None:
    model = AlphaFactory.create(model_type="ensemble", params={"models": ["momentum"]})
    again = AlphaFactory.create(
        model_type="ensemble", params={"models": [{"type": "momentum", "parameters": None}]}
    )
    assert model == again == Ensemble(models=(Momentum(),))
    assert hash(model) == hash(again)
    with pytest.raises(FrozenInstanceError):
        model.weights = (1.0,)  # type: ignore[misc]


@pytest.mark.parametrize("name", ["momentun", "", None, 3, ["momentum"]])
def test_an_unknown_model_is_refused_with_the_list(name: Any) -> None:
    with pytest.raises(InvalidValueError, match="dual_momentum, ensemble, momentum"):
        AlphaFactory.create(model_type=name)
    (problem,) = AlphaFactory.problems(name, {})
    assert problem.key_path == ()
    assert problem.found == repr(name)


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InvalidValueError, match="did you mean 'momentum'"):
        AlphaFactory.create(model_type="momentun")
    with pytest.raises(InvalidValueError, match="did you mean 'lookback_days'"):
        AlphaFactory.create(model_type="momentum", params={"lookback_dys": 252})
    assert "did you mean 'lookback_days'?" in found("momentum", lookback_dys=3)[("lookback_dys",)]


@pytest.mark.parametrize(
    ("model", "parameters", "name", "accepted"),
    [
        ("momentum", {"lookback_days": 1}, "lookback_days", "a whole number, 2 or more"),
        ("momentum", {"lookback_days": True}, "lookback_days", "a whole number, 2 or more"),
        ("momentum", {"lookback_days": 252.0}, "lookback_days", "a whole number, 2 or more"),
        ("momentum", {"lookback_days": "252"}, "lookback_days", "a whole number, 2 or more"),
        ("momentum", {"min_periods": 253}, "min_periods", "to lookback_days (252)"),
        ("momentum", {"lookback_days": 63}, "min_periods", "from 2 to lookback_days (63)"),
        ("momentum", {"skip_recent_days": -1}, "skip_recent_days", "0 or more"),
        (
            "momentum_acceleration",
            {"short_lookback_days": 252},
            "short_lookback_days",
            "from 2 to long_lookback_days − 1 (251)",
        ),
        ("momentum_acceleration", {"min_periods": 300}, "min_periods", "(252)"),
        ("vol_adjusted_momentum", {"vol_floor": 0}, "vol_floor", "a finite number above 0"),
        ("vol_adjusted_momentum", {"vol_floor": math.nan}, "vol_floor", "finite"),
        ("vol_adjusted_momentum", {"vol_floor": True}, "vol_floor", "finite"),
        ("vol_adjusted_momentum", {"min_periods": 2}, "min_periods", "3 or more"),
        ("vol_adjusted_momentum", {"min_periods": 300}, "min_periods", "from 3 to"),
        ("residual_momentum", {"formation_days": 252}, "formation_days", "sum to zero"),
        ("residual_momentum", {"formation_days": 251}, "formation_days", "(250)"),
        ("residual_momentum", {"min_periods": 300}, "min_periods", "from 4 to"),
        ("residual_momentum", {"market": ""}, "market", "a ticker"),
        ("residual_momentum", {"market": 5}, "market", "a ticker"),
        ("trend_filtered_momentum", {"defensive_tickers": "TLT"}, "defensive_tickers", "a list"),
        ("trend_filtered_momentum", {"defensive_tickers": []}, "defensive_tickers", "a list"),
        ("trend_filtered_momentum", {"min_periods": 300}, "min_periods", "momentum_lookback"),
        ("dual_momentum", {"safe_tickers": ["TLT", "TLT"]}, "safe_tickers", "each once"),
        ("dual_momentum", {"safe_tickers": ["TLT", 1]}, "safe_tickers", "a list of tickers"),
        ("dual_momentum", {"risk_free_rate": math.inf}, "risk_free_rate", "a finite number"),
        ("dual_momentum", {"min_periods": 300}, "min_periods", "lookback (252)"),
        ("value_momentum", {"min_periods": 64}, "min_periods", "value_lookback (63)"),
        ("value_momentum", {"momentum_lookback": 59}, "min_periods", "momentum_lookback (59)"),
        (
            "value_momentum",
            {"momentum_weight": 0, "value_weight": 0},
            "value_weight",
            "other than 0",
        ),
        ("ensemble", {}, "models", "one at least"),
        ("ensemble", {"models": "momentum"}, "models", "a list of models"),
        ("ensemble", {"models": ["momentum"], "weights": [1, 2]}, "weights", "the 1 models"),
        ("ensemble", {"models": ["momentum"], "weights": [0.0]}, "weights", "not all 0"),
        ("ensemble", {"models": ["momentum"], "weights": []}, "weights", "a list of finite"),
        ("ensemble", {"models": ["momentum"], "weights": ["1"]}, "weights", "finite"),
        ("ensemble", {"models": ["momentum"], "weights": 1.0}, "weights", "a list"),
    ],
)
def test_a_value_that_is_not_accepted_is_named_with_what_is(
    model: str, parameters: dict[str, Any], name: str, accepted: str
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        AlphaFactory.create(model_type=model, params=parameters)
    assert caught.value.parameter == name
    assert accepted in caught.value.accepted
    (problem,) = AlphaFactory.problems(model, parameters)
    assert problem.key_path == (name,)
    assert problem.accepted == caught.value.accepted
    assert problem.found == repr(caught.value.found)


def test_all_problems_are_told_at_once_with_their_places() -> None:
    told = found(
        "ensemble",
        modles=3,
        weights=["a"],
        models=[
            "momentun",
            {"type": "momentum", "parameters": {"lookback_days": 0, "skip": 1}},
            {"type": "ensemble", "parameters": {"models": [{"type": "momentum", "parameters": 4}]}},
            {"typ": "momentum"},
            {"parameters": {}},
            {"type": ["momentum"]},
            7,
            {"type": "momentum", "parameters": {"lookback_days": 20}},
        ],
    )
    assert list(told) == [
        ("modles",),
        ("weights",),
        ("models", 0, "type"),
        ("models", 1, "parameters", "lookback_days"),
        ("models", 1, "parameters", "skip"),
        ("models", 2, "parameters", "models", 0, "parameters"),
        ("models", 3),
        ("models", 4),
        ("models", 5, "type"),
        ("models", 6),
        ("models", 7, "parameters", "min_periods"),
    ]
    assert "did you mean 'type'?" in told[("models", 3)]
    assert told[("models", 4)] == "the keys type and parameters"


def test_a_member_that_is_not_accepted_is_named_by_its_place() -> None:
    member = {"type": "momentum", "parameters": {"lookback_days": 0}}
    with pytest.raises(InvalidValueError) as caught:
        AlphaFactory.create(model_type="ensemble", params={"models": ["momentum", member]})
    assert str(caught.value).startswith("models[1].parameters.lookback_days: found 0; accepted: a")


@pytest.mark.parametrize("parameters", [["lookback_days"], "lookback_days", 3])
def test_parameters_that_are_not_a_mapping_are_refused(parameters: Any) -> None:
    with pytest.raises(InvalidValueError, match="a mapping from parameter to value"):
        AlphaFactory.create(model_type="momentum", params=parameters)
    assert found_paths(parameters) == [()]


def found_paths(parameters: Any) -> list[tuple[Any, ...]]:
    return [p.key_path for p in AlphaFactory.problems("momentum", parameters)]


def test_an_ensemble_takes_names_mappings_and_models_as_members() -> None:
    trend = {"trend_ticker": "QQQ", "defensive_tickers": ["SHY", "GLD"], "ma_period": 300}
    model = AlphaFactory.create(
        model_type="ensemble",
        params={
            "models": [
                "residual_momentum",
                {"type": "trend_filtered_momentum", "parameters": trend},
                {"type": "dual_momentum"},
                {"type": "dual_momentum", "parameters": {"safe_tickers": ["TIP"]}},
                {"type": "momentum", "parameters": {"skip_recent_days": 21}},
                Momentum(),
                "value_momentum",
                "vol_adjusted_momentum",
                "momentum_acceleration",
            ]
        },
    )
    assert [type(member).__name__ for member in model.models] == [
        *("ResidualMomentum", "TrendFilteredMomentum", "DualMomentum", "DualMomentum"),
        *("Momentum", "Momentum", "ValueMomentum", "VolAdjustedMomentum", "MomentumAcceleration"),
    ]
    assert model.models[1].ma_period == 300


# --- models of others ----------------------------------------------------------------------------


def test_a_model_of_ones_own_joins_by_the_decorator(registry: Any) -> None:
    assert AlphaFactory.register("low_price")(LowPrice) is LowPrice
    assert "low_price" in AlphaFactory.names()
    assert AlphaFactory.describe("low_price") == "The cheapest share is preferred."
    assert AlphaFactory.parameters("low_price") == {"factor": None, "ceiling": None}
    assert found("low_price") == {("factor",): "a value"}
    assert found("low_price", factor=1.0, ceiling="x") == {}
    prices = pd.DataFrame(
        {"B": [1.0, 2.0], "A": [3.0, 1.0], "C": [2.0, math.nan]},
        index=pd.bdate_range("2021-03-01", periods=2),
    )
    model = AlphaFactory.create(model_type="low_price", params={"factor": 2.0})
    scores = model.compute_scores(prices)
    assert scores.drop("C").to_dict() == {"A": -2.0, "B": -4.0}
    assert math.isnan(scores["C"])


def test_a_name_is_given_once(registry: Any) -> None:
    AlphaFactory.register("momentum")(Momentum)
    with pytest.raises(InvalidValueError, match="no other alpha model has"):
        AlphaFactory.register("momentum")(LowPrice)


def test_what_is_not_a_model_cannot_join(registry: Any) -> None:
    with pytest.raises(InvalidValueError, match="a dataclass derived from AlphaModel"):
        AlphaFactory.register("dict")(dict)  # type: ignore[type-var]


def test_an_installed_model_is_imported_when_first_asked_for(registry: Any, installed: Any) -> None:
    installed(broken="no_such_module:Model", low_price=f"{__name__}:LowPrice")
    assert {"low_price", "broken"} < set(AlphaFactory.names())
    assert "low_price" not in registry
    model = AlphaFactory.create(model_type="low_price", params={"factor": 1.0})
    assert type(model).__name__ == "LowPrice"
    assert "low_price" in registry
    assert "low_price" in AlphaFactory.names()


@pytest.mark.parametrize("value", ["no_such_module:Model", "math:Model"])
def test_an_installed_model_that_cannot_be_imported_hurts_only_who_asks(
    installed: Any, value: str
) -> None:
    installed(broken=value)
    assert AlphaFactory.create(model_type="momentum") == Momentum()
    with pytest.raises(InvalidValueError, match=f"an installed model; {value} fails with"):
        AlphaFactory.create(model_type="broken")
    assert [p.key_path for p in AlphaFactory.problems("broken", {})] == [()]


def test_an_installed_model_that_is_no_model_is_refused(installed: Any) -> None:
    installed(mapping="builtins:dict")
    with pytest.raises(InvalidValueError, match="a dataclass derived from AlphaModel"):
        AlphaFactory.create(model_type="mapping")


def test_an_installed_model_with_a_taken_name_is_an_error(installed: Any) -> None:
    installed(momentum="somewhere:Momentum")
    with pytest.raises(InvalidValueError, match="momentum = somewhere:Momentum"):
        AlphaFactory.names()


def test_the_installed_models_are_looked_up_in_their_entry_point_group() -> None:
    factory._installed.cache_clear()
    assert all(entry.group == "quantetf.alpha_models" for entry in factory._installed())


# --- volatility ----------------------------------------------------------------------------------


def test_realised_volatility_is_the_yearly_deviation_of_own_daily_returns() -> None:
    prices = pd.DataFrame(
        {
            "A": [100.0, 110.0, math.nan, 99.0, 99.0],
            "B": [1.0, 1.0, 1.0, 1.0, math.nan],
            "C": [math.nan, math.nan, math.nan, 1.0, 2.0],
        },
        index=pd.bdate_range("2021-03-01", periods=5),
    )
    found = realised_volatility(prices, lookback_days=4, min_periods=3)
    # Returns of A: +10 %, −10 %, 0: mean 0, squares 0.02 over 2.
    assert found["A"] == pytest.approx(0.1 * math.sqrt(252))
    assert found[["B", "C"]].isna().all()
    assert found.name == "volatility"
    earlier = realised_volatility(prices, "2021-03-04", lookback_days=3, tickers=["B"])
    assert earlier.to_dict() == {"B": 0.0}


@pytest.mark.parametrize(
    "parameters", [{"lookback_days": 2}, {"min_periods": 64}, {"min_periods": True}]
)
def test_a_volatility_window_that_is_not_accepted_is_refused(parameters: Any) -> None:
    prices = pd.DataFrame({"A": [1.0]}, index=pd.bdate_range("2021-03-01", periods=1))
    with pytest.raises(InvalidValueError):
        realised_volatility(prices, **parameters)
    with pytest.raises(UnknownTickerError):
        realised_volatility(prices, tickers=["B"])
