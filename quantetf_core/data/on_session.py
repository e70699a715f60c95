"""Which rows of a source fall on trading sessions, and how their dates are listed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from quantetf_core.data.dates import Days
from quantetf_core.data.sessions import all_sessions
from quantetf_core.findings import Finding, Severity

_SHOWN = 3
"""Examples a message lists."""


def on_sessions(days: Days) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which days are sessions, and which lie outside the exchange calendar."""
    known = all_sessions().to_numpy().astype("datetime64[D]")
    place = np.searchsorted(known, days).clip(max=len(known) - 1)
    return known[place] == days, (days < known[0]) | (days > known[-1])


def examples(days: Days) -> str:
    """The first few distinct days, in words.

    Examples
    --------
    >>> examples(np.array(["2020-01-04", "2020-01-01", "2020-01-04"], dtype="datetime64[D]"))
    '2020-01-01, 2020-01-04'
    """
    distinct = np.unique(days)
    more = ", …" if len(distinct) > _SHOWN else ""
    return ", ".join(str(day) for day in distinct[:_SHOWN]) + more


def off_session_findings(
    days: Days,
    session: npt.NDArray[np.bool_],
    outside: npt.NDArray[np.bool_],
    *,
    origin: str,
    severity: Severity,
) -> Iterator[Finding]:
    """Findings on rows that no session can hold."""
    closed = days[~session & ~outside]
    if len(closed):
        yield Finding(
            severity,
            "not_a_session",
            origin,
            f"{count_of(len(closed), 'row')} on days the exchange was closed dropped: "
            f"{examples(closed)}",
        )
    beyond = days[outside]
    if len(beyond):
        yield Finding(
            severity,
            "outside_calendar",
            origin,
            f"{count_of(len(beyond), 'row')} outside the exchange calendar, which starts on "
            f"{all_sessions()[0].date()}, dropped: {examples(beyond)}",
        )


def count_of(count: int, what: str) -> str:
    """A count with its noun.

    Examples
    --------
    >>> count_of(1, "row"), count_of(1200, "date")
    ('1 row', '1,200 dates')
    """
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
