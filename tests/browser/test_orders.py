"""From a confirmed plan to the broker in a real browser: the basket file, and that it was sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.helpers import no_horizontal_overflow, settled

pytestmark = pytest.mark.browser

HEADER = "Action,Quantity,Symbol,SecType,Exchange,Currency,TimeInForce,OrderType,LmtPrice,BasketTag"


def commit(desk: Desk, commit_id: str) -> Path:
    return desk.workspace / "artifacts" / "sample" / "rebalance" / commit_id


def sign(page: Page, name: str) -> None:
    field = page.get_by_role("textbox", name="Your name")
    field.fill(name)
    field.press("Tab")


def test_the_basket_of_a_confirmed_plan_is_downloaded_and_marked_as_sent(
    desk_server: Desk, page: Page
) -> None:
    page.goto(desk_server.link())
    page.get_by_role("button", name="Review and confirm").click()
    sign(page, "Ada")
    page.get_by_role("dialog").get_by_role("button", name="Confirm and record").click()
    expect(page.get_by_text("Recorded as 20231229")).to_be_visible()
    page.get_by_role("button", name="Order files…").click()
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="IBKR basket").click()

    basket = downloaded.value
    assert basket.suggested_filename == "orders-sample-20231229-committed-simulated-ibkr.csv"
    header, *lines = Path(basket.path()).read_text(encoding="utf-8").splitlines()
    log = json.loads((commit(desk_server, "20231229") / "execution_log.json").read_text())
    tag = f"QESIM{log['plan_id'][:16]}"
    assert header == HEADER
    assert lines == [
        f"{one['action']},{one['shares']:.0f},{one['ticker']},STK,SMART,USD,DAY,MKT,,{tag}"
        for one in log["orders"]
    ]

    page.get_by_role("link", name="Mark as sent in record 20231229").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_text("Mark as sent to the broker", exact=True).click()
    expect(page.get_by_text("IBKR basket file loaded")).to_be_visible()
    sign(page, "Grace")
    page.get_by_role("button", name="Record as sent").dblclick()
    expect(page.get_by_text("These orders went out already")).to_be_visible()
    sent = json.loads((commit(desk_server, "20231229-2") / "manifest.json").read_text())
    assert (sent["kind"], sent["approver"]) == ("sent", "Grace")
    assert sent["summary"]["decision"] == "20231229"
    assert sent["summary"]["order_file"] == basket.suggested_filename
    assert not commit(desk_server, "20231229-3").exists()
    settled(page)
    no_horizontal_overflow(page)
