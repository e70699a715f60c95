"""The History page in a real browser: links, the back button, two rows compared, the ZIP."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Desk, only_read
from tests.browser.helpers import cells, no_horizontal_overflow, select_row, settled
from tests.chains import HOSTILE_NAME, HOSTILE_NOTE, IDS, write_history
from tests.workspace import new_workspace, settings

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a history of every common kind; copied, never changed."""
    folder = new_workspace(tmp_path_factory.mktemp("written") / "desk")
    write_history(folder, Path(settings(folder, tmp_path_factory)["QUANTETF_CACHE"]))
    return folder


@pytest.fixture
def past(workspace: Path, written: Path, serve: Callable[..., Desk]) -> Desk:
    """A fresh server on that history: no page has been asked for yet."""
    shutil.copytree(written, workspace, dirs_exist_ok=True)
    return serve()


@pytest.fixture(scope="module")
def standing_past(
    written: Path, stand: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory
) -> Desk:
    """One server on that history for all tests that only read it."""
    workspace = tmp_path_factory.mktemp("past") / "desk"
    shutil.copytree(written, workspace)
    return stand(workspace)


@pytest.fixture
def reading_past(standing_past: Desk) -> Iterator[Desk]:
    """The history, for a test that records nothing: others read it too."""
    with only_read(standing_past):
        yield standing_past


def heading(page: Page) -> Locator:
    """The page's title; for a moment after a click the former page's stands beside it."""
    return page.get_by_role("heading", level=1).first


def commits(page: Page) -> Locator:
    """The table of commits, drawn, with its mirror filled."""
    table = page.locator(".st-key-commits").get_by_test_id("stDataFrame")
    expect(table.locator("table[role=grid] tbody tr").first).to_be_attached()
    return table


def test_a_deep_link_as_the_first_request_of_a_fresh_server_opens_the_record(
    past: Desk, page: Page
) -> None:
    page.goto(past.link("history", id="20231031"))

    expect(heading(page)).to_have_text("Rebalance, Tue 31 Oct 2023")
    expect(page.get_by_test_id("stSidebar").get_by_label("Portfolio")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Approved by Ada on 31 Oct 2023")).to_be_visible()
    assert page.url == past.link("history", id="20231031")


def test_a_row_opens_its_record_and_the_back_button_returns_to_the_list(
    reading_past: Desk, page: Page
) -> None:
    page.goto(reading_past.link("history"))
    table = commits(page)
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 75, box["y"] + 35 + 35 * 6 + 17)
    expect(heading(page)).to_have_text("Rebalance, Tue 31 Oct 2023")
    expect(page).to_have_url(reading_past.link("history", id=IDS[6]))
    page.go_back()
    expect(heading(page)).to_have_text("History")
    page.go_forward()
    expect(heading(page)).to_have_text("Rebalance, Tue 31 Oct 2023")
    page.get_by_role("button", name="All commits").click()
    expect(heading(page)).to_have_text("History")


def test_two_rows_of_a_filtered_list_are_compared_and_the_filter_is_kept(
    reading_past: Desk, page: Page
) -> None:
    page.goto(reading_past.link("history"))
    commits(page)
    page.get_by_role("searchbox", name="Search").fill("rebalance")
    expect(page.get_by_text("of 8 commits shown.")).to_be_visible()
    settled(page)
    rows = cells(commits(page))
    assert [row[0] for row in rows] == ["20231229", "20231130", "20231031", "20230929"]
    select_row(page, commits(page), 0)
    expect(page.get_by_role("button", name="Compare two")).to_be_disabled()
    select_row(page, commits(page), 2)
    button = page.get_by_role("button", name=re.compile("^Compare 2"))
    expect(button).to_be_enabled()
    button.click()
    expect(heading(page)).to_have_text("Two records side by side")
    expect(page.get_by_text("differs").first).to_be_visible()
    page.go_back()
    expect(heading(page)).to_have_text("History")
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("rebalance")


def test_the_zip_is_the_folder_byte_by_byte(reading_past: Desk, page: Page) -> None:
    page.goto(reading_past.link("history", id="20231031"))
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="Download ZIP").click()
    assert downloaded.value.suggested_filename == "sample-20231031.zip"
    packed = zipfile.ZipFile(io.BytesIO(Path(downloaded.value.path()).read_bytes()))
    folder = next((reading_past.workspace / "artifacts").rglob("20231031"))

    assert {name: packed.read(name) for name in packed.namelist()} == {
        f"20231031/{path.name}": path.read_bytes() for path in folder.iterdir()
    }


def test_hostile_names_and_notes_are_letters_on_the_list_and_on_the_record(
    reading_past: Desk, page: Page
) -> None:
    page.goto(reading_past.link("history"))
    commits(page)
    page.goto(reading_past.link("history", id="20231229"))
    expect(page.get_by_text(HOSTILE_NOTE)).to_be_visible()
    approved = page.get_by_text("Approved by").inner_text()
    assert HOSTILE_NAME in approved.replace("\u2060", "")  # joined, so that nothing is a link
    main = page.get_by_test_id("stMain")
    expect(main.locator("img, script, .katex, a[href*='evil']")).to_have_count(0)
    page.goto(reading_past.link("history", id="20231031,20231229"))
    expect(heading(page)).to_have_text("Two records side by side")
    expect(page.get_by_text("alert(1)").first).to_be_visible()
    expect(main.locator("img, script, .katex, a[href*='evil']")).to_have_count(0)


def test_a_commit_is_reverted_once_with_a_reason(past: Desk, page: Page) -> None:
    page.goto(past.link("history", id="20231229"))
    page.get_by_role("button", name="Revert…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Your name").fill("Grace")
    dialog.get_by_label("Reason").fill("broker outage")
    dialog.get_by_label("Reason").press("Control+Enter")
    expect(dialog.get_by_text("Needed:")).to_have_count(0)
    dialog.get_by_role("button", name="Revert and record").dblclick()
    expect(page.get_by_text("The record of it is 20231229-2.")).to_be_visible()
    expect(heading(page)).to_have_text("Revert, Fri 29 Dec 2023")
    reverts = [path.name for path in (past.workspace / "artifacts").rglob("20231229-*")]
    assert reverts == ["20231229-2"]


def test_list_record_and_comparison_fit_every_look(reading_past: Desk, any_page: Page) -> None:
    for query, title in (
        ({}, "History"),
        ({"id": "20231031"}, "Rebalance, Tue 31 Oct 2023"),
        ({"id": "20231130-2,20231229"}, "Two records side by side"),
        ({"id": "19990101"}, "No such record"),
    ):
        any_page.goto(reading_past.link("history", **query))
        expect(heading(any_page)).to_have_text(title)
        settled(any_page)
        no_horizontal_overflow(any_page)
