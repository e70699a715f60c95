"""Orders of the paper broker: their states, why one is refused, and the record of all of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np

from quantetf_core.execution.trade import Action

_NUMBERS = (int, float, np.integer, np.floating)


class FillAt(StrEnum):
    """When a market order fills, and at what.

    ``CLOSE``: at the close of the session it was sent in, when `process_orders` is called; what
    the sequential modes need. ``NEXT_OPEN``, ``NEXT_CLOSE``: at the open or the close of the next
    session it has a price in.
    """

    CLOSE = "close"
    NEXT_OPEN = "next_open"
    NEXT_CLOSE = "next_close"


class OrderStatus(StrEnum):
    """Where an order stands."""

    WORKING = "working"
    PARTLY_FILLED = "partly_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


class RejectReason(StrEnum):
    """Why an order, or what is left of it, was refused."""

    BAD_QUANTITY = "bad_quantity"
    FRACTION_OF_A_SHARE = "fraction_of_a_share"
    BAD_PRICE = "bad_price"
    UNKNOWN_ASSET = "unknown_asset"
    MORE_THAN_HELD = "more_than_held"
    NOT_ENOUGH_CASH = "not_enough_cash"
    NOT_ENOUGH_MARGIN = "not_enough_margin"


class BlotterEntry(NamedTuple):
    """One event in the life of an order.

    Parameters
    ----------
    session
        The label given to `PaperBroker.advance`.
    order_id, asset
        The order.
    event
        ``submitted``, ``triggered``, ``filled``, ``partly_filled``, ``cancelled``, ``rejected``.
    quantity
        Shares of the event, signed: ordered, filled, or left when it ended.
    price, commission
        USD per share and USD; 0.0 except on fills.
    cash
        USD after the event.
    reason
        Why it was rejected, or None.
    """

    session: Any
    order_id: int
    asset: str
    event: str
    quantity: float
    price: float
    commission: float
    cash: float
    reason: RejectReason | None


@dataclass(slots=True)
class PaperOrder:
    """One order; the broker that made it moves it along.

    Parameters
    ----------
    order_id, asset
        Numbered from 1.
    sign
        +1 for a buy, −1 for a sell.
    quantity, filled_quantity
        Shares, unsigned.
    order_type
        ``market``, ``limit``, ``stop`` or ``stop_limit``.
    limit_price, stop_price
        USD per share, or None.
    sent_in
        Number of the session it was sent in.
    status, reject_reason, triggered
        Where it stands; why it was refused; whether its stop was reached.
    """

    order_id: int
    asset: str
    sign: int
    quantity: float
    order_type: str
    limit_price: float | None
    stop_price: float | None
    sent_in: int
    filled_quantity: float = 0
    status: OrderStatus = OrderStatus.WORKING
    reject_reason: RejectReason | None = None
    triggered: bool = False

    @property
    def side(self) -> Action:
        """``BUY`` or ``SELL``."""
        return Action.BUY if self.sign > 0 else Action.SELL

    @property
    def left(self) -> float:
        """Shares not filled yet, unsigned."""
        return self.quantity - self.filled_quantity


def order_type(limit_price: float | None, stop_price: float | None) -> str:
    """The kind of order that a limit and a stop price make.

    Examples
    --------
    >>> order_type(None, None), order_type(9.0, None), order_type(None, 9.0), order_type(8.9, 9.0)
    ('market', 'limit', 'stop', 'stop_limit')
    """
    if stop_price is None:
        return "market" if limit_price is None else "limit"
    return "stop" if limit_price is None else "stop_limit"


def tape_price(order: PaperOrder, bar: Mapping[str, Any], fill_at: FillAt) -> float | None:
    """USD per share at which an order would fill in a session, before slippage; None if not.

    At the close an order sees one price. From the open on it sees the session's range, where the
    bar has ``high`` and ``low``: a limit fills at the open if that is better, else at its limit
    once the range reaches it; a stop at the open if the market opened through it, else at its
    stop. A stop that is reached is marked ``triggered``, and a stop-limit order is a limit order
    from then on.
    """
    first = positive(bar, "open" if fill_at is FillAt.NEXT_OPEN else "close")
    if first is None:
        return None
    if fill_at is FillAt.NEXT_OPEN:
        low = positive(bar, "low") or first
        high = positive(bar, "high") or first
    else:
        low = high = first
    if order.stop_price is not None and not order.triggered:
        reached = _stop_price(order.sign, order.stop_price, first, low=low, high=high)
        if reached is None:
            return None
        order.triggered = True
        first = reached
    if order.limit_price is None:
        return first
    return _limit_price(order.sign, order.limit_price, first, low=low, high=high)


def _stop_price(sign: int, stop: float, first: float, *, low: float, high: float) -> float | None:
    if (first - stop) * sign >= 0.0:
        return first
    return stop if (high >= stop if sign > 0 else low <= stop) else None


def _limit_price(sign: int, limit: float, first: float, *, low: float, high: float) -> float | None:
    if (limit - first) * sign >= 0.0:
        return first
    return limit if (low <= limit if sign > 0 else high >= limit) else None


def positive(bar: Mapping[str, Any], name: str) -> float | None:
    """A field of a bar, None unless it is a finite number above 0.

    Examples
    --------
    >>> positive({"close": 10}, "close"), positive({"close": float("nan")}, "close")
    (10.0, None)
    """
    value = bar.get(name)
    if isinstance(value, _NUMBERS) and 0.0 < value < math.inf:
        return float(value)
    return None
