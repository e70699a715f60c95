"""The returns an optimizer may look at: those of sessions on which all its tickers have a close."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

REACH = 2
"""How many windows back a close is looked for, where sessions are missing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JointReturns:
    """Simple daily returns of several tickers on the same sessions.

    Parameters
    ----------
    tickers
        Sorted.
    values
        Close ÷ the close before − 1, shape ``(n_observations, n_tickers)``, oldest first, all
        finite.
    excluded
        Tickers left out, and why in a few words.
    """

    tickers: tuple[str, ...]
    values: Floats
    excluded: Mapping[str, str]


def enough_history(
    adj_close: pd.DataFrame, tickers: Sequence[str], *, lookback_days: int, needed: int
) -> dict[str, str]:
    """What speaks against a ticker by its own history; tickers with nothing against them left out.

    Parameters
    ----------
    adj_close
        USD per share by session and ticker, up to the session of the decision.
    tickers
        Columns of it.
    lookback_days, needed
        Closes of the window, and daily returns needed of them.
    """
    block, usable = _window(adj_close, tickers, lookback_days)
    against = {}
    for place, ticker in enumerate(tickers):
        closes = block[usable[:, place], place][-lookback_days:]
        if len(closes) <= needed:
            against[ticker] = f"{len(closes)} closes of the {needed + 1} needed"
        elif closes.min() == closes.max():
            against[ticker] = "its price does not move"
    return against


def joint_returns(
    adj_close: pd.DataFrame, tickers: Sequence[str], *, lookback_days: int, needed: int
) -> JointReturns:
    """Daily returns between the last ``lookback_days`` sessions on which all tickers have a close.

    A return across a session that any of them misses spans it. While too few such
    sessions are left, the ticker with the fewest closes is left out (of equal ones the last).

    Parameters
    ----------
    adj_close, tickers, lookback_days, needed
        As in `enough_history`; closes are looked for in the last ``2 × lookback_days`` sessions.

    Returns
    -------
    JointReturns
        Without tickers where no set of them has enough.
    """
    names = sorted(tickers)
    block, usable = _window(adj_close, names, lookback_days)
    kept = list(range(len(names)))
    excluded: dict[str, str] = {}
    while kept:
        shared = usable[:, kept].all(axis=1)
        together = int(np.count_nonzero(shared))
        if together > needed:
            closes = block[shared][-lookback_days:][:, kept]
            returns = np.ascontiguousarray(closes[1:] / closes[:-1] - 1.0)
            return JointReturns(tickers=_named(names, kept), values=returns, excluded=excluded)
        counts = usable[:, kept].sum(axis=0)
        worst = kept.pop(int(np.flatnonzero(counts == counts.min())[-1]))
        excluded[names[worst]] = (
            f"with it there are {together} closes that all have, of the {needed + 1} needed"
        )
    return JointReturns(tickers=(), values=np.empty((0, 0)), excluded=excluded)


def _window(
    adj_close: pd.DataFrame, tickers: Sequence[str], lookback_days: int
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """The last sessions as a block, and which closes are usable: finite and above 0."""
    rows = adj_close.iloc[-REACH * lookback_days :]
    block = rows[list(tickers)].to_numpy(dtype=np.float64, na_value=np.nan)
    usable: npt.NDArray[np.bool_] = (block > 0.0) & (block < np.inf)
    return block, usable


def _named(names: Sequence[str], places: Sequence[int]) -> tuple[str, ...]:
    return tuple(names[place] for place in places)
