"""Scores and history in, an optimizer's weights out, or its fallback's, and a report of which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from quantetf_core.alpha import realised_volatility
from quantetf_core.config import ConstructionConfig, OptimizerConfig
from quantetf_core.errors import OptimizerError
from quantetf_core.findings import Finding, in_order
from quantetf_core.portfolio.constructor import PortfolioConstructor, TargetWeights, weight_series
from quantetf_core.portfolio.optimizers.history import JointReturns, enough_history, joint_returns
from quantetf_core.portfolio.optimizers.problem import Problem, class_limits
from quantetf_core.portfolio.optimizers.solving import solve
from quantetf_core.portfolio.optimizers.turnover import (
    BookWeights,
    turnover_limit,
    within_turnover,
)
from quantetf_core.portfolio.selection import Ranked, rank, ranking_table, select, warning
from quantetf_core.portfolio.weighting import WEIGHTING_WORDS, WeightingReport


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Optimized:
    """Weights, and what was done to get them."""

    targets: TargetWeights
    report: WeightingReport


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chosen:
    """The tickers an optimizer may choose from, by rank, and what speaks against the others."""

    ranked: Ranked
    selected: tuple[int, ...]
    returns: JointReturns
    against: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class _Weights:
    """Weights by ticker, above 0, how they came about, and what is to be said of it."""

    by_ticker: dict[str, float]
    report: WeightingReport
    findings: tuple[Finding, ...]


_SPLITS = ("hierarchical_risk_parity",)
"""Models that split by clusters and can keep bounds of single weights only."""

_SHARED = ("max_weight", "min_weight", "cash_buffer", "gross_exposure", "unfilled")
"""What a fallback takes over from the construction."""

_ROUNDING = 1e-12
"""Weights closer than this are the same weight."""


def optimized_weights(
    scores: pd.Series[float],
    construction: ConstructionConfig,
    adj_close: pd.DataFrame,
    *,
    asset_classes: Mapping[str, str],
    book: BookWeights | None,
) -> Optimized:
    """Target weights by a strategy's optimizer, as of the newest session of ``adj_close``.

    1. The best ``top_n`` tickers by score (all that have one where it is None) with enough
       history; one with too little is passed over, with a finding.
    2. Simple daily returns of adjusted closes over the lookback.
    3. What is to be invested: ``min(gross_exposure, 1 − cash_buffer)``, times the share of the
       places that are filled when ``unfilled`` is ``cash``, and no more than the largest weights
       and the asset classes' limits have room for. The rest is cash.
    4. The optimizer's weights within every limit. Those below ``min_weight`` are not taken.
    5. Where there are none: the fallback's, by the rules of `PortfolioConstructor`.
    6. Where the turnover limit could not be kept in 4 or 5: the book, moved as far towards the
       weights as it allows. Bounds and limits that the book breaks are then reached in part.

    Parameters
    ----------
    scores
        By ticker, higher is better; NaN is not eligible.
    construction
        With an optimizer as its weighting.
    adj_close
        USD per share, total return, by session and ticker.
    asset_classes
        Ticker → asset class.
    book
        What is held; None where there is no book, and so no turnover to limit.

    Returns
    -------
    Optimized
        Weights above 0 only, largest first, then by ticker, rounded to 0.000001.
    """
    config = construction.optimizer
    assert config is not None
    chosen = _choose(scores, construction, config, adj_close)
    try:
        found = _solved(chosen, construction, config, asset_classes, book)
    except OptimizerError as error:
        found = _fallback(chosen, scores, construction, config, adj_close, error.reason)
    limited = within_turnover(found.by_ticker, config.max_turnover, book)
    targets = TargetWeights(
        weights=weight_series(limited.weights),
        findings=in_order(
            (
                *chosen.ranked.findings,
                *_left_out(chosen.against),
                *found.findings,
                *limited.findings,
            )
        ),
        ranking=ranking_table(chosen.ranked, chosen.selected),
    )
    report = replace(found.report, turnover=limited.turnover, way=limited.way)
    return Optimized(targets=targets, report=report)


def _choose(
    scores: pd.Series[float],
    construction: ConstructionConfig,
    config: OptimizerConfig,
    adj_close: pd.DataFrame,
) -> _Chosen:
    """Stages 1 and 2."""
    ranked = rank(scores)
    window = {"lookback_days": config.lookback_days, "needed": config.needed}
    against = enough_history(adj_close, ranked.tickers, **window)
    usable = dict.fromkeys((t for t in ranked.tickers if t not in against), 1.0)
    top_n = construction.top_n or len(ranked.tickers)
    places, _ = select(ranked, top_n, usable)
    returns = joint_returns(adj_close, [ranked.tickers[place] for place in places], **window)
    last = places[-1] if places and len(places) == top_n else len(ranked.tickers)
    passed = {t: against[t] for t in ranked.tickers[:last] if t in against}
    return _Chosen(
        ranked=ranked,
        selected=tuple(place for place in places if ranked.tickers[place] in returns.tickers),
        returns=returns,
        against=passed | dict(returns.excluded),
    )


def _left_out(against: Mapping[str, str]) -> list[Finding]:
    return [
        warning("too_little_history", ticker, f"passed over by the optimizer: {why}")
        for ticker, why in against.items()
    ]


def _solved(
    chosen: _Chosen,
    construction: ConstructionConfig,
    config: OptimizerConfig,
    asset_classes: Mapping[str, str],
    book: BookWeights | None,
) -> _Weights:
    """Stages 3 and 4."""
    returns = chosen.returns
    if not returns.tickers:
        lacking = "has enough history" if chosen.ranked.tickers else "is eligible"
        raise OptimizerError(f"no ticker {lacking}")
    problem, found = _problem(chosen, construction, config, asset_classes)
    weights, volatility = _within_limits(problem, construction.min_weight, book)
    report = WeightingReport(
        provider=config.provider,
        model=config.model,
        used=config.model,
        covariance=config.covariance,
        lookback_days=config.lookback_days,
        observations=len(returns.values),
        tickers=returns.tickers,
        excluded=tuple(sorted(chosen.against)),
        volatility=volatility,
    )
    return _Weights(weights, report, found)


def _problem(
    chosen: _Chosen,
    construction: ConstructionConfig,
    config: OptimizerConfig,
    asset_classes: Mapping[str, str],
) -> tuple[Problem, tuple[Finding, ...]]:
    """Stage 3: the problem, and what stays in cash because places or limits leave no room."""
    tickers = chosen.returns.tickers
    found = [
        warning("unknown_asset_class", name, "no fund is of this asset class; its limit is idle")
        for name in sorted(set(config.asset_class_limits) - set(asset_classes.values()))
    ]
    wanted = construction.investable
    missing = (construction.top_n or len(tickers)) - len(tickers)
    if missing and construction.unfilled == "cash":
        assert construction.top_n is not None
        left = wanted * missing / construction.top_n
        wanted -= left
        text = f"{len(tickers)} of {construction.top_n} places are filled; {left:.2%} stays in cash"
        found.append(warning("few_eligible", "portfolio", text))
    problem = Problem(
        config=config,
        tickers=tickers,
        returns=chosen.returns.values.tobytes(),
        invested=wanted,
        max_weight=construction.max_weight,
        classes=class_limits(config, asset_classes, tickers),
    )
    if problem.room < wanted - _ROUNDING:
        text = f"{wanted - problem.room:.2%} stays in cash: the largest weights leave no more room"
        found.append(warning("cash_unplaced", "portfolio", text))
        problem = replace(problem, invested=problem.room)
    return problem, tuple(found)


def _within_limits(
    problem: Problem, min_weight: float, book: BookWeights | None
) -> tuple[dict[str, float], float]:
    """Stage 4, with the turnover limit where the model can keep it."""
    config = problem.config
    if config.max_turnover is not None and book is not None and config.model not in _SPLITS:
        limit = turnover_limit(book, problem.tickers, problem.invested, config.max_turnover)
        try:
            return solve(replace(problem, turnover=limit), min_weight=min_weight)
        except OptimizerError:
            pass  # the weights without the limit are then gone towards as far as it allows
    return solve(problem, min_weight=min_weight)


def _fallback(
    chosen: _Chosen,
    scores: pd.Series[float],
    construction: ConstructionConfig,
    config: OptimizerConfig,
    adj_close: pd.DataFrame,
    reason: str,
) -> _Weights:
    """Stage 5: the fallback's weights of the best scores, whatever their history."""
    keeps = ", without limits of asset classes" if config.asset_class_limits else ""
    text = (
        f"{WEIGHTING_WORDS[config.model]} gave no weights, so "
        f"{WEIGHTING_WORDS[config.fallback]} is used{keeps}: {reason}"
    )
    found = (warning("optimizer_fallback", "portfolio", text),)
    report = WeightingReport(
        provider=config.provider,
        model=config.model,
        used=config.fallback,
        reason=reason,
        covariance=config.covariance,
        lookback_days=config.lookback_days,
        observations=len(chosen.returns.values),
        tickers=chosen.returns.tickers,
        excluded=tuple(sorted(chosen.against)),
    )
    if config.fallback == "cash":
        return _Weights({}, report, found)
    constructor = PortfolioConstructor(
        top_n=construction.top_n or max(1, len(chosen.ranked.tickers)),
        weighting=config.fallback,
        **{key: getattr(construction, key) for key in _SHARED},
    )
    volatility = None
    if config.fallback == "inverse_vol":
        volatility = realised_volatility(adj_close, tickers=list(chosen.ranked.tickers))
    built = constructor.build(scores, volatility=volatility)
    weights = dict(zip(built.weights.index, built.weights.to_numpy().tolist(), strict=True))
    return _Weights(weights, report, (*found, *built.findings))
