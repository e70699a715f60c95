"""A broker's list of fills, or every reason why it cannot be read, at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from quantetf_core.csv_safe import csv_bytes
from quantetf_core.errors import ImportFileError
from quantetf_core.execution.fill_lines import Fill, OrderedLine
from quantetf_core.findings import Finding, in_order
from quantetf_core.ledger.fills_columns import FillsColumn
from quantetf_core.ledger.fills_file import FILLS_COLUMNS
from quantetf_core.ledger.fills_judged import about_lines, about_times, judged
from quantetf_core.ledger.fills_layout import table_of
from quantetf_core.ledger.fills_rows import Draft, Ignored, Reader, detail_of
from quantetf_core.ledger.fills_times import day_order_of

_MOST_PROBLEMS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerFills:
    """What a broker's list says.

    Parameters
    ----------
    fills
        In the order of the file.
    columns
        How it was understood: name of `FillsColumn` → header.
    ignored
        Lines that are no fill, and why.
    findings
        What to know before trusting it.
    """

    fills: tuple[Fill, ...]
    columns: Mapping[str, str]
    ignored: tuple[Ignored, ...]
    findings: tuple[Finding, ...]


def read_fills(
    content: bytes, *, source_name: str, columns: Mapping[str, str] | None = None
) -> BrokerFills:
    r"""Read a list of fills as brokers export them.

    A header row is looked for with a ticker, a share count and a price; what those columns are
    called at common brokers is known (`fills_columns`), anything else is said with ``columns``.
    Understood are the encodings, separators and numbers that `parse_positions` understands, sides
    in words (BUY, SLD, YOU BOUGHT …) or as the sign of the share count, commissions and fees above
    or below 0, dates and times with or without a zone, activity statements of several tables, and
    TradeLog files. Totals, dividends, cancelled orders and whatever else is no fill are left out
    and named.

    Parameters
    ----------
    source_name
        The file's name, for messages.
    columns
        Name of `FillsColumn` → header; empty for a column the file does not have. Columns not named
        are guessed.

    Raises
    ------
    ImportFileError
        With every problem: its line and column, what was found, what is accepted.
    InvalidValueError
        When ``columns`` names what is no column.

    Notes
    -----
    Codes of the findings: ``lines_left_out``; ``exchange_time`` (times without a zone are read as
    New York's), ``day_only``, ``no_times``, ``month_first``, ``day_first``; ``all_bought`` (no side
    and no sign said otherwise); ``rebate``, ``cost_sign``; ``price_from_amount`` (the file's price
    is rounded; the one that leads to its amount is used) and ``amount_disagrees``.

    Examples
    --------
    >>> read = read_fills(b"Symbol,Side,Qty,Price\nSPY,SLD,10,475.5\n", source_name="x.csv")
    >>> read.fills[0].ticker, read.fills[0].shares, read.columns["side"]
    ('SPY', -10.0, 'Side')
    """
    table = table_of(content, source_name, columns)
    both = (FillsColumn.DATE, FillsColumn.TIME)
    cells = [text for column in both for _, row in table.rows if (text := table.text(row, column))]
    order = day_order_of(cells)
    drafts, ignored, problems = _read(Reader(table, order, detail_of(table)))
    said = judged(table, drafts, source_name)
    problems += said.problems
    if not (problems or drafts):
        problems = ["it holds no fill"]
    if problems:
        more = len(problems) - _MOST_PROBLEMS
        listed = problems[:_MOST_PROBLEMS] + ([f"and {more} more like these"] if more > 0 else [])
        raise ImportFileError(source_name, listed)
    about = about_lines(table, ignored, source_name)
    about += about_times(drafts, cells, order, source_name)
    return BrokerFills(
        fills=tuple(said.fills),
        columns=MappingProxyType({str(column): header for column, header in table.columns.items()}),
        ignored=tuple(ignored),
        findings=in_order([*about, *said.findings]),
    )


def _read(reader: Reader) -> tuple[list[Draft], list[Ignored], list[str]]:
    drafts, ignored, problems = [], [], []
    for line, row in reader.table.rows:
        if not any(row):
            continue
        read = reader.read(line, row)
        if isinstance(read, Draft):
            drafts.append(read)
        elif isinstance(read, Ignored):
            ignored.append(read)
        else:
            problems += read
    return drafts, ignored, problems


def fills_template(ordered: Sequence[OrderedLine]) -> bytes:
    """A list to fill in by hand: what was ordered, with the price, fees and time left empty.

    `read_fills` understands it once they are there; lines that were not filled are to be deleted.

    Examples
    --------
    >>> order = OrderedLine(ticker="SPY", shares=-10.0, price=475.5)
    >>> print(fills_template([order]).decode())
    ticker,side,shares,price,fees,time,order_id
    SPY,SELL,10.0,,,,
    <BLANKLINE>
    """
    lines = [
        (line.ticker, "BUY" if line.shares > 0 else "SELL", abs(line.shares), "", "", "", "")
        for line in ordered
    ]
    return csv_bytes(pd.DataFrame.from_records(lines, columns=list(FILLS_COLUMNS)))
