"""Somebody at the terminal, or nobody any more: the same in this process."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from quantetf_core import desk
from quantetf_core.cli import main
from quantetf_core.cli.problems import failure
from quantetf_core.cli.screen import Column, Grid, Line, Screen
from quantetf_core.cli.tables import receipt_parts
from quantetf_core.errors import StaleHoldingsError
from quantetf_core.ledger import Receipt
from tests.cli.conftest import Run, written


class Typed(io.StringIO):
    """A terminal on which these lines are typed."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    return lambda *lines: monkeypatch.setattr("sys.stdin", Typed("".join(f"{s}\n" for s in lines)))


def test_name_and_yes_are_asked_for_on_stderr(
    run: Run, workspace: Path, types: Callable[..., None]
) -> None:
    types("Ann Lee", "yes")
    said = run("rebalance")
    assert said.code == 0
    assert said.err.startswith("Approver's name: Commit 5 trades of 2023-12-29? [y/N] ")
    head = desk.read(desk.open_portfolio(workspace, "sample"), "20231229").manifest.head
    assert head.approver == "Ann Lee"


def test_a_note_on_warnings_is_asked_for(
    run: Run, types: Callable[..., None], at: Callable[[str], None]
) -> None:
    run("rebalance", "--approver", "Ann", "--yes")
    at("2024-01-11")
    types("the committee asked", "y")
    said = run("rebalance", "--approver", "Ann")
    assert said.code == 0
    assert "Note on " in said.err
    assert "off_schedule" in said.err
    assert run("history", "--json").json["commits"][0]["note"] == "the committee asked"


def test_the_reason_of_an_undoing_is_asked_for(run: Run, types: Callable[..., None]) -> None:
    run("rebalance", "--approver", "Ann", "--yes")
    types("wrong account", "y")
    assert run("revert", "latest", "--approver", "Ann").code == 0
    assert run("history", "--json").json["commits"][0]["note"] == "wrong account"


@pytest.mark.parametrize("answers", [(), ("Ann",), ("Ann", "n"), ("Ann", "")])
def test_without_a_yes_nothing_is_written(
    run: Run, workspace: Path, types: Callable[..., None], answers: tuple[str, ...]
) -> None:
    types(*answers)
    said = run("rebalance")
    assert said.code == 1
    assert "this cannot be committed yet" in said.err
    assert written(workspace) == []


def test_json_never_asks(run: Run, workspace: Path, types: Callable[..., None]) -> None:
    types("Ann", "y")
    said = run("rebalance", "--json")
    assert said.code == 1
    assert said.json["error"]["type"] == "ApprovalError"
    assert written(workspace) == []


def test_an_interruption_is_a_word_and_its_own_code(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(desk, "load_market", interrupted)
    said = run("status")
    assert (said.code, said.out) == (130, "")
    assert said.err == "Interrupted. What `history` does not list was not recorded.\n"
    monkeypatch.setattr("quantetf_core.cli._run", interrupted)
    assert run("status").code == 130


@pytest.mark.parametrize("words", [("check-config",), ("check-config", "--json")])
def test_a_closed_pipe_has_its_own_code(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert main(words) == 141


def test_json_goes_to_a_caller_that_catches_text(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caught = io.StringIO()
    monkeypatch.setattr(sys, "stdout", caught)
    assert main(["check-config", "--json"]) == 0
    assert caught.getvalue().startswith('{\n  "command": "check-config"')


def test_what_takes_a_while_is_said_on_a_terminal_only(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Reading market data" not in run("status").err
    monkeypatch.setattr("sys.stderr", seen := Typed())
    monkeypatch.setenv("TERM", "xterm")
    assert run("status").code == 0
    assert "Reading market data of sample" in seen.getvalue()


def test_a_wide_table_is_folded_and_never_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", seen := Typed())
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TERM", "dumb")
    columns = [Column("Id"), Column("A label wider than its cells", right=True)]
    columns += [Column("Strategy"), Column("Note", wraps=True)]
    rows = [("20231229-17", "$1.00", "momentum_acceleration", "several words " + "x" * 50)]
    Screen().show([Grid("Title", columns, rows), Line("after")])
    said = seen.getvalue()
    assert "20231229-17" in said
    assert "momentum_acceleration" in said
    assert "A label wider than its cells" in said
    assert "several" in said
    assert said.count("x") >= 50
    assert said.rstrip().endswith("after")


def test_a_receipt_given_twice_says_so() -> None:
    receipt = Receipt(
        commit_id="20231229",
        folder=Path("artifacts"),
        plan_id="p",
        as_of=date(2023, 12, 29),
        committed_at=datetime(2024, 1, 2, tzinfo=UTC),
        already_committed=True,
    )
    (line,) = receipt_parts(receipt)
    assert line == Line("Already committed as 20231229; nothing was written.", "bold green")


def test_holdings_that_moved_are_a_list_of_differences() -> None:
    fault = failure(StaleHoldingsError("a", "b", ["SPY: 1 → 2 shares"]))
    assert fault["type"] == "StaleHoldingsError"
    assert fault["difference"] == ("SPY: 1 → 2 shares",)


def test_a_file_name_of_half_characters_is_still_json(run: Run) -> None:
    said = run("import-holdings", "a\udce9b", "--json")
    assert said.code == 1
    assert said.json["error"]["message"] == "a?b: it cannot be read: No such file or directory"
