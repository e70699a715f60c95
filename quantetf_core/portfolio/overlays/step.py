"""What one overlay did: the numbers it looked at, and what became of the weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Literal, get_args

from quantetf_core.config.schema_overlays import OverlayConfig
from quantetf_core.findings import Finding, Severity
from quantetf_core.units import is_finite_number

ROUNDING = 1e-12
"""Weights and exposures closer than this are the same."""

Unit = Literal["fraction", "index points"]
Weights = Mapping[str, float]


class OverlayState(StrEnum):
    """How one overlay ended."""

    APPLIED = "applied"
    WITHIN = "within"
    UNKNOWN = "unknown"
    OFF = "off"

    @property
    def label(self) -> str:
        """The state in words."""
        return _LABELS[self]


_LABELS = {
    OverlayState.APPLIED: "Applied",
    OverlayState.WITHIN: "Nothing to do",
    OverlayState.UNKNOWN: "Not applied",
    OverlayState.OFF: "Off",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayStep:
    """One overlay of a chain, as it is shown and recorded.

    Parameters
    ----------
    name
        Its type in the strategy file, e.g. ``volatility_target``.
    state
        ``applied`` when it changed a weight, ``within`` when there was no need, ``unknown`` when
        what it looks at is not known (a finding says why), ``off`` when it is not enabled.
    measure
        What it looks at, in words.
    unit
        Of ``measured`` and ``setting``.
    measured
        The number it found; None when it is off, or the number is not known.
    setting
        The number of the configuration from which on it does something.
    exposure_before, exposure_after
        Sum of the target weights, fractions of portfolio value.
    said
        What happened, one sentence.
    """

    name: str
    state: OverlayState
    measure: str
    unit: Unit
    measured: float | None
    setting: float
    exposure_before: float
    exposure_after: float
    said: str

    @property
    def applied(self) -> bool:
        """Whether it changed a weight."""
        return self.state is OverlayState.APPLIED

    @property
    def enabled(self) -> bool:
        """Whether the strategy has it switched on."""
        return self.state is not OverlayState.OFF

    @property
    def title(self) -> str:
        """The name in words."""
        return TITLES.get(self.name, self.name)


TITLES = {
    "volatility_target": "Volatility target",
    "position_limit": "Position limit",
    "drawdown_brake": "Drawdown brake",
    "vix_shift": "VIX shift",
}
"""Overlays in words."""

_GAUGES: Mapping[str, tuple[str, Unit, str]] = {
    "volatility_target": ("Expected yearly volatility", "fraction", "target"),
    "position_limit": ("Largest weight", "fraction", "max_weight"),
    "drawdown_brake": ("Drawdown of the book", "fraction", "start"),
    "vix_shift": ("VIX", "index points", "start"),
}
"""What each overlay looks at, its unit, and the key of the setting to hold it against."""


@dataclass(frozen=True, slots=True)
class Overlaid:
    """Weights after one overlay, what it says of itself, and what is worth knowing."""

    weights: Weights
    step: OverlayStep
    findings: tuple[Finding, ...] = ()


def report(
    config: OverlayConfig,
    before: Weights,
    after: Weights,
    *,
    measured: float | None,
    said: str,
    state: OverlayState | None = None,
) -> OverlayStep:
    """The step of an overlay; ``state`` follows from the weights unless given."""
    measure, unit, setting = _GAUGES[config.type]
    if state is None:
        state = OverlayState.WITHIN if dict(before) == dict(after) else OverlayState.APPLIED
    return OverlayStep(
        name=config.type,
        state=state,
        measure=measure,
        unit=unit,
        measured=measured,
        setting=getattr(config, setting),
        exposure_before=exposure(before),
        exposure_after=exposure(after),
        said=said,
    )


def not_applied(
    config: OverlayConfig,
    weights: Weights,
    why: str,
    *,
    code: str,
    subject: str,
    severity: Severity = Severity.WARN,
) -> Overlaid:
    """The weights as they are, with a finding: what the overlay looks at is not known."""
    left = f"not applied, the weights stay as they are: {why}"
    step = report(
        config,
        weights,
        weights,
        measured=None,
        said=f"{left[0].upper()}{left[1:]}.",
        state=OverlayState.UNKNOWN,
    )
    finding = Finding(severity, code, subject, f"{TITLES[config.type]} {left}")
    return Overlaid(weights, step, (finding,))


def recorded_step(row: Mapping[str, object]) -> OverlayStep | None:
    """A step as a record keeps it; None for what is none, whatever the record holds.

    Examples
    --------
    >>> from quantetf_core.encoding import plain
    >>> step = OverlayStep(
    ...     name="vix_shift",
    ...     state=OverlayState.WITHIN,
    ...     measure="VIX",
    ...     unit="index points",
    ...     measured=15.0,
    ...     setting=25.0,
    ...     exposure_before=1.0,
    ...     exposure_after=1.0,
    ...     said="The VIX stands at 15.00; nothing is moved up to 25.",
    ... )
    >>> recorded_step(plain(step)) == step, recorded_step({"name": "vix_shift"})
    (True, None)
    """
    texts = [row.get(name) for name in ("name", "state", "measure", "unit", "said")]
    numbers = [row.get(name) for name in ("setting", "exposure_before", "exposure_after")]
    if row.get("measured") is not None:
        numbers.append(row["measured"])
    if not all(isinstance(text, str) for text in texts):
        return None
    if not all(is_finite_number(number) for number in numbers):
        return None
    if row["state"] not in set(OverlayState) or row["unit"] not in get_args(Unit):
        return None
    kept: dict[str, Any] = {spec.name: row.get(spec.name) for spec in fields(OverlayStep)}
    return OverlayStep(**{**kept, "state": OverlayState(str(row["state"]))})


def exposure(weights: Weights) -> float:
    """Sum of the weights; the order of the tickers changes no bit.

    Examples
    --------
    >>> exposure({"SPY": 0.5, "TLT": 0.25})
    0.75
    """
    return math.fsum(weights.values())


def lowers(before: float, wanted: float) -> bool:
    """Whether an exposure wanted is below the one there is, by more than rounding.

    Examples
    --------
    >>> lowers(1.0, 0.9), lowers(1.0 + 2**-52, 1.0)
    (True, False)
    """
    return wanted < before - ROUNDING


def scaled_to(weights: Weights, wanted: float) -> dict[str, float]:
    """All weights times one factor, so that they sum to ``wanted``; none is raised.

    Examples
    --------
    >>> scaled_to({"SPY": 0.75, "TLT": 0.25}, 0.5)
    {'SPY': 0.375, 'TLT': 0.125}
    >>> scaled_to({"SPY": 0.5}, 0.8)
    {'SPY': 0.5}
    """
    now = exposure(weights)
    if not lowers(now, wanted):
        return dict(weights)
    factor = wanted / now
    return {ticker: weight * factor for ticker, weight in weights.items()}


def ramp(value: float, start: float, full: float) -> float:
    """How far a value is from ``start`` to ``full``, which is not below it.

    0 up to ``start``, 1 from ``full`` on, ``(value − start) ÷ (full − start)`` in between; 1 above
    them where the two are equal.

    Examples
    --------
    >>> [ramp(vix, 20.0, 40.0) for vix in (15.0, 20.0, 25.0, 60.0)]
    [0.0, 0.0, 0.25, 1.0]
    >>> ramp(30.0, 30.0, 30.0), ramp(30.5, 30.0, 30.0)
    (0.0, 1.0)
    """
    if value <= start:
        return 0.0
    return 1.0 if value >= full else (value - start) / (full - start)
