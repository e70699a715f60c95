"""The whole way in a real browser: decided, ordered, filled, reconciled."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.helpers import no_horizontal_overflow, settled

pytestmark = pytest.mark.browser


def sign(page: Page) -> None:
    field = page.get_by_role("textbox", name="Your name")
    field.fill("Ada")
    field.press("Tab")


def filled(basket: Path, prices: dict[str, float]) -> str:
    """A Flex query's list of what a basket came to: a cent worse each, in two executions."""
    rows = [
        '"Symbol","AssetClass","Buy/Sell","Quantity","TradePrice","IBCommission","DateTime",'
        '"IBExecID"'
    ]
    for at, order in enumerate(csv.DictReader(basket.read_text(encoding="utf-8").splitlines())):
        side = 1 if order["Action"] == "BUY" else -1
        shares = int(order["Quantity"])
        price = prices[order["Symbol"]] + side * 0.01
        for half, part in enumerate((shares // 2, shares - shares // 2)):
            rows.append(
                f'"{order["Symbol"]}","STK","{order["Action"]}","{side * part}","{price:.2f}",'
                f'"-0.50","20240102;0931{at:02d}","e{at}.{half}"'
            )
    return "\n".join([*rows, ""])


def test_a_confirmed_plan_is_ordered_filled_imported_and_found_reconciled(
    desk_server: Desk, page: Page, tmp_path: Path
) -> None:
    page.goto(desk_server.link())
    page.get_by_role("button", name="Review and confirm").click()
    sign(page)
    page.get_by_role("dialog").get_by_role("button", name="Confirm and record").click()
    page.get_by_role("link", name="Open record 20231229").click()

    with page.expect_download() as downloaded:
        page.get_by_role("button", name="IBKR basket").click()
    records = desk_server.workspace / "artifacts" / "sample" / "rebalance"
    trades = csv.DictReader((records / "20231229" / "trades.csv").read_text().splitlines())
    decided = {row["ticker"]: float(row["price"]) for row in trades if row["action"] != "HOLD"}
    fills = tmp_path / "flex.csv"
    fills.write_text(filled(Path(downloaded.value.path()), decided), encoding="utf-8")

    page.get_by_role("radio", name="Import fills").click()
    page.locator("input[type=file]").set_input_files(fills)
    expect(page.get_by_text(f"flex.csv: {2 * len(decided)} fills read.")).to_be_visible()
    sign(page)
    page.get_by_role("button", name="Record these fills").click()

    expect(page.get_by_text("Recorded as 20231229-2")).to_be_visible()
    expect(page.get_by_text(f"{2 * len(decided)} fills recorded.")).to_be_visible()
    settled(page)
    no_horizontal_overflow(page)
    report = csv.DictReader((records / "20231229-2" / "fill_report.csv").read_text().splitlines())
    lines = {row["ticker"]: row for row in report}
    assert lines.keys() == decided.keys()
    assert {row["status"] for row in lines.values()} == {"filled"}
    for ticker, row in lines.items():
        worse = 0.01 / decided[ticker] * 10_000
        assert float(row["price_difference_bps"]) == pytest.approx(worse)
    book = json.loads((records / "20231229-2" / "holdings_after.json").read_text())
    assert book["basis"] == "reconciled"
    paid = sum(-float(row["cash_effect"]) for row in lines.values())
    assert book["cash"] == pytest.approx(1_000_000 - paid, abs=0.005)

    page.get_by_role("button", name="All commits").click()
    expect(page.get_by_role("heading", name="Through time")).to_be_visible()
    table = page.locator(".st-key-commits").get_by_test_id("stDataFrame")
    expect(table.locator("tbody")).to_contain_text("Reconciled")
