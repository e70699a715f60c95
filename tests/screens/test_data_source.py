"""The Data page: where data comes from, fetching it, snapshots, and files dropped on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import fetches
from quantetf_core import desk
from quantetf_core.errors import SourceError
from tests.data.vendor_server import Vendors, table, vendors
from tests.desk.test_snapshots import DAYS, closes, opened, put_files

Opened = Callable[..., AppTest]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendors]:
    with vendors() as served:
        prices = closes()
        served.charts = {ticker: table(prices[ticker], factor=0.9) for ticker in prices}
        served.charts["^VIX"] = table(pd.Series(15.0, index=DAYS))
        monkeypatch.setenv("QUANTETF_VENDORS", served.url)
        yield served


@pytest.fixture
def files(workspace: Path) -> Path:
    put_files(workspace, closes())
    return workspace


def text(at: AppTest) -> str:
    kinds = (at.markdown, at.caption, at.success, at.warning, at.info, at.error, at.subheader)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception
    return at


def finished(at: AppTest, portfolio: desk.Portfolio) -> AppTest:
    """The page once the fetch under way has ended."""
    for thread in threading.enumerate():
        if thread.name == "fetch":
            thread.join(30)
    fetch = fetches.latest(portfolio)
    assert fetch is not None
    assert fetch.finished
    at.run()
    assert not at.exception
    return at


# --- live -----------------------------------------------------------------------------------


def test_a_live_portfolio_without_data_says_what_to_press(open_desk: Opened) -> None:
    at = open_desk("data", portfolio="live_example")
    assert "No market data yet" in text(at)
    assert [button.label for button in at.button] == ["Refresh"]
    assert not at.error


def test_every_other_page_points_to_the_data_page(open_desk: Opened) -> None:
    at = open_desk("review", portfolio="live_example")
    assert "no market data has been fetched yet" in text(at)
    assert at.get("page_link")[0].proto.label == "Open Data"


def test_a_refresh_brings_the_data_and_says_what_did_not_come(
    open_desk: Opened, server: Vendors, workspace: Path
) -> None:
    portfolio = opened(workspace, "live_example")
    at = press(open_desk("data", portfolio="live_example"), "refresh_data")
    said = text(finished(at, portfolio))
    (snapshot,) = desk.data_snapshots(portfolio)
    assert f"6 tickers came. Snapshot {snapshot.id} is in use." in said
    assert "Not everything came:" in said
    assert said.count("does not know this ticker") == 1  # the same reason is said once
    assert at.metric[1].value == "29 Dec 2023"
    assert at.metric[2].value == "latest session"
    assert "Can the data be trusted?" in [header.value for header in at.header]

    assert "Not everything came:" not in text(press(at, "forget_fetch"))


def test_a_refresh_without_a_network_is_said_calmly(
    open_desk: Opened, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise SourceError("Yahoo Finance", "cannot be reached; stays in use", "a refresh")

    monkeypatch.setattr(desk, "fetch_data", nobody)
    portfolio = opened(workspace, "live_example")
    at = finished(press(open_desk("data", portfolio="live_example"), "refresh_data"), portfolio)
    assert "cannot be reached; stays in use" in text(at)
    assert at.warning[0].value
    assert not at.error


def test_a_fetch_under_way_shows_how_far_it_is_and_can_be_ended(
    open_desk: Opened, workspace: Path
) -> None:
    portfolio = opened(workspace, "live_example")
    begun, go_on = threading.Event(), threading.Event()

    def work(fetch: fetches.Fetch) -> desk.Refreshed:
        fetch.report(desk.Progress(3, 12, "Yahoo Finance: SPY"))
        begun.set()
        go_on.wait(30)
        return desk.Refreshed(snapshot=None, cancelled=fetch.stop.is_set())

    first = fetches.begin(portfolio, work)
    assert fetches.begin(portfolio, work) is first  # a second click, or another tab
    assert begun.wait(10)
    at = open_desk("data", portfolio="live_example")
    assert (first.fraction, first.done) == (0.25, 3)
    assert [button.label for button in at.button] == ["Cancel"]
    press(at, "cancel_fetch")
    assert first.stop.is_set()
    assert at.button(key="cancel_fetch").disabled
    go_on.set()
    assert "Cancelled: nothing was written" in text(finished(at, portfolio))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_of_a_fetch_is_not_shown_as_an_answer(open_desk: Opened, workspace: Path) -> None:
    def broken(_: fetches.Fetch) -> desk.Refreshed:
        raise ZeroDivisionError

    portfolio = opened(workspace, "live_example")
    fetches.begin(portfolio, broken)
    at = finished(open_desk("data", portfolio="live_example"), portfolio)
    assert "unexpected end" in at.warning[0].value


# --- sample and files -----------------------------------------------------------------------


def test_the_sample_has_nothing_to_fetch(open_desk: Opened) -> None:
    at = open_desk("data", portfolio="sample")
    assert "made by the desk itself" in text(at)
    assert "refresh_data" not in [button.key for button in at.button]
    assert "Snapshots" not in [header.value for header in at.header]


def figures(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def test_the_data_in_use_is_dated_also_where_there_is_no_snapshot(
    open_desk: Opened, files: Path
) -> None:
    at = open_desk("data", portfolio="files_example")
    expected = {"Source": "Files", "Newest session": "29 Dec 2023", "Clock": "Replay"}
    assert figures(at) == expected
    at = open_desk("data", portfolio="sample")
    assert figures(at)["Age"] == "latest session"
    (files / "data" / "files" / "etf_prices.parquet").unlink()
    at = open_desk("data", portfolio="files_example")
    assert figures(at)["Newest session"] == "none yet"
    assert "etf_prices.parquet: there is no such file" in text(at)


def test_a_snapshot_of_files_says_what_changed_in_their_past(
    open_desk: Opened, files: Path
) -> None:
    portfolio = opened(files)
    at = finished(press(open_desk("data", portfolio="files_example"), "refresh_data"), portfolio)
    prices = closes()
    prices.loc["2023-06-01", "TLT"] *= 1.07
    put_files(files, prices)
    at = finished(press(at, "refresh_data"), portfolio)
    assert "closes of 1 session are others" in text(at)
    newest, older = (one.id for one in desk.data_snapshots(portfolio))
    assert at.selectbox(key=f"snapshot_later_{newest}").value == newest
    assert at.selectbox(key=f"snapshot_earlier_{newest}").value == older
    assert "No session was added" in text(at)


def dropped(at: AppTest, name: str, content: bytes) -> AppTest:
    at.get("file_uploader")[0].set_value((name, content, "application/octet-stream")).run()
    assert not at.exception
    return at


def test_a_dropped_file_is_shown_as_it_was_understood_and_stored_only_when_confirmed(
    open_desk: Opened, files: Path
) -> None:
    path = files / "data" / "files" / "etf_prices.parquet"
    before = path.read_bytes()
    long = pd.read_parquet(path)
    content = long[long["ticker"].isin(["SPY", "TLT"])].to_parquet()
    at = dropped(open_desk("data", portfolio="files_example"), "new.parquet", content)
    assert "new.parquet was understood as 2 tickers" in text(at)
    assert "It would replace data/files/etf" in text(at)
    assert "closes would be lost, of AGG" in text(at)
    assert path.read_bytes() == before

    portfolio = opened(files)
    at = press(at, "store_upload")
    assert "the top of the page says what came of it" in at.toast[0].value
    at = finished(at, portfolio)
    assert path.read_bytes() == content
    newest, older = desk.data_snapshots(portfolio)
    assert tuple(newest.tickers) == ("SPY", "TLT")
    assert len(older.tickers) == 6  # what was replaced is kept
    assert "was understood as" not in text(at)


def test_a_file_that_cannot_be_read_says_why_and_stores_nothing(
    open_desk: Opened, files: Path
) -> None:
    at = dropped(open_desk("data", portfolio="files_example"), "x.csv", b"a,b\n1,2\n")
    assert "a Parquet file there, as its name says" in at.error[0].value.replace("\\", "")
    assert "store_upload" not in [button.key for button in at.button]
    assert "configs/portfolios" not in text(at)
