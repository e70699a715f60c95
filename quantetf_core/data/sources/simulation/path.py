"""From draws to prices: the one simulated path."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from quantetf_core.data.sources.simulation.distributions import Bools, Days, distributions
from quantetf_core.data.sources.simulation.draws import Draws, Floats, draw
from quantetf_core.data.sources.simulation.funds import (
    FACTOR_MARKET_CORRELATION,
    FACTOR_VOLATILITY,
    FACTORS,
    FUNDS,
)
from quantetf_core.data.sources.simulation.weather import MarketPath, walk
from quantetf_core.units import TRADING_DAYS_PER_YEAR

SEED = 121
"""The path that ships: chosen among 160 because its market, drawdowns and VIX look ordinary."""

_YEAR = float(TRADING_DAYS_PER_YEAR)
_MEMORY, _MEMORY_GAIN, _REVERSION = 0.993, 0.006, 1.0 / 700.0
_USUAL_VOLATILITY, _USUAL_VIX = 0.15, 18.0
_MAX_MOVE = 0.20
"""No fund moves further in one session: further would look like an unadjusted split."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulation:
    """One simulated path; rows are sessions, columns `FUNDS`.

    Parameters
    ----------
    close
        USD per share after distributions, rounded to cents; NaN before inception.
    adj_close
        USD, rounded to 4 decimals: the close of the first day grown by total return. Unlike a
        vendor's adjusted close it looks forward, so a new distribution changes no past row;
        returns between any two sessions are the same.
    volume
        Whole shares; NaN before inception.
    vix
        Index points, rounded to 0.01, shape ``(n_sessions,)``.
    """

    close: Floats
    adj_close: Floats
    volume: Floats
    vix: Floats


def simulate(days: Days, seed: int = SEED) -> Simulation:
    """Simulate one path over given sessions.

    Parameters
    ----------
    days
        Sessions, ascending, ``datetime64[D]``, shape ``(n_sessions,)``.
    seed
        Which path.

    Returns
    -------
    Simulation
        Row *t* depends on ``days[:t + 1]`` and the seed only.
    """
    draws = draw(len(days), len(FACTORS), len(FUNDS), seed=seed)
    market = walk(draws)
    scale = 0.5 + 0.5 * market.volatility / _USUAL_VOLATILITY
    returns = _fund_returns(draws, market, scale)
    alive = days[:, None] >= np.array([fund.inception for fund in FUNDS], dtype="datetime64[D]")
    growth = np.where(_first_rows(alive) | ~alive, 0.0, returns)
    paid = distributions(days, market.short_rate, alive)
    start = np.array([fund.start for fund in FUNDS])
    total = start * np.multiply.accumulate(1.0 + growth, axis=0)
    price = start * np.multiply.accumulate(1.0 + growth - paid, axis=0)
    return Simulation(
        close=np.where(alive, np.round(price, 2), np.nan),
        adj_close=np.where(alive, np.round(total, 4), np.nan),
        volume=np.where(alive, _volume(draws, market), np.nan),
        vix=np.round(market.vix, 2),
    )


def _fund_returns(draws: Draws, market: MarketPath, scale: Floats) -> Floats:
    """Total return of every fund in every session, before inception too."""
    shared = np.array(FACTOR_MARKET_CORRELATION)
    left = np.sqrt(1.0 - shared * shared)
    shocks = np.multiply.outer(draws.market, shared) + left * draws.factors
    moves = _with_memory(np.hstack([shocks, draws.funds]), scale)
    factors = moves[:, : len(FACTORS)] * (np.array(FACTOR_VOLATILITY) / sqrt(_YEAR))
    own = moves[:, len(FACTORS) :] * (np.array([fund.own for fund in FUNDS]) / sqrt(_YEAR))
    returns = own + np.array([fund.drift for fund in FUNDS]) / _YEAR
    returns += np.multiply.outer(market.returns, np.array([fund.market for fund in FUNDS]))
    loadings = np.array([fund.loadings for fund in FUNDS])
    for position in range(len(FACTORS)):
        returns += np.multiply.outer(factors[:, position], loadings[:, position])
    for position, fund in enumerate(FUNDS):
        if fund.distribution is None:
            returns[:, position] += market.short_rate / _YEAR
    return np.clip(returns, -_MAX_MOVE, _MAX_MOVE)


def _with_memory(shocks: Floats, scale: Floats) -> Floats:
    """Shocks, scaled, that keep some of their direction for months and are undone over years.

    The first makes winners worth following for a while; the second keeps a fund within sight of
    what its drift and loadings promise, so that none fades to nothing in a long simulation.
    """
    drift, level = np.zeros(shocks.shape[1]), np.zeros(shocks.shape[1])
    moves = np.empty_like(shocks)
    for row, shock in enumerate(shocks):
        move = (shock + drift) * scale[row] - _REVERSION * level
        drift = _MEMORY * drift + _MEMORY_GAIN * shock
        level = level + move
        moves[row] = move
    return moves


def _first_rows(alive: Bools) -> Bools:
    """Marks each fund's first session, which has a close and no return."""
    first: Bools = np.diff(alive, axis=0, prepend=False)
    return first


def _volume(draws: Draws, market: MarketPath) -> Floats:
    """Whole shares: busier when the VIX is high, skewed to busy days."""
    busy = 0.55 + 0.45 * market.vix / _USUAL_VIX
    together = 1.0 + 0.10 * draws.trading
    alone = 1.0 + 0.09 * draws.volumes
    usual = np.array([fund.volume for fund in FUNDS])
    return np.rint(usual * (busy * together * together)[:, None] * alone * alone)
