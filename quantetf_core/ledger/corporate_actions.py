"""Splits and dividends as commits of their own (rulings 3 and 15)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from quantetf_core.errors import InvalidValueError
from quantetf_core.ledger.building import Approval, book_request, positive
from quantetf_core.ledger.record import CashMovement, CommitRequest, Kind
from quantetf_core.portfolio.holdings import Holdings, Position
from quantetf_core.units import from_cents, to_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """``ratio`` new shares for each old one (0.1 for a one-for-ten reverse split).

    A ratio of 1 records that a suspected split was none. ``cash_in_lieu`` (USD) is what the broker
    paid for the fraction of a share a split left; it is needed when whole shares leave one.
    """

    ticker: str
    ratio: float
    cash_in_lieu: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dividend:
    """A dividend of ``amount`` USD, for the whole position, paid to cash."""

    ticker: str
    amount: float


def corporate_action_request(
    current: Holdings | None,
    *,
    actions: Sequence[Split | Dividend],
    as_of: date,
    approval: Approval,
) -> CommitRequest:
    """Record splits and dividends of held tickers.

    Splits move the date of the book, before which later ones are not looked for: record all that
    are due by ``as_of`` at once.

    Raises
    ------
    InvalidValueError
        When a ticker is not held, a ratio or amount is not above 0, ``as_of`` lies before the
        book's date, or a fraction of a share is left without its cash in lieu.
    """
    before = current or Holdings()
    if before.as_of is not None and as_of < before.as_of:
        raise InvalidValueError("as_of", as_of, f"a date from the book's own, {before.as_of}")
    held = {position.ticker: position for position in before.positions}
    paid = 0
    for action in actions:
        if action.ticker not in held:
            raise InvalidValueError("ticker", action.ticker, f"one held: {', '.join(held)}")
        if isinstance(action, Dividend):
            paid += to_cents(positive("amount", action.amount))
        else:
            kept, cash = _split(held.pop(action.ticker), action)
            paid += cash
            held |= {kept.ticker: kept} if kept else {}
    splits = any(isinstance(action, Split) for action in actions)
    movement = CashMovement(adjustment=from_cents(paid))
    after = replace(
        before,
        positions=tuple(held[ticker] for ticker in sorted(held)),
        cash=movement.after(before.cash),
        as_of=as_of if splits else before.as_of,
        commit_id=None,
    )
    return book_request(
        Kind.CORPORATE_ACTION,
        current,
        after,
        cash=movement,
        as_of=as_of,
        approval=approval,
        summary={"actions": [_described(action) for action in actions]},
    )


def _split(position: Position, split: Split) -> tuple[Position | None, int]:
    """The position after a split (None when nothing is left), and the cents paid for a fraction."""
    ratio = positive("ratio", split.ratio)
    exact = position.shares * ratio
    whole = round(exact)
    if math.isclose(exact, whole, rel_tol=1e-9):
        exact = float(whole)
    in_whole_shares = position.shares == round(position.shares)
    if not in_whole_shares or exact == whole:  # a book of fractional shares keeps its fractions
        if split.cash_in_lieu is not None:
            raise InvalidValueError(
                "cash_in_lieu", split.cash_in_lieu, "none: nothing is left over"
            )
        return _restated(position, exact, ratio), 0
    kept = math.floor(exact)
    if split.cash_in_lieu is None:
        accepted = f"the USD paid for the {exact - kept:.6g} of a share that is left over"
        raise InvalidValueError("cash_in_lieu", None, accepted)
    paid = to_cents(positive("cash_in_lieu", split.cash_in_lieu))
    return (_restated(position, float(kept), ratio) if kept else None), paid


def _restated(position: Position, shares: float, ratio: float) -> Position:
    return Position(
        ticker=position.ticker,
        shares=shares,
        price=None if position.price is None else position.price / ratio,
        cost=None if position.cost is None else position.cost / ratio,
    )


def _described(action: Split | Dividend) -> dict[str, Any]:
    if isinstance(action, Dividend):
        return {"ticker": action.ticker, "dividend": action.amount}
    return {"ticker": action.ticker, "split": action.ratio, "cash_in_lieu": action.cash_in_lieu}
