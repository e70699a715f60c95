"""The twenty funds of the sample market: what is real about them, and how they are simulated.

Real, and rounded: inception dates, closes on 2005-01-03 (or on the fund's first day; XLF on its
basis before 2016), how often the fund distributes and how much it trades, from public price
history. Invented: every loading, drift and volatility, chosen so that the simulated funds differ
from each other about as the real ones do. Nothing here is an estimate of anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

FACTORS = ("rates", "credit", "gold", "commodity", "foreign", "growth", "size", "defensive")
"""Drivers besides the market itself, in the order of their draws."""

FACTOR_VOLATILITY = (0.13, 0.05, 0.15, 0.16, 0.08, 0.06, 0.08, 0.05)
"""Annual volatility of each factor in ordinary times, as a fraction."""

FACTOR_MARKET_CORRELATION = (-0.25, 0.0, 0.0, 0.15, 0.0, 0.0, 0.0, -0.15)
"""Correlation of each factor's shock with that of the market in the same session."""

Pays = Literal["monthly", "quarterly", "semiannual", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedFund:
    """How one fund is simulated.

    Parameters
    ----------
    ticker
        The symbol.
    inception
        First session; the start of the market, or later.
    start
        USD per share at the close of the first session.
    volume
        Shares traded in an ordinary session.
    pays
        How often it distributes.
    distribution
        Annual distributions as a fraction of the close; None: the simulated short rate, which is
        then also the fund's whole return.
    drift
        Annual total return beyond the loadings, as a fraction.
    own
        Annual volatility of the part that no factor explains, as a fraction.
    market
        Loading on the market's return.
    loadings
        Loadings on `FACTORS`.
    """

    ticker: str
    inception: date
    start: float
    volume: float
    pays: Pays
    distribution: float | None
    drift: float
    own: float
    market: float
    loadings: tuple[float, ...]


# Volume in millions of shares; after `market` one column for each of FACTORS.
_TABLE = """
AGG 2005-01-03 102.40  6.0 monthly    0.028  0.030 0.008 0.00  .32 .25  0  0   0   0   0   0
BIL 2007-05-30  91.60  4.0 monthly    rate   0.000 0.001 0.00   0   0   0  0   0   0   0   0
DBC 2006-02-06  24.20  1.5 never      0.000 -0.010 0.050 0.20   0   0  .1  1   0   0   0   0
EEM 2005-01-03  22.19 38.0 semiannual 0.022 -0.035 0.110 1.05   0  .3   0 .2 1.2   0   0   0
EFA 2005-01-03  53.03 17.0 semiannual 0.028 -0.030 0.050 0.95   0  .2   0  0 1.0   0   0   0
EWJ 2005-01-03  43.16  6.5 semiannual 0.015 -0.022 0.110 0.78   0   0   0  0  .9   0   0   0
GLD 2005-01-03  43.02  8.0 never      0.000  0.065 0.030 0.02 .15   0   1 .1   0   0   0   0
HYG 2007-04-11 104.35 30.0 monthly    0.055  0.024 0.030 0.33 .15   1   0  0   0   0   0   0
IWM 2005-01-03  63.91 32.0 quarterly  0.013 -0.015 0.040 1.12   0  .2   0  0   0 -.2   1   0
LQD 2005-01-03 112.25 16.0 monthly    0.037  0.034 0.020 0.06 .45  .8   0  0   0   0   0   0
QQQ 2005-01-03  39.50 50.0 quarterly  0.007  0.026 0.030 1.08   0   0   0  0   0   1  .1 -.2
SPY 2005-01-03 120.30 85.0 quarterly  0.018  0.000 0.000 1.00   0   0   0  0   0   0   0   0
TLT 2005-01-03  88.74 18.0 monthly    0.029  0.045 0.020 0.00   1   0   0  0   0   0   0   0
VNQ 2005-01-03  55.89  4.5 quarterly  0.038 -0.016 0.120 0.98 .35  .4   0  0   0 -.3  .3  .2
XLE 2005-01-03  36.30 18.0 quarterly  0.030  0.000 0.100 0.95 -.1  .2   0 .7   0 -.3   0   0
XLF 2005-01-03  24.60 45.0 quarterly  0.018 -0.035 0.090 1.15 -.2  .6   0  0   0 -.5  .2 -.2
XLK 2005-01-03  20.90  8.0 quarterly  0.010  0.032 0.060 1.10   0   0   0  0   0 1.1   0 -.3
XLP 2005-01-03  23.00 11.0 quarterly  0.025  0.038 0.055 0.60 .08   0   0  0   0 -.2 -.1   1
XLU 2005-01-03  27.70 13.0 quarterly  0.032  0.034 0.080 0.60 .25   0   0  0   0 -.3 -.1 1.1
XLV 2005-01-03  30.10  9.0 quarterly  0.016  0.030 0.065 0.75   0   0   0  0   0  .1   0  .7
"""


def _fund(line: str) -> SimulatedFund:
    ticker, inception, start, millions, pays, distribution, drift, own, market, *rest = line.split()
    return SimulatedFund(
        ticker=ticker,
        inception=date.fromisoformat(inception),
        start=float(start),
        volume=float(millions) * 1e6,
        pays=cast(Pays, pays),
        distribution=None if distribution == "rate" else float(distribution),
        drift=float(drift),
        own=float(own),
        market=float(market),
        loadings=tuple(float(loading) for loading in rest),
    )


FUNDS = tuple(_fund(line) for line in _TABLE.strip().splitlines())
"""The funds, sorted by ticker; their order is the order of their draws."""
