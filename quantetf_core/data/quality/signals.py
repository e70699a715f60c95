"""The VIX beside SPY: its scale, its life, and whether both speak of the same sessions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from quantetf_core.config import PriceQualityCheck
from quantetf_core.data.quality.record import VIX, QualityFinding
from quantetf_core.data.quality.scan import USUAL_SESSIONS, Flags, Floats, Ints, Scan, runs
from quantetf_core.findings import Severity
from quantetf_core.units import MARKET_TICKER

LOWEST, HIGHEST = 5.0, 150.0
"""Index points the VIX has stayed well within since 1990: 9.14 to 82.69 (CBOE closes)."""

_MONTH = 21
_CALM = 2
"""The VIX has a floor in practice, so it may sit still twice as long as a price."""

_CLIP = 0.5
_SCALE = float(1 << 20)
_SAME_AT_MOST, _SHIFTED_AT_MOST, _APART = -0.3, -0.5, 0.3


def vix_events(scan: Scan, limits: PriceQualityCheck) -> Iterator[QualityFinding]:
    """Every fault of the VIX in the rows asked for."""
    values = np.asarray(scan.market.vix.to_numpy()[scan.start : scan.end + 1], dtype=np.float64)
    yield from _scale(scan, values)
    yield from _flat(scan, values, limits)
    yield from _out_of_step(scan, values)


def _scale(scan: Scan, values: Floats) -> Iterator[QualityFinding]:
    with np.errstate(invalid="ignore"):
        wrong = (values > 0) & ((values < LOWEST) | (values > HIGHEST)) & np.isfinite(values)
    for first, last in _runs_of(wrong, scan.first_asked):
        worst = float(values[first : last + 1].min())
        worst = worst if worst < LOWEST else float(values[first : last + 1].max())
        message = (
            f"is {worst:.4g} {_when(scan, first, last)}; it has stayed between 9 and 83 index "
            "points since 1990, so this is another scale"
        )
        yield _vix(scan, (first, last), Severity.BLOCK, "vix_scale", message, ("VIX", worst))


def _flat(scan: Scan, values: Floats, limits: PriceQualityCheck) -> Iterator[QualityFinding]:
    same = np.zeros(len(values), dtype=np.bool_)
    same[1:] = values[1:] == values[:-1]
    for first, last in _runs_of(same, scan.first_asked):
        earlier = same[max(0, first - USUAL_SESSIONS) : first]
        habit = float(earlier.sum()) / max(1, len(earlier))
        length = last - first + 1
        if length < _CALM * limits.flat_sessions or len(earlier) < 20 or habit > 0.1:
            continue
        lasts = last == len(values) - 1
        message = f"stood still at {values[last]:.2f} {_when(scan, first, last)}"
        severity = Severity.BLOCK if lasts else Severity.WARN
        yield _vix(
            scan, (first, last), severity, "vix_flat_line", message, ("sessions", float(length))
        )


def _out_of_step(scan: Scan, values: Floats) -> Iterator[QualityFinding]:
    """SPY's moves go with the VIX of another session, over a quarter, and not with its own."""
    column = scan.market.columns_of([MARKET_TICKER])
    if column[0] < 0 or len(values) <= USUAL_SESSIONS + 1:
        return
    spy = Scan(scan.market, column, scan.start, scan.end, scan.window)
    with np.errstate(invalid="ignore", divide="ignore"):
        fear = _whole(np.concatenate([[np.nan], values[1:] / values[:-1] - 1.0]))
    move = _whole(spy.ratio[:, 0] - 1.0)
    same = _correlation(move, fear)
    later = _correlation(move[:-1], fear[1:])
    earlier = _correlation(move[1:], fear[:-1])
    shifted = np.concatenate([[0.0], np.minimum(later, earlier)])
    wrong = (same > _SAME_AT_MOST) & (shifted < _SHIFTED_AT_MOST) & (shifted < same - _APART)
    for first, last in _bridged(wrong, scan.first_asked):
        message = (
            f"moves against SPY a session off ({shifted[last]:+.2f}) and hardly with its own "
            f"session ({same[last]:+.2f}), over the {USUAL_SESSIONS} sessions "
            f"{_when(scan, first, last)}: dates of one of them are shifted"
        )
        evidence = ("correlation of the same session", float(same[last]))
        yield _vix(scan, (first, last), Severity.BLOCK, "vix_out_of_step", message, evidence)


def _whole(moves: Floats) -> Ints:
    """Moves as whole millionths (of two to the twentieth), 0 where missing: sums are exact."""
    clipped = np.clip(np.nan_to_num(moves, nan=0.0, posinf=0.0, neginf=0.0), -_CLIP, _CLIP)
    return np.rint(clipped * _SCALE).astype(np.int64)


def _correlation(a: Ints, b: Ints) -> Floats:
    """Correlation over the last 63 rows, each row included; 0 where it cannot be said."""

    def total(values: Ints) -> Floats:
        sums = np.cumsum(values)
        sums[USUAL_SESSIONS:] = sums[USUAL_SESSIONS:] - sums[:-USUAL_SESSIONS]
        sums[: USUAL_SESSIONS - 1] = 0
        return sums.astype(np.float64)

    n = float(USUAL_SESSIONS)
    cross = n * total(a * b) - total(a) * total(b)
    spread = (n * total(a * a) - total(a) ** 2) * (n * total(b * b) - total(b) ** 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0, cross / np.sqrt(np.maximum(spread, 1.0)), 0.0)


def _runs_of(flags: Flags, first_asked: int) -> Iterator[tuple[int, int]]:
    """First and last row of each stretch that ends in the rows asked for."""
    if not flags[first_asked:].any():
        return
    length = runs(flags[:, None])[:, 0]
    ends = flags.copy()
    ends[:-1] &= ~flags[1:]
    ends[:first_asked] = False
    for last in np.flatnonzero(ends).tolist():
        yield last - int(length[last]) + 1, last


def _bridged(flags: Flags, first_asked: int) -> list[tuple[int, int]]:
    """As `_runs_of`, stretches less than a month apart as one."""
    found: list[tuple[int, int]] = []
    for first, last in _runs_of(flags, 0):
        if found and first - found[-1][1] <= _MONTH:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return [stretch for stretch in found if stretch[1] >= first_asked]


def _when(scan: Scan, first: int, last: int) -> str:
    if first == last:
        return f"on {scan.day(first)}"
    return f"from {scan.day(first)} to {scan.day(last)}"


def _vix(
    scan: Scan,
    rows: tuple[int, int],
    severity: Severity,
    code: str,
    message: str,
    evidence: tuple[str, float],
) -> QualityFinding:
    return QualityFinding(
        severity=severity,
        code=code,
        subject=VIX,
        session=scan.day(rows[1]),
        first=scan.day(rows[0]),
        message=message,
        evidence=(evidence,),
    )
