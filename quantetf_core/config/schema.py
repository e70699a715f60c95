"""What the configuration files may say: one frozen, strict, hashable model per file.

Loading, line numbers and error sentences are in `quantetf_core.config.loading`; here is only
the shape. Every path is relative to the workspace, the folder that holds ``configs/``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from quantetf_core.errors import InvalidValueError

Fraction = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
PositiveFraction = Annotated[float, Field(gt=0.0, le=1.0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Action = Literal["warn", "block", "off"]


class _Strict(BaseModel):
    """Frozen, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class RegimeConfig:
    """Thresholds of the regime rules (DESIGN §6).

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


class RebalanceConfig(_Strict):
    """How target weights become trades.

    Parameters
    ----------
    min_trade_value
        USD; a smaller trade is skipped (exits are exempt).
    min_weight_change
        Fraction of portfolio value; a smaller change is held (entries and exits are exempt).
    allow_fractional
        Fractional shares; whole shares otherwise.
    round_lots, lot_size
        Trade in multiples of ``lot_size`` shares.
    max_single_weight
        No target weight above this; the excess is redistributed, then left in cash.
    cash_floor
        USD that a plan never spends.
    """

    min_trade_value: NonNegative = 100.0
    min_weight_change: Fraction = 0.01
    allow_fractional: bool = False
    round_lots: bool = False
    lot_size: Annotated[int, Field(ge=1)] = 100
    max_single_weight: PositiveFraction = 1.0
    cash_floor: NonNegative = 0.0

    @model_validator(mode="after")
    def _lots_are_whole(self) -> RebalanceConfig:
        if self.allow_fractional and self.round_lots:
            raise ValueError("allow_fractional and round_lots exclude each other")
        return self


class CostConfig(_Strict):
    """Trading costs: basis points of traded notional."""

    name: Name = "default"
    description: str = ""
    cost_bps: NonNegative = 5.0


class UniverseMember(_Strict):
    """One ETF that may be held."""

    ticker: Name
    name: str
    asset_class: Name


class Universe(_Strict):
    """The ETFs a portfolio chooses from."""

    name: Name
    description: str = ""
    tickers: Annotated[tuple[UniverseMember, ...], Field(min_length=1, strict=False)]

    @field_validator("tickers")
    @classmethod
    def _unique(cls, members: tuple[UniverseMember, ...]) -> tuple[UniverseMember, ...]:
        symbols = [member.ticker for member in members]
        twice = sorted({symbol for symbol in symbols if symbols.count(symbol) > 1})
        if twice:
            raise ValueError(f"each ticker once; twice: {', '.join(twice)}")
        return members

    @property
    def symbols(self) -> tuple[str, ...]:
        """Tickers, sorted."""
        return tuple(sorted(member.ticker for member in self.tickers))

    @property
    def names(self) -> dict[str, str]:
        """Ticker → name of the fund."""
        return {member.ticker: member.name for member in self.tickers}

    @property
    def asset_classes(self) -> dict[str, str]:
        """Ticker → asset class."""
        return {member.ticker: member.asset_class for member in self.tickers}


class SampleSource(_Strict):
    """The simulated market that ships with the desk."""

    type: Literal["sample"]


class FilesSource(_Strict):
    """Files on disk; where two hold the same ticker, the first in ``paths`` is used."""

    type: Literal["files"]
    paths: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    vix: str


Source = Annotated[SampleSource | FilesSource, Field(discriminator="type")]


class ScheduleConfig(_Strict):
    """When a rebalance is due: the last or first session of each month or week, or never."""

    frequency: Literal["monthly", "weekly", "none"] = "monthly"
    anchor: Literal["last", "first"] = "last"


class PortfolioConfig(_Strict):
    """One portfolio: what it trades, by which rules, and where its record is kept."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)]
    title: str = ""
    base_currency: Literal["USD"] = "USD"
    clock: Literal["exchange", "replay"] = "exchange"
    source: Source
    universe: str
    thresholds: str = "configs/regimes/thresholds.yaml"
    mapping: str = "configs/regimes/default_mapping.yaml"
    strategies_dir: str = "configs/strategies"
    checks: str = "configs/checks.yaml"
    costs: str = "configs/costs/default.yaml"
    schedule: ScheduleConfig = ScheduleConfig()
    rebalance: RebalanceConfig = RebalanceConfig()
    artifacts_dir: str
    state_dir: str


