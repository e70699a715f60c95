"""186 ETFs with gaps, late inceptions and one close only; SPY from another file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from quantetf_core import desk
from quantetf_core.execution import Action
from tests.acceptance.conftest import NOW, RealDesk, open_real_desk

pytestmark = pytest.mark.real_data

MONTH_ENDS = [date(2008, 10, 31), date(2014, 6, 30), date(2020, 3, 31), date(2023, 12, 29)]


@pytest.fixture
def thin_desk(tmp_path: Path, market_data_dir: Path) -> RealDesk:
    tickers = pc.unique(pq.read_table(market_data_dir / "etf_panel.parquet")["ticker"]).to_pylist()
    tickers += ["BIL", "TLT"]  # the defensive strategy holds them; they are in the first file
    universe = {
        "name": "thin",
        "tickers": [{"ticker": t, "name": t, "asset_class": "ETF"} for t in sorted(tickers)],
    }
    return open_real_desk(
        tmp_path,
        market_data_dir,
        paths=("etf_prices.parquet", "etf_panel.parquet"),
        universe=universe,
    )


@pytest.mark.parametrize("session", MONTH_ENDS)
def test_no_etf_without_a_close_at_the_session_is_scored_or_traded(
    thin_desk: RealDesk, market_data_dir: Path, session: date
) -> None:
    priced = set()
    for name in ("etf_prices.parquet", "etf_panel.parquet"):
        table = pq.read_table(market_data_dir / name, columns=["date", "ticker", "close"])
        for row in table.filter(pc.equal(pc.cast(table["date"], "date32"), session)).to_pylist():
            if row["close"]:
                priced.add(row["ticker"])
    result = desk.propose(thin_desk.portfolio, thin_desk.market, now=NOW, as_of=session)
    scored = set(result.used.ranking.index)
    assert scored
    assert scored <= priced
    assert {line.ticker for line in result.trades if line.action != Action.HOLD} <= priced


def test_overlapping_etfs_come_whole_from_the_first_file(
    thin_desk: RealDesk, market_data_dir: Path
) -> None:
    table = pq.read_table(market_data_dir / "etf_prices.parquet", columns=["ticker", "close"])
    first = table.filter(pc.equal(table["ticker"], "GLD"))["close"].to_pylist()
    ours = thin_desk.market.close["GLD"].dropna().tolist()
    assert ours == first
