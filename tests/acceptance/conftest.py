"""A workspace whose portfolio reads the real market data, and the data read a second way."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from quantetf_core import desk
from quantetf_core.data.market import MarketData

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2024, 1, 2, 14, 0, tzinfo=UTC)


@dataclass(frozen=True)
class RealDesk:
    """A portfolio on the real data, opened."""

    portfolio: desk.Portfolio
    market: MarketData


def open_real_desk(
    folder: Path, data: Path, *, paths: tuple[str, ...], universe: Mapping[str, object] | None
) -> RealDesk:
    """Copy the shipped configuration and point a portfolio at the real files."""
    shutil.copytree(ROOT / "configs", folder / "configs")
    universe_path = "configs/universes/real_files.yaml"
    if universe is not None:
        universe_path = "configs/universes/test.yaml"
        (folder / universe_path).write_text(yaml.safe_dump(dict(universe)), encoding="utf-8")
    config = {
        "name": "real",
        "clock": "replay",
        "source": {
            "type": "files",
            "paths": [str(data / path) for path in paths],
            "vix": str(data / "vix.csv"),
        },
        "universe": universe_path,
        "artifacts_dir": "artifacts/real/rebalance",
        "state_dir": "data/state/real",
    }
    path = folder / "configs" / "portfolios" / "real.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    portfolio = desk.open_portfolio(folder, "real")
    return RealDesk(portfolio, desk.load_market(portfolio, now=NOW))


@pytest.fixture
def real_desk(tmp_path: Path, market_data_dir: Path) -> RealDesk:
    """The 21 liquid ETFs."""
    return open_real_desk(tmp_path, market_data_dir, paths=("etf_prices.parquet",), universe=None)


@dataclass(frozen=True)
class PlainPrices:
    """The real data as plain dictionaries, read without any code of ours."""

    close: dict[str, dict[date, float]]
    adj_close: dict[str, dict[date, float]]
    vix: dict[date, float]

    def last(self, ticker: str, count: int, session: date) -> list[float]:
        """The last ``count`` adjusted closes of a ticker up to a session, oldest first."""
        known = [price for day, price in sorted(self.adj_close[ticker].items()) if day <= session]
        return known[-count:]


@pytest.fixture(scope="session")
def plain_prices(market_data_dir: Path) -> PlainPrices:
    """Read Parquet and CSV row by row."""
    table = pq.read_table(market_data_dir / "etf_prices.parquet")
    close: dict[str, dict[date, float]] = {}
    adjusted: dict[str, dict[date, float]] = {}
    for row in table.select(["date", "ticker", "close", "adj_close"]).to_pylist():
        day = row["date"].date() if isinstance(row["date"], datetime) else row["date"]
        close.setdefault(row["ticker"], {})[day] = row["close"]
        adjusted.setdefault(row["ticker"], {})[day] = row["adj_close"]
    with (market_data_dir / "vix.csv").open(newline="") as stream:
        vix = {_day(row["DATE"]): float(row["CLOSE"]) for row in csv.DictReader(stream)}
    return PlainPrices(close, adjusted, vix)


def _day(text: str) -> date:
    if "/" in text:
        return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a date, not a moment
    return date.fromisoformat(text[:10])
