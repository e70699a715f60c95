"""The overlays of a strategy, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from quantetf_core.config.schema_overlays import (
    OverlayConfig,
    PositionLimit,
    VixShift,
    VolatilityTarget,
)
from quantetf_core.data.market import MarketData
from quantetf_core.findings import Finding
from quantetf_core.portfolio.overlays.drawdown_brake import drawdown_brake
from quantetf_core.portfolio.overlays.position_limit import position_limit
from quantetf_core.portfolio.overlays.step import (
    Overlaid,
    OverlayState,
    OverlayStep,
    Weights,
    report,
)
from quantetf_core.portfolio.overlays.vix_shift import known_vix, vix_shift
from quantetf_core.portfolio.overlays.volatility_target import volatility_target


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surroundings:
    """What overlays may look at beside the weights.

    Parameters
    ----------
    known
        The market up to the session of the decision, which is its last.
    universe
        Tickers the portfolio may hold.
    nav
        The book's own growth of 1 by session, flow-adjusted, up to that session; empty where it
        is not known.
    has_book
        Whether anything is held yet.
    """

    known: MarketData
    universe: Sequence[str]
    nav: Sequence[tuple[date, float]] = ()
    has_book: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class OverlaidTargets:
    """Target weights after every overlay.

    Parameters
    ----------
    weights
        Fraction of portfolio value by ticker, above 0 only, largest first, then by ticker; the
        very object given where nothing was changed. Cash is the remainder to 1.
    steps
        One an overlay, in the order of the configuration, those that are off included.
    findings
        What could not be measured or placed.
    """

    weights: pd.Series[float]
    steps: tuple[OverlayStep, ...]
    findings: tuple[Finding, ...]


def apply_overlays(
    weights: pd.Series[float], overlays: Sequence[OverlayConfig], around: Surroundings
) -> OverlaidTargets:
    """Apply overlays in their order, each to the weights that the one before it left.

    Parameters
    ----------
    weights
        Fraction of portfolio value by ticker, ≥ 0, sum at most 1.
    overlays
        As configured. One that is not enabled changes no bit and is listed as off.
    around
        The market, the universe and the book's past.

    Returns
    -------
    OverlaidTargets
        The exposure is never above what it was before.
    """
    tickers, values = weights.index.tolist(), weights.tolist()
    now: Weights = dict(sorted(zip(tickers, values, strict=True)))
    steps: list[OverlayStep] = []
    findings: list[Finding] = []
    for config in overlays:
        done = _apply(config, now, around) if config.enabled else _off(config, now)
        now = done.weights
        steps.append(done.step)
        findings += done.findings
    changed = any(step.applied for step in steps)
    return OverlaidTargets(_series(now) if changed else weights, tuple(steps), tuple(findings))


def _apply(config: OverlayConfig, weights: Weights, around: Surroundings) -> Overlaid:
    known = around.known
    if isinstance(config, VolatilityTarget):
        return volatility_target(weights, config, adj_close=known.adj_close)
    if isinstance(config, PositionLimit):
        return position_limit(weights, config)
    if isinstance(config, VixShift):
        return vix_shift(weights, config, vix=known_vix(known), buyable=_buyable(config, around))
    as_of = known.last_session.date()
    return drawdown_brake(weights, config, nav=around.nav, as_of=as_of, has_book=around.has_book)


def _off(config: OverlayConfig, weights: Weights) -> Overlaid:
    said = "Switched off in the strategy."
    state = OverlayState.OFF
    return Overlaid(
        weights, report(config, weights, weights, measured=None, said=said, state=state)
    )


def _buyable(config: VixShift, around: Surroundings) -> set[str]:
    """Defensive tickers of the universe with both closes at the session."""
    inside = [ticker for ticker in config.defensive_tickers if ticker in around.universe]
    usable = np.ones(len(inside), dtype=np.bool_)
    for name in ("close", "adj_close"):
        price = around.known.newest(name, inside)
        usable &= np.isfinite(price) & (price > 0.0)
    return {ticker for ticker, may in zip(inside, usable, strict=True) if may}


def _series(weights: Weights) -> pd.Series[float]:
    held = [(ticker, weight) for ticker, weight in weights.items() if weight > 0.0]
    held.sort(key=lambda position: (-position[1], position[0]))
    index = pd.Index([ticker for ticker, _ in held], name="ticker", dtype="str")
    return pd.Series([weight for _, weight in held], index, np.float64, "weight")
