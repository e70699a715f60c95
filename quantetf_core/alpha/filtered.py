"""Momentum that steps aside: below the market's trend, or below the risk-free return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quantetf_core.alpha.base import AlphaModel
from quantetf_core.alpha.factory import AlphaFactory
from quantetf_core.alpha.moments import Floats, sum_down
from quantetf_core.alpha.parameters import at_most, number, ticker, tickers, whole
from quantetf_core.alpha.windows import Bools, PriceView
from quantetf_core.errors import UnknownTickerError
from quantetf_core.units import MARKET_TICKER, TRADING_DAYS_PER_YEAR, TREND_WINDOW

SAFE_TICKERS = ("AGG", "TLT", "GLD", "BIL")
"""Where momentum hides by default: US bonds, long Treasuries, gold, Treasury bills (house rule)."""

_ROUNDING = 1e-12
"""A close this close to its mean, as a fraction of it, is at its mean."""


def _refuge(view: PriceView, listed: Sequence[str], wanted_by: str) -> Bools:
    """Which scored tickers are the safe ones: all a user listed, or the default's that are there.

    Raises
    ------
    UnknownTickerError
        When one the user listed is not scored, or none of the default list is.
    """
    missing = set(listed) - set(view.tickers)
    if missing and (tuple(listed) != SAFE_TICKERS or len(missing) == len(SAFE_TICKERS)):
        in_data = missing <= view.positions.keys()
        of = "the list of tickers to score" if in_data else "the market data"
        raise UnknownTickerError(missing, view.tickers, wanted_by, of=of)
    return view.among(listed)


@AlphaFactory.register("trend_filtered_momentum")
@dataclass(frozen=True, slots=True, kw_only=True)
class TrendFilteredMomentum(AlphaModel):
    """Momentum while the market is above its mean; only the defensive tickers otherwise.

    ``score = P_last ÷ P_first − 1`` over the window, a fraction. While the trend ticker's last
    close is strictly above the mean of its last ``ma_period`` closes, every ticker is eligible;
    otherwise only the defensive ones are.

    Parameters
    ----------
    momentum_lookback
        Closes in the momentum window.
    ma_period
        Closes in the mean. With fewer, or without a close of the trend ticker at the session,
        the trend is unknown and nothing is eligible.
    trend_ticker
        The ticker whose trend decides.
    defensive_tickers
        The tickers left below the mean, ranked by the same momentum. Of the default list those
        the data has; each of a list of one's own must be there.
    min_periods
        Closes a ticker needs in the momentum window; with fewer it is not eligible.

    References
    ----------
    House rule, after Faber (2007), A quantitative approach to tactical asset allocation, Journal
    of Wealth Management 9 (the mean), and Jegadeesh and Titman (1993) (the momentum).
    """

    momentum_lookback: int = whole(252, at_least=2)
    ma_period: int = whole(TREND_WINDOW, at_least=2)
    trend_ticker: str = ticker(MARKET_TICKER)
    defensive_tickers: tuple[str, ...] = tickers(SAFE_TICKERS)
    min_periods: int = whole(200, at_least=2)

    def check(self) -> None:
        """``min_periods`` is at most ``momentum_lookback``."""
        at_most("min_periods", self.min_periods, "momentum_lookback", self.momentum_lookback)

    def score(self, view: PriceView) -> Floats:
        """Momentum of those the trend leaves eligible."""
        defensive = _refuge(
            view, self.defensive_tickers, "defensive_tickers of trend_filtered_momentum"
        )
        momentum = view.window(self.momentum_lookback).total_return(self.min_periods)
        trend = view.closes_of(
            self.trend_ticker, self.ma_period, wanted_by="trend_ticker of trend_filtered_momentum"
        )
        if len(trend) < self.ma_period:
            return np.full(len(momentum), np.nan)
        # Above the mean ⇔ the closes lie below the last one on the whole, by more than rounding.
        distance = sum_down((trend[-1] - trend)[:, None])[0] / self.ma_period
        above = distance > _ROUNDING * trend[-1]
        return momentum if above else np.where(defensive, momentum, np.nan)


@AlphaFactory.register("dual_momentum")
@dataclass(frozen=True, slots=True, kw_only=True)
class DualMomentum(AlphaModel):
    """Momentum among the tickers that beat the risk-free return; the safe ones if none does.

    ``score = R = P_last ÷ P_first − 1`` over the window, a fraction, for tickers with
    ``R > risk_free_rate × lookback ÷ 252``; the others are not eligible. If no ticker exceeds the
    hurdle, the safe tickers are eligible, scored by their own ``R``.

    Parameters
    ----------
    lookback
        Closes in the window. The hurdle is scaled to it for every ticker, younger ones included.
    risk_free_rate
        Simple yearly rate, a fraction; may be negative.
    safe_tickers
        The tickers to hide in. Of the default list those the data has; each of a list of one's
        own must be there.
    min_periods
        Closes a ticker needs in the window; with fewer it is not eligible.

    References
    ----------
    After Antonacci (2014), Dual Momentum Investing (McGraw-Hill).
    """

    lookback: int = whole(252, at_least=2)
    risk_free_rate: float = number(0.02)
    safe_tickers: tuple[str, ...] = tickers(SAFE_TICKERS)
    min_periods: int = whole(200, at_least=2)

    def check(self) -> None:
        """``min_periods`` is at most ``lookback``."""
        at_most("min_periods", self.min_periods, "lookback", self.lookback)

    def score(self, view: PriceView) -> Floats:
        """Momentum of those above the hurdle, or of the safe ones."""
        safe = _refuge(view, self.safe_tickers, "safe_tickers of dual_momentum")
        momentum = view.window(self.lookback).total_return(self.min_periods)
        hurdle = self.risk_free_rate * self.lookback / TRADING_DAYS_PER_YEAR
        qualified = momentum > hurdle
        return np.where(qualified if qualified.any() else safe, momentum, np.nan)
