from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantetf_core.config import ModelCatalogue, StrategyConfig, load_strategy, parse_strategy
from quantetf_core.config.yaml_lines import parse_yaml
from quantetf_core.encoding import readable_json
from quantetf_core.errors import ConfigError, ConfigProblem

FLAT = """\
# a comment
alpha_model: momentum
parameters:
  lookback_days: 126
top_n: 5
weighting: score
max_weight: 0.3
min_weight: 0.05
cash_buffer: 0.02
gross_exposure: 0.8
unfilled: redistribute
"""
NESTED = """\
alpha_model:
  type: momentum
  lookback_days: 126
portfolio_construction:
  type: score_weight_top_n
  top_n: 5
  constraints:
    max_weight: 0.3
    min_weight: 0.05
  cash_buffer: 0.02
  gross_exposure: 0.8
  unfilled: redistribute
"""
TYPES = {
    "equal": "equal_weight_top_n",
    "score": "score_weight_top_n",
    "inverse_vol": "inverse_vol_top_n",
}


def read(text: str, models: ModelCatalogue | None = None) -> StrategyConfig:
    document, problems = parse_yaml("s.yaml", text)
    assert document is not None
    strategy, more = parse_strategy(document, "configs/strategies/s.yaml", models)
    assert (strategy is None) == bool(more)
    if strategy is None or problems:
        raise ConfigError(problems + more)
    return strategy


def problems_of(text: str, models: ModelCatalogue | None = None) -> list[tuple[int, str, str, str]]:
    with pytest.raises(ConfigError) as caught:
        read(text, models)
    assert all(problem.file == "s.yaml" for problem in caught.value.problems)
    return [
        (problem.line, problem.key, problem.found, problem.accepted)
        for problem in caught.value.problems
    ]


def test_the_two_layouts_mean_the_same() -> None:
    grouped = NESTED.replace("  lookback_days: 126\n", "  parameters:\n    lookback_days: 126\n")
    assert read(FLAT) == read(NESTED) == read(grouped)
    strategy = read(FLAT)
    assert strategy.parameters == {"lookback_days": 126}
    assert strategy.construction.weighting == "score"
    assert strategy.construction.max_weight == 0.3
    assert strategy.construction.gross_exposure == 0.8
    assert strategy.construction.unfilled == "redistribute"


@given(
    weighting=st.sampled_from(sorted(TYPES)),
    top_n=st.integers(1, 40),
    max_weight=st.floats(0.5, 1.0),
    min_weight=st.floats(0.0, 0.02),
    cash_buffer=st.floats(0.0, 1.0),
    gross_exposure=st.floats(0.01, 1.0),
    unfilled=st.sampled_from(["cash", "redistribute"]),
    parameters=st.dictionaries(
        st.text("abc_", min_size=1, max_size=8),
        st.integers(-(10**9), 10**9) | st.text("ab é{:#", max_size=5),
    ),
    shared=st.fixed_dictionaries(
        {},
        optional={
            "name": st.text("abc ", min_size=1, max_size=20),
            "description": st.text("abc ", max_size=20),
            "tickers": st.just(["AGG", "TLT"]),
            "universe": st.just("configs/universes/sample.yaml"),
            "schedule": st.just("configs/schedules/month_end.yaml"),
            "cost_model": st.just("configs/costs/default.yaml"),
        },
    ),
    grouped=st.booleans(),
)
def test_any_strategy_means_the_same_in_either_layout(
    weighting: str, parameters: dict[str, Any], shared: dict[str, Any], grouped: bool, **rest: Any
) -> None:
    construction = {key: rest[key] for key in ("top_n", "cash_buffer", "gross_exposure")}
    construction["unfilled"] = rest["unfilled"]
    bounds = {key: rest[key] for key in ("max_weight", "min_weight")}
    flat = {
        "alpha_model": "momentum",
        "parameters": parameters,
        "weighting": weighting,
        **construction,
        **bounds,
        **shared,
    }
    inner = {"parameters": parameters} if grouped else parameters
    nested = {
        "alpha_model": {"type": "momentum", **inner},
        "portfolio_construction": {
            "type": TYPES[weighting],
            "constraints": bounds,
            **construction,
        },
        **shared,
    }
    # JSON is YAML, so the values arrive as they were drawn.
    assert read(readable_json(flat).decode()) == read(readable_json(nested).decode())


def test_what_a_file_leaves_out_has_the_stated_defaults() -> None:
    strategy = read("alpha_model: momentum\nparameters:\ntop_n: 3\n")
    assert strategy.name == "s"
    assert strategy.path == "configs/strategies/s.yaml"
    assert strategy.parameters == {}
    assert strategy.tickers is None
    assert strategy.construction.weighting == "equal"
    assert strategy.construction.max_weight == 1.0
    assert strategy.construction.unfilled == "cash"
    hash(strategy)


def test_a_strategy_may_restrict_its_tickers_in_both_layouts() -> None:
    for text in (FLAT, NESTED):
        assert read(text + "tickers: [AGG, TLT]\n").tickers == ("AGG", "TLT")


