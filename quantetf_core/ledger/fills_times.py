"""When a fill was made, as brokers write it; without a zone it is the exchange's time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

EXCHANGE = ZoneInfo("America/New_York")
"""Where US exchanges are; times without a zone are theirs (house rule)."""

ACCEPTED_TIMES = (
    "a date with or without a time, such as 2024-01-31 15:59:07, 01/31/2024, 31-Jan-2024 3:59 PM "
    "EST, or 2024-01-31T20:59:07Z"
)

DayOrder = Literal["month", "day"]
"""Which number comes first in 3/4/2024."""

_HOURS = {"UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5}
_HOURS |= {"MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_EXCHANGE_NAMES = ("ET", "AMERICA/NEW_YORK", "US/EASTERN")

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_DAY_NAME = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3})[A-Za-z]*\.?,?[- ](\d{4})(?!\d)")
_NAME_DAY = re.compile(r"([A-Za-z]{3})[A-Za-z]*\.? (\d{1,2}),? (\d{4})(?!\d)")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

_CLOCK = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?", re.ASCII
)
_CLOCK_COMPACT = re.compile(r"(\d{2})(\d{2})(\d{2})(?!\d)", re.ASCII)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{2}):?(\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Read:
    """A time as it was understood; ``day_only`` when it has no time of day (midnight then)."""

    time: datetime
    day_only: bool
    zone_assumed: bool


def day_order_of(cells: Iterable[str]) -> DayOrder | None:
    """Which number the dates of a column have first; None when no date shows it.

    Examples
    --------
    >>> day_order_of(["3/4/2024", "3/14/2024"]), day_order_of(["3/4/2024"])
    ('month', None)
    """
    found: set[DayOrder] = set()
    for text in cells:
        numbers = _YEAR_LAST.match(text.strip())
        if numbers and int(numbers[1]) > 12:
            found.add("day")
        elif numbers and int(numbers[3]) > 12:
            found.add("month")
    return found.pop() if len(found) == 1 else None


def open_order(text: str) -> bool:
    """Whether a date is written so that only an order tells its day from its month.

    Examples
    --------
    >>> open_order("3/4/2024"), open_order("3/3/2024"), open_order("2024-03-04")
    (True, False, False)
    """
    numbers = _YEAR_LAST.match(text.strip())
    if numbers is None:
        return False
    first, second = int(numbers[1]), int(numbers[3])
    return first != second and first <= 12 and second <= 12


def read_time(date_cell: str, time_cell: str, order: DayOrder | None) -> Read | None:
    """A date, and a time of day that stands behind it or in a cell of its own.

    Parameters
    ----------
    date_cell, time_cell
        Either may be empty; where the second holds a date too, the first is not looked at.
    order
        For dates such as ``3/4/2024``; None reads the month first, and the day first with dots.

    Returns
    -------
    Read or None
        None when it cannot be read, e.g. a time of day without a date or an unknown zone.

    Examples
    --------
    >>> read_time("", "2024-01-31, 15:59:07", None).time.isoformat()
    '2024-01-31T15:59:07-05:00'
    >>> read_time("01/31/2024", "3:59 PM UTC", None).time.isoformat()
    '2024-01-31T15:59:00+00:00'
    """
    for text in (time_cell.strip(), date_cell.split(" as of ")[0].strip()):
        day = _day(text, order)
        if day is None:
            continue
        rest = text[day[1] :].lstrip(" ,;T")
        if not rest and text is not time_cell.strip():
            rest = time_cell.strip()
        return _at(day[0], rest)
    return None


def _day(text: str, order: DayOrder | None) -> tuple[date, int] | None:
    """The date a text begins with, and where it ends."""
    try:
        if found := _YEAR_FIRST.match(text):
            return date(int(found[1]), int(found[3]), int(found[4])), found.end()
        if found := _COMPACT.match(text):
            return date(int(found[1]), int(found[2]), int(found[3])), found.end()
        if found := _YEAR_LAST.match(text):
            year = int(found[4]) + (2000 if len(found[4]) == 2 else 0)
            day_first = (order or ("day" if found[2] == "." else "month")) == "day"
            day, month = (1, 3) if day_first else (3, 1)
            return date(year, int(found[month]), int(found[day])), found.end()
        if found := _DAY_NAME.match(text):
            return date(int(found[3]), _month(found[2]), int(found[1])), found.end()
        if found := _NAME_DAY.match(text):
            return date(int(found[3]), _month(found[1]), int(found[2])), found.end()
    except ValueError:
        return None
    return None


def _month(name: str) -> int:
    return _MONTHS.index(name.lower()) + 1


def _at(day: date, rest: str) -> Read | None:
    """The date at a time of day and zone; midnight of the exchange when neither is given."""
    if not rest:
        return Read(datetime.combine(day, time(), EXCHANGE), day_only=True, zone_assumed=False)
    clock = _CLOCK.match(rest)
    compact = None if clock else _CLOCK_COMPACT.match(rest)
    if clock:
        hour, end = _hour(int(clock[1]), clock[5]), clock.end()
        parts = (int(clock[2]), int(clock[3] or 0), int((clock[4] or "0").ljust(6, "0")[:6]))
    elif compact:
        hour, end = int(compact[1]), compact.end()
        parts = (int(compact[2]), int(compact[3]), 0)
    else:
        return None
    zone = _zone(rest[end:].strip(" ()"))
    if zone is None or hour is None or hour > 23 or parts[0] > 59 or parts[1] > 59:
        return None
    moment = datetime.combine(day, time(hour, *parts), zone)
    return Read(moment, day_only=False, zone_assumed=not rest[end:].strip())


def _hour(written: int, half: str | None) -> int | None:
    """Hour of the day from a clock of 12 or 24 hours; None when the clock has no such hour."""
    if half is None:
        return written
    if not 1 <= written <= 12:
        return None
    return written % 12 + (12 if half[0] in "Pp" else 0)


def _zone(written: str) -> tzinfo | None:
    """The zone; the exchange's where nothing is written, None where it is not known."""
    name = written.upper()
    if not name or name in _EXCHANGE_NAMES:
        return EXCHANGE
    if name in _HOURS:
        return timezone(timedelta(hours=_HOURS[name]))
    offset = _OFFSET.fullmatch(name)
    if offset is None or int(offset[2]) > 14 or int(offset[3] or 0) > 59:
        return None
    ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    return timezone(ahead if offset[1] == "+" else -ahead)
