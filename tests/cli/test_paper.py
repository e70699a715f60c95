"""``paper status``, ``paper send`` and ``paper fill``."""

from __future__ import annotations

from pathlib import Path

import pytest

from quantetf_core import desk
from quantetf_core.errors import LedgerWriteError
from tests.cli.conftest import Run, written

ON_PAPER = ("--portfolio", "paper_example")
SIGNED = ("--approver", "Ann", "--yes", "--note", "seen")


def test_a_rebalance_on_paper_is_sent_with_the_commit_filled_and_booked(
    run: Run, workspace: Path
) -> None:
    run("rebalance", *ON_PAPER, "--date", "2023-11-30", *SIGNED)
    before = written(workspace)
    said = run("paper", "status", *ON_PAPER)
    assert said.code == 0
    assert (
        "sent to the paper broker; filled at the closes of 2023-12-01, not booked yet" in said.out
    )
    assert "Implementation shortfall" in said.out
    looked = run("paper", "fill", "--dry-run", "--json", *ON_PAPER).json
    assert looked["dry_run"] is True
    assert written(workspace) == before
    done = run("paper", "fill", "--json", *ON_PAPER, *SIGNED).json
    assert done["receipt"]["commit_id"] == "20231201"
    assert done["report"] == looked["report"]
    assert run("paper", "status", "--json", *ON_PAPER).json["orders"] is None


def test_before_the_next_close_it_says_what_it_waits_for(run: Run) -> None:
    run("rebalance", *ON_PAPER, *SIGNED)
    said = run("paper", "fill", *ON_PAPER, *SIGNED)
    assert said.code == 0
    assert "waiting for the closes of 2024-01-02" in said.out


def test_orders_that_did_not_go_out_are_sent_by_hand(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise LedgerWriteError(str(workspace), "no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("quantetf_core.desk.paper.commit", full)
        committed = run("rebalance", *ON_PAPER, "--date", "2023-11-30", *SIGNED)
    assert committed.code == 0
    assert "the commit stands, its orders are not sent" in committed.err
    assert "`paper send` does it" in run("paper", "status", *ON_PAPER).out
    assert run("paper", "send", *ON_PAPER, *SIGNED).code == 0
    portfolio = desk.open_portfolio(workspace, "paper_example")
    assert desk.decision_states(portfolio) == {"20231130": desk.DecisionState.SENT}
    assert "receipt" not in run("paper", "send", "--json", *ON_PAPER, *SIGNED).json


def test_a_portfolio_that_is_not_on_paper_is_refused_in_words(run: Run) -> None:
    said = run("paper", "status", "--portfolio", "sample")
    assert said.code == 1
    assert "one whose file has the key paper" in said.err
