"""Paper mode in a real browser: one click confirms and sends, the fills are seen, then booked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.helpers import no_horizontal_overflow, settled

pytestmark = pytest.mark.browser


def recorded(desk: Desk) -> list[str]:
    folder = desk.workspace / "artifacts" / "paper_example" / "rebalance"
    return sorted(path.name for path in folder.glob("2*"))


def test_a_confirmed_rebalance_is_sent_filled_and_reconciled(page: Page, desk_server: Desk) -> None:
    page.goto(desk_server.link(portfolio="paper_example", as_of="2023-11-30"))
    page.get_by_role("button", name="Review and confirm").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Sent to the paper broker")).to_be_visible()
    dialog.get_by_role("textbox", name="Your name").fill("Ada Approver")
    dialog.get_by_role("button", name="Confirm and record").click()
    where = page.get_by_text("they fill at the closes of Fri 1 Dec 2023")
    expect(where).to_be_visible()
    assert recorded(desk_server) == ["20231130", "20231130-2"]

    page.get_by_role("link", name="Fill and reconcile").click()
    expect(
        page.get_by_role("heading", name="Fills at the closes of Fri 1 Dec 2023")
    ).to_be_visible()
    settled(page)
    no_horizontal_overflow(page)
    assert recorded(desk_server) == ["20231130", "20231130-2"]  # looking writes nothing

    page.get_by_role("button", name="Fill and reconcile").click()
    expect(page.get_by_text("Recorded as 20231201")).to_be_visible()
    expect(where).to_have_count(0)
    assert recorded(desk_server) == ["20231130", "20231130-2", "20231201"]
