"""The regime of a market: the replay of its SPY closes and VIX, and one session of it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from quantetf_core.data.market import MarketData
from quantetf_core.errors import SessionError
from quantetf_core.regime.history import label_history
from quantetf_core.regime.types import RegimeConfig, RegimeState
from quantetf_core.units import MARKET_TICKER

_STATE_COLUMNS = ("trend", "vol", "spy_price", "spy_200ma", "vix")


def replay(
    market: MarketData, config: RegimeConfig | None = None, ticker: str = MARKET_TICKER
) -> pd.DataFrame:
    """The regime on every session of a market; see `label_history` for the columns.

    Raises
    ------
    UnknownTickerError
        When the market has no such ticker.
    """
    market.require([ticker], wanted_by="the market regime")
    return label_history(market.close[ticker], market.vix, config)


def regime_at(
    market: MarketData,
    as_of: object = None,
    config: RegimeConfig | None = None,
    ticker: str = MARKET_TICKER,
) -> RegimeState:
    """The regime as it was known after the close of a session, replayed from the start.

    Parameters
    ----------
    as_of
        A date; one without a session means the session before. None: the last session.

    Raises
    ------
    UnknownTickerError
        When the market has no such ticker.
    SessionError
        When the date lies before the first session, or is not a date.
    """
    session = market.last_session if as_of is None else market.resolve(as_of)
    return state_at(replay(market.as_of(session), config, ticker), session)


def state_at(labels: pd.DataFrame, as_of: object) -> RegimeState:
    """One row of `label_history` as a `RegimeState`, at the last session at or before a date.

    Raises
    ------
    SessionError
        When there is no such session, or the date is not a date.

    Examples
    --------
    >>> days = pd.bdate_range("2020-01-01", periods=200)
    >>> labels = label_history(pd.Series(100.0, days), pd.Series(15.0, days))
    >>> state_at(labels, "2020-10-06").label
    'Uptrend, low volatility'
    """
    sessions = labels.index
    if not len(sessions):
        raise SessionError(as_of, "none", "none")
    stamp = as_of
    if not isinstance(as_of, pd.Timestamp):
        stamp = pd.to_datetime(as_of, errors="coerce")  # type: ignore[call-overload]
    row = -1
    if isinstance(stamp, pd.Timestamp):
        row = int(sessions.searchsorted(stamp.tz_localize(None).normalize(), side="right")) - 1
    if row < 0:
        raise SessionError(as_of, sessions[0].date(), sessions[-1].date())
    cell: dict[str, Any] = {name: labels[name].iat[row] for name in _STATE_COLUMNS}
    return RegimeState(as_of=sessions[row], **cell)
