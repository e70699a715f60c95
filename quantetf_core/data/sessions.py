"""Trading sessions of the New York Stock Exchange.

Everywhere in the desk a session is a naive midnight `pandas.Timestamp`; moments in time (a close,
"now") carry a time zone. Source: the XNYS calendar of exchange_calendars, with its holidays, half
days and unscheduled closures. A closure announced after that library's release is not in it.
"""

from __future__ import annotations

import warnings
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.errors import InvalidValueError, SessionError

if TYPE_CHECKING:
    from exchange_calendars import ExchangeCalendar

FIRST_DATE = "1990-01-01"
"""First date the calendar knows; the VIX begins in January 1990."""

LAST_DATE = "2050-12-31"
"""Last date the calendar knows: fixed, so that no answer depends on the day it is asked."""

DateLike = date | np.datetime64 | str
"""A calendar date; a time of day is dropped (`pandas.Timestamp` and `datetime` are dates)."""


@lru_cache(maxsize=1)
def calendar() -> ExchangeCalendar:
    """The XNYS calendar from `FIRST_DATE` to `LAST_DATE`, built once per process.

    The library is imported here and not with this module: with the calendar it takes about a
    fifth of a second, which a page that needs no calendar does not pay.
    """
    from exchange_calendars import get_calendar

    with warnings.catch_warnings():
        # exchange_calendars 4.13 asks `Series.values`, which pandas 3.1 deprecates.
        warnings.simplefilter("ignore", DeprecationWarning)
        return get_calendar("XNYS", start=FIRST_DATE, end=LAST_DATE)


@lru_cache(maxsize=1)
def all_sessions() -> pd.DatetimeIndex:
    """Every session the calendar knows, ascending, naive, without a frequency."""
    return pd.DatetimeIndex(_days().astype("datetime64[us]"))


def is_session(day: DateLike) -> bool:
    """Whether the exchange opens on a date.

    Raises
    ------
    SessionError
        When the date lies outside the calendar.
    InvalidValueError
        When it is not a date.

    Examples
    --------
    >>> is_session("2024-03-28"), is_session("2024-03-29")  # Good Friday
    (True, False)
    """
    wanted = _day(day)
    return bool(_days()[_position(wanted, day)] == wanted)


def session_on_or_before(day: DateLike) -> pd.Timestamp:
    """The last session at or before a date; raises as `is_session` does.

    Examples
    --------
    >>> session_on_or_before("2024-03-31")
    Timestamp('2024-03-28 00:00:00')
    """
    return all_sessions()[_position(_day(day), day)]


def next_session(day: DateLike) -> pd.Timestamp:
    """The first session after a date; raises as `is_session` does, also past the last session.

    Examples
    --------
    >>> next_session("2024-03-28")
    Timestamp('2024-04-01 00:00:00')
    """
    following = _position(_day(day), day) + 1
    if following == len(_days()):
        raise _outside(day)
    return all_sessions()[following]


def sessions_between(start: DateLike, end: DateLike) -> pd.DatetimeIndex:
    """Sessions from one date to another, both included; empty when ``end`` precedes ``start``.

    Raises
    ------
    SessionError
        When a date lies outside the calendar.

    Examples
    --------
    >>> sessions_between("2012-10-26", "2012-10-31").strftime("%d").tolist()  # the hurricane
    ['26', '31']
    """
    lower, upper = _day(start), _day(end)
    _position(lower, start)
    last = _position(upper, end)
    return all_sessions()[int(np.searchsorted(_days(), lower)) : last + 1]


def session_age(session: DateLike, now_session: DateLike) -> int:
    """How many sessions came after ``session``, up to and including ``now_session``.

    0 means as fresh as can be; negative when ``session`` is the later one. A date without a
    session counts as the session before it. Raises as `is_session` does.

    Examples
    --------
    >>> session_age("2024-03-28", "2024-04-02")  # Good Friday and a weekend between
    2
    """
    now = _position(_day(now_session), now_session)
    return now - _position(_day(session), session)


def session_close(session: DateLike) -> datetime:
    """The moment a session closes, with New York's time zone; 13:00 there on half days.

    Raises
    ------
    SessionError
        When the date lies outside the calendar.
    InvalidValueError
        When the exchange does not open on that date.

    Examples
    --------
    >>> session_close("2023-11-24").isoformat()
    '2023-11-24T13:00:00-05:00'
    """
    if not is_session(session):
        raise InvalidValueError("session", str(session), "a day on which the exchange opens")
    close = pd.Timestamp(_closes()[_position(_day(session), session)], tz="UTC")
    moment: datetime = close.tz_convert(calendar().tz).to_pydatetime()
    return moment


def session_open(session: DateLike) -> datetime:
    """The moment a session opens, with New York's time zone; raises like `session_close`.

    Examples
    --------
    >>> session_open("2023-11-24").isoformat()
    '2023-11-24T09:30:00-05:00'
    """
    if not is_session(session):
        raise InvalidValueError("session", str(session), "a day on which the exchange opens")
    opening: datetime = calendar().session_open(pd.Timestamp(session)).to_pydatetime()
    return opening.astimezone(calendar().tz)


def last_completed_session(now: datetime) -> pd.Timestamp:
    """The newest session whose close is at or before ``now``.

    Parameters
    ----------
    now
        A moment with a time zone, any.

    Raises
    ------
    InvalidValueError
        When ``now`` has no time zone.
    SessionError
        When ``now`` lies outside the calendar.

    Examples
    --------
    >>> from datetime import timezone
    >>> last_completed_session(datetime(2023, 11, 24, 18, 0, tzinfo=timezone.utc))
    Timestamp('2023-11-24 00:00:00')
    """
    if now.tzinfo is None or now.utcoffset() is None:
        raise InvalidValueError("now", now.isoformat(), "a moment with a time zone")
    moment = pd.Timestamp(now).tz_convert("UTC").tz_localize(None)
    position = int(np.searchsorted(_closes(), moment.to_datetime64(), side="right")) - 1
    if position < 0 or moment > pd.Timestamp(LAST_DATE):
        raise _outside(now)
    return all_sessions()[position]


@lru_cache(maxsize=1)
def _days() -> npt.NDArray[np.datetime64]:
    days: npt.NDArray[np.datetime64] = calendar().sessions.to_numpy().astype("datetime64[D]")
    days.setflags(write=False)
    return days


@lru_cache(maxsize=1)
def _closes() -> npt.NDArray[np.datetime64]:
    """Closing moments in UTC, without a time zone, to the second."""
    closes = calendar().closes.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    closes.setflags(write=False)
    return np.asarray(closes, dtype="datetime64[s]")


def _day(given: DateLike) -> np.datetime64:
    try:
        stamp = pd.Timestamp(given)
    except (ValueError, TypeError):
        raise InvalidValueError("date", given, "a date, e.g. '2023-12-29'") from None
    if pd.isna(stamp):
        raise InvalidValueError("date", given, "a date, e.g. '2023-12-29'")
    if stamp.tzinfo is not None:
        raise InvalidValueError("date", given, "a calendar date, without a time zone")
    return np.datetime64(stamp.date(), "D")


def _position(day: np.datetime64, given: DateLike) -> int:
    """Row of the last session at or before a day; a day outside the calendar is refused."""
    position = int(np.searchsorted(_days(), day, side="right")) - 1
    if position < 0 or day > np.datetime64(LAST_DATE):
        raise _outside(given)
    return position


def _outside(given: object) -> SessionError:
    days = _days()
    return SessionError(given, days[0], days[-1], of="the NYSE calendar")
