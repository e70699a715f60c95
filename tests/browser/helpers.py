"""What browser tests say again and again."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def settled(page: Page) -> None:
    """Wait until the page has nothing left to do.

    For screenshots and for "nothing happened" only, after waiting for an element that proves the
    action arrived: for a moment after a click the page still looks settled.
    """
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-connection-state", "CONNECTED")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(page.locator("[data-stale=true]")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def no_horizontal_overflow(page: Page) -> None:
    """Nothing is wider than the window (tables scroll inside themselves)."""
    widths = page.evaluate(
        """() => [document.scrollingElement, document.querySelector('[data-testid=stMain]')]
                  .map(e => [e.scrollWidth, e.clientWidth])"""
    )
    for scrolled, visible in widths:
        assert scrolled <= visible, f"{scrolled - visible} px wider than the window"


def cells(table: Locator) -> list[list[str]]:
    """Rows of a dataframe, raw values, from the mirror it keeps for screen readers.

    The mirror follows the drawing by about 200 ms: wait for a cell with ``expect`` first.
    """
    rows = table.locator("table[role=grid] tbody tr").all()
    return [row.locator("td").all_inner_texts() for row in rows]


def select_row(page: Page, table: Locator, row: int) -> None:
    """Tick the box before a row (counted from 0) of a dataframe with row selection."""
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 20, box["y"] + 35 + 35 * row + 17)
