"""Where a broker's position file keeps what: its separator, its header row, its columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from quantetf_core.errors import ImportFileError
from quantetf_core.ledger.broker_numbers import DecimalSign, decimal_sign_of

_TICKER = ("symbol", "ticker", "symbolcusip", "instrument", "security", "securityid")
_SHARES = ("quantity", "qty", "qtyquantity", "shares", "position", "units", "noofshares")
_PRICE = ("price", "lastprice", "currentprice", "marketprice", "closeprice", "shareprice")
_VALUE = ("marketvalue", "mktvalmarketvalue", "currentvalue", "mktvalue", "totalvalue", "value")
_AVERAGE = (
    "avgcost",
    "averagecost",
    "averagecostbasis",
    "avgprice",
    "averageprice",
    "costpershare",
    "costshare",
    "unitcost",
    "purchaseprice",
    "openprice",
    "cost",
)
_TOTAL_COST = ("costbasis", "costbasistotal", "totalcost", "bookcost", "costvalue")
_MAX_BYTES = 5_000_000
_LINES_TO_LOOK_AT = 100

NOTHING = ("", "-", "--", "n/a", "N/A")
"""How brokers leave a cell empty."""

Row = tuple[int, list[str]]
"""Line number and stripped cells."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where in a row to look; −1 for a column that is not there."""

    ticker: int
    shares: int
    price: int
    value: int
    average: int
    total_cost: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A file taken apart: lines before the table, its columns, its rows, its decimal sign."""

    preamble: tuple[Row, ...]
    columns: Columns
    rows: tuple[Row, ...]
    decimal_sign: DecimalSign


def layout_of(content: bytes, source_name: str) -> Layout:
    """Find the table of positions.

    Raises
    ------
    ImportFileError
        When the file is no text, too large, has no header row or two, or its numbers can be read
        in two ways.
    """
    text = _decoded(content, source_name)
    separator = _separator(text)
    rows = _rows(text, separator, source_name)
    headers = [place for place, row in enumerate(rows) if columns_of(row[1])]
    if len(headers) != 1:
        raise ImportFileError(source_name, [_header_problem([rows[at][0] for at in headers])])
    columns = columns_of(rows[headers[0]][1])
    assert columns is not None
    table = rows[headers[0] + 1 :]
    places = (columns.shares, columns.price, columns.value, columns.average, columns.total_cost)
    sign = decimal_sign_of([cell(row, place) for _, row in table for place in places])
    if sign is None and separator == ";":
        problem = "its numbers can be read in two ways (is 1.234 more than a thousand?)"
        raise ImportFileError(source_name, [f"{problem}; write them without thousands separators"])
    return Layout(tuple(rows[: headers[0]]), columns, tuple(table), sign or ".")


def cell(row: Sequence[str], place: int) -> str:
    """A cell of a row that may be too short; empty, too, when it only says that it is."""
    found = row[place] if 0 <= place < len(row) else ""
    return "" if found in NOTHING else found


def columns_of(row: Sequence[str]) -> Columns | None:
    """The columns, when this row is a header."""
    names = [re.sub(r"[^a-z]", "", name.lower()) for name in row]

    def place(*accepted: str) -> int:
        return next((names.index(name) for name in accepted if name in names), -1)

    ticker, shares = place(*_TICKER), place(*_SHARES)
    if ticker < 0 or shares < 0:
        return None
    return Columns(
        ticker=ticker,
        shares=shares,
        price=place(*_PRICE),
        value=place(*_VALUE),
        average=place(*_AVERAGE),
        total_cost=place(*_TOTAL_COST),
    )


def _header_problem(lines: list[int]) -> str:
    if lines:
        listed = ", ".join(map(str, lines))
        return f"it holds more than one table (headers on lines {listed}); keep the positions only"
    return (
        "it has no header row with a ticker column (Symbol, Ticker) and a share column "
        "(Quantity, Qty, Shares)"
    )


def _decoded(content: bytes, source_name: str) -> str:
    if len(content) > _MAX_BYTES:
        raise ImportFileError(source_name, [f"it is larger than {_MAX_BYTES:,} bytes"])
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise ImportFileError(source_name, ["it is not a text file"])
    return text


def _separator(text: str) -> str:
    """The separator under which one of the first lines is a header; a comma when there is none."""
    lines = text.splitlines()[:_LINES_TO_LOOK_AT]
    for separator in (",", ";", "\t"):
        if any(columns_of([name.strip('" ') for name in line.split(separator)]) for line in lines):
            return separator
    return ","


def _rows(text: str, separator: str, source_name: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows = []
    try:
        for row in reader:
            rows.append((reader.line_num, [name.strip() for name in row]))
    except csv.Error as error:
        raise ImportFileError(source_name, [f"line {reader.line_num}: {error}"]) from error
    return rows
