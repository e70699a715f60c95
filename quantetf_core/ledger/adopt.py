"""Beginning a history with the holdings file that was there before it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from quantetf_core.errors import HoldingsFileError
from quantetf_core.ledger.building import Approval
from quantetf_core.ledger.commit import commit
from quantetf_core.ledger.holdings_file import HOLDINGS_NAME, read_holdings_file
from quantetf_core.ledger.record import Receipt
from quantetf_core.ledger.requests import adopt_request


def adopt(
    *, artifacts_dir: Path, state_dir: Path, as_of: date, now: datetime, approval: Approval
) -> Receipt:
    """Import an existing ``current_holdings.json`` as the first commit.

    The file's bytes are kept in the commit; only then is the file derived from it. Warnings on
    the file (e.g. ``cash_not_stated``) need the approval's name and notes.

    Parameters
    ----------
    as_of
        The session at whose close the book was held.

    Raises
    ------
    HoldingsFileError
        When there is no such file, or it cannot be read, or a history has begun already.
    ApprovalError, LedgerBusyError, LedgerWriteError
        As `quantetf_core.ledger.commit.commit`.
    """
    path = state_dir / HOLDINGS_NAME
    kept = read_holdings_file(path)
    if kept is None or kept.book.commit_id is not None:
        problem = "is not there" if kept is None else "belongs to a history already"
        raise HoldingsFileError(str(path), problem, "Only a book without a history is adopted")
    request = adopt_request(
        kept.book, content=kept.content, as_of=as_of, approval=approval, warnings=kept.findings
    )
    return commit(request, artifacts_dir=artifacts_dir, state_dir=state_dir, now=now)
