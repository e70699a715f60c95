"""Locking tickers: proposed like any other entry, and listed with who said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from quantetf_core.data.market import MarketData
from quantetf_core.desk.entries import Entry, book_at, provenance
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.errors import InvalidValueError, did_you_mean
from quantetf_core.ledger import History, Kind
from quantetf_core.ledger.decisions import standing
from quantetf_core.ledger.locking import lock_request, unlock_request
from quantetf_core.portfolio.holdings import Holdings, Lock, LockRule
from quantetf_core.portfolio.locks import in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class LockStatus:
    """A lock of the book, who recorded it, in which commit, and whether it is in force."""

    lock: Lock
    approver: str
    commit_id: str
    in_force: bool


def lock_statuses(found: History, book: Holdings | None, *, as_of: date) -> tuple[LockStatus, ...]:
    """The locks of a book by ticker, expired ones included; ``as_of`` is a session."""
    return tuple(_status(found, lock, as_of) for lock in (book.locks if book else ()))


def _status(found: History, lock: Lock, as_of: date) -> LockStatus:
    for entry in standing(found):
        said = entry.summary.get("locked")
        if entry.kind is Kind.LOCK and isinstance(said, dict) and said.get("ticker") == lock.ticker:
            approver, commit_id = entry.approver, entry.id
            break
    else:
        approver = commit_id = ""
    return LockStatus(
        lock=lock, approver=approver, commit_id=commit_id, in_force=in_force(lock, as_of)
    )


def propose_lock(
    portfolio: Portfolio,
    market: MarketData,
    *,
    ticker: str,
    rule: LockRule | str,
    reason: str,
    as_of: date,
    until: date | None = None,
) -> Entry:
    """Lock a ticker: not bought, not sold, or not traded, until it is lifted or expires.

    The book stays as it is. Who says so is whoever approves the entry.

    Parameters
    ----------
    ticker
        Of the universe, or held.
    rule
        ``no_buy``, ``no_sell`` or ``hold``.
    reason
        Why, in words.
    as_of
        The session of the record, from the newest commit's on.
    until
        The last date it is in force; None until it is lifted.

    Raises
    ------
    InvalidValueError
        When one of these is not as said, when there is no book yet, or nothing would change.
    """
    book = _book(portfolio, market, as_of)
    known = sorted({*portfolio.settings.universe.symbols, *book.tickers})
    if ticker not in known:
        accepted = f"one of the universe, or held{did_you_mean(ticker, known)}"
        raise InvalidValueError("ticker", ticker, accepted)
    try:
        chosen = LockRule(rule)
    except ValueError:
        raise InvalidValueError("rule", rule, f"one of {', '.join(LockRule)}") from None
    lock = Lock(ticker=ticker, rule=chosen, reason=reason.strip(), since=as_of, until=until)
    return Entry(lock_request(book, lock, as_of=as_of, approval=provenance(market)))


def propose_unlock(portfolio: Portfolio, market: MarketData, *, ticker: str, as_of: date) -> Entry:
    """Lift the lock of a ticker.

    Raises
    ------
    InvalidValueError
        When it has none, or ``as_of`` is not a session from the newest commit's on.
    """
    book = _book(portfolio, market, as_of)
    return Entry(unlock_request(book, ticker, as_of=as_of, approval=provenance(market)))


def _book(portfolio: Portfolio, market: MarketData, as_of: date) -> Holdings:
    book = book_at(portfolio, market, as_of)
    if book is None or book.commit_id is None:
        raise InvalidValueError("book", "none", "a book; fund the portfolio, or import one, first")
    return book
