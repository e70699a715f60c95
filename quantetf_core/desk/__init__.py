"""The few calls that pages, the command line and scripts may make."""

from quantetf_core.desk.books import (
    BookAtSession,
    ValueHistory,
    holdings_csv,
    mark_book,
    value_history,
)
from quantetf_core.desk.entries import (
    CashKind,
    Entry,
    check_positions,
    holdings,
    propose_adoption,
    propose_cash,
    propose_corporate_actions,
    propose_import,
    read_positions,
    suspected_splits,
    type_positions,
)
from quantetf_core.desk.environment import cache_folder, current_time, workspace_folder
from quantetf_core.desk.oversight import Overview, RegimeReading, monitor, overview
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
from quantetf_core.desk.recording import (
    adopt_holdings_file,
    approval,
    import_positions,
    record,
    record_cash,
    record_corporate_actions,
    revert,
)
from quantetf_core.desk.records import (
    archive,
    compare,
    history,
    history_stamp,
    read,
    regime_history,
    verify,
    verify_commit,
)
from quantetf_core.desk.remains import remains, remains_archive
from quantetf_core.desk.repeats import already_committed, plan_facts
from quantetf_core.desk.undo import Undo, undo
from quantetf_core.desk.what_if import (
    ValueRange,
    book_value_of,
    next_commit_id,
    propose_value,
    trades_csv,
    value_range,
)
from quantetf_core.ledger.contents import Contents, contents
from quantetf_core.ledger.corporate_actions import fraction_left, split_terms
from quantetf_core.ledger.listing import (
    Wanted,
    history_table,
    matching,
    nearest,
    neighbours,
    offered,
)
from quantetf_core.ledger.typed_positions import positions_csv
from quantetf_core.portfolio.changes import book_changes
from quantetf_core.portfolio.marking import MarkedBook

__all__ = [
    "BookAtSession",
    "CashKind",
    "Contents",
    "Entry",
    "MarkedBook",
    "MarketStatus",
    "Overview",
    "Portfolio",
    "RegimeReading",
    "Undo",
    "ValueHistory",
    "ValueRange",
    "Wanted",
    "adopt_holdings_file",
    "already_committed",
    "approval",
    "archive",
    "book_changes",
    "book_value_of",
    "cache_folder",
    "check_positions",
    "commit",
    "compare",
    "config_problems",
    "contents",
    "current_time",
    "fraction_left",
    "history",
    "history_stamp",
    "history_table",
    "holdings",
    "holdings_csv",
    "import_positions",
    "load_market",
    "mark_book",
    "market_stamp",
    "market_status",
    "matching",
    "monitor",
    "nearest",
    "neighbours",
    "next_commit_id",
    "offered",
    "open_portfolio",
    "overview",
    "plan_facts",
    "portfolios",
    "positions_csv",
    "propose",
    "propose_adoption",
    "propose_cash",
    "propose_corporate_actions",
    "propose_import",
    "propose_value",
    "read",
    "read_positions",
    "record",
    "record_cash",
    "record_corporate_actions",
    "regime_history",
    "remains",
    "remains_archive",
    "revert",
    "split_terms",
    "suspected_splits",
    "trades_csv",
    "type_positions",
    "undo",
    "value_history",
    "value_range",
    "verify",
    "verify_commit",
    "workspace_folder",
]
