"""`decide()` on 20, 186 and 400 ETFs over 20 years, beside plain NumPy scoring of the same panel.

The 400 (and 186) are simulated random walks; the 186 real ones are used instead where the real
market data is there (``QUANTETF_MARKET_DATA``).
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.timing import medians, report
from quantetf_core.config import (
    ConstructionConfig,
    CostConfig,
    FilesSource,
    MappingEntry,
    PortfolioConfig,
    PortfolioSettings,
    RegimeConfig,
    RegimeMapping,
    ScheduleConfig,
    StrategyConfig,
    Universe,
    UniverseMember,
)
from quantetf_core.config.schema import ChecksConfig
from quantetf_core.data.market import MarketData
from quantetf_core.data.sessions import sessions_between
from quantetf_core.data.sources import load_files
from quantetf_core.decision import Situation, decide
from quantetf_core.portfolio import Holdings, Position

ROOT = Path(__file__).resolve().parents[1]


def simulated(n_tickers: int) -> MarketData:
    """Random walks from 2004 to 2023; the last column is SPY."""
    index = sessions_between("2004-01-02", "2023-12-29")
    names = sorted([f"T{number:03d}" for number in range(n_tickers - 1)] + ["SPY"])
    generator = np.random.default_rng(7)
    steps = generator.normal(0.0003, 0.011, (len(index), n_tickers))
    close = pd.DataFrame(50 * np.exp(np.cumsum(steps, axis=0)), index=index, columns=names)
    volume = pd.DataFrame(1e6, index=index, columns=names)
    vix = pd.Series(generator.uniform(10, 35, len(index)), index=index)
    panels = {"close": close, "adj_close": close * 1.1, "volume": volume}
    return MarketData.from_panels(panels, vix, source="simulated for the benchmark")


def settings(market: MarketData) -> PortfolioSettings:
    """Acceleration, top 10, equal weights, whatever the regime."""
    strategy = StrategyConfig(
        name="momentum_acceleration",
        alpha_model="momentum_acceleration",
        construction=ConstructionConfig(top_n=10),
        path="benchmark.yaml",
    )
    entry = MappingEntry(
        strategy=strategy.name, config_path=strategy.path, rationale="for the benchmark"
    )
    members = [UniverseMember(ticker=t, name=t, asset_class="ETF") for t in market.tickers]
    return PortfolioSettings(
        config=PortfolioConfig(
            name="benchmark",
            clock="replay",
            source=FilesSource(type="files", paths=("none",), vix="none"),
            universe="none",
            schedule=ScheduleConfig(frequency="none"),
            artifacts_dir="none",
            state_dir="none",
        ),
        universe=Universe(name="benchmark", tickers=tuple(members)),
        thresholds=RegimeConfig(),
        mapping=RegimeMapping(**dict.fromkeys(RegimeMapping.model_fields, entry)),
        strategies=(strategy,),
        checks=ChecksConfig(),
        costs=CostConfig(),
        texts=(("benchmark.yaml", "benchmark"),),
    )


def plain_scores(closes: np.ndarray) -> np.ndarray:
    """The floor: short return less long return of the last rows, and the best ten."""
    last = closes[-1]
    scores = last / closes[-63] - last / closes[-252]
    return np.argsort(-scores)[:10]


def main() -> None:
    """Print the table."""
    markets = {"20 ETFs": simulated(20), "186 ETFs": simulated(186), "400 ETFs": simulated(400)}
    folder = Path(os.environ.get("QUANTETF_MARKET_DATA", ROOT.parent / "shared" / "data"))
    if (folder / "etf_panel.parquet").is_file():
        real = load_files(
            [folder / "etf_prices.parquet", folder / "etf_panel.parquet"], folder / "vix.csv"
        )
        markets["real: 203 ETFs with gaps, 1993-2023"] = real
    for name, market in markets.items():
        config = settings(market)
        known = market.close.iloc[-1].dropna()
        first = list(known.index[:10])
        book = Holdings(
            positions=tuple(Position(ticker=t, shares=100.0) for t in first),
            cash=1e6,
            as_of=market.sessions[-22].date(),
            commit_id="20231130",
        )
        situation = Situation(
            as_of=market.last_session,
            requested=market.last_session.date(),
            latest=market.last_session,
            holdings=book,
        )
        closes = market.adj_close.to_numpy()
        calls = {
            "floor: scores in plain NumPy": lambda closes=closes: plain_scores(closes),
            "decide(): regime to checked trades and plan id": (
                lambda m=market, c=config, s=situation: decide(m, c, s)
            ),
        }
        report(f"{name}, {len(market.sessions)} sessions", medians(calls), floor=next(iter(calls)))


if __name__ == "__main__":
    main()
