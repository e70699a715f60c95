"""Filling paper orders: price, volume, cash and margin, in that order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quantetf_core.execution.paper_book import PaperBook
from quantetf_core.execution.paper_costs import Commission, Slippage
from quantetf_core.execution.paper_orders import (
    BlotterEntry,
    FillAt,
    OrderStatus,
    PaperOrder,
    RejectReason,
    positive,
    tape_price,
)
from quantetf_core.units import to_cents

_UNIT_NOISE = 1e-4


@dataclass(slots=True)
class Filler:
    """Fills orders against the bars of the current session, and keeps the record.

    Parameters
    ----------
    book
        Cash and positions.
    fill_at, commission, slippage, max_volume_share
        See `PaperBroker`.
    unit
        Shares that fills are multiples of.
    max_leverage
        Of a margin account; None for a cash account.
    session, session_number, bars
        Its label and its number, from 1; the bars by asset.
    traded
        Shares of each asset traded in this session.
    being_sold
        Shares of each asset in sell orders under way, stops left out.
    blotter
        Every event.
    """

    book: PaperBook
    fill_at: FillAt
    commission: Commission
    slippage: Slippage
    max_volume_share: float | None
    unit: float
    max_leverage: float | None
    session: Any = None
    session_number: int = 0
    bars: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    traded: dict[str, float] = field(default_factory=dict)
    being_sold: dict[str, float] = field(default_factory=dict)
    blotter: list[tuple[Any, ...]] = field(default_factory=list)

    def begin(self, session: Any, bars: Mapping[str, Mapping[str, Any]]) -> None:
        """Turn to the next session."""
        self.session, self.bars = session, bars
        self.session_number += 1
        self.traded = {}

    def record(
        self,
        order: PaperOrder,
        event: str,
        quantity: float,
        *,
        reason: RejectReason | None = None,
    ) -> None:
        """Write down one event that is not a fill; a plain tuple, which is quicker to make."""
        self.blotter.append(
            (
                self.session,
                order.order_id,
                order.asset,
                event,
                quantity,
                0.0,
                0.0,
                self.book.cash / 100,
                reason,
            )
        )

    def count_sale(self, order: PaperOrder, shares: float) -> None:
        """Add to, or take from, the shares of an asset that orders under way will sell."""
        if order.sign < 0 and order.stop_price is None:
            self.being_sold[order.asset] = self.being_sold.get(order.asset, 0) + shares

    def reject(self, order: PaperOrder, reason: RejectReason) -> None:
        """Refuse an order, or what is left of it."""
        order.status, order.reject_reason = OrderStatus.REJECTED, reason
        self.record(order, "rejected", order.left * order.sign, reason=reason)

    def process(self, working: dict[int, PaperOrder]) -> tuple[BlotterEntry, ...]:
        """Fill what can be filled; orders that are done leave ``working``."""
        waits = self.fill_at is not FillAt.CLOSE
        ready = [o for o in working.values() if not (waits and o.sent_in == self.session_number)]
        if len(ready) > 1:
            ready.sort(key=lambda order: order.sign)
        fills = []
        for order in ready:
            entry = self._fill(order)
            if entry is not None:
                fills.append(entry)
            if order.status in (OrderStatus.FILLED, OrderStatus.REJECTED):
                del working[order.order_id]
        return tuple(fills)

    def _fill(self, order: PaperOrder) -> BlotterEntry | None:
        """Fill one order as far as it goes."""
        bar = self.bars.get(order.asset)
        if bar is None:
            return None
        waited = order.triggered
        tape = tape_price(order, bar, self.fill_at)
        if order.triggered and not waited:
            self.record(order, "triggered", order.left * order.sign)
        if tape is None:
            return None
        quantity = self._within_volume(order, bar)
        if quantity <= 0:
            return None
        price = self._price(order, tape, quantity, bar)
        quantity, short_of = self._within_account(order, quantity, price, tape)
        entry = self._book_fill(order, quantity, price, tape) if quantity > 0 else None
        if short_of is not None:
            self.count_sale(order, -order.left)
            self.reject(order, short_of)
        return entry

    def _within_volume(self, order: PaperOrder, bar: Mapping[str, Any]) -> float:
        """Shares that the session's volume leaves; 0 where a volume is needed and not known."""
        if self.max_volume_share is None:
            return order.left if not self.slippage.needs_volume or _volume(bar) else 0
        most = self.max_volume_share * _volume(bar) - self.traded.get(order.asset, 0)
        return min(order.left, self._whole_units(max(most, 0.0)))

    def _price(
        self, order: PaperOrder, tape: float, quantity: float, bar: Mapping[str, Any]
    ) -> float:
        """The tape, made worse by slippage, but never worse than a limit."""
        price = self.slippage.price(tape, side=order.sign, quantity=quantity, volume=_volume(bar))
        if order.limit_price is None:
            return price
        return min(price, order.limit_price) if order.sign > 0 else max(price, order.limit_price)

    def _within_account(
        self, order: PaperOrder, quantity: float, price: float, tape: float
    ) -> tuple[float, RejectReason | None]:
        """Shares that the account can carry, and why what is left must be refused."""
        if self.max_leverage is not None:
            if self._beyond_margin(order, quantity, price, tape):
                return 0, RejectReason.NOT_ENOUGH_MARGIN
            return quantity, None
        if order.sign < 0:
            return self._within_holding(order.asset, quantity, price)
        if self._spend(order.asset, quantity, price) <= self.book.cash:
            return quantity, None
        return self._affordable(order.asset, quantity, price), RejectReason.NOT_ENOUGH_CASH

    def _within_holding(
        self, asset: str, quantity: float, price: float
    ) -> tuple[float, RejectReason | None]:
        """Shares that are there to sell, unless the commission is more than cash can pay."""
        held = max(self.book.quantity(asset), 0)
        sold = min(quantity, held)
        notional = self.book.notional(asset, sold, price)
        commission = to_cents(self.commission.usd(sold, notional / 100.0))
        if max(self.book.cash, 0) + notional < commission:
            return 0, RejectReason.NOT_ENOUGH_CASH
        return sold, None if sold == quantity else RejectReason.MORE_THAN_HELD

    def _spend(self, asset: str, quantity: float, price: float) -> int:
        """Cents that buying takes, commission included."""
        notional = self.book.notional(asset, quantity, price)
        return notional + to_cents(self.commission.usd(quantity, notional / 100.0))

    def _affordable(self, asset: str, quantity: float, price: float) -> float:
        """The most shares that the cash pays for; bisection, since spending never falls."""
        low, high = 0, int(quantity / self.unit)
        while low < high:
            middle = (low + high + 1) // 2
            if self._spend(asset, self._rounded(middle), price) <= self.book.cash:
                low = middle
            else:
                high = middle - 1
        return self._rounded(low)

    def _beyond_margin(self, order: PaperOrder, quantity: float, price: float, tape: float) -> bool:
        """Whether a fill adds to the gross exposure and takes it above its limit."""
        assert self.max_leverage is not None
        book, asset = self.book, order.asset
        after = book.notional(asset, book.quantity(asset) + order.sign * quantity, tape)
        gross = book.gross - abs(book.worth.get(asset, 0)) + abs(after)
        commission = to_cents(
            self.commission.usd(quantity, book.notional(asset, quantity, price) / 100.0)
        )
        slipped = book.notional(asset, quantity, abs(price - tape))
        value = book.value - commission - slipped
        return gross > book.gross and gross > self.max_leverage * value

    def _book_fill(
        self, order: PaperOrder, quantity: float, price: float, tape: float
    ) -> BlotterEntry:
        asset = order.asset
        commission = self.commission.usd(
            quantity, self.book.notional(asset, quantity, price) / 100.0
        )
        cost = to_cents(commission)
        self.book.trade(asset, quantity * order.sign, price, mark=tape, cost=cost)
        self.count_sale(order, -quantity)
        order.filled_quantity += quantity
        if self.unit < 1:
            order.filled_quantity = round(order.filled_quantity, 9)
        done = order.left <= 0
        order.status = OrderStatus.FILLED if done else OrderStatus.PARTLY_FILLED
        if self.max_volume_share is not None:
            self.traded[asset] = self.traded.get(asset, 0) + quantity
        entry = BlotterEntry(
            self.session,
            order.order_id,
            asset,
            order.status.value,
            quantity * order.sign,
            price,
            cost / 100,
            self.book.cash / 100,
            None,
        )
        self.blotter.append(entry)
        return entry

    def _whole_units(self, shares: float) -> float:
        return self._rounded(math.floor(shares / self.unit + _UNIT_NOISE))

    def _rounded(self, units: int) -> float:
        """Whole units as shares."""
        return units if self.unit == 1 else round(units * self.unit, 6)


def _volume(bar: Mapping[str, Any]) -> float:
    """Shares traded in the session; 0.0 where it is not known."""
    return positive(bar, "volume") or 0.0
