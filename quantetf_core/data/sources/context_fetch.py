"""Fetching series beside the market; what does not come never fails the refresh.

Finding: ``context_not_refreshed`` (info), a series that keeps the values it had.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from quantetf_core.data.on_session import count_of
from quantetf_core.data.sessions import session_age
from quantetf_core.data.sources.context_file import Context
from quantetf_core.data.sources.vendors import Answer, Cancelled, Trouble
from quantetf_core.findings import Finding, Severity

SeriesReader = Callable[[str, date, date], Answer]
"""Gives a series by id between two dates, both included, in a column ``Close``."""

_OF_NO_USE = (Trouble.UNREACHABLE, Trouble.LIMITED)
"""Troubles after which the next series is not asked for: they are the vendor's."""


def fetch_context(
    wanted: Sequence[str],
    read: SeriesReader,
    *,
    start: pd.Timestamp,
    end: pd.Timestamp,
    before: Context,
    cancelled: Cancelled,
) -> tuple[dict[str, pd.Series[float]], tuple[Finding, ...]]:
    """The wanted series, what is new on top of what was there before.

    Parameters
    ----------
    wanted
        Ids.
    read
        Who is asked.
    start, end
        First and last date kept.
    before
        The series of the snapshot before. Their values stay where a new answer has none: a vendor
        may shorten the history that it gives.
    cancelled
        Asked before each series; True ends it.

    Returns
    -------
    tuple
        Series that have a value, and a finding on each that did not come.
    """
    found: dict[str, pd.Series[float]] = {}
    findings: list[Finding] = []
    stopped: Answer | None = None
    for name in wanted:
        if cancelled():
            break
        answer = stopped or read(name, start.date(), end.date())
        series = before.get(name, _NOTHING)
        if answer.prices is not None:
            series = _clean(answer.prices["Close"]).combine_first(series)
        series = series.loc[start:end]
        if answer.prices is None:
            findings.append(_kept(name, answer.said, series, end))
            stopped = answer if answer.trouble in _OF_NO_USE else None
        if len(series):
            found[name] = series
    return found, tuple(findings)


_NOTHING: pd.Series[float] = pd.Series(
    dtype="float64", index=pd.DatetimeIndex([], dtype="datetime64[us]", name="date")
)


def _clean(series: pd.Series[float]) -> pd.Series[float]:
    """Finite values by date, ascending, the last of each date."""
    values = series[np.isfinite(series.to_numpy(dtype=np.float64))].sort_index(kind="stable")
    return values[~values.index.duplicated(keep="last")]


def _kept(name: str, said: str, series: pd.Series[float], end: pd.Timestamp) -> Finding:
    kept = "there is no value yet"
    if len(series):
        last = series.index[-1]
        age = session_age(last, end)
        old = f"{count_of(age, 'session')} old" if age else "the latest session"
        kept = f"what there was is kept, up to {last.date()} ({old})"
    message = f"{said}; {kept}. It is context only: no decision reads it"
    return Finding(Severity.INFO, "context_not_refreshed", name, message)
