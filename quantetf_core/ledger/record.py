"""What a commit is asked to record, and what the asker gets back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from quantetf_core.errors import InvalidValueError
from quantetf_core.findings import Finding
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.units import from_cents, to_cents

MANIFEST = "manifest.json"
HOLDINGS_BEFORE = "holdings_before.json"
HOLDINGS_AFTER = "holdings_after.json"
TRADES = "trades.csv"
IMPORTED = "imported_holdings.json"
"""File of a first import that keeps a holdings file from before the history, byte for byte."""


class Kind(StrEnum):
    """What a commit records; ``sent`` that the orders of a rebalance went out.

    ``lock`` that a person locked a ticker, or lifted the lock.
    """

    REBALANCE = "rebalance"
    IMPORT = "import"
    RECONCILE = "reconcile"
    REVERT = "revert"
    CORPORATE_ACTION = "corporate_action"
    CASH = "cash"
    MAPPING = "mapping"
    SENT = "sent"
    LOCK = "lock"


KEEPS_LOCKS = frozenset(Kind) - {Kind.LOCK, Kind.REVERT}
"""Kinds whose undoing leaves the locks of the book as they are then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMovement:
    """Everything that moved cash between the books before and after, in USD.

    Parameters
    ----------
    flow
        Declared deposit (+) or withdrawal (−): money from or to outside the portfolio.
    sells, buys, costs
        Proceeds, purchases, and costs or fees; all unsigned.
    adjustment
        What is none of these: cash in lieu, a dividend, a revert, a broker's own figure. Always 0
        for a rebalance.
    """

    flow: float = 0.0
    sells: float = 0.0
    buys: float = 0.0
    costs: float = 0.0
    adjustment: float = 0.0

    def __post_init__(self) -> None:
        for name in ("flow", "sells", "buys", "costs", "adjustment"):
            if not math.isfinite(getattr(self, name)):
                raise InvalidValueError(name, getattr(self, name), "a finite number of USD")
        for name in ("sells", "buys", "costs"):
            if getattr(self, name) < 0:
                raise InvalidValueError(name, getattr(self, name), "USD from 0")

    def after(self, before: float) -> float:
        """Cash after, from cash before (USD), in exact cents.

        Examples
        --------
        >>> CashMovement(flow=100.0, sells=50.0, buys=120.1, costs=0.06).after(10.0)
        39.84
        """
        gains = to_cents(before) + to_cents(self.flow) + to_cents(self.sells)
        losses = to_cents(self.buys) + to_cents(self.costs)
        return from_cents(gains - losses + to_cents(self.adjustment))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitRequest:
    """One thing to record, complete: `quantetf_core.ledger.commit` adds only id, time and hashes.

    Parameters
    ----------
    kind, as_of, plan_id
        What it is, the session it is about, and the id of the plan that was confirmed.
    parent_id
        The newest commit when the plan was made; None when there was none.
    holdings_before, holdings_after
        The book the plan was made on (None for no book), and the book it leads to.
    cash
        What moved the cash from one to the other.
    files
        Further files by name. A rebalance brings ``trades.csv``, whose shares and notionals must
        lead from the book before to the book after; for other kinds it is written here.
    summary
        Plain JSON that History lists without opening a file.
    approver, note, notes
        Who confirmed, a free note, and a note per acknowledged finding code.
    warnings, blocks
        Findings to be acknowledged, and findings that forbid the commit.
    overrides
        Reasons why a block does not forbid it after all, by ``CODE:SUBJECT`` (see
        `quantetf_core.findings.override_key`); only blocks on data can be overridden.
    code_version
        Version of the code that made the plan.
    simulated
        Whether the prices are simulated; one history never holds both sorts.
    """

    kind: Kind
    as_of: date
    plan_id: str
    parent_id: str | None
    holdings_before: Holdings | None
    holdings_after: Holdings
    cash: CashMovement = CashMovement()
    files: Mapping[str, bytes] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    approver: str = ""
    note: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Finding, ...] = ()
    blocks: tuple[Finding, ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)
    code_version: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the approver gets: where the decision now is.

    ``already_committed`` is True when this plan had been recorded before; nothing was written
    then, and the receipt is of that commit.
    """

    commit_id: str
    folder: Path
    plan_id: str
    as_of: date
    committed_at: datetime
    already_committed: bool
