"""The Review page in a real browser: it can be read, played with, and fits every look."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Desk
from tests.browser.helpers import cells, no_horizontal_overflow, settled

pytestmark = pytest.mark.browser

SLIDER = "Portfolio value (USD)"
HOSTILE = "![x](http://evil.test/a.png) <img src=http://evil.test/b.png> [c](http://evil.test) $x$"


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name=SLIDER)


def test_the_market_and_the_plan_can_be_read(reading_desk: Desk, page: Page) -> None:
    page.goto(reading_desk.link())
    heading = page.get_by_role("heading", name="Fri 29 Dec 2023: Uptrend, low volatility")
    expect(heading).to_be_visible()
    headline = page.locator(".st-key-headline")
    expect(headline).to_contain_text(
        re.compile(r"5 trades, 100% turnover, ≈ \$\d+ cost, 0 blocks, 0 warnings")
    )
    expect(headline).to_contain_text("Ready to confirm")
    expect(headline).to_contain_text("Simulated prices")
    expect(page.get_by_role("figure", name=re.compile("SPY closed at"))).to_be_visible()
    expect(page.get_by_role("figure", name=re.compile("The VIX stands at"))).to_be_visible()
    trades = page.locator(".st-key-trades").get_by_test_id("stDataFrame")
    expect(trades.locator("table[role=grid] tbody tr")).to_have_count(5)
    assert {row[1] for row in cells(trades)} == {"BUY"}


def test_the_slider_repaints_the_plan_and_moves_nothing(reading_desk: Desk, page: Page) -> None:
    page.goto(reading_desk.link())
    headline = page.locator(".st-key-headline")
    expect(headline).to_contain_text("First funding of $1,000,000")
    slider(page).scroll_into_view_if_needed()
    slider(page).focus()
    settled(page)
    before = page.get_by_test_id("stSlider").bounding_box()
    for value in ("$1,010,000", "$1,020,000", "$1,030,000"):
        page.keyboard.press("ArrowRight")
        expect(headline).to_contain_text(f"First funding of {value}")
    expect(page.get_by_test_id("stNumberInputField")).to_have_value("1030000.00")
    expect(page.locator(".st-key-what_if")).to_contain_text("Deposit of $1,030,000.00")
    settled(page)
    assert page.get_by_test_id("stSlider").bounding_box() == before
    expect(slider(page)).to_be_focused()


def test_keys_pressed_faster_than_the_page_repaints_all_count(
    reading_desk: Desk, page: Page
) -> None:
    page.goto(reading_desk.link())
    expect(page.locator(".st-key-headline")).to_contain_text("First funding of $1,000,000")
    slider(page).focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".st-key-headline")).to_contain_text("First funding of $1,120,000")
    expect(page.get_by_test_id("stNumberInputField")).to_have_value("1120000.00")
    settled(page)
    expect(page.locator(".st-key-headline")).to_contain_text("First funding of $1,120,000")


def test_a_typed_value_beyond_the_slider_stands(reading_desk: Desk, page: Page) -> None:
    page.goto(reading_desk.link())
    box = page.get_by_test_id("stNumberInputField")
    box.fill("7654321")
    box.press("Enter")
    expect(page.locator(".st-key-headline")).to_contain_text("First funding of $7,654,321")
    expect(box).to_have_value("7654321.00")
    expect(slider(page)).to_have_value("2000000")  # at its end
    slider(page).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".st-key-headline")).to_contain_text("First funding of $1,990,000")


def test_a_link_to_an_earlier_session_can_be_read_and_not_confirmed(
    reading_desk: Desk, page: Page
) -> None:
    page.goto(reading_desk.link(as_of="2008-10-31"))
    expect(page.get_by_role("heading", name=re.compile("^Fri 31 Oct 2008"))).to_be_visible()
    expect(page.get_by_text("Cannot be confirmed: ")).to_be_visible()
    expect(page.get_by_role("button", name="Review and confirm")).to_be_disabled()


@pytest.fixture
def hostile(workspace: Path) -> None:
    """Names and reasons that would be markup, links or pictures if anything drew them so."""
    for file, old in (
        ("universes/sample.yaml", "iShares 20+ Year Treasury Bond ETF"),
        ("strategies/momentum_acceleration.yaml", "The five funds whose three-month return"),
        ("regimes/default_mapping.yaml", "A calm uptrend rewards being early"),
    ):
        path = workspace / "configs" / file
        text = path.read_text(encoding="utf-8")
        assert old in text, file
        # Inside a flow or block scalar of YAML: in quotes only where it stands alone.
        lines = [hostile_line(line, old) for line in text.splitlines()]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def hostile_line(line: str, old: str) -> str:
    if "name: " + old in line:
        return line.replace(old, f"'{HOSTILE}'")
    if line.startswith("description:"):
        return f"description: '{HOSTILE}'"
    return line.replace(old, HOSTILE)


@pytest.mark.usefixtures("hostile")
def test_hostile_names_reach_no_markup_and_no_network(desk_server: Desk, page: Page) -> None:
    page.goto(desk_server.link())
    expect(page.get_by_role("heading", name="Confirm")).to_be_visible()
    settled(page)
    main = page.get_by_test_id("stMain")
    expect(main).to_contain_text("<img src")
    for live in ("img", "script", ".katex", "a[href*=evil]"):
        expect(main.locator(live)).to_have_count(0)


def test_review_fits_every_look(
    reading_desk: Desk, any_page: Page, open_window: Callable[..., Page]
) -> None:
    any_page.goto(reading_desk.link())
    expect(any_page.get_by_role("button", name="Review and confirm")).to_be_visible()
    settled(any_page)
    no_horizontal_overflow(any_page)
    any_page.get_by_role("button", name="Review and confirm").click()
    expect(any_page.get_by_role("dialog")).to_be_visible()
    settled(any_page)
    no_horizontal_overflow(any_page)
