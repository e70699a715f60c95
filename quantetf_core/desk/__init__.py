"""The few calls that pages, the command line and scripts may make."""

from quantetf_core.desk.entries import (
    adopt_holdings_file,
    approval,
    holdings,
    import_positions,
    read_positions,
    record_cash,
    record_corporate_actions,
    revert,
)
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
from quantetf_core.desk.proposals import commit, propose
from quantetf_core.desk.records import (
    archive,
    history,
    history_stamp,
    read,
    regime_history,
    verify,
    verify_commit,
)

__all__ = [
    "MarketStatus",
    "Portfolio",
    "adopt_holdings_file",
    "approval",
    "archive",
    "commit",
    "config_problems",
    "history",
    "history_stamp",
    "holdings",
    "import_positions",
    "load_market",
    "market_stamp",
    "market_status",
    "open_portfolio",
    "portfolios",
    "propose",
    "read",
    "read_positions",
    "record_cash",
    "record_corporate_actions",
    "regime_history",
    "revert",
    "verify",
    "verify_commit",
]
