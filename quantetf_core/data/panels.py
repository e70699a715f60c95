"""From rows of a price table to panels by session and ticker, with what was noticed on the way.

Findings of this module, all about the source as a whole (a decision looks for itself, at the rows
it may know: `quantetf_core.data.quality`):

=======================  ====  ==============================================================
``extra_columns``        info  columns that mean nothing here were ignored
``unsorted_rows``        info  rows of a ticker that go back in time; they were put in order
``not_a_session``        warn  rows on days the exchange was closed were dropped (VIX: info)
``outside_calendar``     warn  rows outside the years the exchange calendar knows were dropped
``duplicate_rows``       info  rows that repeat another one exactly were dropped
``conflicting_rows``     warn  rows of one date that disagree; none of them is used
``invalid_price``        warn  prices that are zero, negative or infinite; not used
``invalid_volume``       info  volumes that are negative or infinite; not used
``adj_close_missing``    info  dates with a close and no adjusted close
``single_close``         info  one close only, used for scores and for sizing alike
=======================  ====  ==============================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.data.columns import ACCEPTED_LONG, PRICE_FIELDS
from quantetf_core.data.dates import Days
from quantetf_core.data.on_session import (
    count_of,
    examples,
    off_session_findings,
    on_sessions,
)
from quantetf_core.data.rows import PriceRows, rows_from_long
from quantetf_core.data.sessions import all_sessions
from quantetf_core.errors import SourceError
from quantetf_core.findings import Finding, Severity

_NAMED = 5
"""Tickers a message lists."""

Panels = dict[str, pd.DataFrame]
Floats = npt.NDArray[np.float64]


def panels_from_long(frame: pd.DataFrame, *, origin: str) -> tuple[Panels, tuple[Finding, ...]]:
    """Panels of a long table.

    Parameters
    ----------
    frame
        Columns date, ticker, close and optionally adj_close, open, high, low, volume, written in
        any usual way and in any order of rows.
    origin
        Name of the source, for findings and errors.

    Returns
    -------
    panels
        Field → frame of shape ``(n_sessions, n_tickers)``: every session of the exchange from the
        first to the last date of the data, tickers sorted, NaN where there is no usable value.
        No ``adj_close`` when the source has one close only.
    findings
        What was dropped or not used, and why; see the module.

    Raises
    ------
    SourceError
        When the table cannot be read as prices.
    """
    return panels_from_rows(rows_from_long(frame, origin=origin), origin=origin)


def panels_from_rows(rows: PriceRows, *, origin: str) -> tuple[Panels, tuple[Finding, ...]]:
    """Panels of rows already read; see `panels_from_long`."""
    findings = extra_columns(rows.ignored, origin) + _out_of_order(rows, origin)
    kept, sessions, dropped = _on_sessions(rows, origin)
    findings += dropped
    grid = _Grid(sessions=sessions, tickers=rows.tickers)
    placed, repeated = _place(kept, grid, origin)
    findings += repeated
    single = _without_adjusted(placed)
    for name, matrix in placed.items():
        findings += _drop_invalid(name, matrix, grid)
    findings += _one_close(placed, single, grid, origin)
    return {name: grid.frame(matrix) for name, matrix in placed.items()}, tuple(findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """The labels of the panels."""

    sessions: pd.DatetimeIndex
    tickers: tuple[str, ...]

    def frame(self, matrix: Floats) -> pd.DataFrame:
        columns = pd.Index(self.tickers, name="ticker")
        index = self.sessions.rename("session")
        return pd.DataFrame(matrix, index=index, columns=columns, copy=False)

    @property
    def days(self) -> Days:
        return self.sessions.to_numpy().astype("datetime64[D]")


def extra_columns(ignored: Iterable[str], origin: str) -> list[Finding]:
    """A finding that names columns which mean nothing here; none when there is none."""
    names = ", ".join(ignored)
    message = f"columns not used: {names}"
    return [Finding(Severity.INFO, "extra_columns", origin, message)] if names else []


def _out_of_order(rows: PriceRows, origin: str) -> list[Finding]:
    """A finding on tickers whose rows jump back and forth; newest first is an order too."""
    order = np.argsort(rows.codes, kind="stable")
    codes, days = rows.codes[order], rows.days[order].astype(np.int64)
    same, step = codes[1:] == codes[:-1], np.diff(days)
    back = np.bincount(codes[1:][same & (step < 0)], minlength=len(rows.tickers))
    on = np.bincount(codes[1:][same & (step > 0)], minlength=len(rows.tickers))
    mixed = [rows.tickers[code] for code in np.flatnonzero((back > 0) & (on > 0)).tolist()]
    if not mixed:
        return []
    named = ", ".join(mixed[:_NAMED]) + (", …" if len(mixed) > _NAMED else "")
    message = f"rows of {named} are out of order; they were put in order"
    return [Finding(Severity.INFO, "unsorted_rows", origin, message)]


def _on_sessions(rows: PriceRows, origin: str) -> tuple[PriceRows, pd.DatetimeIndex, list[Finding]]:
    """Rows on sessions, and every session from the first of them to the last."""
    session, outside = on_sessions(rows.days)
    if not session.any():
        raise SourceError(
            origin,
            f"no row is on a trading session of the exchange ({examples(rows.days)})",
            ACCEPTED_LONG,
        )
    findings = list(
        off_session_findings(rows.days, session, outside, origin=origin, severity=Severity.WARN)
    )
    kept = rows
    if not session.all():
        kept = replace(
            rows,
            days=rows.days[session],
            codes=rows.codes[session],
            values={name: values[session] for name, values in rows.values.items()},
        )
    known = all_sessions()
    first, last = (pd.Timestamp(day) for day in (kept.days.min(), kept.days.max()))
    return kept, known[(known >= first) & (known <= last)], findings


def _place(rows: PriceRows, grid: _Grid, origin: str) -> tuple[dict[str, Floats], list[Finding]]:
    """Write every row into its cell; cells with several rows that disagree stay empty."""
    days = grid.days
    shape = (len(days), len(grid.tickers))
    cells = np.searchsorted(days, rows.days) * shape[1] + rows.codes
    placed = {}
    for name, values in rows.values.items():
        flat = np.full(shape[0] * shape[1], np.nan)
        flat[cells] = values
        placed[name] = flat.reshape(shape)
    findings: list[Finding] = []
    repeated = np.bincount(cells, minlength=shape[0] * shape[1])[cells] > 1
    if repeated.any():
        table = pd.DataFrame({name: values[repeated] for name, values in rows.values.items()})
        table["cell"] = cells[repeated]
        distinct = table.drop_duplicates()
        findings += _same(len(table) - len(distinct), origin)
        seen, times = np.unique(distinct["cell"].to_numpy(), return_counts=True)
        findings += _disagreeing(seen[times > 1], placed, grid)
    return placed, findings


def _same(count: int, origin: str) -> list[Finding]:
    message = f"{count_of(count, 'row')} that repeat another one exactly dropped"
    return [Finding(Severity.INFO, "duplicate_rows", origin, message)] if count else []


def _disagreeing(
    cells: npt.NDArray[np.int64], placed: dict[str, Floats], grid: _Grid
) -> list[Finding]:
    """Empty the cells whose rows disagree: which of them is right cannot be known."""
    sessions, columns = np.divmod(cells, len(grid.tickers))
    for matrix in placed.values():
        matrix[sessions, columns] = np.nan
    findings = []
    for column in np.unique(columns):
        days = grid.days[sessions[columns == column]]
        message = (
            f"{count_of(len(days), 'date')} with rows that disagree, none of them used: "
            f"{examples(days)}"
        )
        ticker = grid.tickers[column]
        findings.append(Finding(Severity.WARN, "conflicting_rows", ticker, message))
    return findings


def _drop_invalid(name: str, matrix: Floats, grid: _Grid) -> list[Finding]:
    """Empty the cells that cannot be a price in USD per share, or a number of shares."""
    price = name in PRICE_FIELDS
    valid = np.isfinite(matrix) & ((matrix > 0) if price else (matrix >= 0))
    bad = np.logical_and(~valid, ~np.isnan(matrix))
    code = "invalid_price" if price else "invalid_volume"
    wrong = "zero, negative or infinite" if price else "negative or infinite"
    findings = []
    for column in np.flatnonzero(bad.any(axis=0)):
        days = grid.days[bad[:, column]]
        message = (
            f"{count_of(len(days), 'date')} with {_words(name)} that is {wrong}, not used: "
            f"first {days[0]}, last {days[-1]}"
        )
        severity = Severity.WARN if price else Severity.INFO
        findings.append(Finding(severity, code, grid.tickers[column], message))
    matrix[bad] = np.nan
    return findings


def _without_adjusted(placed: dict[str, Floats]) -> npt.NDArray[np.bool_]:
    """Tickers for which the source has a close and never an adjusted one."""
    adjusted = placed.get("adj_close")
    if adjusted is None:
        return np.ones(placed["close"].shape[1], dtype=np.bool_)
    never = np.isnan(adjusted).all(axis=0)
    return np.logical_and(never, ~np.isnan(placed["close"]).all(axis=0))


def _one_close(
    placed: dict[str, Floats], single: npt.NDArray[np.bool_], grid: _Grid, origin: str
) -> list[Finding]:
    """Where there is one close only, let it serve as both; elsewhere show gaps of the adjusted."""
    findings = []
    if "adj_close" in placed:
        adjusted, close = placed["adj_close"], placed["close"]
        gaps = np.logical_and(np.isnan(adjusted), ~np.isnan(close))
        gaps[:, single] = False
        for column in np.flatnonzero(gaps.any(axis=0)):
            days = grid.days[gaps[:, column]]
            message = (
                f"{count_of(len(days), 'date')} with a close and no adjusted close: "
                f"{examples(days)}"
            )
            ticker = grid.tickers[column]
            findings.append(Finding(Severity.INFO, "adj_close_missing", ticker, message))
        adjusted[:, single] = close[:, single]
    if single.all():
        placed.pop("adj_close", None)
    if single.any():
        message = (
            f"one close only for {int(single.sum())} of {count_of(len(single), 'ticker')}: it is "
            "used both for scores and for sizing, so dividends count as the source treats them"
        )
        findings.append(Finding(Severity.INFO, "single_close", origin, message))
    return findings


def _words(name: str) -> str:
    return "an adjusted close" if name == "adj_close" else f"a {name}"
