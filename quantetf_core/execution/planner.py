"""`plan_trades`: the one function that turns target weights into sized trades.

The review page, the commit, the backtest and the executor all call it. The stages run in this
order: ideal weights, caps, price blocks, thresholds, sells, rounding, costs, buys cut to the cash
there is, minimum line, residual cash.

Sizing is net of costs: the ideal weights are fractions of the portfolio value *less the costs of
this very plan*, found by repeating the stages until the costs no longer change. A second
rebalance at the same prices therefore starts from the same amount, sees the same ideals, and has
nothing to do.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quantetf_core.execution.book import Book, Wish, value_book, wish_for
from quantetf_core.execution.costs import notional_cents
from quantetf_core.execution.funding import Buys, fund_buys, sells_for_cash
from quantetf_core.execution.plan import TradePlan
from quantetf_core.execution.report import Attempt, report
from quantetf_core.execution.request import PlanRequest
from quantetf_core.execution.sizing import ARRAYS, SHARE_TOLERANCE, distance, most_units

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_MAX_ROUNDS = 8
_WEIGHT_TOLERANCE = 1e-9


def plan_trades(request: PlanRequest) -> TradePlan:
    """Turn target weights into trades with reasons, costs and the cash that remains.

    Parameters
    ----------
    request
        What is held and wanted, aligned by ticker; prices are those known at the decision.

    Returns
    -------
    One line per ticker of the request, and the cash identity to the cent.

    Raises
    ------
    PlanRefusedError
        When a holding was never priced, or there is nothing to size.

    Notes
    -----
    A line trades when it may (price), its weight is ``min_weight_change`` or more off (entries and
    exits always), the unrounded distance to target is one unit (share, lot) or more, and the
    rounded trade is worth ``min_trade_value`` or more (exits always). Trades round to the nearest
    unit, exits to exactly zero shares. Short positions are closed and reduced like long ones,
    mirrored; closing one needs no cash to spare. Source: house rules.

    Examples
    --------
    >>> from quantetf_core.config.schema import RebalanceConfig
    >>> from quantetf_core.execution.costs import CostModel
    >>> plan = plan_trades(PlanRequest.from_mappings(
    ...     shares={"TLT": 100.0}, weights={"SPY": 0.5, "TLT": 0.5},
    ...     prices={"SPY": 100.0, "TLT": 50.0}, cash=5_000.0,
    ...     config=RebalanceConfig(), costs=CostModel(5.0)))
    >>> [(t.action.value, t.ticker, t.shares_delta, t.reason) for t in plan.lines()]
    [('BUY', 'SPY', 49.0, 'enter'), ('HOLD', 'TLT', 0.0, 'hold: at target')]
    >>> plan.cash_after, plan.costs
    (97.55, 2.45)
    """
    book = value_book(request)
    wish = wish_for(request, book)
    return report(request, book, wish, _settled(request, book, wish))


def _settled(request: PlanRequest, book: Book, wish: Wish) -> Attempt:
    """Repeat the stages until the costs they lead to are the costs they were sized with.

    Two to four rounds are usual. Rounding can make two costs lead to each other for ever: then the
    costlier attempt stands, because the cheaper one leaves out a trade that a second rebalance
    would make.
    """
    released = wish.entering | wish.exiting
    rounds: list[Attempt] = []
    while len(rounds) < _MAX_ROUNDS:
        costs = rounds[-1].costs if rounds else 0
        seen = [attempt.base for attempt in rounds]
        base = max(book.total - costs, 0)
        if base in seen:
            return max(rounds[seen.index(base) :], key=lambda attempt: attempt.costs)
        released = released | _past_threshold(request, book, wish, base)
        rounds.append(_attempt(request, book, wish, base=base, released=released))
    return rounds[-1]


def _past_threshold(request: PlanRequest, book: Book, wish: Wish, base: int) -> Bools:
    """Lines whose weight is ``min_weight_change`` or more from the ideal.

    Once past, a line stays so in later rounds: it is judged before and after costs, and either
    suffices. Judged only before, a line just below would be past in a second rebalance.
    """
    distance = np.abs(wish.weights * base - book.value)
    return distance >= (request.config.min_weight_change - _WEIGHT_TOLERANCE) * base


def _attempt(
    request: PlanRequest, book: Book, wish: Wish, *, base: int, released: Bools
) -> Attempt:
    """All stages once, with ideal weights as fractions of ``base`` cents."""
    away = distance(
        ARRAYS,
        weight=wish.weights,
        base=base,
        price=book.price,
        shares=book.shares,
        sellable=book.sellable,
        unit=book.unit,
    )
    trades = book.tradable & released & away.apart & (away.units >= wish.least)
    units = np.where(trades, away.units, 0.0)
    sold, raising = _sells(request, book, wish, gap=away.gap, units=units)
    covered = np.where(wish.exiting & book.tradable, np.maximum(-book.shares, 0.0), 0.0)
    sell_cents, cover_cents = notional_cents(sold, book.price), notional_cents(covered, book.price)
    forced_cost = request.costs.cost_cents(sell_cents + cover_cents)
    wished = np.where((away.gap > 0.0) & (covered == 0.0), units, 0.0)
    available = book.cash - book.kept - _taken_by_shorts(request, book, sold)
    available += int((sell_cents - cover_cents - forced_cost).sum())
    bought, scale = _buys(request, book, wish, away.exact, wished, available)
    buy_cents = notional_cents(bought * book.unit, book.price)
    return Attempt(
        base=base,
        ideal_shares=away.ideal,
        delta=bought * book.unit + covered - sold,
        notional=sell_cents + cover_cents + buy_cents,
        cost=forced_cost + request.costs.cost_cents(buy_cents),
        released=released,
        apart=away.apart,
        waiting=(book.sellable < book.shares) & (-away.gap > book.sellable) & book.tradable,
        wished=wished,
        bought=bought,
        raising=raising,
        scale=scale,
    )


def _taken_by_shorts(request: PlanRequest, book: Book, sold: Floats) -> int:
    """Cents of buying power that new shorts take; without a limit to it, none.

    Twice their value: their proceeds are counted with the sells and do not add to it, and they
    use it up as buys of that value would.
    """
    if request.spendable is None or not request.margin:
        return 0
    opened = np.maximum(sold - np.maximum(book.shares, 0.0), 0.0)
    return 2 * int(notional_cents(opened, book.price).sum())


def _sells(
    request: PlanRequest, book: Book, wish: Wish, *, gap: Floats, units: Floats
) -> tuple[Floats, Bools]:
    """Shares sold: exits whole, odd lots too; and where a sell is there to raise cash.

    Thresholds do not stop a sell without which cash would end below its floor, as after a
    withdrawal that leaves every weight within its threshold.
    """
    closing = wish.exiting & book.tradable
    reduced = np.where(gap < 0.0, units * book.unit, 0.0)
    sold = np.where(closing, np.minimum(book.sellable, np.maximum(book.shares, 0.0)), reduced)
    net = _net_proceeds(request, book, sold)
    missing = book.floor - book.cash - int(net.sum())
    raising = np.zeros(len(sold), dtype=np.bool_)
    if missing <= 0:
        return sold, raising
    most = np.minimum(
        np.ceil(-gap / book.unit - SHARE_TOLERANCE), most_units(ARRAYS, book.sellable, book.unit)
    )
    more = np.where(book.tradable & ~closing & (gap < 0.0), most * book.unit, sold)
    extra = _net_proceeds(request, book, more) - net
    raising[sells_for_cash(proceeds=extra, rank=-gap * book.price, missing=missing)] = True
    return np.where(raising, more, sold), raising


def _net_proceeds(request: PlanRequest, book: Book, sold: Floats) -> npt.NDArray[np.int64]:
    notional = notional_cents(sold, book.price)
    return notional - request.costs.cost_cents(notional)


def _buys(
    request: PlanRequest,
    book: Book,
    wish: Wish,
    exact: Floats,
    wished: Floats,
    available: int,
) -> tuple[Floats, float]:
    """Units bought with ``available`` cents, and the factor that cash imposes."""
    at = np.flatnonzero(wished)
    if not at.size:
        return wished, 1.0
    units, unit_cents = wished[at], book.unit_cents[at]
    rounded_up = units - exact[at]
    margin = np.where(book.whole_cents[at], 0, 1) + (2 if request.costs.cost_bps else 0)
    fractional = book.fractional
    bought, scale = fund_buys(
        Buys(
            units=units,
            least=wish.least[at],
            trim=np.ceil(3.0 / unit_cents) if fractional else np.where(rounded_up > 0.0, 1.0, 0.0),
            trim_rank=-units * unit_cents if fractional else -rounded_up,
            unit=book.unit,
            price=book.price[at],
            opening=np.zeros_like(margin) if fractional else margin,
            costs=request.costs,
        ),
        available,
    )
    filled = np.zeros_like(wished)
    filled[at] = bought
    return filled, scale
