"""Confirming in a real browser: once, whole, and not to be cut in half by anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Desk

pytestmark = pytest.mark.browser

FILES = {
    "execution_log.json",
    "holdings_after.json",
    "holdings_before.json",
    "inputs.json",
    "manifest.json",
    "rebalance_result.json",
    "target_portfolio.csv",
    "trades.csv",
}

GATE = """
# The rename that makes a commit is held until the gate is open.
import sys, time
from pathlib import Path
import quantetf_core.ledger

commit = sys.modules["quantetf_core.ledger.commit"]  # the package has a function of that name
_publish = commit.publish_folder
_here = Path(__file__).parent

def held(*arguments, **named):
    (_here / "arrived").touch()
    deadline = time.monotonic() + 30
    while not (_here / "open").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return _publish(*arguments, **named)

commit.publish_folder = held
"""


class Gate:
    """Where commits of a server wait, just before they become visible."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(GATE, encoding="utf-8")
        self.folder = folder

    def wait_for_a_commit(self, page: Page) -> None:
        """Return when a commit stands before the gate."""
        for _ in range(500):
            if (self.folder / "arrived").exists():
                return
            page.wait_for_timeout(20)
        raise AssertionError("no commit has reached the gate")

    def open(self) -> None:
        """Let every commit through."""
        (self.folder / "open").touch()


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """A gate that is open at the end, whatever happened: the server waits for its commits."""
    held = Gate(tmp_path / "gate")
    yield held
    held.open()


def recorded(desk: Desk) -> list[str]:
    """Names of the commits on disk."""
    folder = desk.workspace / "artifacts" / "sample" / "rebalance"
    found = folder.iterdir() if folder.exists() else ()
    return sorted(path.name for path in found if not path.name.startswith("."))


def open_form(page: Page, desk: Desk, *, approver: str = "Ada Approver") -> Locator:
    """Go to Review, open the dialog and sign; answers the button that records."""
    page.goto(desk.link())
    page.get_by_role("button", name="Review and confirm").click()
    dialog = page.get_by_role("dialog")
    name = dialog.get_by_role("textbox", name="Your name")
    name.fill(approver)
    name.press("Tab")
    return dialog.get_by_role("button", name="Confirm and record")


def receipt(page: Page) -> Locator:
    return page.get_by_text("Recorded as 20231229")


def complete(desk: Desk) -> bool:
    """Whether there is exactly one commit, with every file."""
    folder = desk.workspace / "artifacts" / "sample" / "rebalance" / "20231229"
    return recorded(desk) == ["20231229"] and {p.name for p in folder.iterdir()} == FILES


def test_a_confirmed_plan_leaves_a_record_and_a_receipt_that_leads_to_it(
    desk_server: Desk, page: Page
) -> None:
    button = open_form(page, desk_server)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("20231229, in artifacts/sample/rebalance")
    expect(dialog).to_contain_text("Simulated prices")
    assert recorded(desk_server) == []
    button.click()
    expect(receipt(page)).to_be_visible()
    expect(dialog).to_have_count(0)
    assert complete(desk_server)
    expect(page.locator(".st-key-headline")).to_contain_text("0 trades")
    page.get_by_role("link", name="Open record 20231229").click()
    expect(page).to_have_url(re.compile(r"/history\?.*id=20231229"))


def test_without_a_name_the_form_says_so_and_keeps_the_note(desk_server: Desk, page: Page) -> None:
    button = open_form(page, desk_server, approver=" ")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Note (optional)").fill("month end")
    button.click()
    expect(dialog.get_by_text("Still missing: your name.")).to_be_visible()
    expect(dialog.get_by_role("textbox", name="Note (optional)")).to_have_value("month end")
    assert recorded(desk_server) == []


def test_a_double_click_is_one_commit(desk_server: Desk, page: Page) -> None:
    open_form(page, desk_server).dblclick()
    expect(receipt(page)).to_be_visible()
    assert complete(desk_server)


def test_two_tabs_that_confirm_the_same_plan_are_one_commit_with_two_receipts(
    serve: Callable[..., Desk], gate: Gate, open_window: Callable[..., Page]
) -> None:
    desk = serve(ahead=gate.folder)
    first, second = open_window(), open_window()
    buttons = [open_form(tab, desk, approver=f"PM {n}") for n, tab in enumerate((first, second))]
    for button in buttons:
        button.click()
    gate.wait_for_a_commit(first)
    gate.open()
    for tab in (first, second):
        expect(receipt(tab)).to_be_visible()
    assert complete(desk)


def test_a_tab_whose_book_moved_is_refused_with_the_difference(
    desk_server: Desk, open_window: Callable[..., Page]
) -> None:
    first, second = open_window(), open_window()
    second.goto(desk_server.link())
    box = second.get_by_test_id("stNumberInputField")
    box.fill("500000")
    box.press("Enter")
    expect(second.locator(".st-key-headline")).to_contain_text("$500,000")
    second.get_by_role("button", name="Review and confirm").click()
    second.get_by_role("dialog").get_by_role("textbox", name="Your name").fill("Late Lee")
    open_form(first, desk_server).click()
    expect(receipt(first)).to_be_visible()
    second.get_by_role("dialog").get_by_role("button", name="Confirm and record").click()
    expect(second.get_by_text("the holdings changed since this plan was made")).to_be_visible()
    assert complete(desk_server)


@pytest.mark.parametrize("interruption", ["click", "reload", "close"])
def test_nothing_cuts_a_commit_that_has_begun(
    interruption: str,
    serve: Callable[..., Desk],
    gate: Gate,
    open_window: Callable[..., Page],
) -> None:
    desk = serve(ahead=gate.folder)
    page = open_window()
    open_form(page, desk).click()
    gate.wait_for_a_commit(page)
    assert recorded(desk) == []
    if interruption == "click":
        expect(page.get_by_text("The decision is being recorded")).to_be_visible()
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Regime").click()
        expect(page).to_have_url(re.compile("/regime"))
    elif interruption == "reload":
        page.reload()
    else:
        page.close()
    gate.open()
    if interruption == "click":
        page.get_by_test_id("stSidebarNavLink").filter(has_text="Review").click()
        expect(receipt(page)).to_be_visible()
    else:
        page = open_window()
    until_recorded(desk, page)
    assert complete(desk)
    page.goto(desk.link())
    told = "The rebalance of this session is recorded, as 20231229."
    expect(page.get_by_text(told)).to_be_visible()


def until_recorded(desk: Desk, page: Page) -> None:
    for _ in range(500):
        if recorded(desk):
            return
        page.wait_for_timeout(20)
