"""The two regime files: thresholds, and which strategy each regime calls for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from quantetf_core.config.schema import (
    REGIMES,
    MappingEntry,
    Positive,
    RegimeConfig,
    RegimeMapping,
)
from quantetf_core.config.strict import StrictModel, broken_rule
from quantetf_core.config.validation import validate
from quantetf_core.config.yaml_lines import Document, KeyPath
from quantetf_core.errors import ConfigProblem

Problems = tuple[ConfigProblem, ...]


class _Trend(StrictModel):
    hysteresis_pct: Annotated[float, Field(ge=0.0, lt=1.0)]


class _Volatility(StrictModel):
    high_threshold: Positive
    low_threshold: Positive

    @model_validator(mode="after")
    def _low_is_below_high(self) -> _Volatility:
        if self.low_threshold > self.high_threshold:
            accepted = f"a number of at most high_threshold ({self.high_threshold:g})"
            raise broken_rule(accepted, "low_threshold")
        return self


class ThresholdsFile(StrictModel):
    """``trend: {hysteresis_pct}`` and ``volatility: {high_threshold, low_threshold}``."""

    description: str = ""
    trend: _Trend
    volatility: _Volatility


class _Regimes(StrictModel):
    uptrend_low_vol: MappingEntry
    uptrend_high_vol: MappingEntry
    downtrend_low_vol: MappingEntry
    downtrend_high_vol: MappingEntry
    fallback: MappingEntry | None = None


class MappingFile(StrictModel):
    """``mapping: {<regime>: {strategy, config_path, rationale}}`` and ``fallback: {…}``.

    The fallback may stand beside the four regimes as well.
    """

    description: str = ""
    mapping: _Regimes
    fallback: MappingEntry | None = None

    @model_validator(mode="after")
    def _one_fallback(self) -> MappingFile:
        if self.fallback is not None and self.mapping.fallback is not None:
            raise broken_rule("one fallback, here or under `mapping`", "fallback")
        if self.fallback is None and self.mapping.fallback is None:
            raise broken_rule(
                "a mapping with the keys strategy, config_path and rationale, for "
                "the days when the regime is unknown",
                "fallback",
            )
        return self


def parse_thresholds(document: Document) -> tuple[RegimeConfig | None, Problems]:
    """Read the thresholds from an open document: the value or ``None``, and all problems."""
    file, problems = validate(document, ThresholdsFile)
    if file is None:
        return None, problems
    return RegimeConfig(
        trend_hysteresis_pct=float(file.trend.hysteresis_pct),
        vix_high_threshold=float(file.volatility.high_threshold),
        vix_low_threshold=float(file.volatility.low_threshold),
    ), ()


def parse_mapping(document: Document) -> tuple[RegimeMapping | None, Problems]:
    """Read the mapping from an open document: the value or ``None``, and all problems."""
    file, problems = validate(document, MappingFile)
    if file is None:
        return None, problems
    entries = {regime: getattr(file.mapping, regime) for regime in REGIMES}
    fallback = file.fallback or file.mapping.fallback
    assert fallback is not None  # by _one_fallback
    return RegimeMapping(**entries, fallback=fallback), ()


def entry_path(document: Document, regime: str) -> KeyPath:
    """Where the entry of a regime, or the fallback, stands in the file."""
    beside = ("fallback",)
    return beside if regime == "fallback" and beside in document.lines else ("mapping", regime)
