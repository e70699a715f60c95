"""Brokers as other engines have them: the smallest that fits, and ones that misbehave."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import SimpleNamespace
from typing import Any


class Side(Enum):
    """A side as other engines write it."""

    BUY = "buy"
    SELL = "sell"


@dataclass
class Held:
    quantity: float
    entry_price: float = 1.0


class PlainBroker:
    """Only what the protocol asks for: orders wait until `fill` is called, at the given prices."""

    def __init__(self, cash: float, prices: dict[str, float], **held: float) -> None:
        self.cash, self.prices = cash, prices
        self.positions = {asset: Held(quantity, 7.0) for asset, quantity in held.items()}
        self.pending_orders: list[Any] = []
        self.sent: list[tuple[str, float]] = []
        self.cancelled: list[Any] = []
        self.closed: list[str] = []
        self.refuses: set[str] = set()

    def get_account_value(self) -> float:
        held = {
            a: p.quantity * self.prices.get(a, p.entry_price) for a, p in self.positions.items()
        }
        return self.cash + sum(q * self.get_multiplier(a) for a, q in held.items())

    def get_multiplier(self, asset: str) -> float:
        return 1.0

    def get_position(self, asset: str) -> Held | None:
        return self.positions.get(asset)

    def order(self, asset: str, quantity: float, **more: Any) -> Any:
        """Put an order under way without counting it as sent by the executor."""
        order = SimpleNamespace(
            order_id=len(self.pending_orders) + len(self.sent) + 1,
            asset=asset,
            side=Side.BUY if quantity > 0 else Side.SELL,
            quantity=abs(quantity),
            **({"limit_price": None} | more),
        )
        self.pending_orders.append(order)
        return order

    def submit_order(self, asset: str, quantity: float) -> Any | None:
        if asset in self.refuses:
            return None
        self.sent.append((asset, quantity))
        return self.order(asset, quantity)

    def close_position(self, asset: str) -> Any | None:
        self.closed.append(asset)
        return self.submit_order(asset, -self.positions[asset].quantity)

    def cancel_order(self, order_id: Any) -> bool:
        self.cancelled.append(order_id)
        self.pending_orders = [o for o in self.pending_orders if o.order_id != order_id]
        return True

    def fill(self) -> None:
        """Fill everything under way, sells first, cash or not."""
        for order in sorted(self.pending_orders, key=lambda o: o.side is Side.BUY):
            sign = 1 if order.side is Side.BUY else -1
            held = self.positions.setdefault(order.asset, Held(0))
            held.quantity += sign * order.quantity
            worth = order.quantity * self.prices[order.asset] * self.get_multiplier(order.asset)
            self.cash -= sign * worth
            if not held.quantity:
                del self.positions[order.asset]
        self.pending_orders = []


def bars(prices: dict[str, float]) -> dict[str, dict[str, float]]:
    """Closes as the executor takes them."""
    return {asset: {"close": price} for asset, price in prices.items()}


def codes(answer: Any) -> list[tuple[str, str]]:
    """What an answer's findings are about."""
    return [(finding.code, finding.subject) for finding in answer.findings]


def by_asset(preview: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The rows of a preview by asset."""
    return {row["asset"]: row for row in preview}
