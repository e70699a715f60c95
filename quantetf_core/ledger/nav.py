"""The book's own growth through time, for decisions that look at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from quantetf_core.config import PortfolioSettings
from quantetf_core.data.market import MarketData
from quantetf_core.decision.nav import wants_nav
from quantetf_core.errors import DamagedHistoryError
from quantetf_core.ledger.book_history import book_steps
from quantetf_core.ledger.history import History
from quantetf_core.portfolio.performance import performance

Nav = tuple[tuple[date, float], ...]


def nav_for_decision(found: History, known: MarketData, settings: PortfolioSettings) -> Nav:
    """`book_nav` where the strategy in force has a drawdown brake, otherwise empty.

    Parameters
    ----------
    found
        The history; commits after the market's last session are not looked at.
    known
        The market up to the session of the decision.
    settings
        The portfolio's configuration.

    Returns
    -------
    tuple
        Empty as well where the history is damaged: its own findings say so, and the brake says
        that it is not applied.
    """
    if found.newest is None or not wants_nav(known, settings):
        return ()
    asked = _Asked(
        folder=found.newest.folder,
        chain=found.newest.manifest_sha256,
        data=known.fingerprint,
        found=found,
        known=known,
    )
    try:
        return _remembered(asked)
    except DamagedHistoryError:
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A history and a market, the same when their last links are: each covers all before it."""

    folder: Path
    chain: str
    data: str
    found: History = field(compare=False)
    known: MarketData = field(compare=False)


@lru_cache(maxsize=4)
def _remembered(asked: _Asked) -> Nav:
    """`book_nav`, once for all values a PM tries on one book and session."""
    return book_nav(asked.found, asked.known)


def book_nav(found: History, known: MarketData) -> Nav:
    """The book's growth of 1 by session, flow-adjusted; sessions where it is not known left out.

    Parameters
    ----------
    found
        The history; a commit after the last session of ``known`` counts for nothing.
    known
        Prices up to the session of the decision.

    Raises
    ------
    DamagedHistoryError
        When the history is not one sound chain, or a book cannot be read.

    See Also
    --------
    quantetf_core.portfolio.performance : how growth is counted.
    """
    growth = performance(book_steps(found), known)["growth"].dropna()
    days = [stamp.date() for stamp in growth.index]
    return tuple(zip(days, growth.tolist(), strict=True))
