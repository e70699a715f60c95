"""What "now" is for a portfolio, and what a commit may not be told to have failed by."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from quantetf_core import desk
from quantetf_core.data.market import MarketData
from tests.builders import sessions
from tests.workspace import new_workspace

NOW = datetime(2024, 1, 2, 13, tzinfo=UTC)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MarketData]:
    """A workspace whose files example ends on 2018-11-05, read by its loader."""
    root = new_workspace(tmp_path_factory.mktemp("clock") / "desk")
    days = sessions(214)
    generator = np.random.default_rng(3)
    steps = generator.normal(0.0, 0.01, (len(days), 4))
    closes = pd.DataFrame(
        np.round(100.0 * np.exp(steps.cumsum(axis=0)), 2), days, ["SPY", "AGG", "TLT", "BIL"]
    )
    folder = root / "data" / "files"
    folder.mkdir(parents=True)
    long = closes.rename_axis("date").melt(
        var_name="ticker", value_name="close", ignore_index=False
    )
    long.reset_index().to_parquet(folder / "etf_prices.parquet")
    pd.DataFrame({"date": days, "close": 15.0}).to_csv(folder / "vix.csv", index=False)
    return root, desk.load_market(desk.open_portfolio(root, "files_example"), now=NOW)


def test_under_a_replay_the_date_asked_for_is_now_also_where_the_data_ends_before_it(
    opened: tuple[Path, MarketData],
) -> None:
    root, market = opened
    portfolio = desk.open_portfolio(root, "files_example")
    for asked, age in ((None, 0), (date(2018, 11, 5), 0), (date(2018, 11, 7), 2)):
        plan = desk.propose(portfolio, market, now=NOW, as_of=asked)
        assert plan.as_of == pd.Timestamp("2018-11-05")
        assert plan.used.situation.data_age == age
        assert ("freshness" in {finding.code for finding in plan.blocks}) is (age > 0)


def test_a_weekend_under_a_replay_is_the_friday_before_and_not_stale(
    opened: tuple[Path, MarketData],
) -> None:
    root, market = opened
    portfolio = desk.open_portfolio(root, "files_example")
    status = desk.market_status(portfolio, market, now=NOW, as_of=date(2018, 11, 4))
    assert status.latest == status.clock_session == pd.Timestamp("2018-11-02")
    assert status.age == 0


def test_a_damaged_regime_history_does_not_make_a_commit_look_like_a_failure(
    opened: tuple[Path, MarketData], caplog: pytest.LogCaptureFixture
) -> None:
    root, market = opened
    portfolio = desk.open_portfolio(root, "files_example")
    portfolio.state_dir.mkdir(parents=True)
    (portfolio.state_dir / "regime_history.parquet").write_bytes(b"damaged")
    plan = desk.propose(portfolio, market, now=NOW)
    notes = {warning.code: "seen" for warning in plan.warnings}
    receipt = desk.commit(portfolio, plan, approver="A. Manager", notes=notes, now=NOW)
    assert [entry.id for entry in desk.history(portfolio).entries] == [receipt.commit_id]
    assert "the commit stands" in caplog.text
