"""The last stage of a plan: what was found, in columns, with a reason on every line."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from quantetf_core.errors import PlanRefusedError
from quantetf_core.execution.book import NO_LIMIT, WEIGHT_NOISE, Book, Wish
from quantetf_core.execution.costs import notional_cents
from quantetf_core.execution.plan import TradePlan
from quantetf_core.execution.request import PlanRequest
from quantetf_core.execution.trade import Reason
from quantetf_core.findings import Finding, Severity, in_order
from quantetf_core.units import from_cents, to_cents

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
_T = TypeVar("_T", bound=np.generic)

_REASONS = tuple(Reason)
_CODE = {reason: code for code, reason in enumerate(_REASONS)}
_LIMITS = (
    Reason.CAPPED,
    Reason.LEVERAGE_CAPPED,
    Reason.SHORT_NOT_ALLOWED,
    Reason.SCALED_TO_CASH,
    Reason.RAISES_CASH,
    Reason.PENDING_ORDER,
)
_COMBINED = tuple(
    (first, *(limit for limit, on in zip(_LIMITS, flags, strict=True) if on))
    for first in _REASONS
    for flags in product((False, True), repeat=len(_LIMITS))
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attempt:
    """The stages once, for one sizing base; columns of one entry per ticker.

    Parameters
    ----------
    base
        Cents the ideal weights are fractions of.
    ideal_shares, delta
        Unrounded wish; shares bought (+) or sold (−).
    notional, cost
        Whole cents per line.
    released, apart
        Past the weight threshold; at least one unit from target.
    waiting
        Sells cut to what orders under way leave to sell.
    wished, bought
        Units of buys before and after the cash there is.
    raising
        Sells made to bring cash up to its floor.
    scale
        Cash available ÷ cash wished for.
    """

    base: int
    ideal_shares: Floats
    delta: Floats
    notional: npt.NDArray[np.int64]
    cost: npt.NDArray[np.int64]
    released: Bools
    apart: Bools
    waiting: Bools
    wished: Floats
    bought: Floats
    raising: Bools
    scale: float

    @property
    def costs(self) -> int:
        """Cents of all lines."""
        return int(self.cost.sum())


def report(request: PlanRequest, book: Book, wish: Wish, attempt: Attempt) -> TradePlan:
    """Assemble the plan: shares and cash after, weights, turnover, reasons, findings.

    Raises
    ------
    PlanRefusedError
        When the costs would leave nothing.
    """
    side = np.sign(attempt.delta).astype(np.int8)
    sells = int(attempt.notional[side < 0].sum())
    buys = int(attempt.notional[side > 0].sum())
    cash_after = book.cash + sells - buys - attempt.costs
    shares_after = _shares_after(book, attempt)
    value_after = notional_cents(shares_after, book.price)
    total_after = cash_after + int(value_after.sum())
    if total_after <= 0:
        raise PlanRefusedError("trading costs would leave nothing of this portfolio")
    moved = sells + buys + abs(cash_after - book.cash)
    return TradePlan(
        tickers=request.tickers,
        side=_frozen(side),
        current_shares=request.current_shares,
        target_shares=_frozen(shares_after),
        ideal_shares=_frozen(np.where(book.priced, attempt.ideal_shares, np.nan)),
        current_weight=_frozen(book.value / book.total),
        target_weight=_frozen(value_after / total_after),
        ideal_weight=_frozen(wish.weights.copy()),
        price=_frozen(np.where(book.priced, request.price, np.nan)),
        price_date=request.price_date,
        notional_value=_frozen(attempt.notional / 100.0),
        cost=_frozen(attempt.cost / 100.0),
        reasons=_reasons(request, book, wish, attempt, side),
        portfolio_value=from_cents(book.total),
        sizing_value=from_cents(attempt.base),
        value_after=from_cents(total_after),
        cash_before=from_cents(to_cents(request.cash)),
        cash_flow=from_cents(to_cents(request.cash_flow)),
        sells=from_cents(sells),
        buys=from_cents(buys),
        costs=from_cents(attempt.costs),
        cash_after=from_cents(cash_after),
        cash_floor=-math.inf if book.floor <= -NO_LIMIT else from_cents(book.floor),
        scale=attempt.scale,
        turnover=0.5 * moved / book.total,
        unplaced_weight=wish.unplaced,
        cash_weight_current=book.cash / book.total,
        cash_weight_target=cash_after / total_after,
        cash_weight_ideal=1.0 - math.fsum(wish.weights.tolist()),
        findings=_findings(request, book, wish, attempt, cash_after),
    )


def _shares_after(book: Book, attempt: Attempt) -> Floats:
    """Shares held plus shares traded, without the noise of adding fractions.

    Beyond a million shares nine decimals are more than a float has.
    """
    after = book.shares + attempt.delta
    tidy = (attempt.delta != 0.0) & (np.abs(after) < 1e6)
    return np.where(tidy, np.round(after, 9), after)


def _reasons(
    request: PlanRequest,
    book: Book,
    wish: Wish,
    attempt: Attempt,
    side: npt.NDArray[np.int8],
) -> tuple[tuple[Reason, ...], ...]:
    """One tuple per line: what it does, then what limited it."""
    first = np.where(side != 0, _trading(book, wish), _holding(book, wish, attempt))
    for at in np.flatnonzero(~book.tradable).tolist():
        first[at] = _CODE[request.block_reason[at] or Reason.NO_PRICE]
    cut = (attempt.bought < attempt.wished) & (attempt.scale < 1.0)
    # NO_CASH says that cash was the limit already.
    scaled = cut & (first != _CODE[Reason.NO_CASH])
    waiting = attempt.waiting & (first != _CODE[Reason.PENDING_ORDER])
    geared_down = (wish.weights != 0.0) & (wish.geared_down < 1.0)
    row = first
    for limit in (wish.capped, geared_down, wish.clipped, scaled, attempt.raising, waiting):
        row = row * 2 + limit
    return tuple([_COMBINED[at] for at in row.tolist()])


def _trading(book: Book, wish: Wish) -> npt.NDArray[np.intp]:
    entering = np.where(book.shares == 0.0, _CODE[Reason.ENTER], _CODE[Reason.REBALANCE])
    return np.where(wish.exiting, _CODE[Reason.EXIT], entering)


def _holding(book: Book, wish: Wish, attempt: Attempt) -> npt.NDArray[np.intp]:
    """Which stage kept a line from trading: the first in the order of the stages."""
    gap = np.abs(attempt.ideal_shares - book.shares)
    nothing_nearer = gap <= (0.0 if book.fractional else 0.5)
    at_target = (nothing_nearer | (gap * book.price * 100.0 <= wish.dust)) & ~wish.entering
    # Fewer units than are worth a trade, or none at all, is what its part of the cash buys.
    part = np.floor(attempt.wished * attempt.scale)
    return np.select(
        [
            at_target,
            ~attempt.released,
            attempt.waiting,
            ~attempt.apart,
            (attempt.wished == 0.0) | (part > 0.0),
        ],
        [
            _CODE[Reason.AT_TARGET],
            _CODE[Reason.WITHIN_THRESHOLD],
            _CODE[Reason.PENDING_ORDER],
            _CODE[Reason.LESS_THAN_ONE_SHARE],
            _CODE[Reason.BELOW_MINIMUM],
        ],
        _CODE[Reason.NO_CASH],
    )


def _findings(
    request: PlanRequest, book: Book, wish: Wish, attempt: Attempt, cash_after: int
) -> tuple[Finding, ...]:
    found = list(_weight_findings(request, wish))
    if cash_after < book.floor:
        message = (
            f"cash would end at {cash_after / 100:.2f} USD, below the floor of "
            f"{book.floor / 100:.2f} USD; the lines that may trade cannot raise more"
        )
        found.append(Finding(Severity.BLOCK, "cash_floor", "portfolio", message))
    if attempt.scale < 1.0:
        message = f"buys were scaled to the cash there is, by a factor of {attempt.scale:.4f}"
        found.append(Finding(Severity.INFO, "buys_scaled", "portfolio", message))
    return in_order(found)


def _weight_findings(request: PlanRequest, wish: Wish) -> Iterator[Finding]:
    """What the caps did to the weights, or would have done had there been one."""
    if wish.unplaced > 0.0:
        message = (
            f"a weight of {wish.unplaced:.4f} above the cap found no other line and stays in cash"
        )
        yield Finding(Severity.INFO, "cap_excess_in_cash", "portfolio", message)
    if wish.geared_down < 1.0:
        message = (
            f"target weights of {wish.gross:.4f} gross are above max_gross_leverage; all were "
            f"multiplied by {wish.geared_down:.4f}"
        )
        yield Finding(Severity.WARN, "gross_leverage_capped", "portfolio", message)
    elif wish.gross > 1.0 + WEIGHT_NOISE and request.config.max_gross_leverage is None:
        limit = "no cap is set; the broker decides" if request.margin else "a cash account scales"
        message = f"target weights are {wish.gross:.4f} gross, more than the portfolio: {limit}"
        yield Finding(Severity.WARN, "gross_above_one", "portfolio", message)
    for at in np.flatnonzero(wish.capped & request.free_weights).tolist():
        message = (
            f"a target weight of {request.target_weights[at] * wish.geared_down:.4f} was capped; "
            f"what it exceeded the cap by went to the other lines, as far as they could take it"
        )
        yield Finding(Severity.INFO, "weight_capped", request.tickers[at], message)
    for at in np.flatnonzero(wish.clipped).tolist():
        message = (
            f"a target weight of {request.target_weights[at]:.4f} counts as 0: short positions "
            f"are not allowed here"
        )
        yield Finding(Severity.WARN, "short_not_allowed", request.tickers[at], message)


def _frozen(values: npt.NDArray[_T]) -> npt.NDArray[_T]:
    values.flags.writeable = False
    return values
