"""Dates of a price table, however they are written; an ambiguous one is refused, never guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.errors import SourceError

Days = npt.NDArray[np.datetime64]
"""Calendar days, ``datetime64[D]``."""

ACCEPTED_DATES = (
    "dates such as 2020-03-31, 20200331, 31.3.2020, 31-Mar-2020, or 3/31/2020 where some date in "
    "the same column shows which number is the month"
)

_TIME = r"(?:[T ]\s*\d{1,2}:\d{2}\S*(?: ?[AaPp][Mm])?(?: ?(?:UTC|[+-]\d{2}:?\d{2}))?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}")
_COMPACT = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}})(?:\.0)?{_TIME}")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}")
_DAY_NAME = re.compile(rf"(\d{{1,2}})[- ]([A-Za-z]{{3,9}})\.?,?[- ](\d{{4}}){_TIME}")
_NAME_DAY = re.compile(rf"([A-Za-z]{{3,9}})\.? (\d{{1,2}}),? (\d{{4}}){_TIME}")
# fmt: off
_MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)
# fmt: on
_MONTHS = {
    written: number
    for number, name in enumerate(_MONTH_NAMES, start=1)
    for written in (name, name[:3], name[:4] if name == "september" else name)
}

_NumericDate = tuple[int, int, int]


def parse_days(column: pd.Series[Any] | pd.Index[Any], *, origin: str) -> Days:
    """Calendar days of a column of dates.

    Parameters
    ----------
    column
        Timestamps, dates, text, or whole numbers ``YYYYMMDD``. A time of day is dropped; a
        timestamp with a time zone is the date in its own zone. Numbers on both sides of the
        month (``3/31/2020``) are read in the one order that every such date of the column with
        the same separator allows; with dots, day first where nothing shows otherwise.
    origin
        Name of the source, for the error.

    Returns
    -------
    numpy.ndarray
        ``datetime64[D]``, shape ``(n_rows,)``, none missing.

    Raises
    ------
    SourceError
        When a date is missing, unreadable or ambiguous; names example rows.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        column = (
            column.tz_localize(None)
            if isinstance(column, pd.DatetimeIndex)
            else pd.Series(column).dt.tz_localize(None)
        )
    if pd.api.types.is_datetime64_dtype(column.dtype):
        days = column.to_numpy().astype("datetime64[D]")
        _refuse(np.flatnonzero(np.isnat(days)), "has no date", origin)
        return days
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        return _from_numbers(column, origin)
    codes, written = _codes(column)
    _refuse(np.flatnonzero(codes < 0), "has no date", origin)
    return _from_written(written, codes, origin)[codes]


def _codes(column: pd.Series[Any] | pd.Index[Any]) -> tuple[npt.NDArray[np.int64], list[object]]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        categorical = pd.Categorical(column)
        return categorical.codes.astype(np.int64), list(categorical.categories)
    codes, written = pd.factorize(column)
    return codes.astype(np.int64), list(written)


def _from_numbers(column: pd.Series[Any] | pd.Index[Any], origin: str) -> Days:
    values = pd.Series(column).to_numpy(dtype=np.float64, na_value=np.nan)
    _refuse(np.flatnonzero(np.isnan(values)), "has no date", origin)
    strange = (values != np.floor(values)) | (values < 1800_01_01) | (values > 2999_12_31)
    if strange.any():
        row = int(np.flatnonzero(strange)[0])
        raise _unreadable(f"row {row + 1} has {values[row]:.15g}", origin)
    codes, numbers = pd.factorize(values.astype(np.int64))
    return _from_written([str(number) for number in numbers], codes.astype(np.int64), origin)[codes]


def _from_written(written: Sequence[object], codes: npt.NDArray[np.int64], origin: str) -> Days:
    """Days of the distinct values; ``codes`` tell which rows have which, for the error."""
    column = _Written(written, codes, origin)
    days = np.full(len(written), np.datetime64("NaT"), dtype="datetime64[D]")
    undecided: dict[str, dict[int, _NumericDate]] = {}
    for place in np.unique(codes).tolist():
        try:
            day = _one(written[place])
        except ValueError:
            raise _unreadable(column.example(place), origin) from None
        if isinstance(day, date):
            days[place] = np.datetime64(day, "D")
        else:
            separator, numbers = day
            undecided.setdefault(separator, {})[place] = numbers
    for separator, group in undecided.items():
        _decide(separator, group, days, column)
    return days


@dataclass(frozen=True, slots=True, eq=False)
class _Written:
    """The distinct values of a column, and which rows have which."""

    values: Sequence[object]
    codes: npt.NDArray[np.int64]
    origin: str

    def example(self, place: int) -> str:
        """The first row that has a value, in words."""
        row = int(np.flatnonzero(self.codes == place)[0]) + 1
        return f"row {row} has {self.values[place]!r}"


def _one(value: object) -> date | tuple[str, _NumericDate]:
    """One written date, or its separator and three numbers where the order is not yet known."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError(value)
    text = value.strip()
    if found := _YEAR_FIRST.fullmatch(text):
        return date(int(found[1]), int(found[3]), int(found[4]))
    if found := _COMPACT.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _YEAR_LAST.fullmatch(text):
        return found[2], (int(found[1]), int(found[3]), int(found[4]))
    if found := _DAY_NAME.fullmatch(text):
        return date(int(found[3]), _month(found[2]), int(found[1]))
    if found := _NAME_DAY.fullmatch(text):
        return date(int(found[3]), _month(found[1]), int(found[2]))
    raise ValueError(value)


def _month(name: str) -> int:
    number = _MONTHS.get(name.lower())
    if number is None:
        raise ValueError(name)
    return number


def _decide(separator: str, group: dict[int, _NumericDate], days: Days, column: _Written) -> None:
    """Fill in the dates of one separator, in the one order that all of them allow."""
    day_first = next((place for place, (first, _, _) in group.items() if first > 12), None)
    month_first = next((place for place, (_, second, _) in group.items() if second > 12), None)
    if day_first is not None and month_first is not None:
        both = f"{column.example(day_first)} and {column.example(month_first)}"
        raise _unreadable(f"day and month come in both orders: {both}", column.origin)
    open_question = next((p for p, (first, second, _) in group.items() if first != second), None)
    if day_first is None and month_first is None and open_question is not None:
        if separator != ".":
            raise _unreadable(
                f"day and month cannot be told apart: {column.example(open_question)}, and no "
                "date in the column shows the order",
                column.origin,
            )
        day_first = open_question
    for place, (first, second, year) in group.items():
        day, month = (first, second) if month_first is None else (second, first)
        try:
            days[place] = np.datetime64(date(year, month, day), "D")
        except ValueError:
            raise _unreadable(column.example(place), column.origin) from None


def _refuse(bad: npt.NDArray[np.int64], what: str, origin: str) -> None:
    if len(bad):
        raise SourceError(origin, f"row {int(bad[0]) + 1} {what}", ACCEPTED_DATES)


def _unreadable(problem: str, origin: str) -> SourceError:
    return SourceError(origin, f"a date cannot be read: {problem}", ACCEPTED_DATES)
