"""`RebalanceResult`: everything one decision used and produced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from quantetf_core.config import MappingEntry, PortfolioSettings, StrategyConfig
from quantetf_core.data.market import MarketData
from quantetf_core.data.quality.record import OVERRIDABLE
from quantetf_core.errors import PlanRefusedError
from quantetf_core.execution.trade import Action, Trade
from quantetf_core.findings import Finding, Severity, of_severity
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.portfolio.overlays import OverlayStep
from quantetf_core.portfolio.weighting import WeightingReport
from quantetf_core.regime.types import RegimeState
from quantetf_core.units import CASH

if TYPE_CHECKING:
    from quantetf_core.execution.plan import TradePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What a decision must know that is neither market nor configuration.

    Parameters
    ----------
    as_of
        Session of the decision: the last close it may know.
    requested
        The date that was asked for; differs from ``as_of`` when it was not a session.
    latest
        The newest session the portfolio's clock would allow. An earlier ``as_of`` can be looked
        at and not confirmed.
    data_age
        Sessions completed since the newest session of the data, by the portfolio's clock.
    holdings
        The book, or None when there is none yet.
    holdings_findings
        What was noticed while reading the book.
    last_commit_as_of
        Session of the newest commit, or None.
    portfolio_value
        USD to size on; None for the book's own value.
    cash_flow
        Declared deposit (+) or withdrawal (−) in USD; None when none is declared.
    nav
        The book's own growth of 1 by session, deposits and withdrawals taken out, up to ``as_of``.
        Filled only for a strategy that looks at it (`quantetf_core.decision.nav`).
    """

    as_of: pd.Timestamp
    requested: date
    latest: pd.Timestamp
    data_age: int = 0
    holdings: Holdings | None = None
    holdings_findings: tuple[Finding, ...] = ()
    last_commit_as_of: date | None = None
    portfolio_value: float | None = None
    cash_flow: float | None = None
    nav: tuple[tuple[date, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inputs:
    """What a decision was made from, kept so that it can be shown, stored and repeated.

    ``closes`` are the closes used for sizing (USD by ticker); ``data_fingerprint`` covers every
    row of the market up to ``as_of``; ``market`` is that market, later rows included, so that it
    can be kept with the decision. ``weighting`` says what an optimizer did and ``overlays``
    what each overlay did, where the strategy has any.
    """

    situation: Situation
    settings: PortfolioSettings
    entry: MappingEntry
    strategy: StrategyConfig
    regime_state: RegimeState
    days_in_regime: int
    ranking: pd.DataFrame
    plan: TradePlan
    closes: Mapping[str, float]
    volume_share: Mapping[str, float]
    source: str
    simulated: bool
    data_fingerprint: str
    code_version: str
    market: MarketData | None = field(default=None, repr=False)
    weighting: WeightingReport | None = None
    overlays: tuple[OverlayStep, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class RebalanceResult:
    """One decision: regime, strategy, target portfolio, trades, and what speaks against them.

    Parameters
    ----------
    as_of
        Session of the decision.
    regime
        One of the four regimes, or ``unknown``.
    strategy_used
        Name of the strategy.
    target_portfolio, current_portfolio
        Frames indexed by ``ticker`` (the ``$CASH$`` row last) with ``weight, price, notional,
        shares`` first. Weights sum to 1. The target is the book *after the listed trades*.
    trades
        Every line, traded or not: sells, then buys, then lines that are held.
    metadata
        ``regime_indicators`` (``spy_price, spy_200ma, vix``), ``strategy_config_path``,
        ``portfolio_value``, and further facts for the record.
    plan_id
        SHA-256 of everything the decision used and produced.
    findings
        In order: blocks, warnings, notes.
    what_if
        True when the sizing value was neither the book's nor declared as a cash flow; such a
        result can never be confirmed.
    inputs
        What the decision was made from.
    """

    as_of: pd.Timestamp
    regime: str
    strategy_used: str
    target_portfolio: pd.DataFrame
    trades: list[Trade]
    current_portfolio: pd.DataFrame
    metadata: dict[str, Any] = field(default_factory=dict)
    plan_id: str = ""
    findings: tuple[Finding, ...] = ()
    what_if: bool = False
    inputs: Inputs | None = None

    @property
    def used(self) -> Inputs:
        """The inputs; refuses a result that was not computed by `decide`."""
        if self.inputs is None:
            raise PlanRefusedError("this result was put together by hand; only decide() has inputs")
        return self.inputs

    @property
    def orders(self) -> tuple[Trade, ...]:
        """The lines that trade."""
        return tuple(trade for trade in self.trades if trade.action != Action.HOLD)

    @property
    def blocks(self) -> tuple[Finding, ...]:
        """Findings that forbid confirming."""
        return of_severity(self.findings, Severity.BLOCK)

    @property
    def overridable(self) -> tuple[Finding, ...]:
        """Blocks on data that a person may override with a name and a reason each.

        The lines they stand on are not traded either way.
        """
        return tuple(block for block in self.blocks if block.code in OVERRIDABLE)

    @property
    def final_blocks(self) -> tuple[Finding, ...]:
        """Blocks that nobody can override."""
        return tuple(block for block in self.blocks if block.code not in OVERRIDABLE)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Findings the approver must acknowledge."""
        return of_severity(self.findings, Severity.WARN)

    @property
    def confirmable(self) -> bool:
        """Whether nothing forbids confirming."""
        return not self.blocks and not self.what_if

    def to_dict(self) -> dict[str, Any]:
        """The summary kept in ``rebalance_result.json`` and shown by scripts."""
        positions = [ticker for ticker in self.target_portfolio.index if ticker != CASH]
        return {
            "as_of": self.as_of.date().isoformat(),
            "regime": self.regime,
            "strategy_used": self.strategy_used,
            "num_positions": len(positions),
            "num_trades": len(self.orders),
            "turnover": self.inputs.plan.turnover if self.inputs else None,
            "plan_id": self.plan_id or None,
        }
