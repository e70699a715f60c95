"""What the configuration files may say: one frozen, strict, hashable model per file.

Loading, line numbers and error sentences are in `quantetf_core.config.loading`; here is only
the shape. Every path is relative to the workspace, the folder that holds ``configs/``.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from quantetf_core.config.schema_accepted import ACCEPTED_FINDINGS, AcceptedFinding
from quantetf_core.config.schema_checks import (
    AssetClassCheck,
    ChecksConfig,
    CoverageCheck,
    DataFindingsCheck,
    FreshnessCheck,
    PriceQualityCheck,
    SwitchCheck,
    TurnoverCheck,
    VolumeCheck,
    WeightCheck,
)
from quantetf_core.config.schema_overlays import (
    DrawdownBrake,
    OverlayConfig,
    PositionLimit,
    VixShift,
    VolatilityTarget,
)
from quantetf_core.config.schema_paper import PaperConfig
from quantetf_core.config.schema_rebalance import RebalanceConfig, RebalanceMode
from quantetf_core.config.schema_regimes import REGIMES, MappingEntry, RegimeConfig, RegimeMapping
from quantetf_core.config.schema_strategies import ConstructionConfig, Overruled, StrategyConfig
from quantetf_core.config.schema_weighting import ClassLimits, OptimizerConfig
from quantetf_core.config.strict import (
    Action,
    Fraction,
    Name,
    NonNegative,
    Positive,
    PositiveFraction,
    StrictModel,
    broken_rule,
)
from quantetf_core.units import CASH

__all__ = [
    "REGIMES",
    "Action",
    "AssetClassCheck",
    "ChecksConfig",
    "ClassLimits",
    "ConstructionConfig",
    "CostConfig",
    "CoverageCheck",
    "DataFindingsCheck",
    "DrawdownBrake",
    "FilesSource",
    "Fraction",
    "FreshnessCheck",
    "MappingEntry",
    "Name",
    "NonNegative",
    "OptimizerConfig",
    "OverlayConfig",
    "Overruled",
    "PaperConfig",
    "PortfolioConfig",
    "PortfolioSettings",
    "PositionLimit",
    "Positive",
    "PositiveFraction",
    "PriceQualityCheck",
    "RebalanceConfig",
    "RebalanceMode",
    "RegimeConfig",
    "RegimeMapping",
    "SampleSource",
    "ScheduleConfig",
    "Source",
    "StrategyConfig",
    "SwitchCheck",
    "TurnoverCheck",
    "Universe",
    "UniverseMember",
    "VixShift",
    "VolatilityTarget",
    "VolumeCheck",
    "WeightCheck",
    "YahooSource",
]


class CostConfig(StrictModel):
    """Trading costs: basis points of traded notional."""

    name: Name = "default"
    description: str = ""
    cost_bps: NonNegative = 5.0


class UniverseMember(StrictModel):
    """One ETF that may be held."""

    ticker: Name
    name: str
    asset_class: Name


class Universe(StrictModel):
    """The ETFs a portfolio chooses from."""

    name: Name
    description: str = ""
    tickers: Annotated[tuple[UniverseMember, ...], Field(min_length=1, strict=False)]

    @field_validator("tickers")
    @classmethod
    def _unique(cls, members: tuple[UniverseMember, ...]) -> tuple[UniverseMember, ...]:
        seen: set[str] = set()
        for position, member in enumerate(members):
            if member.ticker in seen:
                raise broken_rule("each ticker once", position, "ticker")
            if member.ticker == CASH or member.ticker != member.ticker.strip():
                raise broken_rule(f"a ticker without spaces, not {CASH}", position, "ticker")
            seen.add(member.ticker)
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


class SampleSource(StrictModel):
    """The simulated market that ships with the desk."""

    type: Literal["sample"]


class FilesSource(StrictModel):
    """Files on disk; where two hold the same ticker, the first in ``paths`` is used."""

    type: Literal["files"]
    paths: Annotated[tuple[str, ...], Field(min_length=1, strict=False)]
    vix: str


class YahooSource(StrictModel):
    """Yahoo Finance, as last fetched; the VIX from there or from FRED.

    ``context`` are series of FRED shown beside the regime; no decision reads them.
    """

    type: Literal["yahoo"]
    start: Annotated[
        str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="a date such as 2005-01-03")
    ] = "2005-01-03"
    vix: Literal["yahoo", "fred"] = "yahoo"
    context: Annotated[tuple[Literal["T10Y2Y", "BAMLH0A0HYM2"], ...], Field(strict=False)] = ()

    @field_validator("context")
    @classmethod
    def _each_once(cls, context: tuple[str, ...]) -> tuple[str, ...]:
        for position, name in enumerate(context):
            if name in context[:position]:
                raise broken_rule("each series once", position)
        return context

    @field_validator("start")
    @classmethod
    def _is_a_date(cls, start: str) -> str:
        try:
            date.fromisoformat(start)
        except ValueError:
            raise broken_rule("a date such as 2005-01-03") from None
        return start


Source = Annotated[SampleSource | FilesSource | YahooSource, Field(discriminator="type")]


class ScheduleConfig(StrictModel):
    """When a rebalance is due: the last or first session of each month or week, or never."""

    frequency: Literal["monthly", "weekly", "none"] = "monthly"
    anchor: Literal["last", "first"] = "last"


class PortfolioConfig(StrictModel):
    """One portfolio: what it trades, by which rules, and where its record is kept."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9][a-z0-9_-]*$",
            max_length=40,
            description="at most 40 lower-case letters, digits, - and _",
        ),
    ]
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
    accepted_findings: str = ACCEPTED_FINDINGS
    schedule: ScheduleConfig = ScheduleConfig()
    rebalance: RebalanceConfig = RebalanceConfig()
    paper: PaperConfig | None = None
    artifacts_dir: str
    state_dir: str

    @model_validator(mode="after")
    def _is_a_cash_account(self) -> PortfolioConfig:
        self.rebalance.check_cash_account()
        return self


class PortfolioSettings(StrictModel):
    """Everything configured for one portfolio, resolved; equal settings decide equally.

    ``texts`` are the files it was read from, as ``(path, content)``: they are stored with every
    commit and are part of the plan's id. ``overruled`` are the strategies' settings that the
    portfolio's own replace: each is worth a finding. ``accepted`` are data findings that a person
    has accepted.
    """

    config: PortfolioConfig
    universe: Universe
    thresholds: RegimeConfig
    mapping: RegimeMapping
    strategies: Annotated[tuple[StrategyConfig, ...], Field(strict=False)]
    checks: ChecksConfig
    costs: CostConfig
    texts: Annotated[tuple[tuple[str, str], ...], Field(strict=False)]
    overruled: Annotated[tuple[Overruled, ...], Field(strict=False)] = ()
    accepted: Annotated[tuple[AcceptedFinding, ...], Field(strict=False)] = ()

    def strategy_for(self, regime: str) -> tuple[MappingEntry, StrategyConfig]:
        """The mapping entry of a regime and the strategy it names."""
        entry = self.mapping.entry(regime)
        return entry, next(s for s in self.strategies if s.path == entry.config_path)
