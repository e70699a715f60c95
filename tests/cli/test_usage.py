"""What may be asked, in which words, and what the exit code says of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.workspace import ROOT

COMMANDS = (
    *("status", "monitor", "rebalance", "history", "show", "compare", "verify", "holdings"),
    *("orders", "import-holdings", "adopt-holdings", "cash", "revert", "check-config"),
)


def test_help_names_every_command_and_the_exit_codes(run: Run) -> None:
    said = run("--help")
    assert said.code == 0
    assert [name for name in COMMANDS if f"\n  {name} " not in said.out] == []
    assert "0 done, 1 refused or failed, 2 bad usage" in said.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_a_portfolio_a_root_and_json(run: Run, command: str) -> None:
    said = run(command, "--help")
    assert said.code == 0
    assert [o for o in ("--portfolio", "--root", "--json") if o not in said.out] == []


@pytest.mark.parametrize("words", ["['--help']", "['rebalance', '--help']", "['status', '--no']"])
def test_help_and_bad_usage_need_none_of_the_heavy_libraries(words: str) -> None:
    heavy = "('pandas', 'numpy', 'pyarrow', 'rich', 'quantetf_core.desk')"
    program = (
        f"import sys; from quantetf_core.cli import main; main({words}); "
        f"sys.exit([m for m in {heavy} if m in sys.modules] or 0)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (("rebalance", "--date", "2023-02-30"), "'2023-02-30' is not a date"),
        (("rebalance", "--date", "29/12/2023"), "write YYYY-MM-DD"),
        (("rebalance", "--date", "20231229"), "write YYYY-MM-DD"),
        (("rebalance", "--portfolio-value", "-5"), "'-5' is not above 0"),
        (("rebalance", "--portfolio-value", "nan"), "'nan' is not an amount of USD"),
        (("rebalance", "--cash-flow", "1,000"), "'1,000' is not an amount of USD"),
        (("cash", "deposti", "5"), "did you mean 'deposit'?"),
        (("cash", "fee", "0"), "'0' is not above 0"),
        (("history", "--limit", "0"), "'0' is not a whole number from 1"),
        (("history", "--limit", "ten"), "'ten' is not a whole number from 1"),
        (("show",), "Missing argument"),
        (("status", "--no-such"), "No such option"),
        (("statsu",), "No such command"),
    ],
)
def test_what_is_malformed_is_bad_usage(run: Run, words: tuple[str, ...], about: str) -> None:
    said = run(*words)
    assert said.code == 2
    assert about in said.err
    assert said.out == ""


def test_bad_usage_with_json_is_an_error_object_too(run: Run) -> None:
    said = run("rebalance", "--json", "--date", "tomorrow")
    assert said.code == 2
    assert said.json["ok"] is False
    assert said.json["error"]["type"] == "UsageError"
    assert "'tomorrow' is not a date" in said.json["error"]["message"]


def test_an_unknown_portfolio_is_refused_with_the_nearest_name(run: Run) -> None:
    said = run("status", "--portfolio", "sampel")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("Error: ")
    assert "did you mean 'sample'?" in said.err


def test_a_refusal_with_json_is_an_object_with_its_sentence(run: Run) -> None:
    said = run("status", "--portfolio", "sampel", "--json")
    assert said.code == 1
    assert said.json["ok"] is False
    assert said.json["command"] == "status"
    assert said.json["error"]["type"] == "ConfigError"
    assert said.json["error"]["message"] in said.err


def test_the_root_option_wins_over_the_environment(run: Run, tmp_path: Path) -> None:
    said = run("status", "--root", str(tmp_path / "nowhere"))
    assert said.code == 1
    assert "--root: found" in said.err
    assert "accepted: an existing folder" in said.err


def test_the_current_folder_is_the_workspace_when_nothing_names_one(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QUANTETF_ROOT")
    monkeypatch.chdir(workspace)
    assert run("check-config").code == 0
    monkeypatch.chdir(workspace.parent)
    assert run("check-config").code == 1


def test_a_workspace_without_portfolios_is_refused(run: Run, workspace: Path) -> None:
    shutil.rmtree(workspace / "configs" / "portfolios")
    said = run("history")
    assert said.code == 1
    assert "no portfolio is configured" in said.err


def test_the_only_portfolio_is_taken_whatever_its_name(run: Run, workspace: Path) -> None:
    for name in ("sample", "paper_example", "live_example"):
        (workspace / f"configs/portfolios/{name}.yaml").unlink()
    assert run("history", "--json").json["portfolio"] == "files_example"


def test_among_several_without_a_sample_one_must_be_named(run: Run, workspace: Path) -> None:
    folder = workspace / "configs/portfolios"
    (folder / "sample.yaml").rename(folder / "other.yaml")
    said = run("history")
    assert said.code == 1
    assert "--portfolio" in said.err
    assert "files_example, live_example, other, paper_example" in said.err


def test_the_clock_is_the_one_of_the_pages(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("status", "--json").json["last_session"] == "2023-12-29"
    monkeypatch.setenv("QUANTETF_NOW", "soon")
    said = run("status")
    assert said.code == 1
    assert "QUANTETF_NOW" in said.err
