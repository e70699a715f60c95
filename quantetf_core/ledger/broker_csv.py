"""A broker's position file as positions and cash, or every reason why not, at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from quantetf_core.errors import ImportFileError
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger.broker_layout import Layout, layout_of
from quantetf_core.ledger.broker_numbers import read_number
from quantetf_core.ledger.broker_text import cell, is_total
from quantetf_core.portfolio.holdings import Position
from quantetf_core.units import from_cents, to_cents

_CASH = re.compile(
    r"(\$?cash\$?|usd|us dollars?|u\.s\. dollars?|cash (&|and) cash (investments|equivalents)"
    r"|cash balance|(uninvested|settled|total|free) cash|cash \(usd\)|[a-z]{5}\*\*)",
    re.IGNORECASE,
)
_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9./^-]{0,19}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerPositions:
    """What a broker's file says: the whole book.

    ``cash`` is None when the file has no cash line; then the importer must be told it. ``price``
    and ``cost`` of a position are the file's, where it has them.
    """

    positions: tuple[Position, ...]
    cash: float | None
    findings: tuple[Finding, ...] = ()


def is_ticker(text: str) -> bool:
    """Whether a text, in capitals, can be a ticker.

    Examples
    --------
    >>> is_ticker("BRK.B"), is_ticker("=1+1")
    (True, False)
    """
    return _SYMBOL.fullmatch(text) is not None


@dataclass(slots=True)
class _Reading:
    """What has been understood so far, by ticker or name of the cash line, with its line."""

    layout: Layout
    positions: dict[str, tuple[int, Position]] = field(default_factory=dict)
    cash: dict[str, tuple[int, int]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def parse_positions(content: bytes, *, source_name: str) -> BrokerPositions:
    r"""Read a position file as brokers export them.

    A header row with a ticker column (Symbol, Ticker …) and a share column (Quantity, Qty,
    Shares …) is looked for. Lines before it, rows of totals, and remarks of one cell are left out
    and named in a finding. Cash may be a row (``CASH``, ``$CASH$``, ``USD``, ``Cash & Cash
    Investments``, a sweep fund marked ``**``); several are summed. Understood are commas,
    semicolons or tabs between cells, a BOM, ``1,234.50``, ``$12``, ``(12)`` for −12, and decimal
    commas where the file leaves no doubt. ``Cost`` is read as the average per share, ``Cost
    Basis`` as that of the whole position.

    Parameters
    ----------
    source_name
        The file's name, for messages.

    Raises
    ------
    ImportFileError
        With every problem and its line: an unreadable or negative share count, a ticker twice,
        something that is no ticker (such as a formula), no header row, nothing in it.

    Examples
    --------
    >>> read = parse_positions(b"Symbol,Quantity\nSPY,10\nCASH,250.5\n", source_name="x.csv")
    >>> read.positions[0].ticker, read.positions[0].shares, read.cash
    ('SPY', 10.0, 250.5)
    """
    reading = _Reading(layout_of(content, source_name))
    reading.left_out += [f"line {line}" for line, row in reading.layout.preamble if any(row)]
    for line, row in reading.layout.rows:
        if any(row):
            _read_row(reading, line, row)
    if not (reading.problems or reading.positions or reading.cash):
        reading.problems.append("it holds neither a position nor cash")
    if reading.problems:
        raise ImportFileError(source_name, reading.problems)
    return _result(reading, source_name)


def _read_row(reading: _Reading, line: int, row: Sequence[str]) -> None:
    columns = reading.layout.columns
    name = cell(row, columns.ticker)
    cash_name = next((found for found in ([name] if name else row) if _CASH.fullmatch(found)), None)
    if cash_name is not None:
        _read_cash(reading, line, row, cash_name)
    elif any(map(is_total, row)) or _is_remark(reading, row):
        reading.left_out.append(f"line {line}")
    elif name:
        _read_position(reading, line, row)
    elif cell(row, columns.shares):
        problem = f"line {line}: {cell(row, columns.shares)} shares of no ticker"
        reading.problems.append(problem)
    else:
        reading.left_out.append(f"line {line}")


def _is_remark(reading: _Reading, row: Sequence[str]) -> bool:
    """Whether a row is one cell of prose, and neither a lone ticker nor a lone number of shares."""
    columns = reading.layout.columns
    lone_shares = read_number(cell(row, columns.shares), reading.layout.decimal_sign)
    ticker = _SYMBOL.fullmatch(cell(row, columns.ticker))
    return sum(map(bool, row)) == 1 and not ticker and lone_shares is None


def _read_cash(reading: _Reading, line: int, row: Sequence[str], name: str) -> None:
    """Cash is the row's value or, where that is not given, its quantity (at 1 USD)."""
    columns = reading.layout.columns
    stated = cell(row, columns.value) or cell(row, columns.shares)
    usd = read_number(stated, reading.layout.decimal_sign)
    if usd is None:
        reading.problems.append(f"line {line}: {name}: {stated!r} is not an amount of cash")
    elif name in reading.cash:
        reading.problems.append(f"line {line}: {name} is on line {reading.cash[name][0]} already")
    else:
        reading.cash[name] = (line, to_cents(usd))


