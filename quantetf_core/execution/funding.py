"""Trades against the cash there is: sells that raise it, buys that are cut to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantetf_core.execution.costs import CostModel, notional_cents

Floats = npt.NDArray[np.float64]
Cents = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Buys:
    """Buys wished for; columns of one entry per buy, by ticker.

    A *unit* is what a line trades in multiples of: a share, a lot, a millionth of a share.

    Parameters
    ----------
    units
        Wished, whole numbers of 1 or more.
    least
        The fewest units worth trading (minimum trade value), at most ``units``.
    trim
        Units that rounding alone may take back without the line being short of its target;
        0 where none.
    trim_rank
        Lines with the smallest give first.
    unit
        Shares per unit.
    price
        USD per share.
    opening
        Cents to spare before a line may be *opened* when cash is short. Two small trades can be a
        few cents cheaper than one large one, each being rounded; without the margin a second
        rebalance would buy one more share with the cents that rounding left.
    costs
        What buying costs.
    """

    units: Floats
    least: Floats
    trim: Floats
    trim_rank: Floats
    unit: float
    price: Floats
    opening: Cents
    costs: CostModel

    def spend(self, units: Floats) -> Cents:
        """Cents that buying takes, costs included; shape ``(n,)``."""
        notional = notional_cents(units * self.unit, self.price)
        return notional + self.costs.cost_cents(notional)

    def line_spend(self, at: int, units: float) -> int:
        """Cents that one line takes: the same arithmetic as `spend`."""
        return spend_cents(units, unit=self.unit, price=float(self.price[at]), costs=self.costs)


def fund_buys(buys: Buys, available: int) -> tuple[Floats, float]:
    """Cut buys to the cash there is.

    In this order: as wished if it fits; less what rounding added, if that is all that is missing;
    otherwise every buy times one factor, rounded down, lines below their least dropped, and the
    cash left over given out again, largest shortfall in USD first, then ticker. After it no line
    that is short can afford one more unit.

    Parameters
    ----------
    buys
        What is wished.
    available
        Cents, costs included; zero or less buys nothing.

    Returns
    -------
    Units bought, shape ``(n,)``, and the factor (1.0 when cash does not bind). Source: house rule.
    """
    wished = int(buys.spend(buys.units).sum())
    missing = wished + int(buys.opening.sum()) - available
    if missing <= 0:
        return buys.units, 1.0
    trimmed = _without_rounding(buys, missing)
    if trimmed is not None:
        return trimmed, 1.0
    units = _given_out(buys, _scaled(buys, available, wished), available)
    if bool((units == buys.units).all()):
        return units, 1.0
    return units, max(available, 0) / wished


def _without_rounding(buys: Buys, missing: int) -> Floats | None:
    """Take back what rounding up added, least painful first, until ``missing`` is saved.

    None when rounding is not all that is missing.
    """
    may = np.flatnonzero((buys.trim > 0.0) & (buys.units - buys.trim >= buys.least))
    less = buys.units - buys.trim
    saved = (buys.spend(buys.units) - buys.spend(less))[may]
    order = np.argsort(buys.trim_rank[may], kind="stable")
    enough = np.cumsum(saved[order]) >= missing
    if not enough.any():
        return None
    taken = may[order[: int(np.argmax(enough)) + 1]]
    units = buys.units.copy()
    units[taken] = less[taken]
    return units


def _scaled(buys: Buys, available: int, wished: int) -> Floats:
    """Every buy times one factor, rounded down to units; lines below their least dropped.

    Three cents a line are kept back here, because each line's rounding may add that much.
    """
    factor = max(available - 3 * len(buys.units), 0) / wished
    units = np.floor(buys.units * factor)
    return np.where(units < buys.least, 0.0, units)


def _given_out(buys: Buys, units: Floats, available: int) -> Floats:
    """Spend what scaling left: one step for every line that is short, then as many as fit.

    A step is one unit, or for a line that was dropped the least worth trading. A line that cannot
    afford its step cannot afford it later either: cash only shrinks here.
    """
    left = available - int(buys.spend(units).sum())
    step = np.maximum(units + 1.0, buys.least)
    need = buys.spend(step) - buys.spend(units)
    spare = np.where(units == 0.0, buys.opening, 0)
    short_usd = (buys.units - units) * buys.price
    order = np.lexsort((np.arange(len(units)), -short_usd))
    may = order[((units < buys.units) & (need + spare <= left))[order]]
    stepped = []
    for at, cents, margin in zip(
        may.tolist(), need[may].tolist(), spare[may].tolist(), strict=True
    ):
        if cents + margin <= left:
            left -= cents
            stepped.append(at)
    units = units.copy()
    units[stepped] = step[stepped]
    return _filled(buys, units, stepped, left)


def _filled(buys: Buys, units: Floats, lines: list[int], left: int) -> Floats:
    """Spend what is ``left`` on some of the lines, in their order, each as far as it wished."""
    units = units.copy()
    need = buys.spend(np.minimum(units + 1.0, buys.units)) - buys.spend(units)
    for at in [at for at in lines if units[at] < buys.units[at] and need[at] <= left]:
        if need[at] <= left:
            now = float(units[at])
            more = _affordable(buys, at, now, left)
            left -= buys.line_spend(at, now + more) - buys.line_spend(at, now)
            units[at] = now + more
    return units


def _affordable(buys: Buys, at: int, units: float, left: int) -> float:
    """How many more units of one line ``left`` cents pay for, up to what it wished."""
    price = float(buys.price[at])
    most = affordable_units(
        units=float(buys.units[at]),
        unit=buys.unit,
        price=price,
        costs=buys.costs,
        cents=left + buys.line_spend(at, units),
    )
    return most - units


def spend_cents(units: float, *, unit: float, price: float, costs: CostModel) -> int:
    """Cents that buying takes on one line, costs included.

    Examples
    --------
    >>> spend_cents(2.0, unit=1.0, price=33.33, costs=CostModel(5.0))
    6669
    """
    notional = round(units * unit * price * 100.0)
    return notional + round(notional * costs.cost_bps / 10_000.0)


def affordable_units(
    *, units: float, unit: float, price: float, costs: CostModel, cents: int
) -> float:
    """The largest whole number of units, up to ``units``, that ``cents`` pay for; 0 or more.

    Examples
    --------
    >>> affordable_units(units=10.0, unit=1.0, price=33.0, costs=CostModel(0.0), cents=10_000)
    3.0
    """
    if spend_cents(units, unit=unit, price=price, costs=costs) <= cents:
        return units
    low, high = 0.0, max(min(units, float((cents + 3) // (price * unit * 100.0)) + 1.0), 0.0)
    while low < high:  # bisection: spending never falls when units are added
        middle = float((low + high + 1.0) // 2.0)
        if spend_cents(middle, unit=unit, price=price, costs=costs) <= cents:
            low = middle
        else:
            high = middle - 1.0
    return low


def sells_for_cash(*, proceeds: Cents, rank: Floats, missing: int) -> npt.NDArray[np.intp]:
    """Positions of the sells that bring in ``missing`` cents: the largest excess first.

    Parameters
    ----------
    proceeds
        Cents each sell would add, net of costs; 0 or less where it would add nothing.
    rank
        Excess over target in USD; ties go by position.
    missing
        Cents, above 0.

    Returns
    -------
    The shortest such list; all that add cash when they do not suffice.
    """
    useful = np.flatnonzero(proceeds > 0)
    order = useful[np.lexsort((useful, -rank[useful]))]
    enough = np.cumsum(proceeds[order]) >= missing
    return order[: int(np.argmax(enough)) + 1] if enough.any() else order
