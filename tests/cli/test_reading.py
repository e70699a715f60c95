"""``history``, ``show``, ``compare`` and ``verify``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quantetf_core import desk
from tests.cli.conftest import Run

Clock = Callable[[str], None]
SIGNED = ("--approver", "Ann", "--yes", "--note", "as planned")


@pytest.fixture
def decided(run: Run, at: Clock) -> Run:
    """A rebalance of December, a deposit, and a rebalance of January."""
    run("rebalance", *SIGNED)
    at("2024-01-12")
    run("cash", "deposit", "5000", *SIGNED)
    at("2024-01-31")
    run("rebalance", *SIGNED)
    return run


def ids(document: dict[str, list[dict[str, str]]]) -> list[str]:
    return [entry["id"] for entry in document["commits"]]


def test_history_lists_the_newest_first(decided: Run) -> None:
    assert ids(decided("history", "--json").json) == ["20240131", "20240112", "20231229"]
    rows = [line for line in decided("history").out.splitlines() if line.startswith("202")]
    assert [row.split()[:3] for row in rows] == [
        ["20240131", "2024-01-31", "rebalance"],
        ["20240112", "2024-01-12", "cash"],
        ["20231229", "2023-12-29", "rebalance"],
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (("--limit", "1"), ["20240131"]),
        (("--kind", "cash"), ["20240112"]),
        (("--since", "2024-01-12"), ["20240131", "20240112"]),
        (("--regime", "downtrend_high_vol"), []),
    ],
)
def test_history_can_be_narrowed(decided: Run, asked: tuple[str, ...], found: list[str]) -> None:
    assert ids(decided("history", "--json", *asked).json) == found
    assert decided("history", *asked).code == 0


@pytest.mark.parametrize("asked", [("--kind", "rebalanse"), ("--regime", "uptrend_lo_vol")])
def test_an_unknown_name_in_a_filter_is_refused(run: Run, asked: tuple[str, str]) -> None:
    said = run("history", *asked)
    assert said.code == 1
    assert "did you mean" in said.err


def test_an_empty_history_is_an_answer(run: Run) -> None:
    said = run("history")
    assert (said.code, said.out) == (0, "Nothing has been committed yet.\n")
    assert run("verify").out == "0 commits, every link holds.\n"


def test_show_has_everything_that_was_decided(decided: Run, workspace: Path) -> None:
    said = decided("show", "20231229", "--json").json["commit"]
    portfolio = desk.open_portfolio(workspace, "sample")
    commit = desk.read(portfolio, "20231229")
    assert said["manifest"]["head"]["plan_id"] == commit.manifest.head.plan_id
    assert said["manifest"]["files"] == dict(commit.manifest.files)
    assert said["result"] == commit.json("rebalance_result.json")
    assert {row["ticker"] for row in said["after"]} == {*commit.holdings_after.tickers, "$CASH$"}
    text = decided("show", "20231229").out
    assert text.startswith("Simulated prices")
    assert commit.manifest.head.plan_id in text
    assert "Note       as planned" in text
    for position in commit.holdings_after.positions:
        assert position.ticker in text


def test_latest_is_the_newest(decided: Run) -> None:
    assert "20240131: rebalance as of 2024-01-31" in decided("show", "latest").out


@pytest.mark.parametrize("words", [("show", "2024"), ("verify", "2024"), ("compare", "2024", "x")])
def test_an_unknown_id_is_refused(decided: Run, words: tuple[str, ...]) -> None:
    said = decided(*words)
    assert said.code == 1
    assert "no commit has the id '2024'" in said.err


def test_a_commit_without_a_note_shows_none(run: Run) -> None:
    run("rebalance", "--approver", "Ann", "--yes")
    assert "\nNote " not in run("show", "latest").out


def test_latest_of_nothing_is_refused(run: Run) -> None:
    said = run("show", "latest")
    assert said.code == 1
    assert "nothing has been committed yet" in said.err


def test_two_commits_side_by_side(decided: Run) -> None:
    said = decided("compare", "20231229", "latest", "--json").json["comparison"]
    assert (said["first"]["id"], said["second"]["id"]) == ("20231229", "20240131")
    assert sum(row["first"] for row in said["weights"]) == pytest.approx(1.0)
    text = decided("compare", "20231229", "latest").out
    assert "Weights after" in text
    assert "Deposit or withdrawal" in text
    assert decided("compare", "20240112", "20231229").code == 0


def test_a_sound_history_verifies(decided: Run) -> None:
    assert decided("verify").out == "3 commits, every link holds.\n"
    assert decided("verify", "latest").out == "20240131 holds.\n"
    assert decided("verify", "--json").json["first_bad_link"] is None


def test_the_first_link_that_does_not_hold_is_named(decided: Run, workspace: Path) -> None:
    portfolio = desk.open_portfolio(workspace, "sample")
    trades = portfolio.artifacts_dir / "20240112" / "trades.csv"
    trades.write_bytes(trades.read_bytes() + b"\n")
    said = decided("verify")
    assert said.code == 1
    assert said.out.startswith("The first link that does not hold: 20240112.")
    assert "trades.csv was changed after it was committed" in said.out
    document = decided("verify", "--json").json
    assert (document["ok"], document["first_bad_link"]) == (False, "20240112")
    assert decided("verify", "20240112").code == 1
    assert decided("verify", "20231229").code == 0
    assert "file_changed" in decided("show", "20240112").out


def test_a_damaged_folder_is_a_finding_of_the_list(decided: Run, workspace: Path) -> None:
    portfolio = desk.open_portfolio(workspace, "sample")
    (portfolio.artifacts_dir / "20240112" / "manifest.json").write_text("{")
    said = decided("history")
    assert said.code == 0
    assert "manifest_unreadable (20240112)" in said.out


def test_what_a_file_says_cannot_drive_the_terminal(run: Run) -> None:
    note = "red \x1b[31m and [bold]markup[/bold]"
    run("rebalance", "--approver", "Ann", "--yes", "--note", note)
    said = run("show", "latest")
    assert "\x1b" not in said.out
    assert "red  [31m and [bold]markup[/bold]" in said.out
    assert run("show", "latest", "--json").json["commit"]["manifest"]["head"]["note"] == note
