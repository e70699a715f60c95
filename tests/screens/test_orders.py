"""Order files and the state of a decision on Review and History; the broker's count on Holdings."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import holdings_entry
from pages.ui.state import Key
from pages.ui.state_history import Filter
from quantetf_core import desk
from quantetf_core.data.market import MarketData
from tests.chains import IDS, NOW
from tests.screens.reading import said

OpenDesk = Callable[..., AppTest]

NEWEST = IDS[0]
LAYOUTS = ["Orders as CSV", "Orders as JSON", "IBKR basket (CSV)"]


@pytest.fixture
def past(workspace: Path, written: Path, sample_cache: Path) -> desk.Portfolio:
    """The test's own workspace with a history; the newest commit is a rebalance."""
    shutil.copytree(written, workspace, dirs_exist_ok=True)
    return desk.open_portfolio(workspace, "sample", cache_dir=sample_cache)


@pytest.fixture
def market(past: desk.Portfolio) -> MarketData:
    return desk.load_market(past, now=NOW)


def run(changed: Any) -> AppTest:
    at = changed.run()
    assert not at.exception, [error.value for error in at.exception]
    return at


def downloads(at: AppTest) -> list[str]:
    """Labels of the buttons that hand out order files."""
    found = [one.proto.label for one in at.get("download_button")]
    return [label for label in found if label in LAYOUTS]


def mark_as_sent(portfolio: desk.Portfolio, market: MarketData) -> None:
    entry = desk.propose_sent(portfolio, market, NEWEST, how="IBKR basket")
    desk.record(portfolio, entry, approved=desk.approval(market, approver="Ada"), now=NOW)


def choose(at: AppTest, label: str, value: str) -> AppTest:
    control = next(one for one in at.segmented_control if one.label == label)
    return run(control.set_value(value))


def mark(at: AppTest) -> AppTest:
    """Open the form that marks the orders of a record as sent."""
    return choose(at, "What happened since", "Mark as sent to the broker")


# --- History --------------------------------------------------------------------------------


def test_the_list_has_the_state_of_every_rebalance_and_can_be_narrowed_to_one(
    past: desk.Portfolio, market: MarketData, open_desk: OpenDesk
) -> None:
    mark_as_sent(past, market)
    at = open_desk("history")
    rows = at.dataframe[0].value.set_index("id")["state"]

    assert rows[NEWEST] == "Sent"
    assert set(rows) == {"Sent", "Committed", ""}
    assert [rows[name] for name in ("20231229-2", "20231130-2")] == ["", ""]
    at.session_state[Filter.STATES] = ["sent"]
    run(at)
    assert at.dataframe[0].value["id"].tolist() == [NEWEST]


