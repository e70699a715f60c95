"""The few calls that pages, the command line and scripts may make."""

from quantetf_core.data.quality.record import QualityFinding
from quantetf_core.data.sources.refresh import Refreshed
from quantetf_core.data.sources.snapshot_manifest import Snapshot
from quantetf_core.data.sources.vendors import Progress as FetchProgress
from quantetf_core.decision import RebalanceResult
from quantetf_core.decision.outcomes import CheckOutcome, Outcome, outcomes
from quantetf_core.decision.tables import (
    NEAR_MISSES,
    NO_WEIGHT,
    WEIGHT_GIVEN,
    cash_steps,
    ranking_view,
    trades_view,
    weights_table,
)
from quantetf_core.desk.books import (
    BookAtSession,
    ValueHistory,
    holdings_csv,
    mark_book,
    value_history,
)
from quantetf_core.desk.data import (
    DataStatus,
    SnapshotDifference,
    compare_snapshots,
    data_snapshots,
    data_status,
    fetch_data,
    verify_data,
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
from quantetf_core.desk.fills import (
    fills_layout,
    fills_problem,
    fills_template,
    read_fills,
    recorded_fills,
)
from quantetf_core.desk.orders import decision_records, last_decision, order_file
from quantetf_core.desk.oversight import Overview, RegimeReading, monitor, overview
from quantetf_core.desk.paper import (
    PaperOrders,
    paper_orders,
    propose_paper_fills,
    propose_paper_sent,
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
from quantetf_core.desk.position_checks import (
    compare_positions,
    propose_confirmation,
    propose_dispute,
    propose_resolution,
)
from quantetf_core.desk.proposals import commit, propose
from quantetf_core.desk.pruning import Pruning, prune, pruning
from quantetf_core.desk.quality import (
    accept_finding,
    acceptable,
    coverage,
    data_quality,
    event_window,
    quality_table,
    touched,
)
from quantetf_core.desk.reconciling import (
    FillsEntry,
    decision_states,
    fills_so_far,
    open_decision,
    ordered_lines,
    propose_fills,
    propose_sent,
)
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
from quantetf_core.desk.replays import Replay, Verdict, replay_decision
from quantetf_core.desk.undo import Undo, undo
from quantetf_core.desk.uploads import (
    Place,
    Target,
    Understood,
    store_upload,
    understand,
    upload_targets,
)
from quantetf_core.desk.what_if import (
    ValueRange,
    book_value_of,
    next_commit_id,
    propose_value,
    trades_csv,
    value_range,
)
from quantetf_core.execution.fill_lines import FillReport
from quantetf_core.execution.fill_tables import fills_table
from quantetf_core.execution.order_ticket import REST, Layout, OrderFile, OrderTicket
from quantetf_core.ledger import (
    Action,
    Approval,
    BrokerPositions,
    CashOut,
    Dividend,
    Kind,
    Receipt,
    Split,
    TypedRow,
)
from quantetf_core.ledger.contents import Contents, contents
from quantetf_core.ledger.corporate_actions import fraction_left, split_terms
from quantetf_core.ledger.decisions import DecisionState
from quantetf_core.ledger.fills_columns import TO_MAP as FILLS_TO_MAP
from quantetf_core.ledger.fills_columns import Column as FillsColumn
from quantetf_core.ledger.fills_csv import BrokerFills
from quantetf_core.ledger.fills_layout import FillsLayout
from quantetf_core.ledger.listing import (
    Wanted,
    history_table,
    matching,
    nearest,
    neighbours,
    offered,
)
from quantetf_core.ledger.position_check import PositionCheck
from quantetf_core.ledger.typed_positions import positions_csv
from quantetf_core.portfolio.changes import book_changes
from quantetf_core.portfolio.holdings import Basis, Dispute
from quantetf_core.portfolio.marking import MarkedBook
from quantetf_core.portfolio.overlays import OverlayState, OverlayStep
from quantetf_core.portfolio.weighting import WORDS as WEIGHTING_WORDS
from quantetf_core.portfolio.weighting import WeightingReport

# fmt: off
__all__ = [
    "FILLS_TO_MAP",
    "NEAR_MISSES",
    "NO_WEIGHT",
    "REST",
    "WEIGHTING_WORDS",
    "WEIGHT_GIVEN",
    "Action",
    "Approval",
    "Basis",
    "BookAtSession",
    "BrokerFills",
    "BrokerPositions",
    "CashKind",
    "CashOut",
    "CheckOutcome",
    "Contents",
    "DataStatus",
    "DecisionState",
    "Dispute",
    "Dividend",
    "Entry",
    "FetchProgress",
    "FillReport",
    "FillsColumn",
    "FillsEntry",
    "FillsLayout",
    "Kind",
    "Layout",
    "MarkedBook",
    "MarketStatus",
    "OrderFile",
    "OrderTicket",
    "Outcome",
    "OverlayState",
    "OverlayStep",
    "Overview",
    "PaperOrders",
    "Place",
    "Portfolio",
    "PositionCheck",
    "Pruning",
    "QualityFinding",
    "RebalanceResult",
    "Receipt",
    "Refreshed",
    "RegimeReading",
    "Replay",
    "Snapshot",
    "SnapshotDifference",
    "Split",
    "Target",
    "TypedRow",
    "Understood",
    "Undo",
    "ValueHistory",
    "ValueRange",
    "Verdict",
    "Wanted",
    "WeightingReport",
    "accept_finding",
    "acceptable",
    "adopt_holdings_file",
    "already_committed",
    "approval",
    "archive",
    "book_changes",
    "book_value_of",
    "cache_folder",
    "cash_steps",
    "check_positions",
    "commit",
    "compare",
    "compare_positions",
    "compare_snapshots",
    "config_problems",
    "contents",
    "coverage",
    "current_time",
    "data_quality",
    "data_snapshots",
    "data_status",
    "decision_records",
    "decision_states",
    "event_window",
    "fetch_data",
    "fills_layout",
    "fills_problem",
    "fills_so_far",
    "fills_table",
    "fills_template",
    "fraction_left",
    "history",
    "history_stamp",
    "history_table",
    "holdings",
    "holdings_csv",
    "import_positions",
    "last_decision",
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
    "open_decision",
    "open_portfolio",
    "order_file",
    "ordered_lines",
    "outcomes",
    "overview",
    "paper_orders",
    "plan_facts",
    "portfolios",
    "positions_csv",
    "propose",
    "propose_adoption",
    "propose_cash",
    "propose_confirmation",
    "propose_corporate_actions",
    "propose_dispute",
    "propose_fills",
    "propose_import",
    "propose_paper_fills",
    "propose_paper_sent",
    "propose_resolution",
    "propose_sent",
    "propose_value",
    "prune",
    "pruning",
    "quality_table",
    "ranking_view",
    "read",
    "read_fills",
    "read_positions",
    "record",
    "record_cash",
    "record_corporate_actions",
    "recorded_fills",
    "regime_history",
    "remains",
    "remains_archive",
    "replay_decision",
    "revert",
    "split_terms",
    "store_upload",
    "suspected_splits",
    "touched",
    "trades_csv",
    "trades_view",
    "type_positions",
    "understand",
    "undo",
    "upload_targets",
    "value_history",
    "value_range",
    "verify",
    "verify_commit",
    "verify_data",
    "weights_table",
    "workspace_folder",
]
# fmt: on
