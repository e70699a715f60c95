"""Closes that are not there: stretches between two closes, late starts, and whole sessions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from quantetf_core.config import PriceQualityCheck
from quantetf_core.data.on_session import count_of
from quantetf_core.data.quality.record import WHOLE_MARKET, QualityFinding
from quantetf_core.data.quality.scan import LONG_SESSIONS, Flags, Ints, Scan, runs, totals
from quantetf_core.findings import Severity

_THIN = 0.02

_LATE = 5
"""Sessions after the first of the data within which a ticker does not start late."""


def gaps(scan: Scan, limits: PriceQualityCheck) -> Iterator[QualityFinding]:
    """Stretches without a usable close between two closes.

    A long one is a warning, unless the ticker is thin: it lacked more than one session in fifty of
    the year before. A stretch is told once the next close is there; until then the price's age
    tells it.
    """
    if scan.complete:
        return
    empty = _empty_sessions(scan)
    missing = ~scan.valid & ~empty[:, None]
    length = np.arange(len(scan.raw))[:, None] - scan.before - 1
    ends = scan.valid & (scan.before >= 0) & (length > 0)
    ends[: scan.first_asked] = False
    started = totals(np.logical_or.accumulate(scan.valid, axis=0))
    absent = totals(missing & (scan.before >= 0))
    for row, column in np.argwhere(ends).tolist():
        first = int(scan.before[row, column]) + 1
        count = int(absent[row, column] - absent[first, column])
        if not count:
            continue
        begin = max(0, first - LONG_SESSIONS)
        seen = int(started[first, column] - started[begin, column])
        habit = int(absent[first, column] - absent[begin, column]) / max(1, seen)
        grave = count > limits.gap_sessions and habit <= _THIN
        yield _gap(scan, (first, row - 1, column), count, habit, grave=grave)


def _gap(
    scan: Scan, place: tuple[int, int, int], count: int, habit: float, *, grave: bool
) -> QualityFinding:
    first, last, column = place
    begin, end = scan.day(first), scan.day(last)
    when = f"on {begin}" if first == last else f"on {count_of(count, 'session')}, {begin} to {end}"
    return QualityFinding(
        severity=Severity.WARN if grave else Severity.INFO,
        code="gap",
        subject=scan.tickers[column],
        session=end,
        first=begin,
        message=f"no close {when}",
        evidence=(("sessions", float(count)), ("share of sessions missing before", habit)),
    )


def invalid_closes(scan: Scan) -> Iterator[QualityFinding]:
    """Closes that are zero, negative or infinite; not used."""
    if scan.complete:
        return
    bad = ~scan.valid & ~np.isnan(scan.raw)
    bad[: scan.first_asked] = False
    for row, column in np.argwhere(bad).tolist():
        value, day = float(scan.raw[row, column]), scan.day(row)
        yield QualityFinding(
            severity=Severity.WARN,
            code="invalid_close",
            subject=scan.tickers[column],
            session=day,
            first=day,
            message=f"the close of {day} is {value:g}, which cannot be a price; not used",
            evidence=(("close", value),),
        )


def starts(scan: Scan) -> Iterator[QualityFinding]:
    """Tickers whose first close comes well after the data's first session, and empty ones.

    Looks at the whole history, so only a scan of all of it may ask.
    """
    there = scan.valid.any(axis=0)
    first = np.argmax(scan.valid, axis=0)
    for column in np.flatnonzero(there & (first >= _LATE)).tolist():
        day = scan.day(int(first[column]))
        yield QualityFinding(
            severity=Severity.INFO,
            code="late_start",
            subject=scan.tickers[column],
            session=day,
            first=day,
            message=f"its first close is of {day}; the data begins on {scan.day(0)}",
            evidence=(("sessions after the first", float(first[column])),),
        )


def empty_sessions(scan: Scan) -> Iterator[QualityFinding]:
    """Sessions on which (nearly) no ticker has a close, between sessions on which they have."""
    if scan.complete:
        return
    empty = _empty_sessions(scan)
    if not empty[scan.first_asked :].any():
        return
    length = runs(empty[:, None])[:, 0]
    last_of_run = empty.copy()
    last_of_run[:-1] &= ~empty[1:]
    last_of_run[: scan.first_asked] = False
    for row in np.flatnonzero(last_of_run).tolist():
        first, count = row - int(length[row]) + 1, int(length[row])
        begin, end = scan.day(first), scan.day(row)
        when = f"on {begin}" if count == 1 else f"on {count} sessions, {begin} to {end}"
        yield QualityFinding(
            severity=Severity.WARN,
            code="empty_session",
            subject=WHOLE_MARKET,
            session=end,
            first=begin,
            message=f"no ticker, or hardly one, has a close {when}: the source lacks the session",
            evidence=(("sessions", float(count)),),
        )


def _empty_sessions(scan: Scan) -> Flags:
    """Sessions on which less than a tenth of the tickers that had started has a close.

    Judged by every ticker of the market, whichever are looked at.
    """
    close = scan.market.close.to_numpy()[: scan.end + 1]
    with np.errstate(invalid="ignore"):
        valid = np.isfinite(close[scan.start :]) & (close[scan.start :] > 0)
    started: Ints = np.logical_or.accumulate(valid, axis=0).sum(axis=1)
    empty: Flags = (valid.sum(axis=1) * 10 < started) & (started >= 3)
    return empty