class ConstructionConfig(_Strict):
    """Scores → weights.

    Parameters
    ----------
    top_n
        How many of the best-scored tickers are held.
    weighting
        ``equal``, ``score`` (proportional to positive scores) or ``inverse_vol``.
    max_weight, min_weight
        Bounds of one position, as fractions of portfolio value; a position below the minimum is
        not taken.
    cash_buffer
        Fraction always left in cash.
    gross_exposure
        Fraction of portfolio value to invest; below 1 for defensive strategies.
    unfilled
        What happens to the share of missing names when fewer than ``top_n`` are eligible.
    """

    top_n: Annotated[int, Field(ge=1)]
    weighting: Literal["equal", "score", "inverse_vol"] = "equal"
    max_weight: PositiveFraction = 1.0
    min_weight: Fraction = 0.0
    cash_buffer: Fraction = 0.0
    gross_exposure: PositiveFraction = 1.0
    unfilled: Literal["cash", "redistribute"] = "cash"

    @model_validator(mode="after")
    def _bounds_agree(self) -> ConstructionConfig:
        if self.min_weight > self.max_weight:
            raise ValueError(f"min_weight is at most max_weight ({self.max_weight})")
        return self


class StrategyConfig(_Strict):
    """One strategy, whichever of the two layouts its file uses.

    ``parameters_json`` is the canonical JSON of the alpha model's parameters, so that the model
    stays hashable; read them through `parameters`.
    """

    name: Name
    description: str = ""
    alpha_model: Name
    parameters_json: str = "{}"
    construction: ConstructionConfig
    universe: str | None = None
    schedule: str | None = None
    cost_model: str | None = None
    path: str

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of the alpha model, by name."""
        loaded: dict[str, Any] = json.loads(self.parameters_json)
        return loaded


class MappingEntry(_Strict):
    """Which strategy a regime calls for, and why."""

    strategy: Name
    config_path: str
    rationale: str


class _Check(_Strict):
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


class SwitchCheck(_Check):
    """A check without a limit of its own."""

    action: Action = "warn"


class TurnoverCheck(_Check):
    """One-way turnover (DESIGN law 11) as a fraction of portfolio value."""

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


class ChecksConfig(_Strict):
    """The pre-trade checks and their limits (``configs/checks.yaml``)."""

    freshness: FreshnessCheck = FreshnessCheck()
    data_findings: DataFindingsCheck = DataFindingsCheck()
    unknown_regime: SwitchCheck = SwitchCheck()
    turnover: TurnoverCheck = TurnoverCheck()
    position_size: WeightCheck = WeightCheck()
    asset_class: AssetClassCheck = AssetClassCheck()
    volume_share: VolumeCheck = VolumeCheck()
    cash_floor: SwitchCheck = SwitchCheck(action="block")
    off_schedule: SwitchCheck = SwitchCheck()
    universe_coverage: CoverageCheck = CoverageCheck()
    before_last_commit: SwitchCheck = SwitchCheck(action="block")


class RegimeMapping(_Strict):
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


class PortfolioSettings(_Strict):
    """Everything configured for one portfolio, resolved; equal settings decide equally.

    ``texts`` are the files it was read from, as ``(path, content)``: they are stored with every
    commit and are part of the plan's id.
    """

    config: PortfolioConfig
    universe: Universe
    thresholds: RegimeConfig
    mapping: RegimeMapping
    strategies: Annotated[tuple[StrategyConfig, ...], Field(strict=False)]
    checks: ChecksConfig
    costs: CostConfig
    texts: Annotated[tuple[tuple[str, str], ...], Field(strict=False)]

    def strategy_for(self, regime: str) -> tuple[MappingEntry, StrategyConfig]:
        """The mapping entry of a regime and the strategy it names."""
        entry = self.mapping.entry(regime)
        return entry, next(s for s in self.strategies if s.path == entry.config_path)
