"""Realised volatility by ticker, for weights that are inverse to it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from quantetf_core.alpha.panel import PricePanel
from quantetf_core.alpha.parameters import Whole, at_most
from quantetf_core.units import TRADING_DAYS_PER_YEAR


def realised_volatility(
    prices: pd.DataFrame,
    as_of: object = None,
    *,
    lookback_days: int = 63,
    min_periods: int | None = None,
    tickers: Sequence[str] | None = None,
) -> pd.Series[float]:
    """Yearly volatility of each ticker's daily returns, as of one session.

    ``σ × √252``, a fraction per year, where ``σ`` is the standard deviation (``ddof=1``) of the
    daily returns between the ticker's own last ``lookback_days`` closes (house rule).

    Parameters
    ----------
    prices, as_of, tickers
        As in `AlphaModel.compute_scores`.
    lookback_days
        Closes in the window, three at least.
    min_periods
        Closes a ticker needs in it, three at least; two thirds of the window by default.

    Returns
    -------
    Series
        Name ``volatility``, index = ticker, sorted; NaN without a close at the session or with
        too few.

    Raises
    ------
    SessionError, UnknownTickerError, InvalidValueError
        As `AlphaModel.compute_scores`.
    """
    n = Whole(3).accept("lookback_days", lookback_days)
    default = max(3, 2 * n // 3)
    needed = Whole(3).accept("min_periods", default if min_periods is None else min_periods)
    at_most("min_periods", needed, "lookback_days", n, at_least=3)
    panel = PricePanel.of(prices, tickers)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        daily = panel.at(as_of).window(n).volatility(needed)
    values = np.where(np.isfinite(daily), daily, np.nan) * math.sqrt(TRADING_DAYS_PER_YEAR)
    index = pd.Index(panel.tickers, name="ticker", dtype="str")
    return pd.Series(values, index=index, name="volatility")
