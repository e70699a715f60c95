"""Tickers that a person locked: not bought, not sold, or not traded at all."""

from __future__ import annotations

from datetime import date

from quantetf_core.portfolio.holdings import Holdings, Lock


def locks_in_force(holdings: Holdings | None, as_of: date) -> dict[str, Lock]:
    """Ticker → lock, of those that have not expired at a session; none for no book.

    Examples
    --------
    >>> from quantetf_core.portfolio.holdings import LockRule
    >>> lock = Lock(ticker="SPY", rule=LockRule.HOLD, reason="tender offer",
    ...     since=date(2024, 1, 31), until=date(2024, 2, 29))
    >>> book = Holdings(locks=(lock,))
    >>> [list(locks_in_force(book, day)) for day in (date(2024, 2, 29), date(2024, 3, 1))]
    [['SPY'], []]
    """
    locks = () if holdings is None else holdings.locks
    return {lock.ticker: lock for lock in locks if in_force(lock, as_of)}


def in_force(lock: Lock, as_of: date) -> bool:
    """Whether a lock has not expired at a session."""
    return lock.until is None or as_of <= lock.until
