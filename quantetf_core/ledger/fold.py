"""``trades.csv`` as the steps that lead from one book to the next."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, replace

import pandas as pd

from quantetf_core.csv_safe import csv_bytes, unguarded
from quantetf_core.ledger.book import book_differences
from quantetf_core.ledger.fields import MalformedError
from quantetf_core.ledger.record import CashMovement, Kind
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.units import to_cents

COLUMNS = (
    "ticker",
    "action",
    "current_shares",
    "target_shares",
    "shares_delta",
    "notional_value",
)
"""The contract's columns of ``trades.csv``."""

ADJUST = "ADJUST"
"""Action of a line whose shares changed without a trade: a split, an import, a revert."""

_ACTIONS = ("BUY", "SELL", "HOLD", ADJUST)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of ``trades.csv``: shares before and after, and the unsigned USD traded."""

    ticker: str
    action: str
    before: float
    after: float
    delta: float
    notional: float


def adjustments_csv(before: Holdings | None, after: Holdings) -> bytes:
    """``trades.csv`` of a commit that is not a rebalance: position deltas, nothing traded.

    Examples
    --------
    >>> from quantetf_core.portfolio.holdings import Position
    >>> book = Holdings(positions=(Position(ticker="SPY", shares=2.0),))
    >>> print(adjustments_csv(None, book).decode().split()[1])
    SPY,ADJUST,0.0,2.0,2.0,0.0
    """
    old, new = (before or Holdings()).shares, after.shares
    rows = [
        (ticker, ADJUST, old.get(ticker, 0.0), new.get(ticker, 0.0))
        for ticker in sorted({*old, *new})
        if old.get(ticker, 0.0) != new.get(ticker, 0.0)
    ]
    records = [(*row, row[3] - row[2], 0.0) for row in rows]
    return csv_bytes(pd.DataFrame.from_records(records, columns=list(COLUMNS)))


def read_steps(content: bytes) -> tuple[Step, ...]:
    """Decode ``trades.csv``.

    Raises
    ------
    MalformedError
        When a column is missing, or a line is not readable; names the line.
    """
    try:
        reader = csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise MalformedError(f"trades.csv has no column {', '.join(missing)}")
        return tuple(_step(row, reader.line_num) for row in reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise MalformedError(f"trades.csv is not a CSV file ({error})") from error


def _step(row: dict[str, str | None], line: int) -> Step:
    try:
        numbers = [float(row[name] or "") for name in COLUMNS[2:]]
    except ValueError:
        numbers = [math.nan]
    ticker, action = row["ticker"], row["action"]
    if not ticker or action not in _ACTIONS or not all(map(math.isfinite, numbers)):
        raise MalformedError(f"trades.csv, line {line} is not a trade")
    return Step(unguarded(ticker), action, *numbers)


def fold_problems(
    before: Holdings | None, after: Holdings, steps: tuple[Step, ...], cash: CashMovement
) -> tuple[str, ...]:
    """Why the steps and the cash do not lead from one book to the other; empty when they do."""
    start = before or Holdings()
    return (
        *_share_problems(start.shares, after.shares, steps),
        *_cash_problems(start.cash, after.cash, steps, cash),
    )


_STILL = (Kind.MAPPING, Kind.SENT)
"""Kinds that leave the book as it is."""

_SETTLING = (Kind.IMPORT, Kind.RECONCILE, Kind.REVERT)
"""Kinds that may mark a position as disputed, or settle it."""


_LOCKING = (Kind.LOCK, Kind.REVERT, Kind.IMPORT)
"""Kinds that may lock a ticker or lift a lock; an import, where it begins a history."""


def kind_problems(kind: Kind, before: Holdings | None, after: Holdings) -> tuple[str, ...]:
    """Why a commit of this kind may not lead from one book to the other; empty when it may.

    Examples
    --------
    >>> kind_problems(Kind.SENT, None, Holdings(cash=1.0))
    ('a commit of the kind sent leaves the book as it is; cash: 0.00 → 1.00 USD',)
    """
    if kind in _STILL:
        moved = book_differences(before, after)
        return tuple(f"a commit of the kind {kind} leaves the book as it is; {d}" for d in moved)
    start, problems = before or Holdings(), []
    if kind is Kind.LOCK:
        moved = book_differences(replace(start, locks=()), replace(after, locks=()))
        problems += [f"a commit of the kind lock moves nothing; {d}" for d in moved]
    if kind not in _SETTLING and start.disputed != after.disputed:
        problems.append(
            f"a commit of the kind {kind} neither marks nor settles a disputed position"
        )
    if kind not in _LOCKING and start.locks != after.locks:
        problems.append(f"a commit of the kind {kind} neither locks a ticker nor lifts a lock")
    return tuple(problems)


def _share_problems(
    old: dict[str, float], new: dict[str, float], steps: tuple[Step, ...]
) -> list[str]:
    listed = {step.ticker for step in steps}
    problems = ["trades.csv lists a ticker twice"] if len(listed) < len(steps) else []
    for step in steps:
        ends = (old.get(step.ticker, 0.0), new.get(step.ticker, 0.0))
        if (step.before, step.after) != ends:
            problems.append(
                f"{step.ticker}: trades.csv goes from {step.before:,.6g} to {step.after:,.6g} "
                f"shares, the books from {ends[0]:,.6g} to {ends[1]:,.6g}"
            )
        elif not _direction_holds(step):
            problems.append(f"{step.ticker}: {step.action} does not fit its share counts")
    for ticker in sorted({*old, *new} - listed):
        if old.get(ticker, 0.0) != new.get(ticker, 0.0):
            problems.append(f"{ticker}: its shares changed without a line in trades.csv")
    return problems


def _direction_holds(step: Step) -> bool:
    moved = step.after - step.before
    if not math.isclose(step.delta, moved, rel_tol=1e-9, abs_tol=1e-9):
        return False
    if step.action == "BUY":
        return moved > 0
    if step.action == "SELL":
        return moved < 0
    return step.notional == 0 and (step.action == ADJUST or moved == 0)


def _cash_problems(
    before: float, after: float, steps: tuple[Step, ...], cash: CashMovement
) -> list[str]:
    problems = []
    for action, stated in (("SELL", cash.sells), ("BUY", cash.buys)):
        listed = sum(to_cents(step.notional) for step in steps if step.action == action)
        if listed != to_cents(stated):
            problems.append(
                f"the {action} lines sum to {listed / 100:,.2f} USD, not {stated:,.2f} USD"
            )
    expected = cash.after(before)
    if to_cents(expected) != to_cents(after):
        problems.append(f"cash should be {expected:,.2f} USD after it, not {after:,.2f} USD")
    return problems
