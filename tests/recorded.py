"""Proposing and recording at once, for tests that need a book as it would be after an entry."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quantetf_core import desk
from quantetf_core.data.market import MarketData
from quantetf_core.ledger import Approval, Receipt


def imported_positions(
    book: desk.Portfolio, market: MarketData, *, approved: Approval, now: datetime, **facts: Any
) -> Receipt:
    """The book replaced; ``facts`` as of `desk.propose_import`."""
    return desk.record(book, desk.propose_import(book, market, **facts), approved=approved, now=now)


def moved_cash(
    book: desk.Portfolio, market: MarketData, *, approved: Approval, now: datetime, **facts: Any
) -> Receipt:
    """A deposit, withdrawal or fee; ``facts`` as of `desk.propose_cash`."""
    return desk.record(book, desk.propose_cash(book, market, **facts), approved=approved, now=now)


def corporate_actions(
    book: desk.Portfolio, market: MarketData, *, approved: Approval, now: datetime, **facts: Any
) -> Receipt:
    """Splits, dividends and cash-outs; ``facts`` as of `desk.propose_corporate_actions`."""
    entry = desk.propose_corporate_actions(book, market, **facts)
    return desk.record(book, entry, approved=approved, now=now)
