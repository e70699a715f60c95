"""Thresholds of the regime rules, and which strategy each regime calls for."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

from quantetf_core.config.strict import Name, StrictModel
from quantetf_core.errors import InvalidValueError


@dataclass(frozen=True, slots=True)
class RegimeConfig:
    """Thresholds of the regime rules.

    Parameters
    ----------
    trend_hysteresis_pct
        Half-width of the band around the 200-day mean, as a fraction of the mean.
    vix_high_threshold, vix_low_threshold
        VIX (index points) above which volatility turns high, below which it turns low.

    Raises
    ------
    InvalidValueError
        When a threshold is not finite, negative, or low exceeds high.
    """

    trend_hysteresis_pct: float = 0.02
    vix_high_threshold: float = 25.0
    vix_low_threshold: float = 20.0

    def __post_init__(self) -> None:
        for name in ("trend_hysteresis_pct", "vix_high_threshold", "vix_low_threshold"):
            if not isinstance(value := getattr(self, name), Real):
                raise InvalidValueError(name, value, "a number")
        if not 0.0 <= self.trend_hysteresis_pct < 1.0:
            raise InvalidValueError(
                "trend_hysteresis_pct", self.trend_hysteresis_pct, "a fraction from 0 to below 1"
            )
        if not 0.0 < self.vix_high_threshold < float("inf"):
            raise InvalidValueError(
                "vix_high_threshold", self.vix_high_threshold, "index points above 0"
            )
        if not 0.0 < self.vix_low_threshold <= self.vix_high_threshold:
            raise InvalidValueError(
                "vix_low_threshold",
                self.vix_low_threshold,
                f"index points above 0 and at most the high threshold {self.vix_high_threshold}",
            )


class MappingEntry(StrictModel):
    """Which strategy a regime calls for, and why."""

    strategy: Name
    config_path: str
    rationale: str


class RegimeMapping(StrictModel):
    """Regime → strategy, with the entry for an unknown regime kept apart as ``fallback``."""

    uptrend_low_vol: MappingEntry
    uptrend_high_vol: MappingEntry
    downtrend_low_vol: MappingEntry
    downtrend_high_vol: MappingEntry
    fallback: MappingEntry

    def entry(self, regime: str) -> MappingEntry:
        """The entry of one of the four regimes; ``fallback`` for an unknown one."""
        if regime in REGIMES:
            found: MappingEntry = getattr(self, regime)
            return found
        return self.fallback


REGIMES = ("uptrend_low_vol", "uptrend_high_vol", "downtrend_low_vol", "downtrend_high_vol")
"""The four regimes, in the order every table and chart shows them."""
