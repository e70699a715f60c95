"""Prices that stand still, and sessions on which nothing trades, by the ticker's own habits.

A cash-like fund sits on one price for weeks, and a thin one trades on some days only. So a stretch
is a fault when it would be a wonder for this ticker: when the share of its sessions that were like
this, over a year and over a quarter before it, to the power of the length, is below one in a
million.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from quantetf_core.config import PriceQualityCheck
from quantetf_core.data.quality.record import Evidence, QualityFinding
from quantetf_core.data.quality.scan import LONG_SESSIONS, USUAL_SESSIONS, Flags, Scan, runs, totals
from quantetf_core.data.quality.words import price
from quantetf_core.findings import Severity

_WONDER = 1e-6
_LEAST_KNOWN = 40


class _Stretch(NamedTuple):
    """Rows of a column that are all alike, and the share that was like it before."""

    first: int
    last: int
    column: int
    habit: float

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def flat_lines(scan: Scan, limits: PriceQualityCheck) -> Iterator[QualityFinding]:
    """Closes repeated to the cent by a ticker that moves; a block while it lasts."""
    same = scan.ratio == 1.0
    known = ~np.isnan(scan.ratio)
    for found in _wonders(same, known, limits.flat_sessions, scan.first_asked):
        lasts = found.last == len(scan.raw) - 1
        close = float(scan.raw[found.last, found.column])
        day, first = scan.day(found.last), scan.day(found.first)
        message = (
            f"the close stood still at {price(close)} on {found.length} sessions, {first} to "
            f"{day}; before that it did so on {found.habit:.1%} of its sessions"
        )
        yield QualityFinding(
            severity=Severity.BLOCK if lasts else Severity.WARN,
            code="flat_line",
            subject=scan.tickers[found.column],
            session=day,
            first=first,
            message=message,
            evidence=_evidence(found, ("close", close)),
        )


def no_volume(scan: Scan, limits: PriceQualityCheck) -> Iterator[QualityFinding]:
    """Sessions with a close and no volume, of a ticker that trades every day."""
    if scan.market.volume is None:
        return
    volume = scan.field("volume")
    with np.errstate(invalid="ignore"):
        quiet = scan.valid & ~(volume > 0)
    for found in _wonders(quiet, scan.valid, 1, scan.first_asked):
        day, first = scan.day(found.last), scan.day(found.first)
        stretch = (
            f"on {day}" if found.length == 1 else f"on {found.length} sessions, {first} to {day}"
        )
        message = (
            f"a close and no volume {stretch}; before that it traded on {1.0 - found.habit:.1%} of "
            "its sessions"
        )
        yield QualityFinding(
            severity=Severity.WARN if found.length >= limits.quiet_sessions else Severity.INFO,
            code="no_volume",
            subject=scan.tickers[found.column],
            session=day,
            first=first,
            message=message,
            evidence=_evidence(found),
        )


def _evidence(found: _Stretch, *more: tuple[str, float]) -> Evidence:
    return (
        ("sessions", float(found.length)),
        ("share of sessions like it before", found.habit),
        *more,
    )


def _wonders(flags: Flags, known: Flags, least: int, first_asked: int) -> Iterator[_Stretch]:
    """Stretches that end in the rows asked for, are long enough, and are a wonder."""
    if not flags[first_asked:].any():
        return
    length = runs(flags)
    ends = flags & (length >= least)
    ends[:-1] &= ~flags[1:]
    ends[:first_asked] = False
    columns = np.flatnonzero(ends.any(axis=0))
    if not len(columns):
        return
    like, seen = totals(flags[:, columns]), totals(known[:, columns])
    for last, place in np.argwhere(ends[:, columns]).tolist():
        column = int(columns[place])
        first = last - int(length[last, column]) + 1
        shares, most = [], 0
        for span in (LONG_SESSIONS, USUAL_SESSIONS):
            begin = max(0, first - span)
            of = int(seen[first, place] - seen[begin, place])
            most = max(most, of)
            shares.append((int(like[first, place] - like[begin, place]) + 1) / (of + 2))
        if most >= _LEAST_KNOWN and max(shares) ** (last - first + 1) < _WONDER:
            yield _Stretch(first, last, column, max(shares))
