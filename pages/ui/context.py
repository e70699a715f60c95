"""What every page works on: the portfolio, its market, its clock and the session looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from pages.ui import loaders, state
from quantetf_core import desk
from quantetf_core.data.market import MarketData


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One user's view of the desk at one moment.

    Parameters
    ----------
    portfolio, market, status
        What the sidebar chose, its data, and how fresh that is.
    session
        The session looked at: the last one at or before ``requested``.
    requested
        The date asked for, or None for the latest.
    now
        The moment this was read.
    """

    portfolio: desk.Portfolio
    market: MarketData
    status: desk.MarketStatus
    session: pd.Timestamp
    requested: date | None
    now: datetime

    @property
    def latest(self) -> bool:
        """Whether the session looked at is the newest there is."""
        return self.session == self.market.last_session


def current() -> Context:
    """Read the sidebar's choices and load what they name.

    Raises
    ------
    QuantEtfError
        When the configuration or the data cannot be read, or the date has no session.
    """
    view, now = state.view(), loaders.now()
    portfolio = loaders.portfolio(chosen_portfolio())
    market = loaders.market(portfolio, now=now)
    session = market.resolve(view.as_of) if view.as_of else market.last_session
    return Context(
        portfolio=portfolio,
        market=market,
        status=desk.market_status(portfolio, market, now=now, as_of=session),
        session=session,
        requested=view.as_of,
        now=now,
    )


def chosen_portfolio() -> str:
    """Name chosen in the sidebar; the first configured one before any choice."""
    names = loaders.portfolio_names()
    chosen = state.view().portfolio
    return chosen if chosen in names else names[0]
