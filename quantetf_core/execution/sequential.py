"""One order after the other: targets frozen (hybrid) or sized anew after every fill (incremental).

Which lines trade, and in which order, is the plan's; how far each goes is `sizing.distance`, the
planner's own arithmetic. Each step asks the broker for a fixed number of facts, so a rebalance
takes time in proportion to its lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from quantetf_core.config.schema import RebalanceMode
from quantetf_core.errors import InvalidValueError
from quantetf_core.execution.book import Book, Wish, value_book, wish_for
from quantetf_core.execution.broker import Broker
from quantetf_core.execution.funding import affordable_units
from quantetf_core.execution.pending import counted
from quantetf_core.execution.plan import TradePlan
from quantetf_core.execution.preview import quantities
from quantetf_core.execution.request import PlanRequest
from quantetf_core.execution.situation import Situation, reserved
from quantetf_core.execution.sizing import ARRAYS, SCALAR, distance
from quantetf_core.execution.submission import Desk
from quantetf_core.execution.trade import Reason
from quantetf_core.findings import Finding, Severity
from quantetf_core.units import to_cents

_FROZEN = frozenset({Reason.EXIT, Reason.SCALED_TO_CASH, Reason.RAISES_CASH})


def require_process_orders(broker: Broker, mode: RebalanceMode) -> None:
    """Refuse a broker that cannot fill one order before the next.

    Raises
    ------
    InvalidValueError
        Where it has no ``process_orders()`` and the mode needs one.
    """
    if mode is not RebalanceMode.SNAPSHOT and not callable(getattr(broker, "process_orders", None)):
        raise InvalidValueError(
            "broker",
            type(broker).__name__,
            f"a broker with process_orders(), which rebalance_mode={mode.value} needs",
        )


@dataclass(slots=True, kw_only=True)
class _Live:
    """What a broker has right now, in cents, asked at most once between fills.

    ``positions`` follows the fills of this rebalance, so that a broker without ``get_cash`` need
    not be asked about every position again.
    """

    situation: Situation
    broker: Broker
    positions: int
    reserve: int
    floor: int
    offset: int

    @property
    def value(self) -> int:
        """Account value, at the prices of the plan."""
        return to_cents(self.broker.get_account_value()) + self.offset

    @property
    def spendable(self) -> float:
        """What a buy may take."""
        facts = self.situation.facts
        if facts.margin:
            if facts.account.buying_power is None:
                return math.inf
            return to_cents(self.broker.get_buying_power()) - self.reserve  # type: ignore[attr-defined]
        if facts.account.cash is not None:
            cash = to_cents(self.broker.get_cash())  # type: ignore[attr-defined]
        else:
            cash = self.value - self.positions
        return cash - self.reserve - self.floor


def run_one_by_one(situation: Situation, desk: Desk, mode: RebalanceMode) -> None:
    """Submit and fill the lines of a plan in its order, each against what there is by then."""
    request, plan = situation.request, situation.plan
    assert request is not None
    assert plan is not None
    book = value_book(request)
    wish = wish_for(request, book)
    live = _live(situation, desk.broker, book)
    lines = _Lines(request, plan, book, wish, incremental=mode is RebalanceMode.INCREMENTAL)
    process = desk.broker.process_orders  # type: ignore[attr-defined] # required on entry
    for at in plan.order[: plan.n_trades].tolist():
        quantity = lines.quantity(at, live)
        if quantity == 0:
            desk.findings.append(_nothing_left(plan.tickers[at]))
            continue
        asset = plan.tickers[at]
        before = lines.held(desk.broker, asset)
        if desk.submit(asset, quantity, closes=quantity == -before and lines.exits[at]):
            process()
            live.positions += lines.cents(at, lines.held(desk.broker, asset) - before)


def _live(situation: Situation, broker: Broker, book: Book) -> _Live:
    facts = situation.facts
    return _Live(
        situation=situation,
        broker=broker,
        positions=facts.position_cents,
        reserve=to_cents(reserved(facts, counted(situation.kept))),
        floor=max(book.floor, 0),
        offset=facts.total_cents - to_cents(facts.account.value),
    )


def _nothing_left(asset: str) -> Finding:
    message = "by its turn there was nothing to trade, or no cash for it"
    return Finding(Severity.INFO, "order_not_sent", asset, message)


class _Lines:
    """The lines of a plan as plain numbers, which are quicker one at a time than arrays."""

    def __init__(
        self, request: PlanRequest, plan: TradePlan, book: Book, wish: Wish, *, incremental: bool
    ) -> None:
        self.costs = request.costs
        self.unit = book.unit
        self.base = to_cents(plan.sizing_value)
        then = distance(
            ARRAYS,
            weight=wish.weights,
            base=self.base,
            price=book.price,
            shares=book.shares,
            sellable=book.sellable,
            unit=book.unit,
        )
        self.nearest = np.copysign(then.units, then.gap).tolist()
        self.side = plan.side.tolist()
        self.planned = quantities(plan)
        self.weight = wish.weights.tolist()
        self.price = book.price.tolist()
        self.shares = book.shares.tolist()
        self.sellable = book.sellable.tolist()
        self.least = wish.least.tolist()
        self.exits = [Reason.EXIT in reasons for reasons in plan.reasons]
        # A buy cut to its part of the cash keeps that part: the first would take it all.
        self.resized = [incremental and _FROZEN.isdisjoint(reasons) for reasons in plan.reasons]
        self.cost = [to_cents(cost) for cost in plan.cost.tolist()]
        self.costs_ahead = to_cents(plan.costs)

    def quantity(self, at: int, live: _Live) -> float:
        """Signed shares to order now; 0 for none."""
        wished = self._resized(at, live) if self.resized[at] else self.planned[at]
        self.costs_ahead -= self.cost[at]
        if wished <= 0 or (self.exits[at] and wished == -self.shares[at]):
            return wished
        return self._within(at, wished, live.spendable)

    def _resized(self, at: int, live: _Live) -> float:
        """The planned trade, moved by what the value now, net of costs ahead, moves its target.

        Moved, not sized afresh: where fills are as planned it is the planned trade, with the
        shares that the plan took back because rounding up would have cost more than there is.
        """
        base = live.value - self.costs_ahead
        if base == self.base:
            return self.planned[at]
        now = distance(
            SCALAR,
            weight=self.weight[at],
            base=base,
            price=self.price[at],
            shares=self.shares[at],
            sellable=self.sellable[at],
            unit=self.unit,
        )
        moved = math.copysign(now.units, now.gap) - self.nearest[at]
        units = round(self.planned[at] / self.unit + moved)
        if not now.apart or units * self.side[at] < self.least[at]:
            return 0
        return self._shares(units)

    def _within(self, at: int, wished: float, cents: float) -> float:
        """A buy as far as the cash goes; none if that is too little to be worth it."""
        if cents == math.inf:
            return wished
        units = affordable_units(
            units=float(round(wished / self.unit)),
            unit=self.unit,
            price=self.price[at],
            costs=self.costs,
            cents=int(cents),
        )
        return self._shares(units) if units >= self.least[at] else 0

    def _shares(self, units: float) -> float:
        """Units as shares: an int where shares are whole."""
        return round(units * self.unit, 9) if self.unit < 1.0 else round(units) * round(self.unit)

    def held(self, broker: Broker, asset: str) -> float:
        """Shares the broker has now."""
        position = broker.get_position(asset)
        return 0.0 if position is None else position.quantity

    def cents(self, at: int, shares: float) -> int:
        """Value of shares of one line."""
        return round(shares * float(self.price[at]) * 100.0)
