"""Scanning every price for faults, and what the gate adds to one decision.

The floor computes the one-session returns of the same closes with NumPy, once.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from benchmarks.decide import ROOT, simulated
from benchmarks.timing import medians, report
from quantetf_core.config import PriceQualityCheck
from quantetf_core.data.market import MarketData
from quantetf_core.data.quality.gate import gate_findings
from quantetf_core.data.quality.history import quality_findings
from quantetf_core.data.sources import load_files

LIMITS = PriceQualityCheck()


def measure(title: str, market: MarketData) -> None:
    """One table for one panel."""
    closes = market.close.to_numpy()
    lines = market.tickers[:20]
    sessions = iter(market.sessions[-500:])

    def gate_of_another_day() -> object:
        return gate_findings(market, as_of=next(sessions), tickers=lines, limits=LIMITS)

    calls = {
        "floor: returns of every close": lambda: closes[1:] / closes[:-1] - 1.0,
        "every fault of the whole history": lambda: quality_findings(market),
        "the gate of 20 lines at another session": gate_of_another_day,
        "the same, asked again": lambda: gate_findings(
            market, as_of=market.last_session, tickers=lines, limits=LIMITS
        ),
    }
    report(title, medians(calls, rounds=9), floor=next(iter(calls)))


def main() -> None:
    """Print the tables."""
    market = simulated(400)
    measure("400 simulated ETFs, 20 years", market)
    holes = np.random.default_rng(1).random(market.close.shape) < 0.002
    panels = {name: market.panel(name).mask(holes) for name in market.fields}
    gappy = MarketData.from_panels(panels, market.vix, source="with holes")
    measure("the same with 4,000 missing closes", gappy)
    data = Path(os.environ.get("QUANTETF_MARKET_DATA", ROOT.parent / "shared" / "data"))
    if (data / "etf_panel.parquet").is_file():
        paths = [data / "etf_prices.parquet", data / "etf_panel.parquet"]
        real = load_files(paths, data / "vix.csv")
        measure(f"{len(real.tickers)} real ETFs, 1993-2023", real)


if __name__ == "__main__":
    main()
