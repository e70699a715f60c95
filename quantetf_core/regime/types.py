"""The words of the regime: trend, volatility, their thresholds, and the state on one session."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from numbers import Real
from typing import Any, TypeVar

import pandas as pd

from quantetf_core.config import REGIMES, RegimeConfig
from quantetf_core.encoding import plain
from quantetf_core.errors import InvalidValueError

__all__ = [
    "REGIMES",
    "REGIME_LABELS",
    "REGIME_SHORT_LABELS",
    "UNKNOWN",
    "RegimeConfig",
    "RegimeState",
    "TrendState",
    "VolatilityState",
]

E = TypeVar("E", bound=StrEnum)

UNKNOWN = "unknown"
"""Name of the regime while its trend or its volatility is not known."""

REGIME_LABELS: Mapping[str, str] = {
    "uptrend_low_vol": "Uptrend, low volatility",
    "uptrend_high_vol": "Uptrend, high volatility",
    "downtrend_low_vol": "Downtrend, low volatility",
    "downtrend_high_vol": "Downtrend, high volatility",
    UNKNOWN: "Unknown",
}
"""Regime → the words a PM reads; the one place where they are written."""

REGIME_SHORT_LABELS: Mapping[str, str] = {
    "uptrend_low_vol": "Up, low vol",
    "uptrend_high_vol": "Up, high vol",
    "downtrend_low_vol": "Down, low vol",
    "downtrend_high_vol": "Down, high vol",
    UNKNOWN: "Unknown",
}
"""Regime → few words, for legends and narrow columns; the full ones stand nearby."""


class TrendState(StrEnum):
    """Where SPY stands against its 200-day mean."""

    UPTREND = "uptrend"
    DOWNTREND = "downtrend"
    UNKNOWN = "unknown"


class VolatilityState(StrEnum):
    """How nervous the market is, by the VIX."""

    LOW_VOL = "low_vol"
    HIGH_VOL = "high_vol"
    UNKNOWN = "unknown"


def usable(value: float | None) -> float | None:
    """The value as a float, or None when it is missing, not finite, or not above zero.

    Raises
    ------
    InvalidValueError
        When it is something else than a number.

    Examples
    --------
    >>> usable(17.2), usable(None), usable(float("nan")), usable(0.0)
    (17.2, None, None, None)
    """
    if value is None or pd.isna(value):
        return None
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidValueError("indicator", value, "a number, or None")
    number = float(value)
    return number if math.isfinite(number) and number > 0.0 else None


@dataclass(frozen=True, slots=True)
class RegimeState:
    """The regime on one session, and the indicators it was read from.

    Parameters
    ----------
    trend, vol
        The two components; their values as text are accepted too.
    as_of
        Session whose close is the last thing known; None when nobody said.
    spy_price, spy_200ma
        USD per share: SPY's close and the plain mean of its last 200 closes; None when missing.
    vix
        Index points, as used (possibly carried); None when missing.

    Notes
    -----
    Equal facts are equal states: NaN becomes None and any kind of date a ``Timestamp``.

    Raises
    ------
    InvalidValueError
        When a component, the date or an indicator is not what it should be.

    Examples
    --------
    >>> state = RegimeState(TrendState.UPTREND, VolatilityState.LOW_VOL, "2017-06-30")
    >>> state.name, state.label
    ('uptrend_low_vol', 'Uptrend, low volatility')
    """

    trend: TrendState
    vol: VolatilityState
    as_of: pd.Timestamp | None
    spy_price: float | None = None
    spy_200ma: float | None = None
    vix: float | None = None

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "trend", _member(TrendState, "trend", self.trend))
        set_field(self, "vol", _member(VolatilityState, "vol", self.vol))
        set_field(self, "as_of", _stamp(self.as_of))
        for name in ("spy_price", "spy_200ma", "vix"):
            set_field(self, name, _number(name, getattr(self, name)))

    @property
    def known(self) -> bool:
        """Whether both components are known."""
        return self.trend is not TrendState.UNKNOWN and self.vol is not VolatilityState.UNKNOWN

    @property
    def name(self) -> str:
        """One of the four regimes, or ``unknown``."""
        return f"{self.trend}_{self.vol}" if self.known else UNKNOWN

    @property
    def label(self) -> str:
        """The regime in words."""
        return REGIME_LABELS[self.name]

    def to_dict(self) -> dict[str, Any]:
        """The state in JSON's own types, ``regime`` being its `name`; see `from_dict`."""
        return {
            "regime": self.name,
            "trend": self.trend.value,
            "vol": self.vol.value,
            "as_of": plain(self.as_of),
            "spy_price": self.spy_price,
            "spy_200ma": self.spy_200ma,
            "vix": self.vix,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> RegimeState:
        """The state written by `to_dict`; further keys are left alone.

        Raises
        ------
        InvalidValueError
            When a key is missing, a value is not accepted, or ``regime`` contradicts its parts.
        """
        if not isinstance(data, Mapping):
            raise InvalidValueError("regime state", data, "an object with trend, vol and as_of")
        missing = [key for key in ("trend", "vol", "as_of") if key not in data]
        if missing:
            raise InvalidValueError(
                "regime state", sorted(map(str, data)), f"all of trend, vol, as_of (no {missing})"
            )
        indicators = {key: data.get(key) for key in ("spy_price", "spy_200ma", "vix")}
        state = cls(data["trend"], data["vol"], data["as_of"], **indicators)
        if data.get("regime", state.name) != state.name:
            raise InvalidValueError("regime", data["regime"], f"{state.name}, by its parts")
        return state


def _member(kind: type[E], parameter: str, value: str) -> E:
    try:
        return kind(value)
    except ValueError:
        accepted = ", ".join(member.value for member in kind)
        raise InvalidValueError(parameter, value, f"one of {accepted}") from None


def _stamp(value: object) -> pd.Timestamp | None:
    if value is None:
        return None
    if isinstance(value, str | date):
        stamp = pd.to_datetime(value, errors="coerce")
        if isinstance(stamp, pd.Timestamp):
            return stamp
    raise InvalidValueError("as_of", value, "a date, or None")


def _number(parameter: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise InvalidValueError(parameter, value, "a number, or None")
    number = float(value)
    return number if math.isfinite(number) else None
