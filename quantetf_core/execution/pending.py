"""Orders under way: how much is left of them, and which stand in the way of a rebalance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from quantetf_core.errors import InvalidValueError
from quantetf_core.execution.account import word
from quantetf_core.execution.broker import Broker, PendingOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What is left of one order.

    Parameters
    ----------
    order_id, asset
        As the broker names them.
    shares
        Shares still to come (+) or to go (−).
    limit_price
        USD per share, or None.
    market
        Whether it fills whatever the price.
    stop
        Whether it waits for its stop price; it then counts as nothing.
    """

    order_id: Any
    asset: str
    shares: float
    limit_price: float | None
    market: bool
    stop: bool


def read_pending(broker: Broker) -> tuple[Pending, ...]:
    """Orders under way, in the broker's order; those with nothing left are left out."""
    return tuple(order for order in map(_read, broker.pending_orders) if order.shares)


def _read(order: PendingOrder) -> Pending:
    kind = word(getattr(order, "order_type", None))
    stop_price = getattr(order, "stop_price", None)
    stop = "stop" in kind if kind else stop_price is not None
    limit = order.limit_price
    filled = abs(float(getattr(order, "filled_quantity", None) or 0.0))
    left = max(abs(float(order.quantity)) - filled, 0.0)
    return Pending(
        order_id=order.order_id,
        asset=order.asset,
        shares=left * _sign(order),
        limit_price=None if limit is None else float(limit),
        market=limit is None and not stop,
        stop=stop and not getattr(order, "triggered", False),
    )


def _sign(order: PendingOrder) -> float:
    """+1 for a buy, −1 for a sell: by its side, or by its quantity where it has none.

    Raises
    ------
    InvalidValueError
        For a side that is neither.
    """
    if order.side is None:
        return -1.0 if order.quantity < 0 else 1.0
    for said in (word(order.side), str(getattr(order.side, "name", "")).lower()):
        if said in ("buy", "sell"):
            return 1.0 if said == "buy" else -1.0
    raise InvalidValueError(f"side of order {order.order_id}", order.side, "buy or sell")


def counted(orders: Iterable[Pending]) -> tuple[Pending, ...]:
    """Those that count as shares to come or go: all but untriggered stops."""
    return tuple(order for order in orders if not order.stop)


def net_shares(orders: Iterable[Pending]) -> dict[str, float]:
    """Shares to come less shares to go, by asset."""
    net: dict[str, float] = {}
    for order in orders:
        net[order.asset] = net.get(order.asset, 0.0) + order.shares
    return net


def sells(orders: Iterable[Pending]) -> dict[str, float]:
    """Shares to go, by asset, unsigned."""
    return {asset: -n for asset, n in net_shares(o for o in orders if o.shares < 0.0).items()}


def stands_in_the_way(order: Pending, *, trades: bool, wanted: float, after: float) -> bool:
    """Whether an order keeps a rebalance from its targets, so that it must be cancelled.

    Parameters
    ----------
    order
        One that is under way.
    trades
        Whether the rebalance trades this asset.
    wanted
        Its target weight.
    after
        Shares after the rebalance.

    Returns
    -------
    A stop: where it would sell (or buy back) more than will be there, as when the position is
    closed. Any other order on a line that trades, because it would trade the same shares again;
    elsewhere a market order, because it moves the line off its target for certain, and an order
    that opens what is not wanted. So a protective stop or limit order stays when nothing trades.
    Source: house rule.
    """
    if order.stop:
        return trades and abs(order.shares) > max(-after if order.shares > 0.0 else after, 0.0)
    opens = order.shares * after >= 0.0
    return trades or order.market or (wanted == 0.0 and opens)
