"""The Data page's findings, and Review's refusal of unusable prices, in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import state
from tests.screens.test_review import button, plain, said, table
from tests.spoiled import SPLIT_ON, spoil
from tests.workspace import use_everywhere

OpenDesk = Callable[..., AppTest]
ACCEPTED = "configs/accepted_findings.yaml"


@pytest.fixture
def spoiled(workspace: Path) -> Path:
    spoil(workspace)
    use_everywhere(workspace, "momentum_short")
    return workspace


def opened(open_desk: OpenDesk, page: str) -> AppTest:
    return open_desk(page, portfolio="spoiled")


def findings(at: AppTest):
    return table(at, "kind", "message")


def tick(at: AppTest, row: int) -> AppTest:
    """What a click on a row of the findings leaves behind."""
    ids = [f"{kind} {ticker} {first}" for kind, ticker, first in _names(at)]
    at.session_state["_data_finding"] = ids[row]
    return at.run()


def _names(at: AppTest) -> list[tuple[str, str, str]]:
    frame = findings(at)
    kinds = frame["kind"].str.replace(" ", "_")
    return list(zip(kinds, frame["ticker"], frame["first"].astype(str), strict=True))


def test_the_page_says_which_prices_are_unusable_and_why(
    spoiled: Path, open_desk: OpenDesk
) -> None:
    at = opened(open_desk, "data")
    assert "BBB: prices that cannot be used, and that this portfolio rests on" in said(at).replace(
        "*", ""
    )
    assert findings(at)["ticker"].tolist() == ["DDD", "BBB"]
    assert "looks like a 1:4 reverse split" in findings(at)["message"].tolist()[1]
    assert findings(at)["touches"].tolist() == ["Universe only", "In the plan"]


def test_severities_are_chosen_and_an_empty_choice_is_said(
    spoiled: Path, open_desk: OpenDesk
) -> None:
    at = opened(open_desk, "data")
    at.button_group(key="data_severity").set_value(["info"]).run()
    assert "unsorted rows" in findings(at)["kind"].tolist()
    at.button_group(key="data_severity").set_value([]).run()
    assert not [one for one in at.dataframe if "kind" in one.value.columns]
    assert not at.exception


def test_a_finding_is_accepted_with_name_and_note_and_trades_from_then_on(
    spoiled: Path, open_desk: OpenDesk
) -> None:
    before = (spoiled / ACCEPTED).read_text(encoding="utf-8")
    at = tick(opened(open_desk, "data"), 1)
    assert "Judged by: close before" in said(at)
    button(at, "FormSubmitter:accept_finding-Accept this finding").click().run()
    assert "to accept a finding it needs a name and a note" in said(at)
    assert (spoiled / ACCEPTED).read_text(encoding="utf-8") == before
    at.text_input(key=state.Key.APPROVER).set_value("Ada")
    at.text_input(key=f"accept_note_unadjusted_split BBB {SPLIT_ON}").set_value("a merger")
    button(at, "FormSubmitter:accept_finding-Accept this finding").click().run()
    assert not at.exception
    kept = (spoiled / ACCEPTED).read_text(encoding="utf-8")
    assert kept.startswith(before.removesuffix("accepted: []\n"))
    assert 'note: "a merger"' in kept
    assert 'by: "Ada"' in kept
    assert findings(at)["ticker"].tolist() == ["DDD"]
    review = opened(open_desk, "review")
    assert "Accepted by Ada: a merger" in said(review)
    assert "needs a reason" not in said(review)
    assert "0 blocks" in said(review)


def test_what_is_old_cannot_be_accepted_away(spoiled: Path, open_desk: OpenDesk) -> None:
    at = tick(opened(open_desk, "data"), 0)
    assert "16 sessions before" not in said(at)
    assert "its last close is of 2023-12-01" in said(at)
    assert not [one for one in at.expander if "all right" in one.label]


def test_review_does_not_trade_it_and_confirms_the_rest_with_a_reason(
    spoiled: Path, open_desk: OpenDesk
) -> None:
    at = opened(open_desk, "review")
    assert "1 block on data: needs a reason" in said(at)
    trades = table(at, "shares_delta", "reason")
    (line,) = trades[trades["ticker"] == "BBB"].to_dict("records")
    assert (line["action"], line["reason"]) == ("HOLD", "blocked: its prices cannot be trusted")
    button(at, "open_confirm").click().run()
    at.text_input(key=state.Key.APPROVER).set_value("Ada")
    button(at, "confirm_commit").click().run()
    assert not (spoiled / "artifacts").exists()
    button(at, "open_confirm").click().run()
    assert "Still missing: a note on “unadjusted split:BBB”" in said(at)
    for one in at.text_input:
        if (one.key or "").startswith("note_"):
            one.set_value("kept out until the vendor answers")
    button(at, "confirm_commit").click().run()
    if "being recorded" in said(at):
        at.run()
    assert not at.exception
    (manifest,) = (spoiled / "artifacts/spoiled").glob("*/manifest.json")
    kept = json.loads(manifest.read_text(encoding="utf-8"))["acknowledged"]
    assert ("block", "BBB", "kept out until the vendor answers") in [
        (one["severity"], one["subject"], one["note"]) for one in kept
    ]
    shown = open_desk("history", portfolio="spoiled", id=manifest.parent.name)
    assert "Overridden with the reason" in said(shown)
    assert "kept out until the vendor answers" in [plain(one.value) for one in shown.text]
