"""Orders as the files a broker takes: plain CSV, an IBKR basket, JSON. The same orders, same bytes.

Limit prices are reckoned with decimals as written, and rounded to the cent in the trader's favour:
a buy down, a sell up, so that no limit is worse than the one asked for. Nothing is sent from here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import TypeVar

import pandas as pd

from quantetf_core.csv_safe import csv_bytes
from quantetf_core.encoding import readable_json
from quantetf_core.errors import InvalidValueError, OrderFileError
from quantetf_core.execution.fills import OrderedLine
from quantetf_core.execution.order_ticket import Layout, OrderFile, OrderTicket, TimeInForce
from quantetf_core.execution.trade import Action
from quantetf_core.units import is_finite_number

SCHEMA = "quantetf-orders/1"
"""First field of the JSON layout: what it is, and which version of it."""

FARTHEST_LIMIT = 1_000.0
"""Basis points from the close beyond which a limit is a slip of the finger (house rule)."""

TICK = Decimal("0.01")
"""USD: step of limit prices (Regulation NMS, Rule 612, for prices from 1 USD)."""

_Word = TypeVar("_Word", bound=StrEnum)

_QUOTED = 4  # decimals of a close that are a price, and not the noise of its file
_MILLIONTHS = 6  # decimals of a share that an order may have


def write_orders(
    ticket: OrderTicket,
    *,
    layout: Layout | str,
    limit_bps: float | None = None,
    time_in_force: TimeInForce | str = TimeInForce.DAY,
) -> OrderFile:
    """Lay out the orders of a ticket, sells first, otherwise in the order given.

    Parameters
    ----------
    layout
        ``csv`` (one line per order, everything said on each), ``ibkr`` (BasketTrader), ``json``.
    limit_bps
        None for market orders. Otherwise how much worse than the close a limit may be, in basis
        points: a buy may pay that much more, a sell bring that much less. Below 0 asks for a
        better price than the close.
    time_in_force
        ``DAY`` unless told otherwise.

    Raises
    ------
    OrderFileError
        When nothing trades, or the layout cannot name a ticker or a quantity.
    InvalidValueError
        When an argument is not one of those accepted.

    Examples
    --------
    >>> from datetime import date
    >>> ticket = OrderTicket(plan_id="3f" * 32, portfolio="core", as_of=date(2023, 12, 29),
    ...     simulated=False, orders=(OrderedLine(ticker="SPY", shares=10.0, price=475.31),),
    ...     commit_id="20231229", state="committed")
    >>> print(write_orders(ticket, layout="ibkr", limit_bps=20).content.decode().split()[1])
    BUY,10,SPY,STK,SMART,USD,DAY,LMT,476.26,QE3f3f3f3f3f3f3f3f
    """
    chosen, tif = (
        _one_of(Layout, "layout", layout),
        _one_of(TimeInForce, "time_in_force", time_in_force),
    )
    _check_limit(limit_bps)
    if not ticket.orders:
        raise OrderFileError("no line trades, so there is nothing to order")
    lines = [_Line.of(order, limit_bps) for order in sorted(ticket.orders, key=_buys_last)]
    content, ending = _LAYOUTS[chosen](ticket, lines, tif)
    kind = "application/json" if chosen is Layout.JSON else "text/csv"
    return OrderFile(name=_name(ticket, ending), media_type=kind, content=content, ticket=ticket)


def limit_price(close: float, shares: float, limit_bps: float) -> Decimal:
    """Worst price that is accepted, USD, rounded to the tick in the trader's favour.

    The close is taken to a hundredth of a cent, the finest step of US quotes: what a file of
    single precision adds beyond it (22.0400009) must not move a limit by a cent.

    Examples
    --------
    >>> limit_price(475.31, 10.0, 20.0), limit_price(475.31, -10.0, 20.0)
    (Decimal('476.26'), Decimal('474.36'))
    >>> limit_price(475.31, 10.0, 0.0), limit_price(475.31, 10.0, -5.0)
    (Decimal('475.31'), Decimal('475.07'))
    """
    away = Decimal(str(limit_bps)) / 10_000
    price = Decimal(str(round(close, _QUOTED))) * (1 + (away if shares > 0 else -away))
    return price.quantize(TICK, ROUND_FLOOR if shares > 0 else ROUND_CEILING)


def ibkr_symbol(ticker: str) -> str:
    """How Interactive Brokers writes a US ticker: a share class after a space.

    Capitals and digits stand as they are. Classes A, B and C, written with a dot, a dash or a
    slash, get the space; any other ending may as well name a foreign exchange (``SPY.L``) or a
    preferred share, and is refused.

    Raises
    ------
    OrderFileError
        When the rule does not say how it is written.

    Examples
    --------
    >>> ibkr_symbol("SPY"), ibkr_symbol("BRK.B"), ibkr_symbol("BF-A")
    ('SPY', 'BRK B', 'BF A')
    """
    match = _IBKR_TICKER.fullmatch(ticker)
    if match is None:
        raise OrderFileError(
            f"how IBKR writes {ticker!r} is not known (known: capitals and digits, and classes "
            "such as BRK.B); take the CSV layout and enter it yourself"
        )
    return " ".join(part for part in match.groups() if part)


_IBKR_TICKER = re.compile(r"([A-Z0-9]{1,12})(?:[./-]([ABC]))?", re.ASCII)


# --- lines ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    action: Action
    ticker: str
    shares: Decimal
    close: float
    limit: Decimal | None

    @classmethod
    def of(cls, order: OrderedLine, limit_bps: float | None) -> _Line:
        shares = Decimal(str(round(abs(order.shares), _MILLIONTHS)))
        if not shares:
            raise OrderFileError(f"{order.ticker}: {order.shares:g} shares are too few to order")
        limit = None if limit_bps is None else limit_price(order.price, order.shares, limit_bps)
        if limit is not None and limit <= 0:
            raise OrderFileError(f"{order.ticker}: a limit of {limit} USD is no price")
        action = Action.BUY if order.shares > 0 else Action.SELL
        return cls(
            action=action, ticker=order.ticker, shares=shares, close=order.price, limit=limit
        )

    @property
    def order_type(self) -> str:
        return "MKT" if self.limit is None else "LMT"

    @property
    def quantity(self) -> str:
        whole = self.shares == self.shares.to_integral_value()
        return str(int(self.shares)) if whole else format(self.shares.normalize(), "f")

    @property
    def limit_text(self) -> str:
        return "" if self.limit is None else format(self.limit, "f")


def _buys_last(order: OrderedLine) -> bool:
    return order.shares > 0


# --- layouts --------------------------------------------------------------------------------


def _csv(ticket: OrderTicket, lines: Sequence[_Line], tif: TimeInForce) -> tuple[bytes, str]:
    rows = [
        {
            "action": str(line.action),
            "ticker": line.ticker,
            "shares": line.quantity,
            "order_type": line.order_type,
            "limit_price": line.limit_text,
            "time_in_force": str(tif),
            "close": format(Decimal(str(line.close)), "f"),
            "as_of": ticket.as_of.isoformat(),
            "portfolio": ticket.portfolio,
            "state": ticket.state,
            "commit_id": ticket.commit_id or "",
            "prices": _prices(ticket),
            "plan_id": ticket.plan_id,
        }
        for line in lines
    ]
    return csv_bytes(pd.DataFrame(rows)), ".csv"


def _ibkr(ticket: OrderTicket, lines: Sequence[_Line], tif: TimeInForce) -> tuple[bytes, str]:
    symbols = {line.ticker: ibkr_symbol(line.ticker) for line in lines}
    twice = sorted(name for name, times in Counter(symbols.values()).items() if times > 1)
    if twice or len(symbols) < len(lines):
        raise OrderFileError(f"more than one order is for {', '.join(twice) or 'the same ticker'}")
    rows = [
        {
            "Action": str(line.action),
            "Quantity": line.quantity,
            "Symbol": symbols[line.ticker],
            "SecType": "STK",
            "Exchange": "SMART",
            "Currency": "USD",
            "TimeInForce": str(tif),
            "OrderType": line.order_type,
            "LmtPrice": line.limit_text,
            "BasketTag": ticket.tag,
        }
        for line in lines
    ]
    return csv_bytes(pd.DataFrame(rows)), "-ibkr.csv"


def _json(ticket: OrderTicket, lines: Sequence[_Line], tif: TimeInForce) -> tuple[bytes, str]:
    document = {
        "schema": SCHEMA,
        "plan_id": ticket.plan_id,
        "portfolio": ticket.portfolio,
        "as_of": ticket.as_of,
        "state": ticket.state,
        "commit_id": ticket.commit_id,
        "prices": _prices(ticket),
        "currency": "USD",
        "orders": [
            {
                "action": line.action,
                "ticker": line.ticker,
                "shares": float(line.shares) if "." in line.quantity else int(line.quantity),
                "order_type": line.order_type,
                "limit_price": None if line.limit is None else float(line.limit),
                "time_in_force": tif,
                "close": line.close,
            }
            for line in lines
        ],
    }
    return readable_json(document), ".json"


_LAYOUTS = {Layout.CSV: _csv, Layout.IBKR: _ibkr, Layout.JSON: _json}


def _prices(ticket: OrderTicket) -> str:
    return "simulated prices" if ticket.simulated else "market prices"


def _name(ticket: OrderTicket, ending: str) -> str:
    """The file's name, which says what it is of and what it is not."""
    marks = [re.sub(r"\W+", "-", ticket.state, flags=re.ASCII).strip("-")]
    marks += ["simulated"] if ticket.simulated else []
    decision = ticket.commit_id or ticket.as_of.isoformat()
    return "-".join(["orders", ticket.portfolio, decision, *marks]) + ending


# --- arguments ------------------------------------------------------------------------------


def _one_of(kind: type[_Word], parameter: str, value: str) -> _Word:
    try:
        return kind(value)
    except ValueError:
        raise InvalidValueError(parameter, value, f"one of {', '.join(kind)}") from None


def _check_limit(limit_bps: float | None) -> None:
    if limit_bps is None:
        return
    if not is_finite_number(limit_bps) or abs(limit_bps) > FARTHEST_LIMIT:
        accepted = f"basis points from -{FARTHEST_LIMIT:,.0f} to {FARTHEST_LIMIT:,.0f}"
        raise InvalidValueError("limit_bps", limit_bps, accepted)
