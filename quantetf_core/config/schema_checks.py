"""The pre-trade checks and their limits (``configs/checks.yaml``)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from quantetf_core.config.strict import (
    Action,
    Fraction,
    NonNegative,
    Positive,
    PositiveFraction,
    StrictModel,
)


class _Check(StrictModel):
    action: Action


class FreshnessCheck(_Check):
    """Age of the newest close, in sessions, judged at the portfolio's clock."""

    action: Action = "block"
    max_age_sessions: Annotated[int, Field(ge=0)] = 0


class DataFindingsCheck(_Check):
    """Data findings on any target or held ticker; a one-session move is a suspect split above
    ``max_one_session_move`` (fraction of the close before).
    """

    action: Action = "warn"
    max_one_session_move: Positive = 0.35
    lookback_sessions: Annotated[int, Field(ge=1)] = 21


class PriceQualityCheck(_Check):
    """Faults in the price history a decision rests on; the gate and the Data page judge by it.

    ``block`` stops the line a grave fault stands on; ``warn`` only asks for a note; ``off`` looks
    for none. Jumps are fractions of the close before; ``jump_multiple`` is in usual moves of the
    ticker itself.
    """

    action: Action = "block"
    lookback_sessions: Annotated[int, Field(ge=1)] = 273
    min_jump: Annotated[float, Field(ge=0.2, le=1.0)] = 0.30
    min_reversal: Annotated[float, Field(ge=0.1, le=1.0)] = 0.15
    jump_multiple: Annotated[float, Field(ge=4.0, le=100.0)] = 8.0
    max_distribution: PositiveFraction = 0.15
    flat_sessions: Annotated[int, Field(ge=3)] = 5
    quiet_sessions: Annotated[int, Field(ge=2)] = 5
    gap_sessions: Annotated[int, Field(ge=0)] = 3


class SwitchCheck(_Check):
    """A check without a limit of its own."""

    action: Action = "warn"


class TurnoverCheck(_Check):
    """One-way turnover as a fraction of portfolio value."""

    action: Action = "warn"
    max_turnover: NonNegative = 0.5


class WeightCheck(_Check):
    """Largest weight allowed, as a fraction of portfolio value."""

    action: Action = "warn"
    max_weight: PositiveFraction = 0.35


class AssetClassCheck(_Check):
    """Largest sum of weights in one asset class; ``cash_like`` classes may be exempted."""

    action: Action = "warn"
    max_weight: PositiveFraction = 0.8
    exempt: Annotated[tuple[str, ...], Field(strict=False)] = ()


class VolumeCheck(_Check):
    """A trade's share of the average daily volume over ``lookback_sessions``."""

    action: Action = "warn"
    max_share: PositiveFraction = 0.05
    lookback_sessions: Annotated[int, Field(ge=1)] = 21


class CoverageCheck(_Check):
    """Smallest fraction of the universe that must have a close at the as-of session."""

    action: Action = "warn"
    min_coverage: Fraction = 0.9


class ChecksConfig(StrictModel):
    """The pre-trade checks and their limits (``configs/checks.yaml``)."""

    freshness: FreshnessCheck = FreshnessCheck()
    data_findings: DataFindingsCheck = DataFindingsCheck()
    price_quality: PriceQualityCheck = PriceQualityCheck()
    signal_quality: SwitchCheck = SwitchCheck(action="block")
    signal_missing: SwitchCheck = SwitchCheck()
    unknown_regime: SwitchCheck = SwitchCheck()
    turnover: TurnoverCheck = TurnoverCheck()
    position_size: WeightCheck = WeightCheck()
    asset_class: AssetClassCheck = AssetClassCheck()
    volume_share: VolumeCheck = VolumeCheck()
    cash_floor: SwitchCheck = SwitchCheck(action="block")
    off_schedule: SwitchCheck = SwitchCheck()
    universe_coverage: CoverageCheck = CoverageCheck()
    before_last_commit: SwitchCheck = SwitchCheck(action="block")
