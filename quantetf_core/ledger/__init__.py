"""The only writer of decisions."""

from quantetf_core.ledger.adopt import adopt
from quantetf_core.ledger.book_history import book_after, book_steps, last_rebalance
from quantetf_core.ledger.broker_csv import BrokerPositions, parse_positions
from quantetf_core.ledger.building import Approval
from quantetf_core.ledger.chain import CommitEntry
from quantetf_core.ledger.commit import commit
from quantetf_core.ledger.corporate_actions import (
    Action,
    CashOut,
    Dividend,
    Split,
    corporate_action_request,
    fraction_left,
)
from quantetf_core.ledger.files import fsync_dir, write_atomic
from quantetf_core.ledger.history import History, history, history_stamp
from quantetf_core.ledger.holdings_file import current_holdings
from quantetf_core.ledger.reading import Commit, holdings_after, read_commit, zip_commit
from quantetf_core.ledger.record import CashMovement, CommitRequest, Kind, Receipt
from quantetf_core.ledger.requests import (
    cash_request,
    import_request,
    mapping_request,
    revert_request,
)
from quantetf_core.ledger.typed_positions import TypedRow, positions_csv, typed_positions
from quantetf_core.ledger.verify import Verification, verify, verify_commit

__all__ = [
    "Action",
    "Approval",
    "BrokerPositions",
    "CashMovement",
    "CashOut",
    "Commit",
    "CommitEntry",
    "CommitRequest",
    "Dividend",
    "History",
    "Kind",
    "Receipt",
    "Split",
    "TypedRow",
    "Verification",
    "adopt",
    "book_after",
    "book_steps",
    "cash_request",
    "commit",
    "corporate_action_request",
    "current_holdings",
    "fraction_left",
    "fsync_dir",
    "history",
    "history_stamp",
    "holdings_after",
    "import_request",
    "last_rebalance",
    "mapping_request",
    "parse_positions",
    "positions_csv",
    "read_commit",
    "revert_request",
    "typed_positions",
    "verify",
    "verify_commit",
    "write_atomic",
    "zip_commit",
]
