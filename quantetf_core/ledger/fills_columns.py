"""What the columns of a broker's list of fills are called, and which of them is which.

Sources of the names: the exports of Interactive Brokers (Flex query, activity statement, TradeLog),
Schwab, Fidelity, Vanguard, E*TRADE, Robinhood, Webull, tastytrade and Alpaca.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from quantetf_core.errors import InvalidValueError, did_you_mean
from quantetf_core.ledger.broker_text import name_of


class Column(StrEnum):
    """What a column of a list of fills holds."""

    TICKER = "ticker"
    SIDE = "side"
    SHARES = "shares"
    PRICE = "price"
    COMMISSION = "commission"
    FEES = "fees"
    TIME = "time"
    DATE = "date"
    AMOUNT = "amount"
    ORDER_ID = "order_id"
    CURRENCY = "currency"
    ASSET = "asset"
    DETAIL = "detail"
    STATUS = "status"

    @property
    def label(self) -> str:
        """The words a PM reads."""
        return _LABELS[self]


REQUIRED = (Column.TICKER, Column.SHARES, Column.PRICE)
"""Without these a file cannot be read."""

TO_MAP = (
    *(Column.TICKER, Column.SIDE, Column.SHARES, Column.PRICE),
    *(Column.COMMISSION, Column.FEES, Column.DATE, Column.TIME),
)
"""What a person may be asked to find; the others are used where they are known."""

_LABELS = {
    Column.TICKER: "Ticker",
    Column.SIDE: "Bought or sold",
    Column.SHARES: "Shares filled",
    Column.PRICE: "Price per share",
    Column.COMMISSION: "Commission",
    Column.FEES: "Other fees",
    Column.TIME: "Time (or date and time)",
    Column.DATE: "Date",
    Column.AMOUNT: "Amount",
    Column.ORDER_ID: "Order or execution number",
    Column.CURRENCY: "Currency",
    Column.ASSET: "Sort of asset",
    Column.DETAIL: "Level of detail",
    Column.STATUS: "Status",
}

# fmt: off
_KNOWN: dict[Column, tuple[str, ...]] = {
    Column.TICKER: (
        "ticker", "symbol", "tickersymbol", "symbolcusip", "instrument", "asset", "fininstrument",
        "securityid", "security",
    ),
    Column.SIDE: (
        "side", "buysell", "buyorsell", "boughtorsold", "action", "direction", "transcode",
        "orderaction", "orderside", "bs", "transactiontype", "activitytype", "transaction", "type",
    ),
    Column.SHARES: (
        "sharesfilled", "filledqty", "filledquantity", "qtyfilled", "executedquantity", "filled",
        "fillqty", "lastqty", "quantity", "qty", "shares", "units", "noofshares",
    ),
    Column.PRICE: (
        "tprice", "tradeprice", "fillprice", "filledprice", "avgfillprice", "averagefillprice",
        "averageprice", "avgprice", "executionprice", "price", "pricepershare", "shareprice",
        "unitprice", "priceusd",
    ),
    Column.COMMISSION: (
        "ibcommission", "commfee", "commission", "commissions", "commissionusd", "comm",
        "commissionsandfees", "commissionsfees", "feescomm", "feescommissions",
    ),
    Column.FEES: (
        "fees", "fee", "feesusd", "regfee", "regulatoryfees", "otherfees", "taxes",
    ),
    Column.TIME: (
        "datetime", "transactiontime", "executiontime", "filltime", "filledtime", "filledat",
        "tradetime", "tradedatetime", "executiondatetime", "timestamp", "time",
    ),
    Column.DATE: (
        "tradedate", "activitytradedate", "executiondate", "filldate", "rundate", "activitydate",
        "transactiondate", "date",
    ),
    Column.AMOUNT: ("netcash", "netamount", "amount", "amountusd"),
    Column.ORDER_ID: (
        "ibexecid", "execid", "executionid", "fillid", "tradeid", "transactionid", "id",
        "orderid", "iborderid", "ordernumber", "order",
    ),
    Column.CURRENCY: ("currency", "currencyprimary", "tradecurrency", "instrumentcurrency"),
    Column.ASSET: ("assetcategory", "assetclass", "securitytype", "instrumenttype", "sectype"),
    Column.DETAIL: ("datadiscriminator", "levelofdetail"),
    Column.STATUS: ("status", "orderstatus"),
}
# fmt: on

CASH_EFFECT = ("ibcommission", "commfee", "taxes")
"""Columns that hold what a cost did to cash: below 0 is paid, above 0 a rebate."""


def guessed(headers: Sequence[str]) -> dict[Column, str]:
    """The header of each column that is known by its name.

    Examples
    --------
    >>> found = guessed(["Symbol", "Date/Time", "Quantity", "T. Price", "Comm/Fee"])
    >>> found[Column.PRICE], found.get(Column.SIDE)
    ('T. Price', None)
    """
    by_name: dict[str, str] = {}
    for header in headers:
        by_name.setdefault(name_of(header), header)
    found: dict[Column, str] = {}
    for column, names in _KNOWN.items():
        known = [by_name[name] for name in names if name in by_name]
        if known:
            found[column] = known[0]
    return found


def stated(columns: Mapping[str, str]) -> dict[Column, str]:
    """A mapping a person made, checked: name of the column → header, empty for none.

    Raises
    ------
    InvalidValueError
        When a name is not one of `Column`, or two columns are said to be the same one.
    """
    names = [str(column) for column in Column]
    for name in columns:
        if name not in names:
            accepted = f"one of {', '.join(names)}{did_you_mean(name, names)}"
            raise InvalidValueError("columns", name, accepted)
    chosen = {Column(name): header for name, header in columns.items()}
    headers = [header for header in chosen.values() if header]
    twice = next((header for header in headers if headers.count(header) > 1), None)
    if twice is not None:
        raise InvalidValueError("columns", twice, "each column of the file at most once")
    return chosen


def is_complete(found: Mapping[Column, str]) -> bool:
    """Whether what must be there is."""
    return all(found.get(column) for column in REQUIRED)
