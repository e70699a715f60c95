"""Trying another portfolio value, and taking the trades of a plan away as a file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime

from quantetf_core.csv_safe import csv_bytes
from quantetf_core.data.market import MarketData
from quantetf_core.decision import RebalanceResult
from quantetf_core.decision.frames import trades_frame
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.proposals import propose
from quantetf_core.desk.records import history
from quantetf_core.errors import InvalidValueError
from quantetf_core.units import from_cents, to_cents


@dataclass(frozen=True, slots=True)
class ValueRange:
    """Values worth trying, USD: from half to twice the book, in even steps that meet the book."""

    low: float
    high: float
    step: float


def value_range(book_value: float) -> ValueRange:
    """The range of a slider around a value; a step is about a hundredth of it.

    Raises
    ------
    InvalidValueError
        When the value is not a number above 0.

    Examples
    --------
    >>> value_range(1_000_000.0)
    ValueRange(low=500000.0, high=2000000.0, step=10000.0)
    >>> value_range(1_234_567.89)
    ValueRange(low=624567.89, high=2474567.89, step=10000.0)
    """
    if not (math.isfinite(book_value) and to_cents(book_value) > 0):
        raise InvalidValueError("book_value", book_value, "USD above 0")
    value = to_cents(book_value)
    step = max(1, 10 ** (len(str(value)) - 3))
    low = value - step * (value // (2 * step))
    high = value + step * -(-value // step)
    return ValueRange(from_cents(max(low, 1)), from_cents(high), from_cents(step))


def book_value_of(plan: RebalanceResult) -> float:
    """USD the book is worth at the plan's closes, without any flow; what is tried starts here.

    Without a book it is the value the plan funds it with.
    """
    used = plan.used
    if used.situation.holdings is None:
        return used.plan.portfolio_value
    return from_cents(to_cents(used.plan.portfolio_value) - to_cents(used.plan.cash_flow))


def propose_value(
    portfolio: Portfolio,
    market: MarketData,
    *,
    book: RebalanceResult,
    value: float,
    declared: bool,
    now: datetime,
    as_of: date | None = None,
) -> RebalanceResult:
    """Propose on another value than the book's: a what-if, or a declared deposit or withdrawal.

    Parameters
    ----------
    book
        The proposal on the book's own value.
    value
        USD to size on.
    declared
        Whether the difference is a cash flow that enters the record. Without a book the value is
        the first deposit either way.

    Raises
    ------
    QuantEtfError
        As `propose`.
    """
    if declared and book.used.situation.holdings is not None:
        flow = from_cents(to_cents(value) - to_cents(book_value_of(book)))
        return propose(portfolio, market, now=now, as_of=as_of, cash_flow=flow)
    return propose(portfolio, market, now=now, as_of=as_of, portfolio_value=value)


def trades_csv(plan: RebalanceResult) -> bytes:
    """Every line of a plan as CSV that a spreadsheet opens as data.

    The last columns say what the file is: session, ``simulated`` or ``market`` prices, and
    whether it is a proposal or a what-if; so that a file passed on cannot pass for an order.
    """
    used = plan.used
    frame = trades_frame(
        plan.trades, universe=used.settings.universe, volume_share=used.volume_share
    )
    frame["as_of"] = plan.as_of.date()
    frame["prices"] = "simulated prices" if used.simulated else "market prices"
    frame["status"] = "what-if" if plan.what_if else "proposal, not confirmed"
    return csv_bytes(frame)


def next_commit_id(portfolio: Portfolio, as_of: date) -> str:
    """The id a commit of a session would get now: ``YYYYMMDD``, or with the next number.

    What is shown before confirming; another commit may take it first.
    """
    stem = f"{as_of:%Y%m%d}"
    numbers = [
        int(number or 1)
        for name, _, number in (entry.id.partition("-") for entry in history(portfolio).entries)
        if name == stem
    ]
    return f"{stem}-{max(numbers) + 1}" if numbers else stem