def _read_position(reading: _Reading, line: int, row: Sequence[str]) -> None:
    columns, sign = reading.layout.columns, reading.layout.decimal_sign
    ticker = cell(row, columns.ticker).upper()
    stated = cell(row, columns.shares)
    shares = read_number(stated, sign)
    problems = []
    if not _SYMBOL.fullmatch(ticker):
        problems.append(f"{ticker[:40]!r} is not a ticker")
    if ticker in reading.positions:
        problems.append(f"{ticker} is on line {reading.positions[ticker][0]} already")
    if shares is None:
        problems.append(f"{ticker[:40]}: {stated!r} is not a number of shares")
    elif shares < 0:
        problems.append(f"{ticker[:40]}: {stated} shares; a short position cannot be imported")
    price, average, total = (
        _amount(reading, row, place, problems)
        for place in (columns.price, columns.average, columns.total_cost)
    )
    reading.problems += [f"line {line}: {problem}" for problem in problems]
    if problems or not shares:
        reading.left_out.append(f"line {line} ({ticker[:40]}: no shares)")
        return
    if average is None and total is not None:
        average = total / shares
    position = Position(ticker=ticker, shares=shares, price=price, cost=average)
    reading.positions[ticker] = (line, position)


def _amount(reading: _Reading, row: Sequence[str], place: int, problems: list[str]) -> float | None:
    """USD above 0, or None where not given; what cannot be read is added to the problems."""
    stated = cell(row, place)
    if not stated:
        return None
    usd = read_number(stated, reading.layout.decimal_sign)
    if usd is None or usd < 0:
        problems.append(f"{stated[:40]!r} is not a price or cost")
    return usd or None


def _result(reading: _Reading, source_name: str) -> BrokerPositions:
    cash = None
    if reading.cash:
        cash = from_cents(sum(cents for _, cents in reading.cash.values()))
    findings = []
    if reading.left_out:
        message = f"left out, as no position or cash: {', '.join(reading.left_out)}"
        findings.append(Finding(Severity.INFO, "lines_left_out", source_name, message))
    if cash is None:
        message = "it has no cash line; state the cash held"
        findings.append(Finding(Severity.WARN, "cash_not_stated", source_name, message))
    elif cash < 0:
        message = f"cash is {cash:,.2f} USD, below zero"
        findings.append(Finding(Severity.WARN, "cash_below_zero", source_name, message))
    positions = [position for _, position in reading.positions.values()]
    return BrokerPositions(
        positions=tuple(sorted(positions, key=lambda position: position.ticker)),
        cash=cash,
        findings=tuple(findings),
    )
