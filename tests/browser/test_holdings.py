"""Holdings in a real browser: a file becomes the book, typed lines become the book, it fits."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Desk
from tests.browser.helpers import cells, no_horizontal_overflow, settled

pytestmark = pytest.mark.browser

BROKER = """Account: main

Symbol,Description,Quantity,Cost Basis
SPY,SPDR S&P 500,100,"45,000.00"
TLT,![x](http://evil.test/a.png),250.0,
Cash & Cash Investments,,"$12,345.67",
Account Total,,,
"""


def table(page: Page, key: str, first: str) -> Locator:
    """A table in sight, when its mirror for screen readers shows this in the first row."""
    found = page.locator(f".st-key-{key}").get_by_test_id("stDataFrame")
    found.scroll_into_view_if_needed()
    expect(found.locator("tbody tr").first).to_contain_text(first)
    return found


def upload(page: Page, tmp_path: Path, text: str) -> None:
    path = tmp_path / "positions.csv"
    path.write_text(text, encoding="utf-8")
    page.locator("input[type=file]").set_input_files(path)


def test_a_brokers_file_is_previewed_confirmed_held_and_found_in_history(
    desk_server: Desk, page: Page, tmp_path: Path
) -> None:
    page.goto(desk_server.link("holdings"))
    expect(page.get_by_role("heading", name="Nothing is recorded yet")).to_be_visible()
    upload(page, tmp_path, BROKER)
    expect(page.get_by_text("2 positions and $12,345.67 cash were read")).to_be_visible()
    assert len(cells(table(page, "changes", "SPY"))) == 2
    page.get_by_role("button", name="Record these positions").click()
    expect(page.get_by_text("Still missing: your name")).to_be_visible()
    page.get_by_role("textbox", name="Your name").fill("Ada")
    page.get_by_role("button", name="Record these positions").click()
    expect(page.get_by_text("Recorded as 20231229")).to_be_visible()
    held = table(page, "holdings", "SPY")
    assert sorted(row[0] for row in cells(held)) == ["Cash", "SPY", "TLT"]
    expect(page.get_by_text("Reconciled: The shares were stated")).to_be_visible()
    page.get_by_role("link", name="Open record 20231229").click()
    expect(page.get_by_role("heading", name="Import")).to_be_visible()
    assert "/history?" in page.url
    assert "id=20231229" in page.url


def test_a_file_that_cannot_be_understood_says_where_line_by_line(
    desk_server: Desk, page: Page, tmp_path: Path
) -> None:
    page.goto(desk_server.link("holdings"))
    upload(page, tmp_path, "Symbol,Quantity\nTLT,many\n<b>=X</b>,4\nAGG,-3\n")
    problems = page.get_by_test_id("stAlert")
    expect(problems).to_contain_text("3 problems to put right")
    expect(problems).to_contain_text("line 2: TLT: 'many' is not a number of shares")
    expect(problems).to_contain_text("line 4: AGG")
    expect(page.get_by_role("button", name="Record these positions")).to_have_count(0)


def test_positions_typed_in_become_the_book(desk_server: Desk, page: Page) -> None:
    page.goto(desk_server.link("holdings"))
    page.get_by_role("radio", name="Type positions").click()
    editor = page.get_by_test_id("stDataFrame")
    expect(editor.locator("tbody tr")).to_have_count(4)
    settled(page)
    in_cell = page.locator("#portal").locator("textarea, input")
    for x, text in ((60, "spy"), (450, "40")):  # ticker, then shares, of the first line
        editor.dblclick(position={"x": x, "y": 35 + 17})
        in_cell.fill(text)
        in_cell.press("Enter")
        expect(in_cell).to_have_count(0)
        expect(editor.locator("tbody tr").first).to_contain_text(text)
        settled(page)
    page.get_by_role("spinbutton", name="Cash, USD").fill("500")
    page.get_by_role("spinbutton", name="Cash, USD").press("Enter")
    expect(page.get_by_text("Cash: $0.00 now, $500.00 after (+$500.00).")).to_be_visible()
    page.get_by_role("textbox", name="Your name").fill("Ada")
    page.get_by_role("button", name="Record these positions").click()
    expect(page.get_by_text("Recorded as 20231229")).to_be_visible()
    assert [row[0] for row in cells(table(page, "holdings", "SPY"))] == ["SPY", "Cash"]


def test_a_deposit_is_recorded_once_for_a_double_click(desk_server: Desk, page: Page) -> None:
    page.goto(desk_server.link("holdings"))
    page.get_by_role("radio", name="Deposit, withdrawal, fee").click()
    page.get_by_role("spinbutton", name="Amount, USD").fill("250000")
    page.get_by_role("spinbutton", name="Amount, USD").press("Enter")
    expect(page.get_by_text("Cash: $0.00 now, $250,000.00 after")).to_be_visible()
    page.get_by_role("textbox", name="Your name").fill("Ada")
    page.get_by_role("button", name="Record the deposit").dblclick()
    expect(page.get_by_text("Recorded as 20231229")).to_be_visible()
    settled(page)
    folder = desk_server.workspace / "artifacts" / "sample" / "rebalance"
    assert [path.name for path in folder.iterdir() if path.name[0] != "."] == ["20231229"]


def test_the_page_fits_every_look(desk_server: Desk, any_page: Page, tmp_path: Path) -> None:
    any_page.goto(desk_server.link("holdings"))
    upload(any_page, tmp_path, BROKER)
    expect(any_page.get_by_text("What changes")).to_be_visible()
    settled(any_page)
    no_horizontal_overflow(any_page)
    any_page.get_by_role("textbox", name="Your name").fill("Ada")
    any_page.get_by_role("button", name="Record these positions").click()
    expect(any_page.get_by_text("Recorded as 20231229")).to_be_visible()
    settled(any_page)
    no_horizontal_overflow(any_page)
