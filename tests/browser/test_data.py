"""Fetching live data in a real browser, from a vendor on this machine."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from quantetf_core import desk
from tests.browser.conftest import PHONE, Desk
from tests.browser.helpers import no_horizontal_overflow, settled
from tests.data.vendor_server import table, vendors
from tests.desk.test_snapshots import DAYS, closes

pytestmark = pytest.mark.browser


def test_a_refresh_shows_how_far_it_is_and_then_the_data_and_what_did_not_come(
    serve: Callable[..., Desk],
    open_window: Callable[..., Page],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with vendors() as served:
        prices = closes()
        served.charts = {ticker: table(prices[ticker], factor=0.9) for ticker in prices}
        served.charts["^VIX"] = table(pd.Series(15.0, index=DAYS))
        served.faults = {"*": "unknown", **dict.fromkeys(served.charts, ""), "QQQ": ["hangs"]}
        monkeypatch.setenv("QUANTETF_VENDORS", served.url)
        running, page = serve(), open_window(theme="dark", width=PHONE["width"])
        page.goto(running.link("data", portfolio="live_example"))
        expect(page.get_by_text("Until then no other page can show anything")).to_be_visible()
        page.get_by_role("button", name="Refresh").click()
        expect(page.get_by_role("progressbar")).to_be_visible()
        expect(page.get_by_role("button", name="Cancel")).to_be_enabled()
        served.released.set()
        outcome = page.locator(".st-key-fetch_outcome")
        expect(outcome.get_by_text("6 tickers came")).to_be_visible()
        expect(outcome.get_by_text("there is no value at all").first).to_be_visible()
        last = desk.data_snapshots(desk.open_portfolio(running.workspace, "live_example"))[0]
        assert last.sessions.last == DAYS[-1].date()
        expect(page.locator(".st-key-data_source").get_by_text("29 Dec 2023")).to_be_visible()
        expect(page.locator(".js-plotly-plot").first).to_be_visible()
        settled(page)
        no_horizontal_overflow(page)
