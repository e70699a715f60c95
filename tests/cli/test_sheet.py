"""``sheet``: the approval sheet of a plan, of a commit, and of what cannot have one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quantetf_core import desk
from quantetf_core.encoding import sha256
from quantetf_core.errors import DamagedHistoryError
from tests.cli.conftest import Run, written

SIGNED = ("--approver", "Ann <b>", "--yes", "--note", "as planned")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def test_a_sheet_goes_with_its_plan_and_then_with_its_commit(
    run: Run, workspace: Path, folder: Path
) -> None:
    assert "no rebalance is recorded; --plan writes the approval sheet" in run("sheet").err
    said = run("sheet", "--plan", "--json").json
    draft = folder / "approval-sample-2023-12-29-not-confirmed-simulated.html"
    assert (said["file"], said["sha256"]) == (draft.name, sha256(draft.read_bytes()))
    run("rebalance", *SIGNED)
    before = written(workspace)
    assert "Approval sheet of record 20231229" in run("sheet", "--out", "signed.html").out
    assert written(workspace) == before

    content = (folder / "signed.html").read_bytes()
    portfolio = desk.open_portfolio(workspace, "sample")
    assert content == desk.approval_sheet(portfolio, "20231229").content
    commit = desk.read(portfolio, "20231229")
    plan_id = commit.manifest.head.plan_id
    text, drafted = content.decode(), draft.read_text("utf-8")
    assert plan_id in text
    assert plan_id in drafted
    assert commit.manifest_sha256 in text
    assert "Ann &lt;b&gt;" in text
    assert "as planned" in text
    for line in desk.ordered_lines(portfolio, "20231229"):
        for sheet in (text, drafted):
            assert f"<b>{line.ticker}</b>" in sheet
            assert f"+{line.shares:,.0f}" in sheet
    assert "not confirmed" in drafted
    assert "not confirmed" not in text
    reverted = run("revert", "20231229", *SIGNED)
    assert reverted.code == 0
    run("sheet", "20231229", "--out", "late.html")
    assert "This decision was reverted." in (folder / "late.html").read_text("utf-8")


def test_only_a_sound_rebalance_has_a_sheet(run: Run, workspace: Path, folder: Path) -> None:
    run("rebalance", *SIGNED)
    run("cash", "deposit", "5000", *SIGNED)
    assert "is no rebalance, so it has no approval sheet" in run("sheet", "20231229-2").err
    portfolio = desk.open_portfolio(workspace, "sample")
    path = portfolio.artifacts_dir / "20231229" / "rebalance_result.json"
    changed = json.loads(path.read_bytes()) | {"rationale": "another one"}
    path.chmod(0o644)
    path.write_text(json.dumps(changed), "utf-8")
    with pytest.raises(DamagedHistoryError, match=r"rebalance_result\.json"):
        desk.approval_sheet(portfolio, "20231229")
    assert list(folder.iterdir()) == []
