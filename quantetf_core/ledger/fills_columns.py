"""What the columns of a broker's list of fills are called, and which of them is which.

Sources of the names: the exports of Interactive Brokers (Flex query, activity statement, TradeLog),
Schwab, Fidelity, Vanguard, E*TRADE, Robinhood, Webull, tastytrade and Alpaca.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from quantetf_core.errors import InvalidValueError, did_you_mean
from quantetf_core.ledger.broker_text import name_of


class FillsColumn(StrEnum):
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


REQUIRED = (FillsColumn.TICKER, FillsColumn.SHARES, FillsColumn.PRICE)
"""Without these a file cannot be read."""

FILLS_TO_MAP = (
    *(FillsColumn.TICKER, FillsColumn.SIDE, FillsColumn.SHARES, FillsColumn.PRICE),
    *(FillsColumn.COMMISSION, FillsColumn.FEES, FillsColumn.DATE, FillsColumn.TIME),
)
"""What a person may be asked to find; the others are used where they are known."""

_LABELS = {
    FillsColumn.TICKER: "Ticker",
    FillsColumn.SIDE: "Bought or sold",
    FillsColumn.SHARES: "Shares filled",
    FillsColumn.PRICE: "Price per share",
    FillsColumn.COMMISSION: "Commission",
    FillsColumn.FEES: "Other fees",
    FillsColumn.TIME: "Time (or date and time)",
    FillsColumn.DATE: "Date",
    FillsColumn.AMOUNT: "Amount",
    FillsColumn.ORDER_ID: "Order or execution number",
    FillsColumn.CURRENCY: "Currency",
    FillsColumn.ASSET: "Sort of asset",
    FillsColumn.DETAIL: "Level of detail",
    FillsColumn.STATUS: "Status",
}

# fmt: off
_KNOWN: dict[FillsColumn, tuple[str, ...]] = {
    FillsColumn.TICKER: (
        "ticker", "symbol", "tickersymbol", "symbolcusip", "instrument", "asset", "fininstrument",
        "securityid", "security",
    ),
    FillsColumn.SIDE: (
        "side", "buysell", "buyorsell", "boughtorsold", "action", "direction", "transcode",
        "orderaction", "orderside", "bs", "transactiontype", "activitytype", "transaction", "type",
    ),
    FillsColumn.SHARES: (
        "sharesfilled", "filledqty", "filledquantity", "qtyfilled", "executedquantity", "filled",
        "fillqty", "lastqty", "quantity", "qty", "shares", "units", "noofshares",
    ),
    FillsColumn.PRICE: (
        "tprice", "tradeprice", "fillprice", "filledprice", "avgfillprice", "averagefillprice",
        "averageprice", "avgprice", "executionprice", "price", "pricepershare", "shareprice",
        "unitprice", "priceusd",
    ),
    FillsColumn.COMMISSION: (
        "ibcommission", "commfee", "commission", "commissions", "commissionusd", "comm",
        "commissionsandfees", "commissionsfees", "feescomm", "feescommissions",
    ),
    FillsColumn.FEES: (
        "fees", "fee", "feesusd", "regfee", "regulatoryfees", "otherfees", "taxes",
    ),
    FillsColumn.TIME: (
        "datetime", "transactiontime", "executiontime", "filltime", "filledtime", "filledat",
        "tradetime", "tradedatetime", "executiondatetime", "timestamp", "time",
    ),
    FillsColumn.DATE: (
        "tradedate", "activitytradedate", "executiondate", "filldate", "rundate", "activitydate",
        "transactiondate", "date",
    ),
    FillsColumn.AMOUNT: ("netcash", "netamount", "amount", "amountusd"),
    FillsColumn.ORDER_ID: (
        "ibexecid", "execid", "executionid", "fillid", "tradeid", "transactionid", "id",
        "orderid", "iborderid", "ordernumber", "order",
    ),
    FillsColumn.CURRENCY: ("currency", "currencyprimary", "tradecurrency", "instrumentcurrency"),
    FillsColumn.ASSET: ("assetcategory", "assetclass", "securitytype", "instrumenttype", "sectype"),
    FillsColumn.DETAIL: ("datadiscriminator", "levelofdetail"),
    FillsColumn.STATUS: ("status", "orderstatus"),
}
# fmt: on

CASH_EFFECT = ("ibcommission", "commfee", "taxes")
"""Columns that hold what a cost did to cash: below 0 is paid, above 0 a rebate."""


def guessed(headers: Sequence[str]) -> dict[FillsColumn, str]:
    """The header of each column that is known by its name.

    Examples
    --------
    >>> found = guessed(["Symbol", "Date/Time", "Quantity", "T. Price", "Comm/Fee"])
    >>> found[FillsColumn.PRICE], found.get(FillsColumn.SIDE)
    ('T. Price', None)
    """
    by_name: dict[str, str] = {}
    for header in headers:
        by_name.setdefault(name_of(header), header)
    found: dict[FillsColumn, str] = {}
    for column, names in _KNOWN.items():
        known = [by_name[name] for name in names if name in by_name]
        if known:
            found[column] = known[0]
    return found


def stated(columns: Mapping[str, str]) -> dict[FillsColumn, str]:
    """A mapping a person made, checked: name of the column → header, empty for none.

    Raises
    ------
    InvalidValueError
        When a name is not one of `FillsColumn`, or two columns are said to be the same one.
    """
    names = [str(column) for column in FillsColumn]
    for name in columns:
        if name not in names:
            accepted = f"one of {', '.join(names)}{did_you_mean(name, names)}"
            raise InvalidValueError("columns", name, accepted)
    chosen = {FillsColumn(name): header for name, header in columns.items()}
    headers = [header for header in chosen.values() if header]
    twice = next((header for header in headers if headers.count(header) > 1), None)
    if twice is not None:
        raise InvalidValueError("columns", twice, "each column of the file at most once")
    return chosen


def is_complete(found: Mapping[FillsColumn, str]) -> bool:
    """Whether what must be there is."""
    return all(found.get(column) for column in REQUIRED)
