"""Opening a panel of files, beside reading a wide Parquet file of the same panels."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from benchmarks.decide import ROOT, simulated
from benchmarks.timing import medians, report
from quantetf_core.config import FilesSource
from quantetf_core.data.market import MarketData
from quantetf_core.data.sources import load_files, load_source

NOW = datetime(2024, 1, 2, 14, 0, tzinfo=UTC)


def measure(title: str, folder: Path, paths: list[Path], vix: Path, market: MarketData) -> None:
    """One table for one panel."""
    wide = folder / "wide.parquet"
    panels = pd.concat({name: market.panel(name) for name in market.fields}, axis=1)
    panels.columns = [f"{ticker} {field}" for field, ticker in panels.columns]
    panels.to_parquet(wide)
    source = FilesSource(type="files", paths=tuple(map(str, paths)), vix=str(vix))
    calls = {
        "floor: the same panels from one wide Parquet file": lambda: pq.read_table(wide),
        "open with the cache there": lambda: load_source(
            source, root=folder, cache_dir=folder / "cache", now=NOW
        ),
        "read the source files, without a cache": lambda: load_files(paths, vix),
    }
    report(title, medians(calls, rounds=7), floor=next(iter(calls)))


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        market = simulated(400)
        long = market.close.stack().rename("close").reset_index()
        long.columns = ["date", "ticker", "close"]
        long["adj_close"] = long["close"] * 1.1
        long.to_parquet(folder / "long.parquet")
        market.vix.rename("close").rename_axis("date").to_frame().to_parquet(folder / "vix.parquet")
        measure(
            "400 simulated ETFs, 20 years",
            folder,
            [folder / "long.parquet"],
            folder / "vix.parquet",
            market,
        )
    data = Path(os.environ.get("QUANTETF_MARKET_DATA", ROOT.parent / "shared" / "data"))
    if (data / "etf_panel.parquet").is_file():
        with tempfile.TemporaryDirectory() as name:
            paths = [data / "etf_prices.parquet", data / "etf_panel.parquet"]
            market = load_files(paths, data / "vix.csv")
            title = f"{len(market.tickers)} real ETFs, 1993-2023"
            measure(title, Path(name), paths, data / "vix.csv", market)


if __name__ == "__main__":
    main()
