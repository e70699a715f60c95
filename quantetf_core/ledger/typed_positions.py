"""Positions typed in by hand, as the same thing a broker's file becomes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from quantetf_core.csv_safe import csv_bytes
from quantetf_core.errors import ImportFileError
from quantetf_core.ledger.broker_csv import BrokerPositions, is_ticker
from quantetf_core.portfolio.holdings import Position

TYPED = "the positions typed"


class TypedRow(NamedTuple):
    """One line as typed; what was left empty is None."""

    ticker: str | None = None
    shares: float | None = None
    cost: float | None = None


def typed_positions(rows: Sequence[TypedRow], *, cash: float | None) -> BrokerPositions:
    """Check positions typed line by line; an empty line is skipped.

    Parameters
    ----------
    rows
        Ticker, shares and, where known, the average cost in USD a share.
    cash
        USD; None when it was not stated.

    Raises
    ------
    ImportFileError
        With every problem and its row, counted from 1; cash must be stated.

    Examples
    --------
    >>> read = typed_positions([TypedRow("spy", 10.0), TypedRow()], cash=0.0)
    >>> [(p.ticker, p.shares) for p in read.positions]
    [('SPY', 10.0)]
    """
    problems: list[str] = []
    seen: dict[str, int] = {}
    positions = []
    for number, row in enumerate(rows, start=1):
        ticker = (row.ticker or "").strip().upper()
        if not ticker and row.shares is None and row.cost is None:
            continue
        found = _row_problems(ticker, row, seen)
        problems += [f"row {number}: {problem}" for problem in found]
        seen.setdefault(ticker, number)
        if not found and row.shares:
            positions.append(Position(ticker=ticker, shares=row.shares, cost=row.cost))
    if cash is None:
        problems.append("cash: state how much there is, 0 if none")
    elif not math.isfinite(cash):
        problems.append("cash: not an amount of USD")
    if not problems and not positions and not cash:
        problems.append("neither a position nor cash is stated")
    if problems:
        raise ImportFileError(TYPED, problems)
    ordered = tuple(sorted(positions, key=lambda position: position.ticker))
    return BrokerPositions(positions=ordered, cash=cash)


def positions_csv(read: BrokerPositions) -> bytes:
    """What was understood, as a file that can be kept with the commit and read again."""
    rows = [(p.ticker, p.shares, p.cost) for p in read.positions]
    rows.append(("CASH", read.cash or 0.0, None))
    return csv_bytes(pd.DataFrame.from_records(rows, columns=["Symbol", "Quantity", "Cost"]))


def _row_problems(ticker: str, row: TypedRow, seen: dict[str, int]) -> list[str]:
    problems = []
    if not ticker:
        problems.append("the ticker is missing")
    elif not is_ticker(ticker):
        problems.append(f"{ticker[:40]!r} is not a ticker")
    elif ticker in seen:
        problems.append(f"{ticker} is in row {seen[ticker]} already")
    shares = row.shares
    if shares is None or not (math.isfinite(shares) and shares > 0):
        problems.append(f"{ticker[:40] or 'shares'}: the number of shares must be above 0")
    if row.cost is not None and not (math.isfinite(row.cost) and row.cost > 0):
        problems.append(f"{ticker[:40] or 'cost'}: the cost must be above 0, or empty")
    return problems
