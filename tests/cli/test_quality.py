"""Data that cannot be trusted, at the command line: seen, refused, overridden, accepted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, written
from tests.spoiled import ENDS_ON, SPLIT_ON, spoil
from tests.workspace import use_everywhere

SPLIT = "unadjusted_split:BBB"
SIGNED = ("--approver", "Ada", "--note", "seen", "--yes")


@pytest.fixture
def spoiled(workspace: Path) -> Path:
    spoil(workspace)
    use_everywhere(workspace, "momentum_short")
    return workspace


def test_what_is_unusable_is_listed_gravest_first_and_why(spoiled: Path, run: Run) -> None:
    said = run("quality", "-p", "spoiled", "--json")
    assert said.code == 0
    found = [(f["severity"], f["code"], f["subject"]) for f in said.json["findings"]]
    assert found == [("block", "stale_price", "DDD"), ("block", "unadjusted_split", "BBB")]
    split = said.json["findings"][1]
    assert split["first"] == SPLIT_ON
    assert split["touches"] == "wanted"
    assert "looks like a 1:4 reverse split" in split["message"]
    assert ENDS_ON in said.json["findings"][0]["message"]
    assert written(spoiled) == [*sorted(f"prices/{t}.csv" for t in _names(spoiled)), "vix.csv"]


def _names(workspace: Path) -> list[str]:
    return [path.stem for path in (workspace / "prices").iterdir()]


def test_the_list_can_be_narrowed_and_notes_added(spoiled: Path, run: Run) -> None:
    one = run("quality", "-p", "spoiled", "--ticker", "bbb", "--json").json["findings"]
    assert {f["subject"] for f in one} == {"BBB"}
    late = run("quality", "-p", "spoiled", "--since", "2023-12-20", "--json").json["findings"]
    assert [f["subject"] for f in late] == ["DDD"]
    noted = run("quality", "-p", "spoiled", "--notes", "--json").json["findings"]
    assert "unsorted_rows" in {f["code"] for f in noted}
    shown = run("quality", "-p", "spoiled").out
    assert "2 blocks, 0 warnings" in shown
    assert "not listed; --notes lists them" in shown


def test_a_clean_market_says_so(run: Run) -> None:
    assert "Nothing" in run("quality").out


def test_a_rebalance_is_refused_until_the_block_is_overridden_by_name_and_reason(
    spoiled: Path, run: Run
) -> None:
    words = ("rebalance", "-p", "spoiled", *SIGNED)
    refused = run(*words)
    assert refused.code == 1
    assert "unadjusted_split (BBB)" in refused.err
    assert not (spoiled / "artifacts").exists()
    done = run(*words, "--override", f"{SPLIT}=the fund did merge; kept out", "--json")
    assert done.code == 0, done.err
    manifest = next((spoiled / "artifacts/spoiled").glob("*/manifest.json"))
    kept = json.loads(manifest.read_text(encoding="utf-8"))
    (said,) = [a for a in kept["acknowledged"] if a["severity"] == "block"]
    assert (said["code"], said["subject"]) == ("unadjusted_split", "BBB")
    assert said["note"] == "the fund did merge; kept out"
    assert kept["approver"] == "Ada"
    trades = (manifest.parent / "trades.csv").read_text(encoding="utf-8")
    (line,) = [row for row in trades.splitlines() if row.startswith("BBB,")]
    assert line.startswith("BBB,HOLD,")
    assert "cannot be trusted" in line
    assert run("verify", "-p", "spoiled").code == 0


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (SPLIT, "gives no reason"),
        (f"{SPLIT}=  ", "gives no reason"),
        ("unadjusted_split:AAA=fine", SPLIT),
        ("turnover:portfolio=fine", "names no block that can be"),
    ],
)
def test_an_override_needs_a_reason_and_a_block_that_can_be(
    spoiled: Path, run: Run, given: str, why: str
) -> None:
    refused = run("rebalance", "-p", "spoiled", *SIGNED, "--override", given)
    assert refused.code == 1
    assert why in refused.err
    assert not (spoiled / "artifacts").exists()


def test_no_reason_overrides_a_what_if(spoiled: Path, run: Run) -> None:
    override = ("--override", f"{SPLIT}=seen")
    assert run("rebalance", "-p", "spoiled", *SIGNED, *override).code == 0
    refused = run("rebalance", "-p", "spoiled", *SIGNED, *override, "--portfolio-value", "5000000")
    assert refused.code == 1
    assert "what-if" in refused.err


def test_an_accepted_finding_is_traded_and_is_part_of_the_configuration(
    spoiled: Path, run: Run
) -> None:
    (spoiled / "configs/accepted_findings.yaml").write_text(
        f"accepted:\n  - {{ticker: BBB, date: {SPLIT_ON}, code: unadjusted_split, "
        "note: a real rise, by: Ada}\n",
        encoding="utf-8",
    )
    plan = run("rebalance", "-p", "spoiled", "--dry-run", "--json").json
    notes = [f for f in plan["plan"]["findings"] if f["subject"] == "BBB"]
    assert [f["severity"] for f in notes] == ["info"]
    assert run("rebalance", "-p", "spoiled", *SIGNED).code == 0
    inputs = next((spoiled / "artifacts/spoiled").glob("*/inputs.json"))
    kept = json.loads(inputs.read_text(encoding="utf-8"))["configuration"]
    assert "a real rise" in kept["configs/accepted_findings.yaml"]


def test_a_mistake_in_the_file_is_told_by_its_line(spoiled: Path, run: Run) -> None:
    (spoiled / "configs/accepted_findings.yaml").write_text(
        "accepted:\n  - ticker: BBB\n    date: 15 Nov 2023\n    code: x\n    note: y\n    by: z\n",
        encoding="utf-8",
    )
    refused = run("quality", "-p", "spoiled")
    assert refused.code == 1
    assert "configs/accepted_findings.yaml:3" in refused.err
    assert "a date such as 2023-12-29" in refused.err
