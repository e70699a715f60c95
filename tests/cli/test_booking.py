"""``holdings``, ``import-holdings``, ``adopt-holdings``, ``cash`` and ``revert``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from quantetf_core import desk
from tests.cli.conftest import Run, written

Clock = Callable[[str], None]
SIGNED = ("--approver", "Ann", "--yes")


@pytest.fixture
def positions(tmp_path: Path) -> Path:
    file = tmp_path / "broker.csv"
    file.write_text("Symbol,Quantity\nSPY,10\nTLT,3\nCASH,250.50\n")
    return file


def newest(workspace: Path) -> object:
    portfolio = desk.open_portfolio(workspace, "sample")
    entry = desk.history(portfolio).newest
    assert entry is not None
    return desk.read(portfolio, entry.id)


def test_no_book_is_an_answer(run: Run) -> None:
    said = run("holdings")
    assert said.code == 0
    assert "No book at session 2023-12-29 yet" in said.out
    assert run("holdings", "--json").json["book"] is None


def test_holdings_are_marked_to_the_closes_of_the_session(run: Run, at: Clock) -> None:
    bought = run("rebalance", "--json", *SIGNED).json
    said = run("holdings", "--json").json
    assert said["book"]["value"] == bought["plan"]["value_after"]
    assert said["commit_id"] == "20231229"
    at("2024-01-12")
    later = run("holdings", "--json").json
    assert later["as_of"] == "2024-01-12"
    assert later["book"]["value"] != said["book"]["value"]
    assert sum(line["weight"] for line in later["book"]["lines"]) == pytest.approx(1.0)
    text = run("holdings").out
    assert f"Book at the closes of 2024-01-12: ${later['book']['value']:,.2f}" in text
    assert run("holdings", "--date", "2023-12-29", "--json").json["book"] == said["book"]


def test_an_import_shows_what_changes_and_replaces_the_book(
    run: Run, workspace: Path, positions: Path
) -> None:
    said = run("import-holdings", str(positions), *SIGNED)
    assert said.code == 0
    commit = newest(workspace)
    assert commit.holdings_after.shares == {"SPY": 10.0, "TLT": 3.0}
    assert commit.holdings_after.cash == 250.5
    assert commit.files["imported_positions.csv"] == positions.read_bytes()
    assert str(commit.manifest.head.kind) == "import"
    assert [line.split() for line in said.out.splitlines() if line.startswith("SPY")] == [
        ["SPY", "0", "10"]
    ]


def test_an_import_can_be_looked_at_first(run: Run, workspace: Path, positions: Path) -> None:
    said = run("import-holdings", str(positions), "--dry-run", "--json").json
    assert said["dry_run"] is True
    assert said["after"]["cash"] == 250.5
    assert "Dry run" in run("import-holdings", str(positions), "--dry-run").out
    assert written(workspace) == []


def test_cash_a_file_does_not_state_must_be_told(run: Run, workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "nocash.csv"
    file.write_text("Symbol,Quantity\nSPY,10\n")
    said = run("import-holdings", str(file), *SIGNED)
    assert said.code == 1
    assert "state the cash held with --cash" in said.err
    assert run("import-holdings", str(file), "--cash", "99.5", *SIGNED).code == 0
    assert newest(workspace).holdings_after.cash == 99.5


def test_an_import_with_warnings_needs_a_note(run: Run, workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("Symbol,Quantity\nNOSUCH,10\nCASH,5\n")
    said = run("import-holdings", str(file), *SIGNED)
    assert said.code == 1
    assert "say something about never_priced with --note" in said.err
    assert run("import-holdings", str(file), *SIGNED, "--note", "delisted").code == 0
    assert newest(workspace).manifest.notes == {"never_priced": "delisted"}


def test_a_reconciliation_is_of_its_own_kind(run: Run, workspace: Path, positions: Path) -> None:
    run("import-holdings", str(positions), *SIGNED)
    positions.write_text("Symbol,Quantity\nSPY,11\nTLT,3\nCASH,250.50\n")
    assert run("import-holdings", str(positions), "--reconcile", *SIGNED).code == 0
    assert str(newest(workspace).manifest.head.kind) == "reconcile"


@pytest.mark.parametrize(
    "content", [None, "nothing of this is a table", "Symbol,Quantity\nSPY,x\n"]
)
def test_a_file_that_cannot_be_understood_is_refused(
    run: Run, workspace: Path, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "bad.csv"
    if content is not None:
        file.write_text(content)
    said = run("import-holdings", str(file), "--json", *SIGNED)
    assert said.code == 1
    assert said.json["error"]["type"] == "ImportFileError"
    assert said.json["error"]["problems"]
    assert written(workspace) == []


def test_a_book_from_before_the_history_is_adopted(run: Run, workspace: Path) -> None:
    folder = desk.open_portfolio(workspace, "sample").state_dir
    folder.mkdir(parents=True)
    book = {
        "updated_at": "2023-12-29T21:00:00+00:00",
        "holdings": [
            {"ticker": "SPY", "weight": 1.0, "price": 500.0, "notional": 5000.0, "shares": 10}
        ],
    }
    (folder / "current_holdings.json").write_text(json.dumps(book))
    said = run("adopt-holdings", *SIGNED, "--note", "from the old desk")
    assert said.code == 0
    assert newest(workspace).holdings_after.shares == {"SPY": 10.0}
    assert run("adopt-holdings", *SIGNED).code == 1


@pytest.mark.parametrize(
    ("flow", "left"), [("withdrawal", 150.5), ("fee", 150.5), ("deposit", 350.5)]
)
def test_cash_is_recorded(
    run: Run, workspace: Path, positions: Path, flow: str, left: float
) -> None:
    run("import-holdings", str(positions), *SIGNED)
    said = run("cash", flow, "100", *SIGNED, "--json")
    assert said.code == 0
    assert (said.json["flow"], said.json["amount"]) == (flow, 100.0)
    assert newest(workspace).holdings_after.cash == left


def test_more_cash_than_there_is_cannot_be_taken(run: Run, positions: Path) -> None:
    run("import-holdings", str(positions), *SIGNED)
    said = run("cash", "withdrawal", "1000", *SIGNED)
    assert said.code == 1
    assert "at most the cash held" in said.err


def test_an_undoing_needs_a_reason_and_restores_the_book(
    run: Run, workspace: Path, positions: Path
) -> None:
    run("import-holdings", str(positions), *SIGNED)
    run("cash", "fee", "100", *SIGNED)
    said = run("revert", "latest", *SIGNED)
    assert said.code == 1
    assert "give the reason with --note" in said.err
    said = run("revert", "latest", *SIGNED, "--note", "charged twice", "--json")
    assert said.code == 0
    assert said.json["reverts"] == "20231229-2"
    assert newest(workspace).holdings_after.cash == 250.5


def test_what_later_commits_built_on_is_not_undone(run: Run, positions: Path) -> None:
    run("import-holdings", str(positions), *SIGNED)
    run("cash", "fee", "100", *SIGNED)
    said = run("revert", "20231229", *SIGNED, "--note", "x")
    assert said.code == 1
    assert "The book has moved since" in said.err


def test_nothing_is_recorded_before_the_newest_commit(run: Run, positions: Path) -> None:
    run("import-holdings", str(positions), *SIGNED)
    said = run("cash", "deposit", "5", "--date", "2023-12-01", *SIGNED)
    assert said.code == 1
    assert "as_of: found 2023-12-01; accepted: a session from 2023-12-29" in said.err
