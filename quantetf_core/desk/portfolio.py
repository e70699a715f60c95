"""Opening a portfolio: its settings, its folders, its market and its clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pandas as pd

from quantetf_core.alpha import AlphaFactory
from quantetf_core.config import PortfolioSettings, check_workspace, load_portfolio, portfolio_names
from quantetf_core.data.market import MarketData
from quantetf_core.data.schedule import DueDate, next_due
from quantetf_core.data.sessions import (
    last_completed_session,
    session_age,
    session_on_or_before,
)
from quantetf_core.data.sources import SNAPSHOTS, load_source, source_stamp
from quantetf_core.errors import ConfigProblem


@dataclass(frozen=True, slots=True)
class Portfolio:
    """One configured portfolio of a workspace (the folder that holds ``configs/``).

    ``cache_dir`` keeps what can be made again.
    """

    root: Path
    settings: PortfolioSettings
    cache_dir: Path

    @property
    def name(self) -> str:
        """The name in the configuration."""
        return self.settings.config.name

    @property
    def title(self) -> str:
        """The name people read."""
        return self.settings.config.title or self.name

    @property
    def artifacts_dir(self) -> Path:
        """Where its commits are."""
        return self.root / self.settings.config.artifacts_dir

    @property
    def state_dir(self) -> Path:
        """Where its holdings file and regime record are."""
        return self.root / self.settings.config.state_dir

    @property
    def snapshots_dir(self) -> Path:
        """Where the market data of every portfolio is kept as it was."""
        return self.root / SNAPSHOTS


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketStatus:
    """How a portfolio's data stands against its clock.

    Parameters
    ----------
    latest
        The newest session that may be confirmed.
    clock_session
        The last completed session by the portfolio's clock.
    age
        Sessions completed since ``latest``; 0 when the data is up to date.
    next_due
        When the schedule asks for the next rebalance, and why.
    """

    latest: pd.Timestamp
    clock_session: pd.Timestamp
    age: int
    next_due: DueDate


def portfolios(root: Path) -> tuple[str, ...]:
    """Names of the configured portfolios, sorted."""
    return portfolio_names(root)


def open_portfolio(root: Path, name: str, *, cache_dir: Path | None = None) -> Portfolio:
    """Read and check everything a portfolio is configured by.

    ``cache_dir`` is ``data/cache`` in the workspace unless given.

    Raises
    ------
    ConfigError
        With every problem of every file involved.
    """
    settings = load_portfolio(root, name, models=AlphaFactory)
    return Portfolio(root, settings, cache_dir or root / "data" / "cache")


def config_problems(root: Path) -> tuple[ConfigProblem, ...]:
    """Every problem in every configuration file of a workspace."""
    return check_workspace(root, models=AlphaFactory)


def market_stamp(portfolio: Portfolio, *, now: datetime) -> str:
    """A short text that changes whenever `load_market` would answer differently."""
    return source_stamp(
        portfolio.settings.config.source, root=portfolio.root, now=now, portfolio=portfolio.name
    )


def load_market(portfolio: Portfolio, *, now: datetime) -> MarketData:
    """The portfolio's market, up to its clock's last completed session.

    Raises
    ------
    SourceError
        When the source cannot be read.
    """
    market = load_source(
        portfolio.settings.config.source,
        root=portfolio.root,
        cache_dir=portfolio.cache_dir,
        now=now,
        portfolio=portfolio.name,
    )
    return market.as_of(last_completed_session(now))


def market_status(
    portfolio: Portfolio, market: MarketData, *, now: datetime, as_of: date | None = None
) -> MarketStatus:
    """Where the portfolio's clock stands (``exchange`` or ``replay``).

    ``as_of`` is the date asked for: under ``replay`` it is "now", also where the data ends before
    it. None is the newest session of the data.
    """
    config = portfolio.settings.config
    latest = market.last_session
    if config.clock == "replay":
        asked = latest if as_of is None else as_of
        latest, clock = market.resolve(asked), session_on_or_before(asked)
    else:
        clock = last_completed_session(now)
    return MarketStatus(
        latest=latest,
        clock_session=clock,
        age=session_age(latest, clock),
        next_due=next_due(config.schedule, latest),
    )
