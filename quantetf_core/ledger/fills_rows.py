"""One row of a broker's list: a fill, something else, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from quantetf_core.csv_safe import unguarded
from quantetf_core.ledger.broker_csv import is_ticker
from quantetf_core.ledger.broker_numbers import read_number
from quantetf_core.ledger.broker_text import is_total
from quantetf_core.ledger.fills_columns import FillsColumn
from quantetf_core.ledger.fills_layout import Table
from quantetf_core.ledger.fills_times import ACCEPTED_TIMES, DayOrder, Read, read_time

ACCEPTED_SIDES = "bought or sold, as BUY, SELL, B, S, BOT, SLD, Bought, Sold, Buy to open …"

_BUY = re.compile(r"(you )?(bought|bot|buy ?(to ?(open|close|cover))?|purchased?|b)\b", re.I)
_SELL = re.compile(r"(you )?(sold|sld|sell ?(short|to ?(open|close))?|sale|s)\b", re.I)
_CANCEL = re.compile(r"\(ca\.?\)|\bcancel", re.I)
_NO_TRADE = re.compile(
    r"dividend|\bdiv\b|\bcdiv\b|interest|\bint\b|journal|reinvest|transfer|\bach\b|moneylink|wire"
    r"|deposit|withdraw|contribution|distribution|\bfees?\b|\btax|adjust|split|merger|spin"
    r"|assign|exercis|expir|lending|credit|debit|redemption|conversion|in lieu|\badr\b|foreign",
    re.I,
)
_NOT_DONE = re.compile(r"cancel|reject|expire|pending|working|open|queued|inactive|new", re.I)
_DONE = re.compile(r"fill|execut|complete|done", re.I)
_NO_SHARE = re.compile(
    r"option|\bopt\b|futur|\bfut\b|forex|\bcash\b|crypto|bond|warrant|\bfop\b", re.I
)
_SHARE = re.compile(r"\betfs?\b|fund|stock|equit", re.IGNORECASE)
_SHARE_CLASS = re.compile(r"^([A-Z]{1,5}) ([A-Z]{1,2})$")  # as order files write it for IBKR
_DOLLARS = ("", "USD", "US$", "$", "US DOLLAR", "US DOLLARS")
_EXECUTIONS, _ORDERS = ("trade", "execution"), ("order",)

Side = Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A fill as the file has it; costs are the cells' numbers, their sign not yet judged."""

    line: int
    ticker: str
    shares: float
    price: float
    price_places: int
    commission: float
    fees: float
    amount: float | None
    time: Read | None
    order_id: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A line that is no fill, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reader:
    """What is decided once for the whole table.

    Parameters
    ----------
    order
        Which number dates such as 3/4/2024 have first.
    detail
        The levels of detail whose rows are fills; empty when the file has but one.
    """

    table: Table
    order: DayOrder | None
    detail: tuple[str, ...]

    def read(self, line: int, row: Sequence[str]) -> Draft | Ignored | list[str]:
        """A fill, a line left out, or every problem of the line."""
        reason = self._no_fill(row)
        if reason:
            return Ignored(line, reason)
        problems: list[str] = []
        shares = self._shares(row, line, problems)
        if shares == 0 and not problems:
            return Ignored(line, "nothing filled")
        ticker = _SHARE_CLASS.sub(r"\1.\2", self._text(row, FillsColumn.TICKER).upper())
        if not is_ticker(ticker):
            self._refuse(problems, line, row, FillsColumn.TICKER, "a ticker")
        stated_price = self._text(row, FillsColumn.PRICE).lstrip("@").strip()
        price = self._number(stated_price)
        if price is None or price <= 0:
            self._refuse(problems, line, row, FillsColumn.PRICE, "USD per share, above 0")
        if self._text(row, FillsColumn.CURRENCY).upper() not in _DOLLARS:
            self._refuse(problems, line, row, FillsColumn.CURRENCY, "USD")
        commission, fees, amount = (
            self._amount(row, column, line, problems)
            for column in (FillsColumn.COMMISSION, FillsColumn.FEES, FillsColumn.AMOUNT)
        )
        time = self._time(row, line, problems)
        if problems:
            return problems
        assert price is not None  # or it would be a problem
        return Draft(
            line=line,
            ticker=ticker,
            shares=shares,
            price=price,
            price_places=_places(stated_price, self.table.decimal_sign),
            commission=commission or 0.0,
            fees=fees or 0.0,
            amount=amount,
            time=time,
            order_id=self._text(row, FillsColumn.ORDER_ID),
        )

    def _no_fill(self, row: Sequence[str]) -> str:
        """Why a row is no fill; empty when it is to be read as one."""
        first = next((found for found in row if found), "")
        ticker, side = self._text(row, FillsColumn.TICKER), self._text(row, FillsColumn.SIDE)
        detail, status = self._text(row, FillsColumn.DETAIL), self._text(row, FillsColumn.STATUS)
        if is_total(first) or is_total(ticker) or is_total(detail):
            return "a total"
        if self.detail and detail.lower() not in self.detail:
            return "a sum or a detail of other lines"
        if sum(map(bool, row)) == 1 or not (ticker or self._text(row, FillsColumn.SHARES)):
            return "no fill"
        if status and _NOT_DONE.search(status) and not _DONE.search(status):
            return "an order that was not filled"
        asset = self._text(row, FillsColumn.ASSET)
        if _NO_SHARE.search(asset) and not _SHARE.search(asset):
            return "not a fund or share"
        if side and not _side(side) and _NO_TRADE.search(side):
            return "no trade"
        return ""

    def _shares(self, row: Sequence[str], line: int, problems: list[str]) -> float:
        """Signed shares: by the side where there is one, else by the number's own sign."""
        shares = self._number(self._text(row, FillsColumn.SHARES))
        if shares is None:
            self._refuse(problems, line, row, FillsColumn.SHARES, "a number of shares")
            return 0.0
        written = self._text(row, FillsColumn.SIDE)
        side = _side(written)
        if FillsColumn.SIDE not in self.table.places or (shares and _CANCEL.search(written)):
            return shares
        if not side:
            self._refuse(problems, line, row, FillsColumn.SIDE, ACCEPTED_SIDES)
        elif side > 0 > shares:
            said = f"a number above 0, or the other side: the line says {written!r}"
            self._refuse(problems, line, row, FillsColumn.SHARES, said)
        return side * abs(shares)

    def _amount(
        self, row: Sequence[str], column: FillsColumn, line: int, problems: list[str]
    ) -> float | None:
        stated = self._text(row, column)
        usd = self._number(stated) if stated else None
        if stated and usd is None:
            self._refuse(problems, line, row, column, "an amount of USD, or nothing")
        return usd

    def _time(self, row: Sequence[str], line: int, problems: list[str]) -> Read | None:
        written = self._text(row, FillsColumn.DATE), self._text(row, FillsColumn.TIME)
        if not any(written):
            return None
        read = read_time(*written, self.order)
        if read is None:
            column = FillsColumn.TIME if written[1] else FillsColumn.DATE
            self._refuse(problems, line, row, column, ACCEPTED_TIMES)
        return read

    def _text(self, row: Sequence[str], column: FillsColumn) -> str:
        return unguarded(self.table.text(row, column))

    def _number(self, text: str) -> float | None:
        return read_number(text, self.table.decimal_sign)

    def _refuse(
        self, problems: list[str], line: int, row: Sequence[str], column: FillsColumn, accepted: str
    ) -> None:
        found = self._text(row, column)
        said = f"found {found[:40]!r}" if found else "found nothing"
        header = self.table.columns[column]
        problems.append(f"line {line}, column {header[:40]}: {said}; accepted: {accepted}")


def detail_of(table: Table) -> tuple[str, ...]:
    """The level of detail to read: executions where the file has them, else orders."""
    levels = {table.text(row, FillsColumn.DETAIL).lower() for _, row in table.rows}
    for wanted in (_EXECUTIONS, _ORDERS):
        if levels.intersection(wanted):
            return wanted
    return ()


def _side(written: str) -> Side:
    """+1 bought, −1 sold, 0 for what is neither."""
    text = written.replace("_", " ").strip()
    if _BUY.match(text):
        return 1
    return -1 if _SELL.match(text) else 0


def _places(number: str, decimal_sign: str) -> int:
    """Digits after the decimal sign."""
    _, _, digits = number.partition(decimal_sign)
    return sum(digit.isdigit() for digit in digits)
