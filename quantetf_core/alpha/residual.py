"""Momentum in what the market does not explain."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from quantetf_core.alpha.base import AlphaModel
from quantetf_core.alpha.factory import AlphaFactory
from quantetf_core.alpha.moments import Floats, Ints, mean_and_deviations, std_down, sum_down
from quantetf_core.alpha.parameters import at_most, ticker, whole
from quantetf_core.alpha.windows import PriceView
from quantetf_core.errors import InvalidValueError
from quantetf_core.units import MARKET_TICKER

_NO_VARIATION = 1e-12
"""A standard deviation of daily returns up to this is rounding: closes carry 16 digits."""


@AlphaFactory.register("residual_momentum")
@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualMomentum(AlphaModel):
    """Recent return that the market does not explain, per unit of its own risk.

    Daily returns ``r_t`` (ticker) and ``m_t`` (market), fractions, over the last
    ``lookback_days`` closes on sessions both have, are fitted as ``r_t = a + b·m_t + e_t`` by
    ordinary least squares. With the last ``F = formation_days`` residuals,
    ``score = Σ e_t ÷ (s × √F)``, a pure number, where ``s`` is their standard deviation
    (``ddof=1``).

    Parameters
    ----------
    lookback_days
        Joint closes in the regression.
    formation_days
        Residuals summed: fewer than the ``lookback_days − 1`` there are, because over the same
        window the residuals of a regression with intercept sum to zero and rank nothing.
    min_periods
        Joint closes a ticker needs; with fewer, or without a residual before the formation, it
        is not eligible.
    market
        Ticker of the market. Its own residuals are zero, so it is never eligible itself, nor is
        anything that moves exactly with it, nor any ticker while the market stands still. Without
        a close of the market at the session nothing is eligible.

    References
    ----------
    After Blitz, Huij and Martens (2011), Residual momentum, Journal of Empirical Finance 18; one
    factor and daily returns here instead of three factors and monthly ones.
    """

    lookback_days: int = whole(252, at_least=4)
    formation_days: int = whole(126, at_least=2)
    min_periods: int = whole(200, at_least=4)
    market: str = ticker(MARKET_TICKER)

    def check(self) -> None:
        """The formation is shorter than the regression; ``min_periods`` fit into it."""
        longest = self.lookback_days - 2
        if self.formation_days > longest:
            raise InvalidValueError(
                "formation_days",
                self.formation_days,
                f"a whole number from 2 to lookback_days − 2 ({longest}): over the same window "
                "the residuals of a regression with intercept sum to zero",
            )
        at_most("min_periods", self.min_periods, "lookback_days", self.lookback_days, at_least=4)

    def score(self, view: PriceView) -> Floats:
        """Sum of the recent residuals over their risk; NaN where either side did not move."""
        own, market = view.joint_windows(
            self.lookback_days, self.market, wanted_by="market of residual_momentum"
        )
        residuals = _residuals(own.daily_returns(), market.daily_returns(), own.count - 1)
        recent = residuals[len(residuals) - self.formation_days :]
        used = np.minimum(own.count - 1, self.formation_days)
        deviation = std_down(recent, used)
        risk = np.where(deviation > _NO_VARIATION, deviation, np.nan)
        score = sum_down(recent) / (risk * math.sqrt(self.formation_days))
        enough = own.where_enough(score, max(self.min_periods, self.formation_days + 2))
        return np.where(view.among([self.market]), np.nan, enough)


def _residuals(returns: Floats, market: Floats, count: Ints) -> Floats:
    """Residuals of each column's regression with intercept; 0 where there is no return."""
    _, dy = mean_and_deviations(returns, count)
    _, dx = mean_and_deviations(market, count)
    variation = sum_down(dx * dx)
    moved = variation > count * _NO_VARIATION**2
    slope = sum_down(dx * dy) / np.where(moved, variation, np.nan)
    return dy - slope * dx
