"""Requests that lock a ticker, or lift its lock: nothing moves but what may be traded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from quantetf_core.errors import InvalidValueError, did_you_mean
from quantetf_core.ledger.building import Approval, book_request
from quantetf_core.ledger.record import CashMovement, CommitRequest, Kind
from quantetf_core.portfolio.holdings import Holdings, Lock
from quantetf_core.portfolio.locks import in_force


def lock_request(
    current: Holdings, lock: Lock, *, as_of: date, approval: Approval
) -> CommitRequest:
    """Lock a ticker; a lock it had is replaced, and locks that have expired are taken off.

    Raises
    ------
    InvalidValueError
        When the lock would have expired already, or is there as it is.
    """
    if not in_force(lock, as_of):
        raise InvalidValueError("until", lock.until, f"a date from {as_of} on")
    if lock in current.locks:
        raise InvalidValueError("lock", lock.ticker, "another one: it is locked like that already")
    summary = {"locked": {"ticker": lock.ticker, "rule": lock.rule, "reason": lock.reason}}
    if lock.until is not None:
        summary["locked"]["until"] = lock.until.isoformat()
    others = [one for one in current.locks if one.ticker != lock.ticker]
    return _request(current, [*others, lock], summary, as_of=as_of, approval=approval)


def unlock_request(
    current: Holdings, ticker: str, *, as_of: date, approval: Approval
) -> CommitRequest:
    """Lift the lock of a ticker.

    Raises
    ------
    InvalidValueError
        When it has none.
    """
    known = [lock.ticker for lock in current.locks]
    if ticker not in known:
        listed = ", ".join(known) or "none is locked"
        raise InvalidValueError("ticker", ticker, f"{listed}{did_you_mean(ticker, known)}")
    others = [one for one in current.locks if one.ticker != ticker]
    return _request(current, others, {"unlocked": ticker}, as_of=as_of, approval=approval)


def _request(
    current: Holdings,
    locks: list[Lock],
    summary: dict[str, Any],
    *,
    as_of: date,
    approval: Approval,
) -> CommitRequest:
    kept = sorted((x for x in locks if in_force(x, as_of)), key=lambda lock: lock.ticker)
    return book_request(
        Kind.LOCK,
        current,
        replace(current, locks=tuple(kept), commit_id=None),
        cash=CashMovement(),
        as_of=as_of,
        approval=approval,
        summary=summary,
    )
