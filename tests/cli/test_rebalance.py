"""``rebalance``: shows the plan and commits that very plan, or says why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from quantetf_core import desk
from tests.cli.conftest import Run, written
from tests.workspace import NOW, use_everywhere

APPROVED = ("--approver", "Ann Lee", "--yes")

Clock = Callable[[str], None]


def proposal(workspace: Path, **asked: object) -> object:
    portfolio = desk.open_portfolio(workspace, "sample", cache_dir=desk.cache_folder(workspace))
    now = datetime.fromisoformat(NOW)
    return desk.propose(portfolio, desk.load_market(portfolio, now=now), now=now, **asked)


def test_a_dry_run_writes_nothing(run: Run, workspace: Path) -> None:
    said = run("rebalance", "--dry-run")
    assert said.code == 0
    assert "Dry run: nothing was written." in said.out
    assert written(workspace) == []


def test_the_plan_is_the_one_the_desk_proposes(run: Run, workspace: Path) -> None:
    said = run("rebalance", "--dry-run", "--json").json
    plan = proposal(workspace)
    assert said["plan"]["plan_id"] == plan.plan_id
    assert said["plan"]["confirmable"] is True
    assert said["dry_run"] is True
    assert said["simulated"] is True
    shown = [
        (line["ticker"], line["action"], line["shares_delta"]) for line in said["plan"]["trades"]
    ]
    assert shown == [(line.ticker, str(line.action), line.shares_delta) for line in plan.trades]


def test_the_text_says_what_a_manager_signs(run: Run, workspace: Path) -> None:
    said = run("rebalance", "--dry-run", "--date", "2023-12-31")
    plan = proposal(workspace)
    numbers = plan.used.plan
    assert said.out.startswith("Simulated prices")
    assert "session 2023-12-29 (asked for 2023-12-31)" in said.out
    assert plan.used.regime_state.label in said.out
    assert f"{plan.strategy_used}: {plan.used.entry.rationale}" in said.out
    assert f"{len(plan.orders)} trades, {numbers.turnover:.1%} turnover" in said.out
    assert f"${numbers.costs:,.2f} cost, 0 blocks, 0 warnings" in said.out
    for line in plan.orders:
        row = next(
            r for r in said.out.splitlines() if r.startswith(f"{line.action} ") and line.ticker in r
        )
        assert line.reason in row
        assert f"{line.shares_delta:+,.0f}" in row
    assert f"Cash after{numbers.cash_after:>18,.2f}".split()[-1] in said.out
    assert plan.plan_id in said.out


def test_nobody_to_ask_is_a_refusal_that_says_what_to_give(run: Run, workspace: Path) -> None:
    said = run("rebalance")
    assert said.code == 1
    assert "--approver" in said.err
    said = run("rebalance", "--approver", "Ann")
    assert said.code == 1
    assert "there is no terminal to confirm on; confirm with --yes" in said.err
    assert run("rebalance", "--approver", "  ", "--yes").code == 1
    assert written(workspace) == []


def test_an_approved_plan_is_committed_once(run: Run, workspace: Path) -> None:
    first = run("rebalance", "--json", *APPROVED, "--note", "first funding")
    assert first.code == 0
    receipt = first.json["receipt"]
    assert receipt["commit_id"] == "20231229"
    assert receipt["already_committed"] is False
    assert receipt["plan_id"] == first.json["plan"]["plan_id"]
    portfolio = desk.open_portfolio(workspace, "sample")
    head = desk.read(portfolio, "20231229").manifest.head
    assert (head.approver, head.note) == ("Ann Lee", "first funding")
    again = run("rebalance", *APPROVED)
    assert again.code == 0
    assert "Already committed as 20231229; nothing was written." in again.out
    assert len(desk.history(portfolio).entries) == 1


def test_a_changed_regime_is_one_plain_warning_line(run: Run) -> None:
    said = run("rebalance", *APPROVED)
    assert said.err == "Warning: REGIME CHANGE: none -> uptrend_low_vol (2023-12-29)\n"


def test_warnings_need_a_note_even_with_yes(run: Run, workspace: Path, at: Clock) -> None:
    run("rebalance", *APPROVED)
    at("2024-01-11")
    said = run("rebalance", *APPROVED)
    assert said.code == 1
    assert "Warning: off_schedule" in said.out
    assert "say something about" in said.err
    assert "off_schedule" in said.err
    assert len(desk.history(desk.open_portfolio(workspace, "sample")).entries) == 1
    said = run("rebalance", "--json", *APPROVED, "--note", "asked for by the committee")
    assert said.code == 0
    manifest = desk.read(desk.open_portfolio(workspace, "sample"), "20240111").manifest
    assert manifest.head.note == "asked for by the committee"
    assert {a.finding.code: a.note for a in manifest.acknowledged} == {
        f["code"]: "asked for by the committee"
        for f in said.json["plan"]["findings"]
        if f["severity"] == "warn"
    }


def test_a_block_is_listed_and_nothing_is_written(run: Run, workspace: Path) -> None:
    said = run("rebalance", "--json", "--date", "2023-11-30", *APPROVED, "--note", "late")
    assert said.code == 1
    assert said.json["error"]["type"] == "ChecksBlockError"
    assert [f["code"] for f in said.json["error"]["findings"]] == ["past_session"]
    assert said.json["plan"]["as_of"] == "2023-11-30"
    assert "past_session" in said.err
    assert written(workspace) == []


def test_a_value_beside_the_book_is_looked_at_and_never_committed(run: Run, at: Clock) -> None:
    run("rebalance", *APPROVED)
    at("2024-01-31")
    looked = run("rebalance", "--dry-run", "--portfolio-value", "1500000", "--json")
    assert looked.code == 0
    assert looked.json["plan"]["what_if"] is True
    said = run("rebalance", "--portfolio-value", "1500000", *APPROVED, "--note", "x")
    assert said.code == 1
    assert "this is a what-if" in said.err
    assert "--cash-flow" in said.err
    assert len(run("history", "--json").json["commits"]) == 1


def test_a_declared_flow_is_committed(run: Run, at: Clock) -> None:
    run("rebalance", *APPROVED)
    at("2024-01-31")
    said = run("rebalance", "--cash-flow", "-2500.50", *APPROVED, "--note", "x", "--json")
    assert said.code == 0
    assert said.json["plan"]["cash_flow"] == -2500.5
    steps = {step["step"]: step["usd"] for step in said.json["plan"]["cash"]}
    assert steps.pop("cash after") == pytest.approx(sum(steps.values()), abs=0.005)


def test_a_first_funding_may_be_of_any_value(run: Run) -> None:
    said = run("rebalance", "--portfolio-value", "250000", "--json", *APPROVED)
    assert said.code == 0
    assert said.json["plan"]["portfolio_value"] == 250000.0


def test_a_value_and_a_flow_that_disagree_are_refused(run: Run) -> None:
    said = run("rebalance", "--portfolio-value", "250000", "--cash-flow", "1", "--dry-run")
    assert said.code == 1
    assert "cash_flow" in said.err


def test_what_each_overlay_did_stands_in_the_plan_and_in_the_record(
    run: Run, workspace: Path
) -> None:
    use_everywhere(workspace, "guarded_momentum")
    plan = proposal(workspace)
    shown = run("rebalance", *APPROVED, "--note", "seen").out
    record = run("show", "20231229").out
    assert len(plan.used.overlays) == 4
    for text in (shown, record):
        for step in plan.used.overlays:
            (line,) = [line for line in text.splitlines() if line.startswith(f"{step.title} ")]
            assert step.state.label in line
            assert step.said in line
    facts = run("show", "20231229", "--json").json["commit"]["result"]["overlays"]
    assert [row["name"] for row in facts] == [step.name for step in plan.used.overlays]


def test_the_plan_and_its_record_say_what_gave_the_weights(workspace: Path, run: Run) -> None:
    use_everywhere(workspace, "hierarchical_risk_parity")
    line = "hierarchical risk parity (skfolio), 252 closes, Ledoit–Wolf covariance"
    assert f"Weights   {line}" in run("rebalance", "--dry-run").out
    assert run("rebalance", "--approver", "Ada", "--note", "seen", "--yes").code == 0
    assert f"Weights    {line}" in run("show", "20231229").out
