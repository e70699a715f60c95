"""Rules for the parameters of alpha models, declared beside their defaults."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

from quantetf_core.config.catalogue import ParameterProblem
from quantetf_core.errors import InvalidValueError

Path = tuple[str | int, ...]

RULE = "rule"
"""Key of the rule in a dataclass field's metadata."""


class Rule(ABC):
    """What one parameter accepts."""

    __slots__ = ()

    @abstractmethod
    def accept(self, name: str, value: Any) -> Any:
        """The value in its own type, or `InvalidValueError` naming the parameter."""

    def problems(self, path: Path, value: Any) -> tuple[ParameterProblem, ...]:
        """What is wrong with a value found at a path of the parameters; empty when nothing is."""
        try:
            self.accept(str(path[-1]), value)
        except InvalidValueError as error:
            return (problem(path, error),)
        return ()


def problem(path: Path, error: InvalidValueError) -> ParameterProblem:
    """An error as a problem at a path of the configuration."""
    return ParameterProblem(key_path=path, found=repr(error.found), accepted=error.accepted)


@dataclass(frozen=True, slots=True)
class Whole(Rule):
    """A whole number, not below a least one; ``True`` is not a number."""

    at_least: int

    def accept(self, name: str, value: Any) -> int:
        """The value as an `int`."""
        if isinstance(value, bool) or not isinstance(value, Integral) or value < self.at_least:
            raise InvalidValueError(name, value, f"a whole number, {self.at_least} or more")
        return int(value)


@dataclass(frozen=True, slots=True)
class Number(Rule):
    """A finite number, above a bound where there is one; ``True`` is not a number."""

    above: float | None = None

    def accept(self, name: str, value: Any) -> float:
        """The value as a `float`."""
        if not _is_number(value) or (self.above is not None and not value > self.above):
            bound = "" if self.above is None else f" above {self.above:g}"
            raise InvalidValueError(name, value, f"a finite number{bound}")
        return float(value)


@dataclass(frozen=True, slots=True)
class Ticker(Rule):
    """The name of one ticker."""

    def accept(self, name: str, value: Any) -> str:
        """The value as it is."""
        if not isinstance(value, str) or not value:
            raise InvalidValueError(name, value, "a ticker")
        return value


@dataclass(frozen=True, slots=True)
class Tickers(Rule):
    """A list of tickers, each once."""

    def accept(self, name: str, value: Any) -> tuple[str, ...]:
        """The value as a tuple, in the order given."""
        listed = value if isinstance(value, list | tuple) else ()
        right = all(isinstance(ticker, str) and ticker for ticker in listed)
        if not (listed and right and len(set(listed)) == len(listed)):
            raise InvalidValueError(name, value, "a list of tickers, each once")
        return tuple(listed)


@dataclass(frozen=True, slots=True)
class Weights(Rule):
    """A list of finite numbers that are not all 0, or nothing for equal weights."""

    def accept(self, name: str, value: Any) -> tuple[float, ...] | None:
        """The value as a tuple of `float`, or None."""
        if value is None:
            return None
        listed = value if isinstance(value, list | tuple) else ()
        if not all(_is_number(weight) for weight in listed) or not any(listed):
            raise InvalidValueError(name, value, "a list of finite numbers, not all 0")
        return tuple(float(weight) for weight in listed)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


# The declared result is the parameter's type, so that a model's fields read `name: int = whole(…)`.
def whole(default: int, *, at_least: int) -> Any:
    """A field for a whole number of at least ``at_least``."""
    return field(default=default, metadata={RULE: Whole(at_least)})


def number(default: float, *, above: float | None = None) -> Any:
    """A field for a finite number, above a bound where there is one."""
    return field(default=default, metadata={RULE: Number(above)})


def ticker(default: str) -> Any:
    """A field for the name of one ticker."""
    return field(default=default, metadata={RULE: Ticker()})


def tickers(default: Sequence[str]) -> Any:
    """A field for a list of tickers."""
    return field(default=tuple(default), metadata={RULE: Tickers()})


def at_most(name: str, value: int, limit_name: str, limit: int, *, at_least: int = 2) -> None:
    """Raise `InvalidValueError` when one parameter exceeds another."""
    if value > limit:
        raise InvalidValueError(
            name, value, f"a whole number from {at_least} to {limit_name} ({limit})"
        )
