"""When a rebalance is due: the last or first session of each month or week, or never."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.config.schema import ScheduleConfig
from quantetf_core.data.sessions import (
    DateLike,
    all_sessions,
    is_session,
    session_on_or_before,
    sessions_between,
)
from quantetf_core.errors import SessionError

# Names of our own, because those of `calendar` and `strftime` follow the machine's locale.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDate:
    """The next session on which a rebalance is due.

    Parameters
    ----------
    session
        The session, or None when nothing is scheduled.
    reason
        Why that session, in words for the PM.
    """

    session: pd.Timestamp | None
    reason: str


def is_due(schedule: ScheduleConfig, session: DateLike) -> bool:
    """Whether a rebalance is due on a session; never true without a schedule or a session.

    Raises
    ------
    SessionError
        When the date lies outside the calendar.

    Examples
    --------
    >>> is_due(ScheduleConfig(frequency="monthly", anchor="last"), "2024-03-28")
    True
    """
    return is_session(session) and session_on_or_before(session) in _due(schedule)


def due_sessions(schedule: ScheduleConfig, start: DateLike, end: DateLike) -> pd.DatetimeIndex:
    """Sessions on which a rebalance is due, from one date to another, both included.

    Empty without a schedule. Which session ends a month or week is known from the calendar, so a
    date in the future is answered like one in the past.

    Raises
    ------
    SessionError
        When a date lies outside the calendar.

    Examples
    --------
    >>> due_sessions(ScheduleConfig(), "2024-01-01", "2024-03-31").strftime("%d %b").tolist()
    ['31 Jan', '29 Feb', '28 Mar']
    """
    return sessions_between(start, end).intersection(_due(schedule))


def next_due(schedule: ScheduleConfig, after_session: DateLike) -> DueDate:
    """The first session after a date on which a rebalance is due, and why that one.

    Raises
    ------
    SessionError
        When the date lies outside the calendar, or nothing is due before its end.

    Examples
    --------
    >>> next_due(ScheduleConfig(), "2023-12-08").reason
    'last session of December 2023 (Fri 29 Dec)'
    >>> next_due(ScheduleConfig(frequency="none"), "2023-12-08").reason
    'no schedule: rebalance whenever you decide'
    """
    if schedule.frequency == "none":
        return DueDate(session=None, reason="no schedule: rebalance whenever you decide")
    due = _due(schedule)
    position = int(due.searchsorted(session_on_or_before(after_session), side="right"))
    if position == len(due):
        raise SessionError(after_session, due[0].date(), due[-1].date(), of="the schedule")
    session = due[position]
    return DueDate(session=session, reason=_reason(schedule, session))


def _reason(schedule: ScheduleConfig, session: pd.Timestamp) -> str:
    """E.g. ``first session of the week of Mon 1 Apr 2024 (Mon 1 Apr)``."""
    day = f"{_WEEKDAYS[session.weekday()]} {_short(session)}"
    if schedule.frequency == "monthly":
        period = f"{_MONTHS[session.month - 1]} {session.year}"
    else:
        monday = session - pd.Timedelta(days=session.weekday())
        period = f"the week of {_WEEKDAYS[0]} {_short(monday)} {monday.year}"
    return f"{schedule.anchor} session of {period} ({day})"


def _short(day: pd.Timestamp) -> str:
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


@lru_cache
def _due(schedule: ScheduleConfig) -> pd.DatetimeIndex:
    """Every session of the calendar on which a rebalance is due."""
    sessions = all_sessions()
    if schedule.frequency == "none":
        return sessions[:0]
    changes = np.flatnonzero(np.diff(_period(schedule, sessions)))
    # The calendar begins and ends on the edge of a week and of a month, so both are kept.
    if schedule.anchor == "last":
        return sessions[np.append(changes, len(sessions) - 1)]
    return sessions[np.insert(changes + 1, 0, 0)]


def _period(schedule: ScheduleConfig, sessions: pd.DatetimeIndex) -> npt.NDArray[np.int64]:
    """A number per session that changes with the month, or with the week (from Monday)."""
    days = sessions.to_numpy().astype("datetime64[D]")
    if schedule.frequency == "monthly":
        return days.astype("datetime64[M]").astype(np.int64)
    # Day 0, 1970-01-01, was a Thursday.
    return (days.astype(np.int64) + 3) // 7
