"""One-way turnover from the book to weights, and weights that go only part of the way."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quantetf_core.findings import Finding
from quantetf_core.portfolio.optimizers.answer import DECIMALS, UNITS
from quantetf_core.portfolio.optimizers.problem import TurnoverLimit
from quantetf_core.portfolio.selection import note

_SLACK = 1e-5
"""A turnover this little above its limit comes of rounding weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookWeights:
    """What is held, as fractions of portfolio value after any declared cash flow.

    ``weights`` by ticker, not 0; cash is the remainder to 1.
    """

    weights: Mapping[str, float]

    @property
    def cash(self) -> float:
        """Fraction in cash."""
        return 1.0 - math.fsum(self.weights.values())


def one_way_turnover(book: BookWeights, weights: Mapping[str, float]) -> float:
    """½ Σ|Δ weight| over all tickers and cash.

    Examples
    --------
    >>> one_way_turnover(BookWeights(weights={"SPY": 0.5}), {"SPY": 0.25, "AGG": 0.75})
    0.75
    """
    tickers = sorted({*book.weights, *weights})
    moves = [abs(weights.get(t, 0.0) - book.weights.get(t, 0.0)) for t in tickers]
    cash = abs(1.0 - math.fsum(weights.values()) - book.cash)
    return 0.5 * math.fsum([*moves, cash])


def part_of_the_way(
    book: BookWeights, weights: Mapping[str, float], share: float
) -> dict[str, float]:
    """The book moved ``share`` of the way to the weights, ticker by ticker, and cash with them.

    Examples
    --------
    >>> part_of_the_way(BookWeights(weights={"SPY": 0.5}), {"SPY": 0.25, "AGG": 0.75}, 0.5)
    {'AGG': 0.375, 'SPY': 0.375}
    """
    tickers = sorted({*book.weights, *weights})
    held = {ticker: book.weights.get(ticker, 0.0) for ticker in tickers}
    return {t: held[t] + share * (weights.get(t, 0.0) - held[t]) for t in tickers}


def turnover_limit(
    book: BookWeights, tickers: Sequence[str], invested: float, max_turnover: float
) -> TurnoverLimit:
    """What a turnover limit leaves for the tickers of a problem.

    What is held of other tickers is sold, and cash moves to what is not invested; both count.
    """
    held = tuple(book.weights.get(ticker, 0.0) for ticker in tickers)
    sold = math.fsum(abs(w) for ticker, w in book.weights.items() if ticker not in tickers)
    cash = abs(1.0 - invested - book.cash)
    return TurnoverLimit(held=held, room=2.0 * max_turnover - sold - cash)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Limited:
    """Weights within a turnover limit.

    ``turnover`` is from the book to them, None without a book; ``way`` is how far they go from
    the book to the weights that were wanted, 1 for all of it.
    """

    weights: Mapping[str, float]
    turnover: float | None
    way: float
    findings: tuple[Finding, ...] = ()


def within_turnover(
    weights: Mapping[str, float], max_turnover: float | None, book: BookWeights | None
) -> Limited:
    """The weights themselves where the limit allows, else part of the way to them."""
    if book is None:
        return Limited(weights=weights, turnover=None, way=1.0)
    full = one_way_turnover(book, weights)
    if max_turnover is None or full <= max_turnover + _SLACK:
        return Limited(weights=weights, turnover=round(full, DECIMALS), way=1.0)
    way = max_turnover / full
    moved = {t: _floor(w) for t, w in part_of_the_way(book, weights, way).items()}
    text = (
        f"a turnover of {full:.2%} is wanted and {max_turnover:.2%} allowed: the weights go "
        f"{way:.2%} of the way from the book"
    )
    return Limited(
        weights={ticker: weight for ticker, weight in moved.items() if weight > 0.0},
        turnover=round(max_turnover, DECIMALS),
        way=round(way, DECIMALS),
        findings=(note("turnover_limited", "portfolio", text),),
    )


def _floor(weight: float) -> float:
    """Rounded down, so that no sum grows."""
    return math.floor(weight * UNITS + 1e-6) / UNITS
