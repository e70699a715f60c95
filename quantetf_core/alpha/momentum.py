"""Models that rank by past return: plain, accelerating, and per unit of volatility."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from quantetf_core.alpha.base import AlphaModel
from quantetf_core.alpha.factory import AlphaFactory
from quantetf_core.alpha.moments import Floats
from quantetf_core.alpha.parameters import at_most, number, whole
from quantetf_core.alpha.windows import PriceView
from quantetf_core.units import TRADING_DAYS_PER_YEAR


@AlphaFactory.register("momentum")
@dataclass(frozen=True, slots=True, kw_only=True)
class Momentum(AlphaModel):
    """Return over the last year: what has risen most is preferred.

    ``score = P_last ÷ P_first − 1``, a fraction, where ``P_first`` and ``P_last`` are the first
    and last close of the window.

    Parameters
    ----------
    lookback_days
        Closes in the window (so ``lookback_days − 1`` daily returns).
    min_periods
        Closes a ticker needs in it; with fewer it is not eligible. A younger ticker's window is
        what it has, and it ranks beside the others.
    skip_recent_days
        The window ends this many of the ticker's closes before the session, and still has
        ``lookback_days`` closes.

    References
    ----------
    Jegadeesh and Titman (1993), Returns to buying winners and selling losers, Journal of Finance
    48. They skip the most recent week; the default here skips nothing (house rule).
    """

    lookback_days: int = whole(252, at_least=2)
    min_periods: int = whole(200, at_least=2)
    skip_recent_days: int = whole(0, at_least=0)

    def check(self) -> None:
        """``min_periods`` is at most ``lookback_days``."""
        at_most("min_periods", self.min_periods, "lookback_days", self.lookback_days)

    def score(self, view: PriceView) -> Floats:
        """Return over the window."""
        window = view.window(self.lookback_days, skip=self.skip_recent_days)
        return window.total_return(self.min_periods)


@AlphaFactory.register("momentum_acceleration")
@dataclass(frozen=True, slots=True, kw_only=True)
class MomentumAcceleration(AlphaModel):
    """Return over the last quarter less the return over the last year.

    ``score = R_short − R_long``, fractions, each ``P_last ÷ P_first − 1`` over its own window.

    Parameters
    ----------
    short_lookback_days, long_lookback_days
        Closes in the two windows, both ending at the session.
    min_periods
        Closes a ticker needs in the long window; with fewer it is not eligible. A ticker with no
        more closes than the short window has the same return in both, and scores 0.

    References
    ----------
    House rule; the return is that of Jegadeesh and Titman (1993).
    """

    short_lookback_days: int = whole(63, at_least=2)
    long_lookback_days: int = whole(252, at_least=3)
    min_periods: int = whole(200, at_least=2)

    def check(self) -> None:
        """The short window is shorter; ``min_periods`` fit into the long one."""
        long = self.long_lookback_days
        at_most("short_lookback_days", self.short_lookback_days, "long_lookback_days − 1", long - 1)
        at_most("min_periods", self.min_periods, "long_lookback_days", long)

    def score(self, view: PriceView) -> Floats:
        """Short return less long return."""
        long = view.window(self.long_lookback_days).total_return(self.min_periods)
        return view.window(self.short_lookback_days).total_return(2) - long


@AlphaFactory.register("vol_adjusted_momentum")
@dataclass(frozen=True, slots=True, kw_only=True)
class VolAdjustedMomentum(AlphaModel):
    """Return over the last year per unit of its yearly volatility.

    ``score = R ÷ max(σ × √252, floor)``, where ``R = P_last ÷ P_first − 1`` over the window
    (fraction) and ``σ`` is the standard deviation (``ddof=1``) of its daily returns (fraction per
    day; 252 days a year).

    Parameters
    ----------
    lookback_days
        Closes in the window.
    min_periods
        Closes a ticker needs in it, three at least; with fewer it is not eligible.
    vol_floor
        Smallest yearly volatility divided by, a fraction above 0: without it anything that hardly
        moves would lead every ranking.

    References
    ----------
    House rule, after the volatility scaling of Barroso and Santa-Clara (2015), Momentum has its
    moments, Journal of Financial Economics 116.
    """

    lookback_days: int = whole(252, at_least=3)
    min_periods: int = whole(200, at_least=3)
    vol_floor: float = number(0.01, above=0.0)

    def check(self) -> None:
        """``min_periods`` is at most ``lookback_days``."""
        at_most("min_periods", self.min_periods, "lookback_days", self.lookback_days, at_least=3)

    def score(self, view: PriceView) -> Floats:
        """Return per unit of volatility."""
        window = view.window(self.lookback_days)
        yearly = window.volatility(self.min_periods) * math.sqrt(TRADING_DAYS_PER_YEAR)
        return window.total_return(self.min_periods) / np.maximum(yearly, self.vol_floor)
