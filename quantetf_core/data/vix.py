"""The VIX of a source, cleaned: one value per session, index points."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.data.columns import meaning, plain_name
from quantetf_core.data.dates import Days, parse_days
from quantetf_core.data.numbers import parse_numbers
from quantetf_core.data.on_session import (
    count_of,
    examples,
    off_session_findings,
    on_sessions,
)
from quantetf_core.data.rows import with_index_as_columns
from quantetf_core.errors import SourceError
from quantetf_core.findings import Finding, Severity

ACCEPTED_VIX = (
    "a date column and a column of closes in index points (about 9 to 90), named close, vix, "
    "VIXCLS, ^VIX or value"
)

_CLOSE_NAMES = ("close", "closeprice", "closelast", "vixclose", "vix", "vixcls", "value")
_LAST_RESORT = ("adjclose", "adjustedclose")
_Found = tuple["pd.Series[float]", tuple[Finding, ...]]


def vix_from_frame(frame: pd.DataFrame, *, origin: str) -> _Found:
    """Read the VIX of a table with a date column (or index) and a column of closes.

    Parameters
    ----------
    frame
        One row per day in any order; other columns are left alone.
    origin
        Name of the source, for findings and errors.

    Returns
    -------
    vix
        Index points by session, ascending, sessions with a value only.
    findings
        Rows dropped or not used; codes as in `quantetf_core.data.panels`, subject ``VIX``.

    Raises
    ------
    SourceError
        When a column is missing or cannot be told apart, a date or number cannot be read, there
        is no value at all, or the values are fractions (0.16 where 16 is meant).
    """
    table = with_index_as_columns(frame)
    day, close = _columns(table, origin)
    _refuse_several(table, origin)
    days = parse_days(table[day], origin=origin)
    values = parse_numbers(
        table[close], name=str(close), origin=origin, row_name=lambda row: f"row {row + 1}"
    )
    vix, findings = _cleaned(days, values, origin)
    if not len(vix):
        raise SourceError(origin, "the VIX has no value on any session", ACCEPTED_VIX)
    return vix, findings


def vix_from_series(series: pd.Series[Any], *, origin: str) -> _Found:
    """Clean a VIX given as a series by date; may be empty. See `vix_from_frame`."""
    if series.empty:
        empty = pd.DatetimeIndex([], name="session")
        return pd.Series(np.empty(0), index=empty, name="vix"), ()
    days = parse_days(pd.Index(series.index), origin=origin)
    values = parse_numbers(
        series, name="vix", origin=origin, row_name=lambda row: f"row {row + 1} ({days[row]})"
    )
    return _cleaned(days, values, origin)


def _columns(table: pd.DataFrame, origin: str) -> tuple[Hashable, Hashable]:
    names = list(table.columns)
    shown = ", ".join(repr(str(name)) for name in names)
    days = [name for name in names if meaning(name) == "date"]
    closes = [name for name in names if plain_name(name) in _CLOSE_NAMES]
    closes = closes or [name for name in names if plain_name(name) in _LAST_RESORT]
    if len(days) != 1 or len(closes) != 1:
        wrong = "date" if len(days) != 1 else "VIX close"
        count = len(days) if len(days) != 1 else len(closes)
        how = "no column is the" if not count else f"{count} columns could be the"
        raise SourceError(origin, f"{how} {wrong}, among {shown}", ACCEPTED_VIX)
    return days[0], closes[0]


def _refuse_several(table: pd.DataFrame, origin: str) -> None:
    for name in table.columns:
        if meaning(name) == "ticker" and table[name].nunique(dropna=False) > 1:
            found = ", ".join(sorted({str(ticker) for ticker in table[name]})[:3])
            raise SourceError(origin, f"several tickers ({found}) and not the VIX", ACCEPTED_VIX)


def _cleaned(days: Days, values: npt.NDArray[np.float64], origin: str) -> _Found:
    session, outside = on_sessions(days)
    findings = list(
        off_session_findings(days, session, outside, origin="VIX", severity=Severity.INFO)
    )
    rows = pd.DataFrame({"day": days[session].astype("datetime64[us]"), "vix": values[session]})
    distinct = rows.drop_duplicates()
    if len(distinct) < len(rows):
        message = f"{count_of(len(rows) - len(distinct), 'row')} that repeat another one dropped"
        findings.append(Finding(Severity.INFO, "duplicate_rows", "VIX", message))
    twice = distinct["day"].duplicated(keep=False)
    findings += _not_used(distinct["day"][twice], "conflicting_rows", "rows that disagree")
    vix = distinct[~twice].set_index("day")["vix"].sort_index().rename_axis("session")
    valid = np.isfinite(vix) & (vix > 0)
    findings += _not_used(
        vix.index[~valid & vix.notna()],
        "invalid_price",
        "values that are zero, negative or infinite",
    )
    vix = vix[valid]
    if len(vix) and float(vix.median()) < 1.0:
        raise SourceError(
            origin, f"the VIX is {vix.median():.4g} at its median, a fraction", ACCEPTED_VIX
        )
    return vix, tuple(findings)


def _not_used(days: pd.Series[Any] | pd.Index[Any], code: str, what: str) -> list[Finding]:
    if not len(days):
        return []
    distinct = np.unique(days.to_numpy().astype("datetime64[D]"))
    message = f"{count_of(len(distinct), 'date')} with {what}, not used: {examples(distinct)}"
    return [Finding(Severity.WARN, code, "VIX", message)]
