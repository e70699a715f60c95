"""Findings on the VIX of a market.

The codes are listed in `quantetf_core.data.quality.at_session`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import last_valid_rows
from quantetf_core.data.on_session import count_of
from quantetf_core.findings import Finding, Severity
from quantetf_core.units import MAX_CARRY_SESSIONS

Floats = npt.NDArray[np.float64]


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
