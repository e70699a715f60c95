"""The Regime page in a real browser: what is drawn, what a slider repaints, how it fits."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Desk
from tests.browser.helpers import no_horizontal_overflow, settled

pytestmark = pytest.mark.browser


def opened(page: Page, desk: Desk) -> None:
    page.goto(desk.link("regime"))
    expect(page.get_by_role("heading", name=re.compile("^Regime: "))).to_be_visible()
    expect(page.get_by_role("heading", name="What was recorded")).to_be_visible()


def figure(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def test_the_page_fits_every_look_and_every_chart_is_said_in_words(
    reading_desk: Desk, any_page: Page
) -> None:
    opened(any_page, reading_desk)
    for said in (
        "Regimes from 3 Jan 2005 to 29 Dec 2023, in",
        "SPY closed at",
        "The VIX stands at",
        "Of 4,781 sessions",
        "by the configured and by the trial",
    ):
        chart = any_page.get_by_role("figure", name=said).first
        expect(chart.locator(".main-svg").first).to_be_visible()
    settled(any_page)
    no_horizontal_overflow(any_page)


def test_a_slider_repaints_the_trial_and_nothing_is_written(reading_desk: Desk, page: Page) -> None:
    thresholds = reading_desk.workspace / "configs" / "regimes" / "thresholds.yaml"
    before = (thresholds.read_bytes(), files(reading_desk.workspace))
    opened(page, reading_desk)
    expect(page.get_by_text("These are the configured thresholds.")).to_be_visible()
    title = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("slider", name="Band around").press("PageUp")
    expect(page.get_by_text("The regime would be")).to_be_visible()
    expect(figure(page, "Sessions that differ")).not_to_have_text("0")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.get_by_role("button", name="Back to the configured thresholds").click()
    expect(page.get_by_text("These are the configured thresholds.")).to_be_visible()
    expect(figure(page, "Sessions that differ")).to_have_text("0")
    assert (thresholds.read_bytes(), files(reading_desk.workspace)) == before


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def test_the_trial_survives_a_look_at_another_page(reading_desk: Desk, page: Page) -> None:
    opened(page, reading_desk)
    page.get_by_role("slider", name="turns high").press("ArrowRight")
    expect(page.get_by_text("These are the configured thresholds.")).to_have_count(0)
    links = page.get_by_test_id("stSidebarNavLink")
    links.filter(has_text="History").click()
    expect(page.get_by_role("heading", name=re.compile("^Regime: "))).to_have_count(0)
    links.filter(has_text="Regime").click()
    expect(page.get_by_role("slider", name="turns high")).to_have_value("25.5")


def test_the_period_changes_the_charts(reading_desk: Desk, page: Page) -> None:
    opened(page, reading_desk)
    chart = page.locator(".st-key-regime_spy")
    expect(chart.get_by_text("USD per share", exact=True)).to_be_visible()
    page.get_by_role("radio", name="All").click()
    expect(chart.get_by_text("USD per share, log scale")).to_be_visible()


def test_the_changes_download_as_csv_that_says_the_prices_are_simulated(
    reading_desk: Desk, page: Page
) -> None:
    opened(page, reading_desk)
    with page.expect_download() as download:
        page.get_by_role("button", name="Changes as CSV").click()
    assert download.value.suggested_filename == "simulated_regime_changes_sample_20231229.csv"
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    assert rows[0]["date"] > rows[-1]["date"]
    assert {row["prices"] for row in rows} == {"simulated prices"}
    expect(page.get_by_text(f"{len(rows)} changes; the last on")).to_be_visible()


def test_a_portfolio_of_files_without_prices_is_told_apart_from_a_crash(
    serve: Callable[..., Desk], workspace: Path, page: Page
) -> None:
    (workspace / "configs" / "portfolios" / "sample.yaml").unlink()
    page.goto(serve().link("regime"))
    message = page.get_by_test_id("stMain").get_by_test_id("stAlert")
    expect(message).to_contain_text("etf_prices.parquet")
