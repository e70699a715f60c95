"""The first stages of a plan: what there is, in cents, and what is wanted, within the caps."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantetf_core.config.schema import RebalanceConfig
from quantetf_core.errors import PlanRefusedError
from quantetf_core.execution.costs import notional_cents
from quantetf_core.execution.request import PlanRequest, has_price
from quantetf_core.portfolio.constraints import capped_weights
from quantetf_core.units import to_cents

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FRACTION = 1e-6
"""Shares per unit when fractional shares are allowed."""

NO_LIMIT = 2**60
"""Cents below 0 that cash may fall to where the account may borrow."""

WEIGHT_NOISE = 1e-9
"""What float noise may add to a sum of weights."""

_EXACT_CENTS = 2.0**53
_CENT_NOISE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """What there is before the plan.

    Parameters
    ----------
    shares, price, value
        Held; USD per share, contract multiplier included (1.0 where there is none, on lines that
        never trade); whole cents.
    sellable
        The most shares that may be sold.
    priced, tradable
        Where there is a price; where a line may trade.
    unit
        Shares that trades are multiples of.
    unit_cents
        Price of one unit, in cents.
    cash, floor, total
        Cents: cash after the flow; what it is brought up to by sells if it must; cash and
        positions after the flow.
    kept
        Cents of cash that buys leave alone: the floor, or more where orders under way will spend
        it; far below 0 where the account may borrow.
    """

    shares: Floats
    sellable: Floats
    price: Floats
    value: npt.NDArray[np.int64]
    priced: Bools
    tradable: Bools
    unit: float
    unit_cents: Floats
    cash: int
    floor: int
    kept: int
    total: int

    @property
    def fractional(self) -> bool:
        """Whether units are fractions of a share."""
        return self.unit < 1.0

    @property
    def whole_cents(self) -> Bools:
        """Lines whose every value is whole cents already, so that rounding never moves it."""
        even = np.abs(self.unit_cents - np.rint(self.unit_cents)) < _CENT_NOISE
        whole: Bools = even & (self.shares == np.rint(self.shares))
        return whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wish:
    """What is wanted.

    Parameters
    ----------
    weights, capped, unplaced
        Ideal weights after the caps, where the single cap cut one, and the weight nobody could
        take.
    clipped
        Where a negative weight became 0, because positions may not be short.
    gross, geared_down
        Sum of the absolute weights asked for; the factor that brought it to its cap, 1.0 if none.
    entering, exiting
        Lines wanted but not held; held but not wanted.
    dust
        Cents that rounding alone can move a line off its target; less is never traded.
    least
        Fewest units worth trading, whole numbers of 1 or more.
    """

    weights: Floats
    capped: Bools
    unplaced: float
    clipped: Bools
    gross: float
    geared_down: float
    entering: Bools
    exiting: Bools
    dust: Floats
    least: Floats


def value_book(request: PlanRequest) -> Book:
    """Value what is held at the last valid closes; blocked lines too: their value is reserved.

    Raises
    ------
    PlanRefusedError
        A holding that was never priced, nothing to size, or a value beyond
        exact cents.
    """
    priced = has_price(request.price)
    never = np.flatnonzero(~priced & (request.current_shares != 0.0))
    if never.size:
        names = ", ".join(request.tickers[at] for at in never.tolist())
        raise PlanRefusedError(
            f"no price is known for {names}, which the portfolio holds; its value cannot be guessed"
        )
    multiplier = 1.0 if request.multiplier is None else request.multiplier
    price = np.where(priced, request.price * multiplier, 1.0)
    unit = _unit(request.config)
    value = _exact_value(request, price)
    cash = to_cents(request.cash) + to_cents(request.cash_flow)
    total = cash + int(value.sum())
    if total <= 0:
        raise PlanRefusedError(
            f"there is nothing to size: cash and positions are worth {total / 100:.2f} USD "
            f"after a cash flow of {request.cash_flow:.2f} USD"
        )
    floor, kept = _bounds_of_cash(request, cash)
    shares = request.current_shares
    sellable = shares if request.sellable is None else np.minimum(request.sellable, shares)
    return Book(
        shares=shares,
        sellable=np.maximum(sellable, 0.0),
        price=price,
        value=value,
        priced=priced,
        tradable=request.tradable & priced,
        unit=unit,
        unit_cents=price * unit * 100.0,
        cash=cash,
        floor=floor,
        kept=kept,
        total=total,
    )


def _bounds_of_cash(request: PlanRequest, cash: int) -> tuple[int, int]:
    """What cash must be brought up to, and what of it buys leave alone, in cents."""
    floor = to_cents(request.config.cash_floor)
    # Cash that is not there cannot be spent, whatever the floor says.
    floor = -NO_LIMIT if request.margin and not floor else max(0, min(cash, floor))
    if request.spendable is None:
        return floor, floor
    return floor, max(floor, cash - to_cents(request.spendable))


def _exact_value(request: PlanRequest, price: Floats) -> npt.NDArray[np.int64]:
    size = float(np.abs(request.current_shares * price).sum()) * 100.0
    size += (abs(request.cash) + abs(request.cash_flow)) * 100.0
    if size >= _EXACT_CENTS:
        raise PlanRefusedError(f"{size / 100:.3g} USD are too many to count in exact cents")
    return notional_cents(request.current_shares, price)


def _unit(config: RebalanceConfig) -> float:
    if config.allow_fractional:
        return FRACTION
    return float(config.lot_size) if config.round_lots else 1.0


def wish_for(request: PlanRequest, book: Book) -> Wish:
    """Target weights within the caps, and what is too small to trade.

    First no shorts where there may be none, then the cap on the gross weight, then the cap on
    each line, whose excess goes to the other lines of its side, then to cash.
    """
    asked = request.target_weights
    may_be_short = request.margin and request.config.allow_short
    clipped = (asked < 0.0) & (not may_be_short)
    weights = np.where(clipped, 0.0, asked)
    gross = math.fsum(np.abs(weights).tolist())
    geared_down = _gearing(gross, request.config.max_gross_leverage)
    weights, capped, unplaced = _single_caps(request, weights * geared_down)
    dust = _dust(weights, book)
    minimum = math.ceil(request.config.min_trade_value * 100.0 - 1e-6)
    needed = np.maximum(float(minimum), dust)
    return Wish(
        weights=weights,
        capped=capped,
        unplaced=unplaced,
        clipped=clipped,
        gross=gross,
        geared_down=geared_down,
        entering=(weights != 0.0) & (book.shares == 0.0),
        exiting=(weights == 0.0) & (book.shares != 0.0),
        dust=dust,
        # 0.49: what rounds to the minimum reaches it.
        least=np.maximum(np.ceil((needed - 0.49) / book.unit_cents), 1.0),
    )


def _gearing(gross: float, most: float | None) -> float:
    """The factor that brings the gross weight to its cap; 1.0 where it is within."""
    return 1.0 if most is None or gross <= most + WEIGHT_NOISE else most / gross


def _single_caps(request: PlanRequest, weights: Floats) -> tuple[Floats, Bools, float]:
    """Weights within the cap of one line, where it cut, and what no other line could take."""
    most = request.config.max_single_weight
    capped = np.abs(weights) > most
    unplaced = 0.0
    for side in (1.0, -1.0):
        mine = weights * side > 0.0
        if (capped & mine).any():
            at = np.flatnonzero(mine)
            by_ticker = {request.tickers[i]: abs(float(weights[i])) for i in at.tolist()}
            placed, left = capped_weights(by_ticker, most)
            weights = weights.copy()
            weights[at] = np.array(list(placed.values())) * side
            unplaced += left
    return weights, capped, unplaced


def _dust(weights: Floats, book: Book) -> Floats:
    """Cents by which a line may be off target after a plan for no reason but rounding.

    Every traded line that is not in whole cents moves the value by at most 1.5 cents (its old
    value, new value and notional are each rounded), of which a line's ideal takes its weight;
    twice that is left alone. With fractional shares a trade also stops up to two units short, and
    up to nine cents where cash is short.
    """
    rounded = np.count_nonzero((weights != 0.0) & (book.fractional | ~book.whole_cents))
    drift = 3.0 * rounded * np.abs(weights)
    return drift + 2.0 * book.unit_cents + 9.0 if book.fractional else drift
