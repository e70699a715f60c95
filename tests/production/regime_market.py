"""A small market that visits every regime, and what a second process does with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from quantetf_core.data.access import DataAccessContext
from quantetf_core.data.market import MarketData
from quantetf_core.production.regime_monitor import DailyRegimeMonitor
from quantetf_core.regime import RegimeConfig
from tests.builders import sessions

CONFIG = RegimeConfig()


def changing_market(*, count: int = 260) -> MarketData:
    """SPY swings 20 % around 100 USD every 30 sessions; the VIX is out of step, with gaps."""
    index = sessions(count)
    step = np.arange(count)
    spy = np.round(100 + 20 * np.sin(2 * np.pi * step / 30), 2)
    vix = np.round(22 + 9 * np.sin(2 * np.pi * step / 22), 2)
    vix[210:216] = np.nan
    close = pd.DataFrame({"SPY": spy}, index=index)
    return MarketData.from_panels({"close": close}, pd.Series(vix, index), source="test")


def monitor(state_dir: Path, market: MarketData | None = None) -> DailyRegimeMonitor:
    data = DataAccessContext.from_market(market or changing_market())
    return DailyRegimeMonitor(data, state_dir, CONFIG)


def update_each(state_dir: Path, dates: list[str]) -> list[str]:
    """What one process does: update each date in turn."""
    running = monitor(state_dir)
    return [running.update(date).name for date in dates]
