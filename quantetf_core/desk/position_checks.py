"""The book against a broker's position file: compare, mark what differs, settle, confirm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import price_marks
from quantetf_core.desk.entries import Entry, book_at, provenance
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.records import history
from quantetf_core.errors import InvalidValueError
from quantetf_core.ledger import current_holdings
from quantetf_core.ledger.position_check import (
    Keep,
    PositionCheck,
    confirmation_request,
    dispute_request,
    position_check,
    resolution_request,
)
from quantetf_core.portfolio.holdings import Holdings, Position


def compare_positions(
    portfolio: Portfolio,
    market: MarketData,
    positions: Sequence[Position],
    cash: float | None,
    *,
    as_of: date,
    source: str,
) -> PositionCheck:
    """The newest book against what a broker says is held; writes nothing.

    Parameters
    ----------
    positions, cash
        Of `read_positions`: the whole account. ``cash`` None leaves cash out.
    as_of
        The session at whose close this was held.
    source
        Where it is from, e.g. the file's name.

    Raises
    ------
    InvalidValueError
        When ``as_of`` is not a session from the newest commit's on.
    """
    book = book_at(portfolio, market, as_of)
    return position_check(book, positions, cash, as_of=as_of, source=source)


def propose_dispute(
    portfolio: Portfolio,
    market: MarketData,
    positions: Sequence[Position],
    cash: float | None,
    *,
    as_of: date,
    source: str,
    files: Mapping[str, bytes] | None = None,
) -> Entry:
    """Mark the tickers on which book and broker disagree: they are not traded until settled.

    Parameters are those of `compare_positions`; ``files`` is the broker's file, to be kept.

    Raises
    ------
    InvalidValueError
        As `compare_positions`, and when nothing differs.
    """
    book = book_at(portfolio, market, as_of) or Holdings()
    found = position_check(book, positions, cash, as_of=as_of, source=source)
    return Entry(dispute_request(book, found, approval=provenance(market), files=files))


def propose_confirmation(
    portfolio: Portfolio,
    market: MarketData,
    positions: Sequence[Position],
    cash: float | None,
    *,
    as_of: date,
    source: str,
    files: Mapping[str, bytes] | None = None,
) -> Entry:
    """Confirm the book by a count that agrees with it; its cash becomes the broker's.

    Parameters are those of `compare_positions`; ``files`` is the broker's file, to be kept.

    Raises
    ------
    InvalidValueError
        As `compare_positions`, and when a share count differs.
    """
    book = book_at(portfolio, market, as_of) or Holdings()
    found = position_check(book, positions, cash, as_of=as_of, source=source)
    return Entry(
        confirmation_request(
            book,
            found,
            closes=_closes(market, book.tickers, as_of),
            approval=provenance(market),
            files=files,
        )
    )


def propose_resolution(
    portfolio: Portfolio,
    market: MarketData,
    *,
    ticker: str,
    keep: Keep,
    as_of: date | None = None,
) -> Entry:
    """Settle one dispute: take the broker's count, or keep the book's with a note.

    Parameters
    ----------
    as_of
        The session of the record; the newest commit's unless given.

    Raises
    ------
    InvalidValueError
        When the ticker is not disputed, when the book has moved since the broker's count that is
        to be taken, or as `compare_positions`.
    """
    if keep not in ("book", "broker"):
        raise InvalidValueError("keep", keep, "book or broker")
    found = history(portfolio)
    if as_of is None:
        book, _ = current_holdings(portfolio.artifacts_dir, portfolio.state_dir, found=found)
        as_of = market.last_session.date() if found.newest is None else found.newest.as_of
    else:
        book = book_at(portfolio, market, as_of)
    held = book or Holdings()
    stated = held.as_of or as_of
    return Entry(
        resolution_request(
            held,
            ticker=ticker,
            keep=keep,
            price=_closes(market, (ticker,), stated).get(ticker),
            as_of=as_of,
            approval=provenance(market),
        )
    )


def _closes(market: MarketData, tickers: Sequence[str], as_of: date) -> dict[str, float]:
    """The last valid closes at a session; a ticker without one is left out."""
    if not tickers or as_of < market.sessions[0].date():
        return {}
    marks = price_marks(market, as_of=as_of, tickers=tickers)
    return {t: float(p) for t, p in zip(tickers, marks.price, strict=True) if p > 0}
