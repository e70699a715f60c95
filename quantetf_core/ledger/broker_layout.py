"""Where a broker's position file keeps what: its separator, its header row, its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quantetf_core.errors import ImportFileError
from quantetf_core.ledger.broker_numbers import DecimalSign, decimal_sign_of
from quantetf_core.ledger.broker_text import Row, cell, decoded, name_of, rows_of, separator_of

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
    text = decoded(content, source_name)
    separator = separator_of(text, lambda row: columns_of(row) is not None)
    rows = rows_of(text, separator, source_name)
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


def columns_of(row: Sequence[str]) -> Columns | None:
    """The columns, when this row is a header."""
    names = [name_of(header) for header in row]

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
