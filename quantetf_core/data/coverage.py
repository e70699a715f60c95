"""Findings on a market as a whole: its age, its coverage of a universe, its VIX.

The codes are listed in `quantetf_core.data.quality`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import last_valid_rows, price_marks
from quantetf_core.data.on_session import count_of
from quantetf_core.data.sessions import session_age
from quantetf_core.findings import Finding, Severity
from quantetf_core.units import MAX_CARRY_SESSIONS

_SHOWN = 8
"""Names a message lists."""

Floats = npt.NDArray[np.float64]


def freshness_findings(session: pd.Timestamp, now_session: pd.Timestamp) -> tuple[Finding, ...]:
    """A finding when the newest session of the data is behind the session of the clock."""
    age = session_age(session, now_session)
    if age <= 0:
        return ()
    message = (
        f"the newest session of the data is {session.date()}, {count_of(age, 'session')} behind "
        f"{now_session.date()}"
    )
    return (Finding(Severity.WARN, "stale_market", "market data", message),)


def coverage_findings(
    market: MarketData, *, as_of: object, universe: Iterable[str], min_coverage: float
) -> tuple[Finding, ...]:
    """A finding when fewer of the universe than ``min_coverage`` have a close at a session.

    A ticker that the market does not have counts as one without a close.
    """
    tickers = sorted(set(universe))
    marks = price_marks(market, as_of=as_of, tickers=tickers)
    have = int(marks.fresh.sum())
    if have >= min_coverage * len(tickers):
        return ()
    ages = zip(tickers, marks.age.tolist(), strict=True)
    without = [f"{ticker} (never)" if age < 0 else ticker for ticker, age in ages if age]
    more = ", …" if len(without) > _SHOWN else ""
    message = (
        f"{have} of {len(tickers)} ETFs of the universe have a close at "
        f"{market.resolve(as_of).date()}, at least {min_coverage:.0%} are wanted; without one: "
        f"{', '.join(without[:_SHOWN])}{more}"
    )
    return (Finding(Severity.WARN, "universe_coverage", "universe", message),)


def vix_findings(
    market: MarketData, *, as_of: object, lookback_sessions: int
) -> tuple[Finding, ...]:
    """Findings on the VIX at a session, and on its gaps in the sessions before.

    Raises
    ------
    SessionError
        When ``as_of`` is not a date, or lies before the market.
    """
    sessions = market.sessions
    end = int(sessions.searchsorted(market.resolve(as_of)))
    values = np.asarray(market.vix.to_numpy(), dtype=np.float64)[: end + 1]
    last = int(last_valid_rows(values[:, None], end, np.zeros(1, dtype=np.int64))[0])
    start = max(0, end - lookback_sessions + 1)
    block = values[start : last + 1]
    gaps = np.flatnonzero(~(np.isfinite(block) & (block > 0))) + start
    findings = list(_vix_now(sessions, values, last))
    if len(gaps):
        message = (
            f"no value on {count_of(len(gaps), 'session')} of the last {end + 1 - start}; the "
            f"last on {sessions[int(gaps[-1])].date()}"
        )
        findings.append(Finding(Severity.INFO, "vix_gaps", "VIX", message))
    return tuple(findings)


def _vix_now(sessions: pd.DatetimeIndex, values: Floats, last: int) -> Iterator[Finding]:
    """Whether the VIX of the last row is there, carried or missing."""
    end = len(values) - 1
    age, session = end - last, sessions[end].date()
    if last < 0 or age > MAX_CARRY_SESSIONS:
        since = "at all" if last < 0 else f"since {sessions[last].date()}"
        message = f"has no value {since}, so the regime at {session} is unknown"
        yield Finding(Severity.WARN, "vix_missing", "VIX", message)
    elif age:
        message = (
            f"has no value at {session}; {values[last]:.2f} of {sessions[last].date()}, "
            f"{count_of(age, 'session')} old, is used"
        )
        yield Finding(Severity.WARN, "vix_carried", "VIX", message)
