"""Where the adjusted close and the close tell different stories.

The adjusted close includes distributions, so it moves with the close or a little above it: a
distribution of 4 % shows as a fall of the close that the adjusted close does not show. It never
loses against the close, and never gains a third on it in a session.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from quantetf_core.config import PriceQualityCheck
from quantetf_core.data.quality.record import QualityFinding
from quantetf_core.data.quality.scan import Scan
from quantetf_core.data.quality.words import percent_move
from quantetf_core.data.splits import nearest_split
from quantetf_core.findings import Severity

_NEVER_LOSES = 0.01
_NOTED = 0.06
_LEFT = 0.25


def adjustments(scan: Scan, limits: PriceQualityCheck) -> Iterator[QualityFinding]:
    """Moves of the adjusted close that the close does not explain, and large distributions."""
    if scan.market.single_close:
        return
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        gain = scan.adjusted_ratio / scan.ratio - 1.0
        large = (gain < -_NEVER_LOSES) | (gain > _NOTED)
    large[: max(0, scan.first_asked - 1)] = False
    undone: set[tuple[int, int]] = set()
    for row, column in np.argwhere(large).tolist():
        if (row, column) in undone:
            continue
        back = _way_back(scan, row, column, limits)
        if back is not None:
            undone.add((back, column))
        if row >= scan.first_asked:
            yield from _judged(scan, row, column, float(gain[row, column]), limits, back)


def _way_back(scan: Scan, row: int, column: int, limits: PriceQualityCheck) -> int | None:
    """The row of the next close, when the adjusted close's jump is undone there."""
    adjusted = scan.adjusted_ratio
    if not abs(adjusted[row, column] - 1.0) >= limits.min_reversal:
        return None
    later = np.flatnonzero(scan.valid[row + 1 :, column])
    if not len(later):
        return None
    back = row + 1 + int(later[0])
    left = abs(adjusted[row, column] * adjusted[back, column] - 1.0)
    return back if left <= _LEFT * abs(adjusted[row, column] - 1.0) else None


def _judged(
    scan: Scan, row: int, column: int, gain: float, limits: PriceQualityCheck, back: int | None
) -> Iterator[QualityFinding]:
    ratio, adjusted = float(scan.ratio[row, column]), float(scan.adjusted_ratio[row, column])
    moved = (
        f"the adjusted close {percent_move(adjusted)} on {scan.day(row)}, the close "
        f"{percent_move(ratio)}"
    )
    if _is_split(ratio, adjusted):
        return  # `jumps` tells it
    if abs(adjusted - 1.0) >= limits.min_jump and abs(ratio - 1.0) < limits.min_jump:
        severity, code = Severity.BLOCK, "adjusted_jump"
        message = f"{moved}; scores use the adjusted close"
        if back is not None:
            severity, code = Severity.WARN, "jump_reversed"
            message = f"{moved}; it came back on {scan.day(back)}: one wrong value, most likely"
    elif gain < -_NEVER_LOSES:
        severity, code = Severity.WARN, "adjustment_mismatch"
        message = f"{moved}: no distribution makes the adjusted close lose against the close"
    elif gain > limits.max_distribution:
        severity, code = Severity.WARN, "adjustment_mismatch"
        message = f"{moved}: a distribution of {gain:.1%}, if it was one"
    else:
        severity, code = Severity.INFO, "large_distribution"
        message = f"{moved}: a distribution of {gain:.1%}"
    day = scan.day(row)
    yield QualityFinding(
        severity=severity,
        code=code,
        subject=scan.tickers[column],
        session=day,
        first=day,
        message=message,
        evidence=(
            ("move", ratio - 1.0),
            ("adjusted move", adjusted - 1.0),
            ("distribution", gain),
        ),
    )


def _is_split(ratio: float, adjusted: float) -> bool:
    """A close that moves by a split's ratio, and an adjusted close that hardly moves."""
    net = ratio / adjusted
    return (
        abs(ratio - 1.0) > abs(adjusted - 1.0)
        and abs(net - 1.0) > 0.15
        and (nearest_split(net) is not None)
    )
