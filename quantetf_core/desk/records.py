"""Reading what was decided: history, single commits, proofs that nothing was changed since."""

from __future__ import annotations

import pandas as pd

from quantetf_core.data.market import MarketData
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.findings import Finding
from quantetf_core.ledger import (
    Commit,
    History,
    Verification,
    read_commit,
    zip_commit,
)
from quantetf_core.ledger import (
    history as ledger_history,
)
from quantetf_core.ledger import (
    history_stamp as ledger_stamp,
)
from quantetf_core.ledger import (
    verify as verify_ledger,
)
from quantetf_core.ledger import (
    verify_commit as verify_one,
)
from quantetf_core.ledger.compare import Comparison
from quantetf_core.ledger.compare import compare as compare_commits
from quantetf_core.ledger.index import INDEX_NAME
from quantetf_core.regime import RegimeConfig, replay


def history(portfolio: Portfolio) -> History:
    """Every commit, newest first, with what is wrong in its folder as findings."""
    return ledger_history(portfolio.artifacts_dir, index=portfolio.state_dir / INDEX_NAME)


def history_stamp(portfolio: Portfolio) -> str:
    """A short text that changes whenever `history` would answer differently."""
    return ledger_stamp(portfolio.artifacts_dir)


def read(portfolio: Portfolio, commit_id: str) -> Commit:
    """One commit with every file of it.

    Raises
    ------
    CommitNotFoundError, DamagedHistoryError
        When there is none of this id, or its manifest cannot be read.
    """
    return read_commit(portfolio.artifacts_dir, commit_id)


def verify(portfolio: Portfolio) -> Verification:
    """Walk the whole chain and the holdings file; names the first link that does not hold."""
    return verify_ledger(portfolio.artifacts_dir, portfolio.state_dir)


def verify_commit(portfolio: Portfolio, commit_id: str) -> tuple[Finding, ...]:
    """What does not hold in one commit or in its link to its parent; empty when all does."""
    return verify_one(portfolio.artifacts_dir, commit_id)


def compare(portfolio: Portfolio, first: str, second: str) -> Comparison:
    """Two commits side by side; raises like `read`."""
    return compare_commits(read(portfolio, first), read(portfolio, second))


def archive(portfolio: Portfolio, commit_id: str) -> bytes:
    """The folder of a commit as a ZIP; raises like `read`."""
    return zip_commit(read(portfolio, commit_id).folder)


def regime_history(market: MarketData, thresholds: RegimeConfig) -> pd.DataFrame:
    """The regime of every session of a market, by the thresholds given."""
    return replay(market, thresholds)
