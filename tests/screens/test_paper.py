"""Paper mode without a browser: from the confirmation to the booked fills."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import holdings_entry, loaders, state
from quantetf_core import desk
from quantetf_core.errors import LedgerBusyError

OpenDesk = Callable[..., AppTest]
ON_PAPER = {"portfolio": "paper_example", "as_of": "2023-11-30"}


def said(at: AppTest) -> str:
    kinds = (at.markdown, at.caption, at.subheader, at.info, at.warning, at.success, at.error)
    return " ".join(str(e.value) for kind in kinds for e in kind).replace("\\", "")


def press(at: AppTest, key: str) -> AppTest:
    next(button for button in at.button if button.key == key).click().run()
    if "being recorded" in said(at):
        at.run()
    assert not at.exception, [error.value for error in at.exception]
    return at


def confirm(at: AppTest) -> AppTest:
    press(at, "open_confirm")
    at.text_input(key=state.Key.APPROVER).set_value("Ada")
    return press(at, "confirm_commit")


def states() -> list[desk.DecisionState]:
    return list(desk.decision_states(loaders.portfolio("paper_example")).values())


def links(at: AppTest) -> list[str]:
    return [element.proto.label for element in at.get("page_link")]


def test_confirming_sends_and_review_says_where_the_orders_are(open_desk: OpenDesk) -> None:
    at = open_desk("review", **ON_PAPER)
    assert "the orders go to the paper broker" in said(at)
    confirm(at)
    assert states() == [desk.DecisionState.SENT]
    words = said(at)
    assert "sent to the paper broker; they fill at the closes of Fri 1 Dec 2023" in words
    assert "the paper orders of 20231130 are not filled yet" in words
    assert "Fill and reconcile" in links(at)


def test_the_fills_are_shown_before_they_are_booked_and_nothing_is_written_by_looking(
    open_desk: OpenDesk,
) -> None:
    confirm(open_desk("review", **ON_PAPER))
    at = open_desk("holdings", **ON_PAPER)
    assert at.segmented_control[0].value == holdings_entry.PAPER
    words = said(at)
    assert "Fills at the closes of Fri 1 Dec 2023" in words
    assert "Recorded as of Fri 1 Dec 2023: choose that date or a later one" in words
    assert {metric.label: metric.value for metric in at.metric}["Orders filled"] == "5 of 5"
    assert states() == [desk.DecisionState.SENT]
    at.text_input(key=state.Key.APPROVER).set_value("Ada")
    press(at, "record_entry")
    assert states() == [desk.DecisionState.RECONCILED]
    assert "sent to the paper broker" not in said(at)


def test_orders_that_did_not_go_out_are_sent_from_holdings(
    open_desk: OpenDesk, monkeypatch: pytest.MonkeyPatch, workspace: Path
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise LedgerBusyError(str(workspace), 1.0)

    with monkeypatch.context() as patch:
        patch.setattr("quantetf_core.desk.paper.commit", busy)
        at = confirm(open_desk("review", **ON_PAPER))
    assert "its orders did not go to the paper broker" in said(at)
    assert "Send" in links(at)
    at = open_desk("holdings", **ON_PAPER)
    at.text_input(key=state.Key.APPROVER).set_value("Ada")
    press(at, "record_entry")
    assert states() == [desk.DecisionState.SENT]
    assert "Fills at the closes of Fri 1 Dec 2023" in said(at)


def test_before_the_next_close_holdings_waits_and_offers_nothing_to_confirm(
    open_desk: OpenDesk,
) -> None:
    confirm(open_desk("review", portfolio="paper_example"))
    at = open_desk("holdings", portfolio="paper_example")
    assert "Waiting for those prices" in said(at)
    assert "record_entry" not in {button.key for button in at.button}


def test_why_an_order_was_not_filled_whole_is_said(open_desk: OpenDesk, workspace: Path) -> None:
    file = workspace / "configs" / "portfolios" / "paper_example.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("max_volume_share: 0.05", "max_volume_share: 0.00001"), "utf-8")
    confirm(open_desk("review", **ON_PAPER))
    words = said(open_desk("holdings", **ON_PAPER))
    assert "no more than 0.001% of the volume of 2023-12-01 is filled" in words
    assert "Orders are for one session: what was not filled in it lapses." in words


def test_the_record_leads_to_holdings_and_asks_for_no_file(open_desk: OpenDesk) -> None:
    confirm(open_desk("review", **ON_PAPER))
    at = open_desk("history", id="20231130", **ON_PAPER)
    assert "which fills them at the prices of the next session" in said(at)
    assert "Open Holdings" in links(at)
    offered = {button.label for button in at.button}
    assert not offered & {"Import fills", "Mark as sent to the broker"}
    assert not [e for e in at.get("download_button") if "Orders" in e.proto.label]
