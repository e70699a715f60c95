"""Splits seen in prices.

A share count is only as good as the price history it is multiplied with. When a split goes ex and
the holdings do not know, the closes fall (or rise) by its ratio and the holding would be valued,
and traded, at a fraction of its worth. So a line is blocked while the prices look like a split
since the holdings' date.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import price_marks
from quantetf_core.data.moves import Moves, own_moves
from quantetf_core.units import MARKET_TICKER

SPLIT_TOLERANCE = 0.03
"""How far a price may be from a split ratio, as a fraction, to look like it (house rule)."""

SINGLE_CLOSE_MOVE = 0.35
"""Where no adjusted close tells a split from a market move, a smaller move is the market's."""

_MAX_ALLOWANCE = 0.10
_FORWARD = ((5, 4), (4, 3), (3, 2), *((k, 1) for k in (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 50)))
_REVERSE = tuple((1, k) for k in (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 50))

Split = tuple[int, int]
"""New shares for old ones: ``(2, 1)`` doubles the shares and halves the price."""

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def nearest_split(
    price_ratio: float, tolerance: float = SPLIT_TOLERANCE, *, least: float = 0.0
) -> Split | None:
    """The split that a price ratio looks like, or None.

    Parameters
    ----------
    price_ratio
        Price after ÷ price before.
    tolerance
        Accepted distance from the split's own ratio, as a fraction.
    least
        Splits that by themselves move a price by no more than this fraction are not considered.

    Examples
    --------
    >>> nearest_split(0.505), nearest_split(9.9), nearest_split(0.6)
    ((2, 1), (1, 10), None)
    """
    if not (math.isfinite(price_ratio) and price_ratio > 0):
        return None
    distance, split = min(
        (abs(math.log(price_ratio * new / old)), (new, old))
        for new, old in (*_FORWARD, *_REVERSE)
        if abs(old / new - 1.0) > least
    )
    return split if distance <= math.log1p(tolerance) else None


def split_words(split: Split) -> str:
    """How a split is called.

    Examples
    --------
    >>> split_words((2, 1)), split_words((1, 10))
    ('2:1 split', '1:10 reverse split')
    """
    new, old = split
    return f"{new}:{old} split" if new > old else f"{new}:{old} reverse split"


def suspect_splits(
    market: MarketData, *, since: object, as_of: object, tickers: Iterable[str]
) -> dict[str, float]:
    """Tickers whose closes look as if a split went ex after a date, and its ratio.

    Parameters
    ----------
    market
        Prices; rows after ``as_of`` are not looked at.
    since
        The date of the share counts; moves up to and including it are not looked at.
    as_of
        The session decided on; a date that is not a session is the session before.
    tickers
        Tickers held; one that the market does not have is left out.

    Returns
    -------
    dict
        Ticker → new shares per old share (2.0 for a 2:1 split, 0.1 for a 1:10 reverse split;
        several in a row are multiplied), sorted by ticker.

    Notes
    -----
    With an adjusted close, a split is a close that moves by a split ratio (within 3 %) more than
    the adjusted close does; a special distribution of that size looks the same, and is a
    corporate action too. Where the adjusted close equals the close on every row up to ``as_of``,
    or is missing, it is a move beyond ±35 % near the ratio of a split that is beyond it too, within
    3 % plus the size of SPY's move on that session (at most 10 %).

    Raises
    ------
    SessionError
        When ``as_of`` is not a date, or lies before the market.
    """
    sessions = market.sessions
    end = int(sessions.searchsorted(market.resolve(as_of)))
    start = int(sessions.searchsorted(np.datetime64(str(since)[:10]), side="right"))
    names = sorted(set(tickers))
    if start > end or not names:
        return {}
    moves = own_moves(market, names, start=start, end=end)
    with np.errstate(divide="ignore", invalid="ignore"):
        net = moves.ratio / moves.adjusted_ratio
    if not (_beyond_adjusted(net) | _beyond_single(moves.ratio)).any():
        return {}
    adjusted = has_adjusted(market, moves, end) & np.isfinite(net)
    change = np.where(adjusted, net, moves.ratio)
    large = np.where(adjusted, _beyond_adjusted(net), _beyond_single(moves.ratio))
    allowance = market_allowance(market, start=start, end=end)
    ratios: dict[str, float] = {}
    for row, column in np.argwhere(large).tolist():
        if adjusted[row, column]:
            split = nearest_split(float(change[row, column]))
        else:
            split = split_of_single(float(change[row, column]), float(allowance[row]))
        if split is not None:
            ticker = moves.tickers[column]
            ratios[ticker] = ratios.get(ticker, 1.0) * split[0] / split[1]
    return dict(sorted(ratios.items()))


def restated_splits(
    market: MarketData, *, on: object, recorded: Mapping[str, float]
) -> dict[str, float]:
    """Tickers whose history was restated for a split since their prices were recorded.

    A source that adjusts its closes shows no jump: the close of the recorded session itself has
    changed, by the split's ratio.

    Parameters
    ----------
    market
        Prices; rows after ``on`` are not looked at.
    on
        The session the prices were recorded at.
    recorded
        Ticker → USD per share as it was then, above 0.

    Returns
    -------
    dict
        Ticker → new shares per old share, sorted by ticker. A restatement that is not near a
        split ratio (within 3 %) is left out: closes restated for dividends drift slowly.

    Raises
    ------
    SessionError
        When ``on`` is not a date, or lies before the market.
    """
    marks = price_marks(market, as_of=on, tickers=sorted(recorded))
    ratios = {}
    for ticker, now in zip(marks.tickers, marks.price.tolist(), strict=True):
        split = nearest_split(now / recorded[ticker])
        if split is not None:
            ratios[ticker] = split[0] / split[1]
    return ratios


def split_of_single(price_ratio: float, allowance: float) -> Split | None:
    """The split that a ratio of closes looks like where no adjusted close can tell, or None.

    Only splits beyond ±35 % by themselves: below that a market move is as likely.
    """
    return nearest_split(price_ratio, SPLIT_TOLERANCE + allowance, least=SINGLE_CLOSE_MOVE)


def market_allowance(market: MarketData, *, start: int, end: int) -> Floats:
    """How much of a move may be the market's: the size of SPY's own move, row by row.

    Shape ``(end − start + 1,)``, at most 0.1; 0 where SPY has no move to show.
    """
    moves = own_moves(market, [MARKET_TICKER], start=start, end=end)
    if not moves.tickers:
        return np.zeros(end - start + 1)
    size = np.abs(moves.ratio[:, 0] - 1.0)
    return np.where(np.isnan(size), 0.0, np.minimum(size, _MAX_ALLOWANCE))


def _beyond_adjusted(net: Floats) -> Flags:
    """Far enough from 1 to be any split: the smallest, 5:4, moves a price by a fifth."""
    return np.greater(np.abs(net - 1.0), 0.15)


def _beyond_single(ratio: Floats) -> Flags:
    return np.greater(np.abs(ratio - 1.0), SINGLE_CLOSE_MOVE)


def has_adjusted(market: MarketData, moves: Moves, end: int) -> Flags:
    """Tickers whose adjusted close says more than the close, on rows up to ``end``."""
    close = market.close.to_numpy()[: end + 1, moves.columns]
    adjusted = market.adj_close.to_numpy()[: end + 1, moves.columns]
    differs: Flags = ((close != adjusted) & ~np.isnan(close) & ~np.isnan(adjusted)).any(axis=0)
    return differs