def test_a_record_offers_its_orders_and_says_how_far_they_have_come(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("history", id=NEWEST)

    assert downloads(at) == LAYOUTS
    words = said(at)
    assert "Nobody has said yet that the orders went to the broker" in words
    tag = desk.order_file(past, NEWEST, layout="ibkr").ticket.tag
    assert f"carries the tag {tag}, which begins the plan’s id" in words
    assert "Simulated prices: these orders are for trying out" in words
    assert "went out already" not in words


def test_a_decision_is_marked_as_sent_with_a_name_and_the_way_it_went(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    before = desk.holdings(past)[0]
    at = choose(
        open_desk("history", id=NEWEST), "What happened since", "Mark as sent to the broker"
    )
    run(at.button(key="record_entry").click())
    assert "Still missing: your name." in said(at)
    assert desk.history(past).newest.id == NEWEST
    run(at.text_input(key=Key.APPROVER).set_value("Grace"))
    run(at.button(key="record_entry").click())

    newest = desk.history(past).newest
    assert (newest.id, str(newest.kind), newest.approver) == ("20231229-2", "sent", "Grace")
    assert newest.summary["how"] == "IBKR basket file loaded"
    assert newest.summary["order_file"] == "orders-sample-20231229-committed-simulated-ibkr.csv"
    held = desk.holdings(past)[0]
    assert (held.shares, held.cash) == (before.shares, before.cash)
    words = said(at)
    assert "Recorded as 20231229-2. It is the newest record of this history." in words
    assert "The orders went to the broker. No fills are recorded yet" in words
    assert "These orders went out already" in words
    offered = [o for one in at.segmented_control for o in one.options]
    assert "Mark as sent to the broker" not in offered
    run(at.button(key="open_about_20231229-2").click())
    assert "The orders of 20231229 went to the broker: IBKR basket file loaded" in said(at)
    assert at.button(key="open_undone").label.replace("\\", "") == "Open 20231229"


def test_another_way_must_be_said_before_it_can_be_recorded(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = choose(
        open_desk("history", id=NEWEST), "What happened since", "Mark as sent to the broker"
    )
    way = next(one for one in at.radio if one.label == "How")
    run(way.set_value("In another way"))
    assert "Say in which way the orders went out." in said(at)
    assert "record_entry" not in [one.key for one in at.button]
    other = next(one for one in at.text_input if one.label == "In which way")
    run(other.set_value("by telephone"))
    run(at.text_input(key=Key.APPROVER).set_value("Grace"))
    run(at.button(key="record_entry").click())
    assert desk.history(past).newest.summary["how"] == "by telephone"


def test_reverting_asks_for_the_name_alone(past: desk.Portfolio, open_desk: OpenDesk) -> None:
    at = choose(
        open_desk("history", id=NEWEST), "What happened since", "Mark as sent to the broker"
    )
    run(at.button(key="ask_undo").click())
    assert len([one for one in at.text_input if one.key == Key.APPROVER]) == 1
    assert "record_entry" not in [one.key for one in at.button]


def test_an_older_decision_can_be_looked_up_and_not_marked(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("history", id="20231031")
    words = said(at)
    assert downloads(at) == LAYOUTS
    assert "A later rebalance is recorded, and it took these trades as filled" in words
    assert not [one for one in at.segmented_control if one.label == "What happened since"]
    assert "Orders and fills" not in said(open_desk("history", id="20231130-2"))


def test_a_reverted_decision_offers_no_orders(
    past: desk.Portfolio, market: MarketData, open_desk: OpenDesk
) -> None:
    approved = desk.approval(market, approver="Ada", note="broker outage")
    desk.revert(past, NEWEST, as_of=date(2023, 12, 29), approved=approved, now=NOW)
    at = open_desk("history", id=NEWEST)
    assert downloads(at) == []
    assert "its orders are not to be sent" in said(at)


# --- Review ---------------------------------------------------------------------------------


def test_a_plan_has_order_files_that_say_it_is_not_committed(open_desk: OpenDesk) -> None:
    at = open_desk("review")
    assert downloads(at) == []
    at.session_state["plan_orders"] = True
    run(at)
    assert downloads(at) == LAYOUTS
    words = said(at)
    assert "Every file says that the plan is not committed" in words
    assert "QESIMDRAFT" in words


def test_what_cannot_be_confirmed_has_no_order_files_and_says_why(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = open_desk("review", as_of="2023-11-30")
    at.session_state["plan_orders"] = True
    run(at)
    assert downloads(at) == []
    assert "no order file: a check blocks this plan" in said(at)


# --- Holdings -------------------------------------------------------------------------------


def upload(at: AppTest, book: dict[str, float], cash: float) -> AppTest:
    lines = ["Symbol,Quantity", *(f"{t},{n:g}" for t, n in book.items()), f"CASH,{cash}"]
    content = "\n".join(lines).encode()
    choose(at, "What to record", holdings_entry.IMPORT)
    return run(at.get("file_uploader")[0].set_value(("mine.csv", content, "text/csv")))


def sign(at: AppTest) -> AppTest:
    run(at.text_input(key=Key.APPROVER).set_value("Ada"))
    return run(at.button(key="record_entry").click())


def test_a_file_that_agrees_confirms_the_book(past: desk.Portfolio, open_desk: OpenDesk) -> None:
    book = desk.holdings(past)[0]
    at = upload(open_desk("holdings"), book.shares, book.cash)
    words = said(at)
    assert f"All share counts agree: {len(book.positions)} tickers." in words
    assert "Cash agrees" in words
    sign(at)
    after = desk.holdings(past)[0]
    assert (after.shares, after.cash, after.basis) == (book.shares, book.cash, "reconciled")
    assert desk.decision_states(past)[NEWEST] is desk.DecisionState.RECONCILED


def test_the_file_of_another_account_is_asked_about(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    at = upload(open_desk("holdings"), {"MSFT": 100.0, "IBM": 20.0}, 5_000.0)
    assert "Not one share count agrees: is this the file of this portfolio’s account?" in said(at)


def test_what_differs_is_marked_on_holdings_and_settled_there(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    book = desk.holdings(past)[0]
    first, second = book.tickers[:2]
    theirs = {**book.shares, first: book.shares[first] + 3}
    theirs.pop(second)
    at = upload(open_desk("holdings"), theirs, book.cash)
    assert f"2 of {len(book.positions)} tickers differ." in said(at)
    assert "Not one share count agrees" not in said(at)
    shown = at.dataframe[1].value
    assert shown["ticker"].tolist()[:2] == [first, second]
    assert shown["difference"].tolist()[:2] == [3.0, -book.shares[second]]
    sign(at)

    held = desk.holdings(past)[0]
    assert (held.shares, held.cash) == (book.shares, book.cash)
    assert [dispute.ticker for dispute in held.disputed] == [first, second]
    assert "2 positions disputed" in said(at)
    marks = at.dataframe[0].value.set_index("ticker")["disputed"]
    assert marks[first] == f"broker: {theirs[first]:,.0f}"
    assert marks["Cash"] == ""
    assert (
        f"Disputed, and not traded until settled under “Record a change”: {first}, {second}."
        in (said(at))
    )

    choose(at, "What to record", holdings_entry.SETTLE)
    assert "record_entry" not in [one.key for one in at.button]  # nobody chose a count yet
    run(at.radio[0].set_value("book"))
    sign(at)
    assert "a note on “book kept against broker”" in said(at)
    noted = next(t for t in at.text_input if "book kept against broker" in t.label)
    run(noted.set_value("the broker books it tomorrow"))
    run(at.button(key="record_entry").click())
    left = desk.holdings(past)[0]
    assert [dispute.ticker for dispute in left.disputed] == [second]
    assert left.shares == book.shares

    choose(at, "What to record", holdings_entry.SETTLE)
    run(at.radio[0].set_value("broker"))
    sign(at)
    settled = desk.holdings(past)[0]
    assert settled.disputed == ()
    assert settled.shares == {t: n for t, n in book.shares.items() if t != second}
    assert desk.verify(past).ok


def test_plan_and_record_offer_the_approval_sheet_and_other_records_do_not(
    past: desk.Portfolio, open_desk: OpenDesk
) -> None:
    def sheets(at: AppTest) -> list[str]:
        labels = [one.proto.label for one in at.get("download_button")]
        return [label for label in labels if label.startswith("Approval sheet")]

    assert sheets(open_desk("review")) == ["Approval sheet, not confirmed"]
    assert sheets(open_desk("history", id=NEWEST)) == ["Approval sheet"]
    assert sheets(open_desk("history", id="20231130-2")) == []
