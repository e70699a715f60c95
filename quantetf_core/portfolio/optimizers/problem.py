"""One problem for an optimizer as a plain value: equal problems have one answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from quantetf_core.config import OptimizerConfig

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassLimit:
    """Bounds of the sum of the weights of some tickers, fractions of portfolio value."""

    name: str
    members: tuple[str, ...]
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnoverLimit:
    """How far the weights may be from the book's.

    Parameters
    ----------
    held
        Weight of each ticker of the problem in the book, fractions of portfolio value.
    room
        Most that Σ |weight − held| over these tickers may be; below 0 it cannot be met.
    """

    held: tuple[float, ...]
    room: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What an optimizer is given. Hashable, and equal when every bit of it is.

    Parameters
    ----------
    config
        Model, estimators and options.
    tickers
        Sorted.
    returns
        Simple daily returns as the bytes of a C-ordered float64 array
        ``(n_observations, n_tickers)``, oldest first; read them through `matrix`.
    invested
        Fraction of portfolio value to be shared out.
    max_weight
        Largest weight, a fraction of portfolio value.
    classes
        Limits of asset classes; classes without a limit are left out.
    turnover
        None for no limit.
    """

    config: OptimizerConfig
    tickers: tuple[str, ...]
    returns: bytes
    invested: float
    max_weight: float
    classes: tuple[ClassLimit, ...] = ()
    turnover: TurnoverLimit | None = None

    @property
    def matrix(self) -> Floats:
        """The returns, shape ``(n_observations, n_tickers)``, read-only."""
        return np.frombuffer(self.returns, np.float64).reshape(-1, len(self.tickers))

    @property
    def room(self) -> float:
        """Largest sum of weights that the bounds and the classes' upper limits allow."""
        limited = {ticker for limit in self.classes for ticker in limit.members}
        free = self.max_weight * (len(self.tickers) - len(limited))
        caps = [min(limit.most, self.max_weight * len(limit.members)) for limit in self.classes]
        return math.fsum([free, *caps])

    def without(self, dropped: Sequence[str]) -> Problem:
        """The problem of the other tickers; what is dropped counts as sold in the turnover."""
        keep = [place for place, ticker in enumerate(self.tickers) if ticker not in dropped]
        turnover = self.turnover
        if turnover is not None:
            sold = math.fsum(h for i, h in enumerate(turnover.held) if i not in keep)
            held = tuple(turnover.held[place] for place in keep)
            turnover = TurnoverLimit(held=held, room=turnover.room - sold)
        return replace(
            self,
            tickers=tuple(self.tickers[place] for place in keep),
            returns=np.ascontiguousarray(self.matrix[:, keep]).tobytes(),
            classes=tuple(
                replace(limit, members=tuple(t for t in limit.members if t not in dropped))
                for limit in self.classes
            ),
            turnover=turnover,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What a provider answers.

    Parameters
    ----------
    weights
        One per ticker of the problem, fractions of what is invested: they sum to 1.
    volatility
        Of these weights by the covariance used, a fraction per year.
    """

    weights: tuple[float, ...]
    volatility: float


class Provider(Protocol):
    """A library that solves problems."""

    def solve(self, problem: Problem) -> Solution:
        """Weights within the problem's limits.

        Raises
        ------
        OptimizerError
            When there are none, or the library finds none; the reason in plain words.
        """
        ...


def class_limits(
    config: OptimizerConfig, classes: Mapping[str, str], tickers: Sequence[str]
) -> tuple[ClassLimit, ...]:
    """The configured limits with their members among ``tickers``, sorted by name."""
    return tuple(
        ClassLimit(
            name=name,
            members=tuple(t for t in tickers if classes.get(t) == name),
            least=limit.min,
            most=limit.max,
        )
        for name, limit in sorted(config.asset_class_limits.items())
    )
