"""Series of FRED on the Regime page: there when they are listed, and only then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from quantetf_core import desk
from tests.data.vendor_server import Vendors, table, vendors
from tests.desk.test_snapshots import DAYS, closes, opened

Opened = Callable[..., AppTest]
NOW = datetime(2024, 1, 2, 13, tzinfo=UTC)
HEADER = "Beside the regime"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendors]:
    with vendors() as served:
        prices = closes()
        served.charts = {ticker: table(prices[ticker]) for ticker in prices}
        served.charts["^VIX"] = table(pd.Series(15.0, index=DAYS))
        served.series = {"T10Y2Y": pd.Series(np.linspace(-1.0, -0.35, len(DAYS)), index=DAYS)}
        monkeypatch.setenv("QUANTETF_VENDORS", served.url)
        yield served


def switch_on(root: Path) -> None:
    """Take the comment off the example's line."""
    path = root / "configs/portfolios/live_example.yaml"
    path.write_text(path.read_text("utf-8").replace("  # context:", "  context:"), "utf-8")


def headers(at: AppTest) -> list[str]:
    assert not at.exception
    return [header.value for header in at.header]


def test_each_listed_series_stands_there_with_its_last_value_and_date(
    open_desk: Opened, server: Vendors, workspace: Path
) -> None:
    desk.fetch_data(opened(workspace, "live_example"), now=NOW)
    assert HEADER not in headers(open_desk("regime", portfolio="live_example"))

    switch_on(workspace)
    done = desk.fetch_data(opened(workspace, "live_example"), now=NOW)
    assert "BAMLH0A0HYM2" in [one.subject for one in done.findings]  # FRED has none here
    at = open_desk("regime", portfolio="live_example")
    assert HEADER in headers(at)
    shown = {
        one.label.replace("\\", ""): (one.value.replace("\\", ""), one.delta.replace("\\", ""))
        for one in at.metric
    }
    assert shown["10-year minus 2-year Treasury yield"] == (
        "−0.35 points",
        "29 Dec 2023, latest session",
    )
    said = "\n".join(
        one.value for kind in (at.caption, at.markdown, at.text, at.subheader) for one in kind
    ).replace("\\", "")
    assert "no rule reads these series" in said
    assert "Below 0 the yield curve is inverted" in said
    assert "US high-yield spread" in said
    assert "no value up to this session" in said


def test_plans_are_the_same_with_other_values_of_the_series(
    server: Vendors, workspace: Path
) -> None:
    switch_on(workspace)
    portfolio = opened(workspace, "live_example")
    ids, snapshots = [], []
    for value in (1.0, 2.0):
        server.series["T10Y2Y"] = pd.Series(value, index=DAYS)
        desk.fetch_data(portfolio, now=NOW)
        market = desk.load_market(portfolio, now=NOW)
        flow = {"portfolio_value": 1e6, "cash_flow": 1_000_000}
        ids.append(desk.propose(portfolio, market, now=NOW, **flow).plan_id)
        snapshots.append(market.snapshot)
        (reading, _) = desk.context_readings(portfolio, market)
        assert set(reading.values) == {value}
    assert snapshots[0] != snapshots[1]
    assert ids[0] == ids[1]
