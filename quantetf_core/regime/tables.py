"""A regime history as the tables of the screens: changes, shares, and why a regime is unknown.

Pure, on the frame of `label_history` cut at the session looked at: a row after it is never asked.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from quantetf_core.regime.analysis import distribution, transitions
from quantetf_core.regime.types import UNKNOWN
from quantetf_core.units import MARKET_TICKER, MAX_CARRY_SESSIONS, TREND_WINDOW

_INDICATORS = ("spy_price", "spy_200ma", "vix")
_SHARE_COLUMNS = ("regime", "sessions", "share", "spells", "average", "longest")


def change_table(history: pd.DataFrame) -> pd.DataFrame:
    """Every change of regime with the indicators of its session, newest first.

    Returns
    -------
    DataFrame
        The columns of `transitions`, then ``spy_price``, ``spy_200ma`` (USD per share) and ``vix``
        (index points, as used) on ``date``; NaN where they were missing.
    """
    found = transitions(history)
    then = history.loc[found["date"], list(_INDICATORS)].reset_index(drop=True)
    return pd.concat([found, then], axis=1).iloc[::-1].reset_index(drop=True)


def share_table(history: pd.DataFrame) -> pd.DataFrame:
    """How the sessions divide among the regimes; ``unknown`` only when it occurs.

    Returns
    -------
    DataFrame
        ``regime``, ``sessions``, ``share`` (fraction of all sessions, NaN for none), ``spells``,
        ``average`` and ``longest`` (sessions of a spell; NaN and 0 where there is no spell).
        The average counts a spell that is still running by its length so far.
    """
    found = distribution(history).reset_index()
    spells = found["spells"].to_numpy(np.float64)
    found["average"] = found["sessions"].to_numpy() / np.where(spells > 0, spells, np.nan)
    seen = (found["regime"] != UNKNOWN) | (found["sessions"] > 0)
    return found.loc[seen, list(_SHARE_COLUMNS)].reset_index(drop=True)


def why_unknown(history: pd.DataFrame) -> str:
    """Why the regime of the last row is unknown, in a sentence; empty while it is known.

    Examples
    --------
    >>> from quantetf_core.regime.history import label_history
    >>> days = pd.bdate_range("2020-01-01", periods=37)
    >>> why_unknown(label_history(pd.Series(100.0, days), pd.Series(15.0, days)))
    'SPY has 37 closes up to this session; its 200-day mean needs 200.'
    """
    if history.empty:
        return "There is no session yet."
    last = history.iloc[-1]
    if last["regime"] != UNKNOWN:
        return ""
    closes = int(history["spy_price"].notna().sum())
    if closes < TREND_WINDOW:
        many = f"{closes} close{'' if closes == 1 else 's'}"
        return (
            f"{MARKET_TICKER} has {many} up to this session; its {TREND_WINDOW}-day mean needs "
            f"{TREND_WINDOW}."
        )
    if pd.isna(last["spy_price"]):
        return f"{MARKET_TICKER} has no close on this session."
    if pd.isna(last["vix"]):
        return _why_no_vix(int(last["vix_age"]))
    return f"{MARKET_TICKER}'s mean of {TREND_WINDOW} closes is not a number."


def _why_no_vix(age: int) -> str:
    if age < 0:
        return "The VIX has no value up to this session."
    return (
        f"The VIX was last seen {age} sessions before this one, and a value is carried at most "
        f"{MAX_CARRY_SESSIONS}."
    )
