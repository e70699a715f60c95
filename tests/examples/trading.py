"""What the examples share: the simulated sample market, and weights becoming orders on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import pandas as pd

from quantetf_core import RebalanceConfig, TargetWeightExecutor
from quantetf_core.data.market import MarketData
from quantetf_core.data.sources.sample import load_sample
from quantetf_core.execution.paper import PaperBroker
from quantetf_core.execution.targets import Targets

NOW = datetime(2024, 1, 2, 14, tzinfo=UTC)
LOOKBACK_DAYS = 252
LARGEST = 0.25


@dataclass(frozen=True)
class Traded:
    """What the preview showed, what was ordered, and the account afterwards."""

    preview: list[dict[str, object]]
    orders: list[object]
    broker: PaperBroker


@cache
def _sample() -> MarketData:
    return load_sample(now=NOW, cache_dir=None)


def sample_prices() -> pd.DataFrame:
    """Adjusted closes of the sample market, the last 252 of each ETF; no network, no file."""
    return _sample().adj_close.tail(LOOKBACK_DAYS)


def sample_bars() -> dict[str, dict[str, float]]:
    """The newest close of each ETF, as the executor takes it: what one would pay."""
    closes = _sample().close.iloc[-1]
    return {ticker: {"close": float(close)} for ticker, close in closes.items()}


def trade(targets: Targets, *, cash: float = 100_000.0) -> Traded:
    """Preview, then execute, with a paper account that fills at the close; prints both."""
    data = sample_bars()
    broker = PaperBroker(cash, fill_at="close")
    broker.advance("2023-12-29", data)
    executor = TargetWeightExecutor(RebalanceConfig(min_weight_change=0.002))
    preview = executor.preview(targets, data, broker)
    for row in preview:
        print(f"{row['action']:<5}{row['asset']:<6}{row['shares']:>6}{row['value']:>12,.2f}")
    orders = executor.execute(targets, data, broker)
    broker.process_orders()
    print(f"{len(orders)} orders, {broker.get_cash():,.2f} USD left in cash")
    return Traded(list(preview), list(orders), broker)
