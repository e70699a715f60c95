"""The weather, the market and the VIX of the simulation: one walk through the sessions."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from quantetf_core.data.sources.simulation.draws import Draws, Floats
from quantetf_core.units import TRADING_DAYS_PER_YEAR

_YEAR = float(TRADING_DAYS_PER_YEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """One state of the weather: annual drift and volatility, target of the short rate, and the
    chance per session of leaving for (calm, nervous, grinding, panic).
    """

    drift: float
    volatility: float
    rate: float
    leave: tuple[float, float, float, float]


_STATES = (
    _State(drift=0.17, volatility=0.105, rate=0.042, leave=(0, 1 / 300, 1 / 900, 1 / 2200)),
    _State(drift=0.20, volatility=0.195, rate=0.030, leave=(1 / 90, 0, 1 / 500, 1 / 300)),
    _State(drift=-0.22, volatility=0.130, rate=0.035, leave=(1 / 130, 1 / 500, 0, 1 / 150)),
    _State(drift=-0.65, volatility=0.420, rate=0.002, leave=(0, 1 / 45, 1 / 400, 0)),
)

# Variance: tomorrow = pull × level + react × shock² (+ react_loss × shock² after a loss) + keep.
_REACT, _REACT_LOSS, _KEEP = 0.02, 0.11, 0.885
_PULL = 1.0 - _REACT - _REACT_LOSS / 2.0 - _KEEP

_VIX_START, _VIX_FLOOR, _VIX_BASE, _VIX_PREMIUM = 14.0, 9.0, 2.5, 1.06
_VIX_RISES, _VIX_FALLS = 0.12, 0.045
_VIX_AGAINST, _VIX_OWN = 0.042, 0.030
_RATE_START, _RATE_RISES, _RATE_FALLS = 0.022, 0.0012, 0.012


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarketPath:
    """The market by session, each array of shape ``(n_sessions,)``.

    Parameters
    ----------
    returns
        Total return of the session, as a fraction.
    volatility
        Annualised, as a fraction; known before the session's return is drawn.
    vix
        Index points, unrounded.
    short_rate
        Annual, as a fraction.
    """

    returns: Floats
    volatility: Floats
    vix: Floats
    short_rate: Floats


def walk(draws: Draws) -> MarketPath:
    """Walk through the sessions one by one; each row is known after that session's close."""
    state, variance, shock = 0, _STATES[0].volatility * _STATES[0].volatility / _YEAR, 0.0
    vix, rate = _VIX_START, _RATE_START
    rows = np.empty((4, len(draws.weather)))
    drawn = (draws.weather.tolist(), draws.market.tolist(), draws.vix.tolist())
    for row, (uniform, normal, own) in enumerate(zip(*drawn, strict=True)):
        state = _next_state(state, uniform)
        weather = _STATES[state]
        variance = _next_variance(variance, shock, weather)
        deviation = sqrt(variance)
        shock = deviation * normal
        vix = _next_vix(vix, variance, weather, normal, own)
        rate += (_RATE_RISES if weather.rate > rate else _RATE_FALLS) * (weather.rate - rate)
        rows[:, row] = weather.drift / _YEAR + shock, deviation * sqrt(_YEAR), vix, rate
    returns, volatility, vixes, rates = rows
    return MarketPath(returns=returns, volatility=volatility, vix=vixes, short_rate=rates)


def _next_state(state: int, uniform: float) -> int:
    for other, chance in enumerate(_STATES[state].leave):
        if uniform < chance:
            return other
        uniform -= chance
    return state


def _next_variance(variance: float, shock: float, weather: _State) -> float:
    level = weather.volatility * weather.volatility / _YEAR
    react = _REACT + (_REACT_LOSS if shock < 0.0 else 0.0)
    return _PULL * level + react * shock * shock + _KEEP * variance


def _next_vix(vix: float, variance: float, weather: _State, normal: float, own: float) -> float:
    """Towards the volatility expected for the next weeks: half today's, half the weather's."""
    level = weather.volatility * weather.volatility
    expected = sqrt(0.5 * variance * _YEAR + 0.5 * level)
    target = _VIX_BASE + _VIX_PREMIUM * 100.0 * expected
    pull = (_VIX_RISES if target > vix else _VIX_FALLS) * (target - vix)
    jump = vix * (_VIX_OWN * own - _VIX_AGAINST * normal)
    return max(vix + pull + jump, _VIX_FLOOR)
