"""What a strategy wants: scores, then weights, each step stated."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from quantetf_core.alpha import AlphaFactory, realised_volatility
from quantetf_core.config import PortfolioSettings, StrategyConfig
from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import price_marks
from quantetf_core.decision.money import money_for
from quantetf_core.decision.result import Situation
from quantetf_core.findings import Finding
from quantetf_core.portfolio import PortfolioConstructor, TargetWeights
from quantetf_core.portfolio.holdings import LockRule
from quantetf_core.portfolio.locks import locks_in_force
from quantetf_core.portfolio.optimizers import BookWeights, optimized_weights
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

    A ticker is scored only if it has both closes at that session, and nobody has
    locked it so that it could not be bought.

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
    wanted -= locked_out(situation)
    eligible = [ticker for ticker in known.tickers if ticker in wanted]
    scores = model.compute_scores(known.adj_close, tickers=eligible)
    close = known.newest("close", scores.index)
    scores = scores.where(np.isfinite(close) & (close > 0))
    if strategy.construction.optimizer is not None:
        optimized = optimized_weights(
            scores,
            strategy.construction,
            known.adj_close,
            asset_classes=settings.universe.asset_classes,
            book=_book_weights(known, situation),
        )
        built, weighting = optimized.targets, optimized.report
    else:
        built, weighting = _constructed(known, strategy, scores), None
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
        weighting=weighting,
        overlays=overlaid.steps,
    )


def locked_out(situation: Situation) -> frozenset[str]:
    """Tickers that are not held and, by a person's word, may not be bought: never chosen.

    One that is held keeps its place in the ranking, with what it may be worth at most.
    """
    held = () if situation.holdings is None else situation.holdings.tickers
    locks = locks_in_force(situation.holdings, situation.as_of.date())
    return frozenset(
        ticker
        for ticker, lock in locks.items()
        if lock.rule is not LockRule.NO_SELL and ticker not in held
    )


def _constructed(
    known: MarketData, strategy: StrategyConfig, scores: pd.Series[float]
) -> TargetWeights:
    """Weights by a plain rule."""
    volatility = None
    if strategy.construction.weighting == "inverse_vol":
        volatility = realised_volatility(known.adj_close, tickers=list(scores.index))
    constructor = PortfolioConstructor.from_config(strategy.construction)
    return constructor.build(scores, volatility=volatility)


def _book_weights(known: MarketData, situation: Situation) -> BookWeights | None:
    """What is held as fractions of the value sized on; None where there is no book."""
    if situation.holdings is None:
        return None
    money = money_for(known, situation)
    held = situation.holdings.shares
    marks = price_marks(known, as_of=situation.as_of, tickers=sorted(held))
    values = {
        ticker: held[ticker] * float(price)
        for ticker, price in zip(marks.tickers, marks.price, strict=True)
        if np.isfinite(price)  # one that was never priced refuses the plan later
    }
    total = math.fsum([money.cash, money.flow, *values.values()])
    return BookWeights(weights={t: v / total for t, v in values.items()}) if total > 0.0 else None
