"""The few calls that pages, the command line and scripts may make."""

from quantetf_core.desk.portfolio import (
    MarketStatus,
    Portfolio,
    config_problems,
    load_market,
    market_stamp,
    market_status,
    open_portfolio,
    portfolios,
)
from quantetf_core.desk.proposals import commit, portfolio_history, propose

__all__ = [
    "MarketStatus",
    "Portfolio",
    "commit",
    "config_problems",
    "load_market",
    "market_stamp",
    "market_status",
    "open_portfolio",
    "portfolio_history",
    "portfolios",
    "propose",
]
