"""Data that cannot be trusted, in a real browser: found, looked at, accepted, and traded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Desk
from tests.browser.helpers import no_horizontal_overflow, select_row, settled
from tests.spoiled import SPLIT_ON, spoil
from tests.workspace import use_everywhere

pytestmark = pytest.mark.browser


@pytest.fixture
def spoiled(workspace: Path, serve: Callable[..., Desk]) -> Desk:
    spoil(workspace)
    use_everywhere(workspace, "momentum_short")
    return serve()


def test_a_finding_is_seen_with_its_prices_and_accepted(
    spoiled: Desk, open_window: Callable[..., Page]
) -> None:
    page = open_window(theme="dark", width=PHONE["width"])
    page.goto(spoiled.link("data", portfolio="spoiled"))
    expect(page.get_by_text("that this portfolio rests on")).to_be_visible()
    table = page.locator(".st-key-quality_findings").get_by_test_id("stDataFrame")
    expect(table).to_be_visible()
    settled(page)
    no_horizontal_overflow(page)
    table.scroll_into_view_if_needed()
    select_row(page, table, 1)
    chosen = page.locator(".st-key-finding_chosen")
    expect(chosen.get_by_text("looks like a 1:4 reverse split")).to_be_visible()
    expect(chosen.locator(".js-plotly-plot")).to_be_visible()
    chosen.get_by_text("This is all right").click()
    chosen.get_by_role("textbox", name="Your name").fill("Ada")
    chosen.get_by_role("textbox", name="Why it is all right").fill("a merger")
    chosen.get_by_role("button", name="Accept this finding").click()
    expect(chosen).to_have_count(0)
    kept = (spoiled.workspace / "configs/accepted_findings.yaml").read_text(encoding="utf-8")
    assert f"date: {SPLIT_ON}" in kept
    assert 'note: "a merger"' in kept
    settled(page)
    no_horizontal_overflow(page)
