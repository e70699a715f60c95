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

_EXACT_CENTS = 2.0**53
_CENT_NOISE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """What there is before the plan.

    Parameters
    ----------
    shares, price, value
        Held; USD per share (1.0 where there is none, on lines that never trade); whole cents.
    priced, tradable
        Where there is a price; where a line may trade.
    unit
        Shares that trades are multiples of.
    unit_cents
        Price of one unit, in cents.
    cash, floor, total
        Cents: cash after the flow; what may not be spent; cash and positions after the flow.
    """

    shares: Floats
    price: Floats
    value: npt.NDArray[np.int64]
    priced: Bools
    tradable: Bools
    unit: float
    unit_cents: Floats
    cash: int
    floor: int
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
        Ideal weights after the cap, where the cap cut one, and the weight nobody could take.
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
    entering: Bools
    exiting: Bools
    dust: Floats
    least: Floats


def value_book(request: PlanRequest) -> Book:
    """Value what is held at the last valid closes; blocked lines too: their value is reserved.

    Raises
    ------
    PlanRefusedError
        A holding that was never priced (DESIGN ruling 2), nothing to size, or a value beyond
        exact cents.
    """
    priced = has_price(request.price)
    never = np.flatnonzero(~priced & (request.current_shares > 0.0))
    if never.size:
        names = ", ".join(request.tickers[at] for at in never.tolist())
        raise PlanRefusedError(
            f"no price is known for {names}, which the portfolio holds; its value cannot be guessed"
        )
    price = np.where(priced, request.price, 1.0)
    unit = _unit(request.config)
    value = _exact_value(request, price)
    cash = to_cents(request.cash) + to_cents(request.cash_flow)
    total = cash + int(value.sum())
    if total <= 0:
        raise PlanRefusedError(
            f"there is nothing to size: cash and positions are worth {total / 100:.2f} USD "
            f"after a cash flow of {request.cash_flow:.2f} USD"
        )
    return Book(
        shares=request.current_shares,
        price=price,
        value=value,
        priced=priced,
        tradable=request.tradable & priced,
        unit=unit,
        unit_cents=price * unit * 100.0,
        cash=cash,
        # Cash that is not there cannot be spent, whatever the floor says (DESIGN ruling 7).
        floor=max(0, min(cash, to_cents(request.config.cash_floor))),
        total=total,
    )


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
    """Target weights within the cap, and what is too small to trade.

    The excess of a capped line goes to the other wanted lines, then to cash (DESIGN ruling 6).
    """
    capped = request.target_weights > request.config.max_single_weight
    weights, unplaced = request.target_weights, 0.0
    if capped.any():
        by_ticker = dict(zip(request.tickers, weights.tolist(), strict=True))
        placed, unplaced = capped_weights(by_ticker, request.config.max_single_weight)
        weights = np.array([placed[ticker] for ticker in request.tickers])
    dust = _dust(weights, book)
    minimum = math.ceil(request.config.min_trade_value * 100.0 - 1e-6)
    needed = np.maximum(float(minimum), dust)
    return Wish(
        weights=weights,
        capped=capped,
        unplaced=unplaced,
        entering=(weights > 0.0) & (book.shares == 0.0),
        exiting=(weights == 0.0) & (book.shares > 0.0),
        dust=dust,
        # 0.49: what rounds to the minimum reaches it.
        least=np.maximum(np.ceil((needed - 0.49) / book.unit_cents), 1.0),
    )


def _dust(weights: Floats, book: Book) -> Floats:
    """Cents by which a line may be off target after a plan for no reason but rounding.

    Every traded line that is not in whole cents moves the value by at most 1.5 cents (its old
    value, new value and notional are each rounded), of which a line's ideal takes its weight;
    twice that is left alone. With fractional shares a trade also stops up to two units short, and
    up to nine cents where cash is short.
    """
    rounded = np.count_nonzero((weights > 0.0) & (book.fractional | ~book.whole_cents))
    drift = 3.0 * rounded * weights
    return drift + 2.0 * book.unit_cents + 9.0 if book.fractional else drift
