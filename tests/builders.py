"""Small markets, books and settings for tests: what a test does not say is harmless."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from quantetf_core.config import (
    AssetClassCheck,
    ChecksConfig,
    ConstructionConfig,
    CostConfig,
    MappingEntry,
    PortfolioConfig,
    PortfolioSettings,
    RebalanceConfig,
    RegimeConfig,
    RegimeMapping,
    SampleSource,
    ScheduleConfig,
    StrategyConfig,
    Universe,
    UniverseMember,
)
from quantetf_core.data.market import MarketData
from quantetf_core.data.sessions import sessions_between
from quantetf_core.decision import Situation
from quantetf_core.encoding import canonical_json
from quantetf_core.portfolio.holdings import Holdings, Position

START = "2018-01-02"


def sessions(count: int, *, start: str = START) -> pd.DatetimeIndex:
    """The first ``count`` sessions from ``start``."""
    return sessions_between(start, "2030-12-31")[:count]


def random_market(
    tickers: Sequence[str],
    *,
    n_sessions: int = 320,
    seed: int = 0,
    vix: float | Sequence[float] = 15.0,
    holes: float = 0.0,
) -> MarketData:
    """Random walks for each ticker and for SPY; ``holes`` is the share of missing closes."""
    names = sorted({*tickers, "SPY"})
    generator = np.random.default_rng(seed)
    steps = generator.normal(0.0004, 0.012, (n_sessions, len(names)))
    close = np.round(50.0 * np.exp(np.cumsum(steps, axis=0)), 2)
    close[generator.random(close.shape) < holes] = np.nan
    index = sessions(n_sessions)
    volume = np.full(close.shape, 1e6)
    panels = {
        "close": pd.DataFrame(close, index=index, columns=names),
        "adj_close": pd.DataFrame(close * 1.5, index=index, columns=names),
        "volume": pd.DataFrame(volume, index=index, columns=names),
    }
    return MarketData.from_panels(
        panels, pd.Series(vix, index=index, dtype=float), source="test market"
    )


def universe(tickers: Sequence[str]) -> Universe:
    """A universe of equity ETFs."""
    members = tuple(
        UniverseMember(ticker=ticker, name=f"{ticker} fund", asset_class="Equity")
        for ticker in tickers
    )
    return Universe(name="test", tickers=members)


def strategy(
    alpha_model: str = "momentum",
    parameters: Mapping[str, object] | None = None,
    *,
    path: str = "configs/strategies/test.yaml",
    tickers: tuple[str, ...] | None = None,
    **construction: object,
) -> StrategyConfig:
    """A strategy; ``construction`` overrides the top 3 by equal weight."""
    return StrategyConfig(
        name="test",
        alpha_model=alpha_model,
        parameters_json=canonical_json(parameters or {}).decode(),
        construction=ConstructionConfig(**{"top_n": 3, **construction}),
        tickers=tickers,
        path=path,
    )


def settings(
    tickers: Sequence[str],
    *,
    strategies: Mapping[str, StrategyConfig] | None = None,
    rebalance: RebalanceConfig | None = None,
    cost_bps: float = 5.0,
    checks: ChecksConfig | None = None,
    schedule: ScheduleConfig | None = None,
    clock: str = "exchange",
) -> PortfolioSettings:
    """Settings of a portfolio in which every regime calls for the same strategy.

    ``strategies`` maps a regime (or ``fallback``, or ``all``) to another one.
    """
    named = dict(strategies or {})
    default = named.pop("all", strategy())
    chosen = {name: named.get(name, default) for name in RegimeMapping.model_fields}
    entries = {
        name: MappingEntry(strategy=s.name, config_path=s.path, rationale=f"for {name}")
        for name, s in chosen.items()
    }
    return PortfolioSettings(
        config=PortfolioConfig(
            name="test",
            clock=clock,
            source=SampleSource(type="sample"),
            universe="configs/universes/test.yaml",
            schedule=schedule or ScheduleConfig(frequency="none"),
            rebalance=rebalance or RebalanceConfig(),
            artifacts_dir="artifacts/test",
            state_dir="data/state/test",
        ),
        universe=universe(tickers),
        thresholds=RegimeConfig(),
        mapping=RegimeMapping(**entries),
        strategies=tuple({s.path: s for s in chosen.values()}.values()),
        # Everything in a test's universe is one asset class.
        checks=checks or ChecksConfig(asset_class=AssetClassCheck(max_weight=1.0)),
        costs=CostConfig(cost_bps=cost_bps),
        texts=(("configs/portfolios/test.yaml", "name: test\n"),),
    )


def book(shares: Mapping[str, float], *, cash: float = 0.0, as_of: str = "2018-06-29") -> Holdings:
    """A book recorded by a commit ``20180629``."""
    positions = tuple(Position(ticker=t, shares=n) for t, n in sorted(shares.items()) if n)
    return Holdings(
        positions=positions,
        cash=cash,
        as_of=pd.Timestamp(as_of).date(),
        commit_id=as_of.replace("-", ""),
    )


def situation(
    market: MarketData, *, as_of: object = None, holdings: Holdings | None = None, **facts: object
) -> Situation:
    """The situation at a session (the newest by default), with an exact clock."""
    session = market.last_session if as_of is None else market.resolve(as_of)
    return Situation(
        as_of=session,
        requested=session.date(),
        latest=facts.pop("latest", session),
        holdings=holdings,
        **facts,
    )
