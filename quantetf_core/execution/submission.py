"""Handing orders to a broker: what it took, what it refused, what it cancelled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from quantetf_core.execution.account import word
from quantetf_core.execution.broker import Broker
from quantetf_core.execution.pending import Pending
from quantetf_core.findings import Finding, Severity


@dataclass(slots=True)
class Desk:
    """One rebalance at one broker, and its record so far.

    Parameters
    ----------
    broker
        Where orders go.
    orders
        Objects of the orders it took, in order.
    rejected
        Assets whose order it refused.
    findings
        What happened that was not planned.
    """

    broker: Broker
    orders: list[Any] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def submit(self, asset: str, quantity: float, *, closes: bool = False) -> bool:
        """Send one order; whether the broker took it.

        A close goes through the broker's own `close_position`, which knows what is held.
        """
        if closes:
            order = self.broker.close_position(asset)
        else:
            order = self.broker.submit_order(asset, quantity)
        if order is not None and not _is_rejected(getattr(order, "status", None)):
            self.orders.append(order)
            return True
        reason = getattr(order, "reject_reason", None)
        said = f": {reason}" if reason else ""
        message = f"the broker rejected the order for {quantity:g} shares{said}"
        self.rejected.append(asset)
        self.findings.append(Finding(Severity.WARN, "order_rejected", asset, message))
        return False

    def cancel(self, orders: Iterable[Pending]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Withdraw orders: ids of those that are gone, and of those that are still there."""
        wanted = tuple(orders)
        for order in wanted:
            self.broker.cancel_order(order.order_id)
        if not wanted:
            return (), ()
        left = {order.order_id for order in self.broker.pending_orders}
        for order in wanted:
            gone = order.order_id not in left
            self.findings.append(
                Finding(
                    Severity.INFO if gone else Severity.WARN,
                    "order_cancelled" if gone else "order_not_cancelled",
                    order.asset,
                    f"order {order.order_id} for {order.shares:g} shares "
                    + ("was cancelled" if gone else "could not be cancelled and is counted"),
                )
            )
        ids = [order.order_id for order in wanted]
        return tuple(i for i in ids if i not in left), tuple(i for i in ids if i in left)


def _is_rejected(status: object) -> bool:
    return status == "rejected" if isinstance(status, str) else word(status) == "rejected"
