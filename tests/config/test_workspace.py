from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from quantetf_core.config import ModelCatalogue, check_workspace, load_portfolio
from quantetf_core.errors import ConfigError

Edit = Callable[[str, str, str], int]
PORTFOLIO = "configs/portfolios/sample.yaml"
FILES = "configs/portfolios/files_example.yaml"


def checked(root: Path, models: ModelCatalogue | None = None) -> list[tuple[str, int, str]]:
    return [(p.file, p.line, p.key) for p in check_workspace(root, models=models)]


def test_the_shipped_workspace_has_no_problem(workspace: Path) -> None:
    assert check_workspace(workspace) == ()


def test_a_workspace_without_configuration_is_one_problem(tmp_path: Path) -> None:
    assert checked(tmp_path) == [("configs", 0, "")]


def test_files_that_no_portfolio_uses_are_checked_too(edit: Edit, workspace: Path) -> None:
    line = edit("configs/strategies/ensemble.yaml", "top_n: 5", "top_n: 0")
    (workspace / "configs/universes/own.yaml").write_text("name: own\ntickers: []\n", "utf-8")
    (workspace / "configs/costs/own.yaml").write_text("cost_bps: -1\n", "utf-8")
    (workspace / "configs/schedules/own.yaml").write_text("anchor: middle\n", "utf-8")
    (workspace / "configs/regimes/own_mapping.yaml").write_text("mapping: 1\n", "utf-8")
    (workspace / "configs/regimes/own_thresholds.yaml").write_text("trend: 1\n", "utf-8")
    (workspace / "configs/notes").mkdir()
    (workspace / "configs/notes/own.yaml").write_text("a: 1\na: 2\n", "utf-8")
    (workspace / "configs/notes/free.yaml").write_text("anything: goes\n", "utf-8")
    (workspace / "configs/notes/readme.txt").write_text("{", "utf-8")
    (workspace / "configs/notes/broken.yaml").write_text("{", "utf-8")
    assert checked(workspace) == [
        ("configs/costs/own.yaml", 1, "cost_bps"),
        ("configs/notes/broken.yaml", 1, ""),
        ("configs/notes/own.yaml", 2, "a"),
        ("configs/regimes/own_mapping.yaml", 1, "mapping"),
        ("configs/regimes/own_thresholds.yaml", 1, "trend"),
        ("configs/regimes/own_thresholds.yaml", 1, "volatility"),
        ("configs/schedules/own.yaml", 1, "anchor"),
        ("configs/strategies/ensemble.yaml", line, "top_n"),
        ("configs/universes/own.yaml", 2, "tickers"),
    ]


def test_the_checks_are_checked_without_any_portfolio(edit: Edit, workspace: Path) -> None:
    shutil.rmtree(workspace / "configs/portfolios")
    line = edit("configs/checks.yaml", "max_turnover:", "max_turn:")
    assert checked(workspace) == [("configs/checks.yaml", line, "turnover.max_turn")]


def test_an_unused_mapping_that_names_a_missing_strategy_is_found(workspace: Path) -> None:
    text = (workspace / "configs/regimes/default_mapping.yaml").read_text("utf-8")
    text = text.replace("strategies/cautious.yaml", "strategies/nowhere.yaml")
    own = "configs/regimes/own.yaml"
    (workspace / own).write_text(text, "utf-8")
    line = text[: text.index("nowhere")].count("\n") + 1
    assert checked(workspace) == [(own, line, "fallback.config_path")]


def test_a_model_the_catalogue_does_not_know_is_found_in_every_strategy(
    workspace: Path, models: ModelCatalogue
) -> None:
    found = checked(workspace, models)
    files = sorted((workspace / "configs/strategies").glob("*.yaml"))
    assert {file for file, _, _ in found} == {
        path.relative_to(workspace).as_posix() for path in files
    }


def test_two_strategies_of_one_name_are_found(edit: Edit, workspace: Path) -> None:
    line = edit("configs/strategies/ensemble.yaml", "name: ensemble", "name: defensive")
    (problem,) = check_workspace(workspace)
    assert (problem.file, problem.line) == ("configs/strategies/ensemble.yaml", line)
    assert problem.found.endswith("also the name of configs/strategies/defensive.yaml")


def test_file_names_that_hide_a_file_are_found(workspace: Path) -> None:
    shutil.copy(workspace / PORTFOLIO, workspace / "configs/portfolios/My Book.yaml")
    shutil.copy(workspace / PORTFOLIO, workspace / "configs/portfolios/other.yml")
    assert checked(workspace) == [
        ("configs/portfolios/My Book.yaml", 0, ""),
        ("configs/portfolios/other.yml", 0, ""),
    ]


@pytest.mark.parametrize(
    ("artifacts", "state", "keys"),
    [
        ("artifacts/sample/rebalance", "own/state", ["artifacts_dir"]),
        ("artifacts/sample", "own/state", ["artifacts_dir"]),
        ("artifacts/sample/rebalance/deeper/still", "own/state", ["artifacts_dir"]),
        ("own", "data/../data/state/./SAMPLE", ["state_dir"]),
        ("data/state/sample", "artifacts/sample/rebalance", ["artifacts_dir", "state_dir"]),
        ("artifacts/sample2/rebalance", "data/state/sampl", []),
        ("own/both", "own/both", ["state_dir"]),
        ("own/both/in", "own/both", ["state_dir"]),
        ("/elsewhere/artifacts", "configs/state", ["artifacts_dir", "state_dir"]),
        (".", "", ["artifacts_dir", "state_dir"]),
    ],
)
def test_every_portfolio_writes_to_folders_of_its_own(
    workspace: Path, artifacts: str, state: str, keys: list[str]
) -> None:
    text = (workspace / PORTFOLIO).read_text("utf-8")
    text = text.replace("name: sample", "name: zweites", 1)
    text = text.replace(
        "artifacts_dir: artifacts/sample/rebalance", f"artifacts_dir: {artifacts!r}"
    )
    text = text.replace("state_dir: data/state/sample", f"state_dir: {state!r}")
    (workspace / "configs/portfolios/zweites.yaml").write_text(text, "utf-8")
    found = checked(workspace)
    assert [(file, key) for file, _, key in found] == [
        ("configs/portfolios/zweites.yaml", key) for key in keys
    ]
    if keys:
        with pytest.raises(ConfigError) as caught:
            load_portfolio(workspace, "zweites")
        assert [problem.key for problem in caught.value.problems] == keys
        if not artifacts.startswith(("own", "/", ".")):
            with pytest.raises(ConfigError, match="which overlaps"):
                load_portfolio(workspace, "sample")


def test_simulated_and_real_decisions_share_no_folder(edit: Edit, workspace: Path) -> None:
    line = edit(PORTFOLIO, "state_dir: data/state/sample", "state_dir: data/state/files_example")
    (problem,) = check_workspace(workspace)
    assert (problem.file, problem.line, problem.key) == (PORTFOLIO, line, "state_dir")
    assert "simulated and real decisions never share one" in problem.accepted