def test_all_mistakes_of_a_flat_file_are_said_at_once() -> None:
    text = (
        "alpha_model: 5\n"
        "parametres: {a: 1}\n"
        "top_n: 0\n"
        "weighting: equel\n"
        "max_weight: 1.5\n"
        "cash_buffer: 5%\n"
        "unfilled: true\n"
        "tickers: []\n"
    )
    found = problems_of(text)
    assert [(line, key) for line, key, _, _ in found] == [
        (1, "alpha_model"),
        (2, "parametres"),
        (3, "top_n"),
        (4, "weighting"),
        (5, "max_weight"),
        (6, "cash_buffer"),
        (7, "unfilled"),
        (8, "tickers"),
    ]
    assert found[0][2:] == (
        "5",
        "text of 1 to 80 characters; put it in quotes if it is meant as text",
    )
    assert found[1][2] == "the unknown key 'parametres'"
    assert found[1][3].endswith("weighting; did you mean 'parameters'?")
    assert found[2][2:] == ("0", "a whole number of at least 1")
    assert found[3][2:] == ("'equel'", "equal, score or inverse_vol; did you mean 'equal'?")
    assert found[4][2:] == ("1.5", "a number above 0 and at most 1")
    assert found[5][2:] == ("the text '5%'", "a number from 0 to 1")
    assert found[6][2] == "true"
    assert found[7][2:] == ("an empty list", "a list of at least 1: text of 1 to 80 characters")


def test_all_mistakes_of_a_nested_file_are_said_at_once() -> None:
    text = (
        "alpha_model:\n"
        "  lookback_days: 5\n"
        "portfolio_construction:\n"
        "  type: equal_weigth_top_n\n"
        "  constraints:\n"
        "    max_weigth: 0.5\n"
    )
    found = problems_of(text)
    assert [(line, key) for line, key, _, _ in found] == [
        (1, "alpha_model.type"),
        (3, "portfolio_construction.top_n"),
        (4, "portfolio_construction.type"),
        (6, "portfolio_construction.constraints.max_weigth"),
    ]
    assert found[0][2] == "nothing; the key is missing"
    assert found[2][3].endswith("did you mean 'equal_weight_top_n'?")
    assert found[3][3] == "max_weight and min_weight; did you mean 'max_weight'?"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            FLAT.replace("min_weight: 0.05", "min_weight: 0.5"),
            (8, "min_weight", "0.5", "a number of at most max_weight (0.3)"),
        ),
        (
            NESTED.replace("min_weight: 0.05", "min_weight: 0.5"),
            (
                9,
                "portfolio_construction.constraints.min_weight",
                "0.5",
                "a number of at most max_weight (0.3)",
            ),
        ),
        (
            FLAT.replace("top_n: 5", "top_n: 50"),
            (8, "min_weight", "0.05", "at most 0.02: 50 positions must fit into 1"),
        ),
        (
            NESTED.replace("top_n: 5", "top_n: 50"),
            (
                9,
                "portfolio_construction.constraints.min_weight",
                "0.05",
                "at most 0.02: 50 positions must fit into 1",
            ),
        ),
        (FLAT + "tickers: [A, B, A]\n", (12, "tickers.2", "'A'", "each ticker once")),
        (
            NESTED.replace("  lookback_days: 126", "  lookback_days: 126\n  parameters: {a: 1}"),
            (
                3,
                "alpha_model.lookback_days",
                "126",
                "every parameter under `parameters`, or none",
            ),
        ),
        (
            NESTED.replace(
                "alpha_model:\n  type: momentum\n  lookback_days: 126", "alpha_model: x"
            ),
            (
                1,
                "alpha_model",
                "'x'",
                "a mapping with the keys type and parameters",
            ),
        ),
    ],
)
def test_an_impossible_combination_names_the_key(
    text: str, expected: tuple[int, str, str, str]
) -> None:
    assert problems_of(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            FLAT.replace("momentum", "momentun"),
            (2, "alpha_model", "'momentun'", "ensemble or momentum; did you mean 'momentum'?"),
        ),
        (
            NESTED.replace("momentum", "momentun"),
            (2, "alpha_model.type", "'momentun'", "ensemble or momentum; did you mean 'momentum'?"),
        ),
        (
            FLAT.replace("lookback_days: 126", "lookback_days: 126\n  lokback: 3"),
            (5, "parameters.lokback", "3", "lookback_days"),
        ),
        (
            NESTED.replace("lookback_days: 126", "lookback_days: 126\n  lokback: 3"),
            (4, "alpha_model.lokback", "3", "lookback_days"),
        ),
        (
            FLAT.replace("parameters:\n  lookback_days: 126\n", ""),
            (2, "parameters.lookback_days", "nothing", "a number"),
        ),
        (
            NESTED.replace("  lookback_days: 126\n", ""),
            (1, "alpha_model.lookback_days", "nothing", "a number"),
        ),
        (
            NESTED.replace("  lookback_days: 126\n", "  parameters: {}\n"),
            (3, "alpha_model.parameters.lookback_days", "nothing", "a number"),
        ),
    ],
)
def test_a_model_or_parameter_the_catalogue_refuses_is_named_with_its_line(
    text: str, expected: tuple[int, str, str, str], models: ModelCatalogue
) -> None:
    assert problems_of(text, models) == [expected]
    read(text)  # without a catalogue only the structure counts


def test_the_catalogue_is_content_with_what_it_knows(models: ModelCatalogue) -> None:
    assert read(FLAT, models) == read(FLAT)


def test_a_strategy_file_is_loaded_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "half_year.yaml"
    file.write_text(FLAT, "utf-8")
    strategy = load_strategy(str(file))
    assert (strategy.name, strategy.path) == ("half_year", file.as_posix())
    file.write_text(FLAT + "name: Six months\n", "utf-8")
    assert load_strategy(file).name == "Six months"


def test_a_missing_strategy_file_is_a_sentence_that_knows_its_neighbours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "momentum.yaml").write_text(FLAT, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load_strategy("momentun.yaml")
    assert caught.value.problems == (
        ConfigProblem(
            file="momentun.yaml",
            line=0,
            key="",
            found="no such file",
            accepted="an existing file; did you mean 'momentum.yaml'?",
        ),
    )
    with pytest.raises(ConfigError, match="there is no folder 'nowhere'"):
        load_strategy("nowhere/a.yaml")
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)"):
        load_strategy(tmp_path)
