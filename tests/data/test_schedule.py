"""Due dates: known month and week ends, and laws."""

from __future__ import annotations

from datetime import date
from typing import Literal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantetf_core.config.schema import ScheduleConfig
from quantetf_core.data.schedule import due_sessions, is_due, next_due
from quantetf_core.data.sessions import next_session, sessions_between
from quantetf_core.errors import SessionError

MONTH_END = ScheduleConfig(frequency="monthly", anchor="last")
MONTH_START = ScheduleConfig(frequency="monthly", anchor="first")
WEEK_END = ScheduleConfig(frequency="weekly", anchor="last")
WEEK_START = ScheduleConfig(frequency="weekly", anchor="first")
NEVER = ScheduleConfig(frequency="none")
SCHEDULED = [MONTH_END, MONTH_START, WEEK_END, WEEK_START]
days = st.dates(date(1990, 1, 2), date(2050, 11, 30))


def iso(index: pd.DatetimeIndex) -> list[str]:
    return [str(day.date()) for day in index]


def test_month_ends_of_2024_are_those_of_the_wall_calendar() -> None:
    assert iso(due_sessions(MONTH_END, "2024-01-01", "2024-12-31")) == [
        *("2024-01-31", "2024-02-29", "2024-03-28", "2024-04-30", "2024-05-31", "2024-06-28"),
        *("2024-07-31", "2024-08-30", "2024-09-30", "2024-10-31", "2024-11-29", "2024-12-31"),
    ]


def test_month_starts_step_over_holidays_and_weekends() -> None:
    assert iso(due_sessions(MONTH_START, "2024-01-01", "2024-06-30")) == [
        *("2024-01-02", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01", "2024-06-03"),
    ]


def test_a_week_ends_on_thursday_when_friday_is_closed() -> None:
    assert iso(due_sessions(WEEK_END, "2024-03-18", "2024-04-05")) == [
        *("2024-03-22", "2024-03-28", "2024-04-05"),
    ]


def test_a_week_starts_on_tuesday_when_monday_is_closed() -> None:
    assert iso(due_sessions(WEEK_START, "2024-01-08", "2024-01-26")) == [
        *("2024-01-08", "2024-01-16", "2024-01-22"),
    ]


def test_the_week_of_september_2001_was_one_monday_long() -> None:
    assert is_due(WEEK_END, "2001-09-10")
    assert is_due(WEEK_START, "2001-09-10")
    assert is_due(WEEK_START, "2001-09-17")


@pytest.mark.parametrize(
    ("schedule", "after", "session", "reason"),
    [
        (MONTH_END, "2023-12-08", "2023-12-29", "last session of December 2023 (Fri 29 Dec)"),
        (MONTH_END, "2023-12-29", "2024-01-31", "last session of January 2024 (Wed 31 Jan)"),
        (MONTH_END, "2024-03-01", "2024-03-28", "last session of March 2024 (Thu 28 Mar)"),
        (MONTH_START, "2023-12-29", "2024-01-02", "first session of January 2024 (Tue 2 Jan)"),
        (
            WEEK_END,
            "2024-03-25",
            "2024-03-28",
            "last session of the week of Mon 25 Mar 2024 (Thu 28 Mar)",
        ),
        (
            WEEK_START,
            "2023-12-29",
            "2024-01-02",
            "first session of the week of Mon 1 Jan 2024 (Tue 2 Jan)",
        ),
    ],
)
def test_the_next_due_date_and_its_reason(
    schedule: ScheduleConfig, after: str, session: str, reason: str
) -> None:
    due = next_due(schedule, after)
    assert due.session == pd.Timestamp(session)
    assert due.reason == reason


def test_without_a_schedule_nothing_is_due_and_the_reason_says_so() -> None:
    due = next_due(NEVER, "2023-12-29")
    assert due.session is None
    assert due.reason == "no schedule: rebalance whenever you decide"
    assert not is_due(NEVER, "2023-12-29")
    assert len(due_sessions(NEVER, "2023-01-01", "2023-12-31")) == 0


def test_a_closed_day_is_never_due() -> None:
    assert not any(is_due(schedule, "2024-03-29") for schedule in SCHEDULED)


def test_a_due_date_beyond_the_calendar_is_refused() -> None:
    assert next_due(MONTH_END, "2050-12-29").session == pd.Timestamp("2050-12-30")
    with pytest.raises(SessionError, match="outside the sessions of the schedule"):
        next_due(MONTH_END, "2050-12-30")


@given(st.sampled_from(SCHEDULED), days)
def test_the_next_due_date_is_the_first_one_after(schedule: ScheduleConfig, after: date) -> None:
    found = next_due(schedule, after).session
    assert found is not None
    assert found.date() > after
    between = sessions_between(after, found)
    assert [day for day in between if day.date() > after and is_due(schedule, day)] == [found]


@given(st.sampled_from(["monthly", "weekly"]), days, st.integers(0, 400))
def test_each_period_has_one_first_and_one_last_session(
    frequency: Literal["monthly", "weekly"], start: date, length: int
) -> None:
    end = min(pd.Timestamp(start) + pd.Timedelta(days=length), pd.Timestamp("2050-11-30"))
    last = ScheduleConfig(frequency=frequency, anchor="last")
    first = ScheduleConfig(frequency=frequency, anchor="first")

    def period(day: pd.Timestamp) -> tuple[int, int]:
        return (day.year, day.month) if frequency == "monthly" else tuple(day.isocalendar())[:2]

    for session in sessions_between(start, end):
        following = next_session(session)
        changes = period(session) != period(following)
        assert is_due(last, session) == changes
        assert is_due(first, following) == changes


@given(st.sampled_from([*SCHEDULED, NEVER]), days, st.integers(0, 200))
def test_due_sessions_are_the_sessions_that_are_due(
    schedule: ScheduleConfig, start: date, length: int
) -> None:
    end = min(pd.Timestamp(start) + pd.Timedelta(days=length), pd.Timestamp("2050-12-31"))
    expected = [day for day in sessions_between(start, end) if is_due(schedule, day)]
    assert list(due_sessions(schedule, start, end)) == expected
