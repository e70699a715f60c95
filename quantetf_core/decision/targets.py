"""What a strategy wants: scores, then weights, each step stated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from quantetf_core.alpha import AlphaFactory, realised_volatility
from quantetf_core.config import PortfolioSettings, StrategyConfig
from quantetf_core.data.market import MarketData
from quantetf_core.decision.result import Situation
from quantetf_core.findings import Finding
from quantetf_core.portfolio import PortfolioConstructor
from quantetf_core.portfolio.overlays import OverlayStep, Surroundings, apply_overlays
from quantetf_core.portfolio.weighting import WeightingReport


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StrategyTargets:
    """The weights a strategy wants, and how they came about.

    Parameters
    ----------
    weights
        Fraction of portfolio value by ticker, above 0 only, largest first, then by ticker. Cash
        is the remainder to 1.
    findings
        What was dropped, capped or left in cash, and what an optimizer could not do.
    ranking
        Every eligible ticker, best first: ``score``, ``rank``, ``selected``, ``gap``.
    weighting
        What the optimizer did; None where the strategy asks for none.
    overlays
        What each overlay did, in order; empty where the strategy has none.
    """

    weights: pd.Series[float]
    findings: tuple[Finding, ...]
    ranking: pd.DataFrame
    weighting: WeightingReport | None = None
    overlays: tuple[OverlayStep, ...] = ()


def strategy_targets(
    known: MarketData,
    settings: PortfolioSettings,
    strategy: StrategyConfig,
    situation: Situation,
) -> StrategyTargets:
    """The weights a strategy wants at the newest session of a market.

    A ticker is scored only if it has both closes at that session (ruling 2).

    Parameters
    ----------
    known
        The market up to the session of the decision.
    settings, strategy
        The portfolio's configuration, and which of its strategies is meant.
    situation
        The book and its past, for what depends on them.
    """
    model = AlphaFactory.create(model_type=strategy.alpha_model, params=strategy.parameters)
    wanted = set(settings.universe.symbols)
    if strategy.tickers is not None:
        wanted &= set(strategy.tickers)
    eligible = [ticker for ticker in known.tickers if ticker in wanted]
    scores = model.compute_scores(known.adj_close, tickers=eligible)
    close = known.newest("close", scores.index)
    scores = scores.where(np.isfinite(close) & (close > 0))
    volatility = None
    if strategy.construction.weighting == "inverse_vol":
        volatility = realised_volatility(known.adj_close, tickers=eligible)
    constructor = PortfolioConstructor.from_config(strategy.construction)
    built = constructor.build(scores, volatility=volatility)
    around = Surroundings(
        known=known,
        universe=settings.universe.symbols,
        nav=situation.nav,
        has_book=situation.holdings is not None,
    )
    overlaid = apply_overlays(built.weights, strategy.overlays, around)
    return StrategyTargets(
        weights=overlaid.weights,
        findings=(*built.findings, *overlaid.findings),
        ranking=built.ranking,
        overlays=overlaid.steps,
    )
