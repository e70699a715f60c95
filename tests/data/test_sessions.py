"""Sessions of the NYSE: facts from the exchange's own notices, and laws."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantetf_core.data.sessions import (
    all_sessions,
    is_session,
    last_completed_session,
    next_session,
    session_age,
    session_close,
    session_on_or_before,
    sessions_between,
)
from quantetf_core.errors import InvalidValueError, SessionError

NEW_YORK = ZoneInfo("America/New_York")
earliest, latest = (pd.Timestamp(day).to_pydatetime() for day in ("1990-01-04", "2050-12-30"))
days = st.dates(date(1990, 1, 2), date(2050, 12, 31))

GOOD_FRIDAYS = (
    "1990-04-13 1999-04-02 2000-04-21 2005-03-25 2008-03-21 2010-04-02 2015-04-03 2016-03-25 "
    "2018-03-30 2019-04-19 2020-04-10 2021-04-02 2022-04-15 2023-04-07 2024-03-29 2025-04-18 "
    "2026-04-03 2027-03-26"
)

UNSCHEDULED = (
    "2001-09-11 2001-09-12 2001-09-13 2001-09-14 2004-06-11 2007-01-02 2012-10-29 2012-10-30 "
    "2018-12-05 2025-01-09"
)

HALF_DAYS = (
    "2018-07-03 2018-11-23 2018-12-24 2019-12-24 2020-11-27 2020-12-24 2022-11-25 2023-07-03 "
    "2023-11-24 2024-07-03 2024-11-29 2024-12-24 2026-11-27"
)

SESSIONS_OF_YEAR = {2001: 248, 2008: 253, 2012: 250, 2020: 253, 2021: 252, 2023: 250, 2024: 252}


@pytest.mark.parametrize("day", GOOD_FRIDAYS.split())
def test_good_friday_is_closed_and_its_thursday_is_open(day: str) -> None:
    assert not is_session(day)
    assert session_on_or_before(day) == pd.Timestamp(day) - pd.Timedelta(days=1)


@pytest.mark.parametrize("day", UNSCHEDULED.split())
def test_unscheduled_closures_are_closed(day: str) -> None:
    assert not is_session(day)


@pytest.mark.parametrize("day", ["2021-12-31", "2021-06-18", "2001-09-17", "2012-10-31"])
def test_days_often_taken_for_holidays_are_open(day: str) -> None:
    assert is_session(day)


@pytest.mark.parametrize("day", ["2021-12-24", "2022-06-20", "2024-06-19", "2024-01-15"])
def test_holidays_of_later_law_and_observed_ones_are_closed(day: str) -> None:
    assert not is_session(day)


@pytest.mark.parametrize("day", HALF_DAYS.split())
def test_half_days_close_at_one_in_new_york(day: str) -> None:
    close = session_close(day)
    assert (close.hour, close.minute, str(close.date())) == (13, 0, day)


@pytest.mark.parametrize("day", ["2023-11-22", "2024-07-05", "2019-07-05", "2024-12-31"])
def test_ordinary_days_close_at_four_in_new_york(day: str) -> None:
    assert session_close(day) == datetime.fromisoformat(f"{day}T16:00:00").replace(tzinfo=NEW_YORK)


@pytest.mark.parametrize(("year", "count"), SESSIONS_OF_YEAR.items())
def test_the_number_of_sessions_of_a_year_is_the_published_one(year: int, count: int) -> None:
    assert len(sessions_between(f"{year}-01-01", f"{year}-12-31")) == count


@pytest.mark.real_data
def test_the_calendar_is_the_days_on_which_spy_traded(market_data_dir: Path) -> None:
    prices = pd.read_parquet(market_data_dir / "etf_prices.parquet", columns=["date", "ticker"])
    traded = pd.DatetimeIndex(prices.loc[prices["ticker"] == "SPY", "date"]).sort_values()
    ours = sessions_between(traded[0], traded[-1])
    assert list(ours) == list(traded)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2023-12-29T15:59:59", "2023-12-28"),
        ("2023-12-29T16:00:00", "2023-12-29"),
        ("2024-01-01T23:00:00", "2023-12-29"),
        ("2023-11-24T12:59:59", "2023-11-22"),
        ("2023-11-24T13:00:00", "2023-11-24"),
        ("2024-03-29T18:00:00", "2024-03-28"),
        ("2024-04-01T15:00:00", "2024-03-28"),
        ("2001-09-16T12:00:00", "2001-09-10"),
    ],
)
def test_a_session_is_complete_at_its_close(moment: str, expected: str) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=NEW_YORK)
    assert last_completed_session(now) == pd.Timestamp(expected)


def test_now_in_another_time_zone_is_the_same_moment() -> None:
    tokyo = timezone(timedelta(hours=9))
    before = datetime(2023, 12, 30, 5, 59, tzinfo=tokyo)
    assert last_completed_session(before) == pd.Timestamp("2023-12-28")
    assert last_completed_session(before + timedelta(minutes=1)) == pd.Timestamp("2023-12-29")


def test_daylight_saving_moves_the_close_in_utc() -> None:
    assert session_close("2024-03-08").astimezone(UTC).hour == 21
    assert session_close("2024-03-11").astimezone(UTC).hour == 20


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="time zone"):
        last_completed_session(datetime(2024, 1, 2))  # noqa: DTZ001


@pytest.mark.parametrize("year", [1980, 2051])
def test_a_moment_outside_the_calendar_is_refused(year: int) -> None:
    with pytest.raises(SessionError, match="NYSE calendar: 1990-01-02 to 2050-12-30"):
        last_completed_session(datetime(year, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize("day", ["1989-12-29", "2051-01-03"])
def test_dates_outside_the_calendar_are_refused_by_every_question(day: str) -> None:
    for question in (is_session, session_on_or_before, next_session, session_close):
        with pytest.raises(SessionError, match=day):
            question(day)
    with pytest.raises(SessionError):
        sessions_between("2024-01-02", day)
    with pytest.raises(SessionError):
        sessions_between(day, "2024-01-02")
    with pytest.raises(SessionError):
        session_age(day, "2024-01-02")


def test_the_calendar_says_when_it_ends() -> None:
    assert next_session("2050-12-29") == pd.Timestamp("2050-12-30")
    with pytest.raises(SessionError, match="2050-12-30"):
        next_session("2050-12-30")


@pytest.mark.parametrize("given", ["soon", pd.NaT, None, "2024-13-01", [1]])
def test_what_is_no_date_is_refused(given: object) -> None:
    with pytest.raises(InvalidValueError, match="a date"):
        is_session(given)  # type: ignore[arg-type]


def test_a_moment_is_not_a_date() -> None:
    with pytest.raises(InvalidValueError, match="without a time zone"):
        is_session(datetime(2024, 1, 2, tzinfo=UTC))


def test_only_a_session_has_a_close() -> None:
    with pytest.raises(InvalidValueError, match="exchange opens"):
        session_close("2024-03-29")


def test_dates_may_come_in_any_common_type() -> None:
    forms = ["2024-03-28", date(2024, 3, 28), pd.Timestamp("2024-03-28 15:00"),
             np.datetime64("2024-03-28"), datetime(2024, 3, 28, 9)]  # noqa: DTZ001  # fmt: skip
    assert {session_on_or_before(form) for form in forms} == {pd.Timestamp("2024-03-28")}


def test_sessions_carry_no_frequency_and_no_time_zone() -> None:
    sessions = sessions_between("2024-01-01", "2024-02-01")
    assert sessions.freq is None
    assert sessions.tz is None
    assert sessions.dtype == pd.to_datetime(["2024-01-02"]).dtype


def test_sessions_between_are_none_when_the_end_comes_first() -> None:
    assert len(sessions_between("2024-02-01", "2024-01-01")) == 0
    assert len(sessions_between("2024-03-29", "2024-03-31")) == 0


def test_ages_count_sessions_and_not_days() -> None:
    assert session_age("2023-12-29", "2023-12-29") == 0
    assert session_age("2023-12-29", "2024-01-02") == 1
    assert session_age("2001-09-10", "2001-09-17") == 1
    assert session_age("2024-01-02", "2023-12-29") == -1


@given(days, days)
def test_an_age_is_the_count_of_sessions_after(first: date, second: date) -> None:
    try:
        age = session_age(first, second)
    except SessionError:  # before the first session
        assert min(first, second) < all_sessions()[0].date()
        return
    if first <= second:
        after = [day for day in sessions_between(first, second) if day.date() > first]
        assert age == len(after)


@given(days)
def test_a_day_lies_between_its_session_and_the_next(day: date) -> None:
    session = session_on_or_before(day)
    assert session.date() <= day
    assert is_session(session)
    assert is_session(day) == (session.date() == day)
    if session != all_sessions()[-1]:
        following = next_session(day)
        assert day < following.date()
        assert session_age(session, following) == 1


@given(st.datetimes(earliest, latest, timezones=st.just(UTC)))
def test_the_last_completed_session_has_closed_and_the_next_has_not(now: datetime) -> None:
    session = last_completed_session(now)
    assert session_close(session) <= now < session_close(next_session(session))
