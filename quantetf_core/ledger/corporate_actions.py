"""Splits, dividends and cash-outs as commits of their own."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CashOut:
    """A fund that was wound up, merged for cash or delisted: all its shares for ``amount`` USD.

    ``amount`` is for the whole position; 0 when nothing was paid.
    """

    ticker: str
    amount: float


Action = Split | Dividend | CashOut


def corporate_action_request(
    current: Holdings | None,
    *,
    actions: Sequence[Action],
    as_of: date,
    approval: Approval,
    closes: Mapping[str, float] | None = None,
) -> CommitRequest:
    """Record splits, dividends and cash-outs of held tickers.

    Splits move the date of the book, before which later ones are not looked for: record all that
    are due by ``as_of`` at once.

    Parameters
    ----------
    closes
        Ticker → USD a share at ``as_of``. When a split moves the date of the book, its prices
        become those of that date: a price recorded earlier would be taken for one of the new
        date, and a move between the two for another split. A ticker left out keeps its price.

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
        elif isinstance(action, CashOut):
            held.pop(action.ticker)
            paid += to_cents(_from_zero("amount", action.amount))
        else:
            kept, cash = _split(held.pop(action.ticker), action)
            paid += cash
            held |= {kept.ticker: kept} if kept else {}
    splits = any(isinstance(action, Split) for action in actions)
    movement = CashMovement(adjustment=from_cents(paid))
    after = replace(
        before,
        positions=_priced(held, closes if splits and closes else {}),
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


def _priced(held: Mapping[str, Position], closes: Mapping[str, float]) -> tuple[Position, ...]:
    return tuple(
        replace(held[ticker], price=closes.get(ticker, held[ticker].price))
        for ticker in sorted(held)
    )


def _from_zero(name: str, value: float) -> float:
    if not (math.isfinite(value) and value >= 0):
        raise InvalidValueError(name, value, "a number from 0")
    return value


def fraction_left(position: Position, ratio: float) -> float:
    """The part of a share that a split leaves a position of whole shares with; 0 for none.

    Examples
    --------
    >>> fraction_left(Position(ticker="SPY", shares=25.0), 0.1)
    0.5
    """
    exact = position.shares * positive("ratio", ratio)
    whole = math.isclose(exact, round(exact), rel_tol=1e-9)
    return 0.0 if whole or position.shares != round(position.shares) else exact - math.floor(exact)


def split_terms(ratio: float) -> tuple[int, int]:
    """A ratio as new shares for old ones, as a split is announced.

    Examples
    --------
    >>> split_terms(2.0), split_terms(0.1), split_terms(1.5)
    ((2, 1), (1, 10), (3, 2))
    """
    terms = Fraction(positive("ratio", ratio)).limit_denominator(1000)
    return max(terms.numerator, 1), terms.denominator


def _described(action: Action) -> dict[str, Any]:
    if isinstance(action, Dividend):
        return {"ticker": action.ticker, "dividend": action.amount}
    if isinstance(action, CashOut):
        return {"ticker": action.ticker, "cash_out": action.amount}
    return {"ticker": action.ticker, "split": action.ratio, "cash_in_lieu": action.cash_in_lieu}
