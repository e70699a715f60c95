"""One-session jumps of the close: splits, slips of unit, bad prints, and moves nothing explains.

A jump is a move of at least ``min_jump`` that is also at least ``jump_multiple`` times the
ticker's usual move and three times SPY's of that session. What it is called depends on what is
known up to the last row looked at, so the next session may change the judgement:

1. The close comes back within a session: a bad print (``jump_reversed``), from ``min_reversal`` on.
2. The close is 100 or 1,000 times what it was, or that fraction: ``unit_slip``.
3. The ratio is near a split's and the adjusted close does not move: ``split_in_close``, in order.
   When the adjusted close moves too, or there is none: ``unadjusted_split``.
4. Anything else: ``large_move``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from quantetf_core.config import PriceQualityCheck
from quantetf_core.data.quality.record import Evidence, QualityFinding
from quantetf_core.data.quality.scan import USUAL_SESSIONS, Flags, Scan
from quantetf_core.data.quality.words import percent_move, price
from quantetf_core.data.splits import SPLIT_TOLERANCE, Split, nearest_split, split_words
from quantetf_core.findings import Severity

_SLIPS = (100.0, 1000.0)
_SLIP_TOLERANCE = 0.15
_SPLIT_TOLERANCE_MOST = 0.10
_REVERSAL_LEFT = 0.25
_REVERSAL_MULTIPLE = 1.5
_TIMES_MARKET = 3.0
_SPLIT_NET = 0.15
_NEWS = 10.0


class _Jump(NamedTuple):
    scan: Scan
    row: int
    column: int

    @property
    def ratio(self) -> float:
        return float(self.scan.ratio[self.row, self.column])

    @property
    def adjusted(self) -> float:
        """The adjusted close's move; NaN where it does not say more than the close."""
        if not self.scan.has_adjusted(self.column):
            return math.nan
        return float(self.scan.adjusted_ratio[self.row, self.column])

    @property
    def before(self) -> float:
        return float(self.scan.close_before[self.row, self.column])

    @property
    def now(self) -> float:
        return float(self.scan.raw[self.row, self.column])

    @property
    def multiple(self) -> float:
        """The move ÷ the ticker's usual one; infinite where that is not known or 0."""
        usual = float(self.scan.usual[self.row, self.column])
        return abs(self.ratio - 1.0) / usual if usual > 0 else math.inf


def jumps(scan: Scan, limits: PriceQualityCheck) -> Iterator[QualityFinding]:
    """Every jump of the asked rows, in the words that what is known now allows."""
    reversed_rows = _reversals(scan, limits)
    for row, column in np.argwhere(_candidates(scan, limits)).tolist():
        if row < scan.first_asked:
            continue
        jump = _Jump(scan, row, column)
        back = reversed_rows.get((row, column))
        if back is not None:
            yield _bad_print(jump, back)
        elif (row, column) not in reversed_rows.values() and abs(
            jump.ratio - 1.0
        ) >= limits.min_jump:
            yield _called(jump)


def _candidates(scan: Scan, limits: PriceQualityCheck) -> Flags:
    """Moves large enough to be a jump or a bad print, by themselves and for this ticker."""
    with np.errstate(invalid="ignore"):
        large = scan.size >= min(limits.min_jump, limits.min_reversal)
        if not large.any():
            return large
        usual = np.nan_to_num(scan.usual, nan=0.0)
        own = scan.size >= limits.jump_multiple * usual
        market = scan.size >= _TIMES_MARKET * scan.market_move
    found: Flags = large & own & market
    return found


def _reversals(scan: Scan, limits: PriceQualityCheck) -> dict[tuple[int, int], tuple[int, int]]:
    """Jumps undone by the next close: place of the jump → place of the way back."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    undone: set[tuple[int, int]] = set()
    for row, column in np.argwhere(_candidates(scan, limits)).tolist():
        if (row, column) in undone:
            continue
        later = np.flatnonzero(scan.valid[row + 1 :, column])
        if not len(later):
            continue
        back = row + 1 + int(later[0])
        jump, way_back = _Jump(scan, row, column), float(scan.ratio[back, column])
        left = abs(math.log(jump.ratio * way_back))
        if left <= _REVERSAL_LEFT * abs(math.log(jump.ratio)) and (
            jump.multiple >= _REVERSAL_MULTIPLE * limits.jump_multiple
        ):
            found[row, column] = (back, column)
            undone.add((back, column))
    return found


def _bad_print(jump: _Jump, back: tuple[int, int]) -> QualityFinding:
    scan = jump.scan
    after = float(scan.raw[back])
    message = (
        f"{_happened(jump)} and came back to {price(after)} on {scan.day(back[0])}: one wrong "
        f"close, most likely{_slip_words(jump)}"
    )
    return _finding(jump, Severity.WARN, "jump_reversed", message)


def _called(jump: _Jump) -> QualityFinding:
    slip = _slip(jump.ratio)
    if slip:
        message = (
            f"{_happened(jump)}: {slip:,.0f} times {'more' if jump.ratio > 1 else 'less'}, a slip "
            "of unit or currency"
        )
        return _finding(jump, Severity.BLOCK, "unit_slip", message)
    adjusted = jump.adjusted
    if math.isfinite(adjusted) and abs(jump.ratio / adjusted - 1.0) > _SPLIT_NET:
        split = nearest_split(jump.ratio / adjusted)
        if split is not None:
            message = (
                f"{_happened(jump)}: a {split_words(split)}, which the adjusted close is adjusted "
                "for and the close is not"
            )
            return _finding(jump, Severity.INFO, "split_in_close", message)
    split = _split_of(jump)
    if split is not None and not _news(jump, split):
        beside = (
            "the adjusted close shows it too, so the vendor has not adjusted for it yet"
            if math.isfinite(adjusted)
            else "there is one close only, and it is not adjusted"
        )
        message = f"{_happened(jump)}: looks like a {split_words(split)}; {beside}{_others(jump)}"
        return _finding(jump, Severity.BLOCK, "unadjusted_split", message)
    message = f"{_happened(jump)}, {_unusual(jump)}{_others(jump)}; check it against another source"
    return _finding(jump, Severity.WARN, "large_move", message)


def _split_of(jump: _Jump) -> Split | None:
    """The split a jump of both closes looks like: within 3 %, and what the day may have added."""
    usual = float(np.nan_to_num(jump.scan.usual[jump.row, jump.column], nan=0.0))
    day = max(float(jump.scan.market_move[jump.row, jump.column]), 1.5 * usual)
    tolerance = SPLIT_TOLERANCE + min(day, _SPLIT_TOLERANCE_MOST - SPLIT_TOLERANCE)
    return nearest_split(jump.ratio, tolerance, least=0.30)


def _news(jump: _Jump, split: Split) -> bool:
    """Whether so much traded that something happened: a split only multiplies the shares."""
    new, old = split
    return _volume_multiple(jump) > _NEWS * max(1.0, new / old)


def _slip(ratio: float) -> float:
    """100 or 1,000 when a ratio is near that or its inverse; 0 otherwise."""
    for factor in _SLIPS:
        if abs(abs(math.log(ratio)) - math.log(factor)) <= _SLIP_TOLERANCE:
            return factor
    return 0.0


def _slip_words(jump: _Jump) -> str:
    slip = _slip(jump.ratio)
    return f", in a unit {slip:,.0f} times off" if slip else ""


def _happened(jump: _Jump) -> str:
    return (
        f"the close {percent_move(jump.ratio)} on {jump.scan.day(jump.row)}, from "
        f"{price(jump.before)} to {price(jump.now)}"
    )


def _unusual(jump: _Jump) -> str:
    if math.isinf(jump.multiple):
        return "with little history to compare with"
    return f"{jump.multiple:,.0f} times its usual move"


def _others(jump: _Jump) -> str:
    """What the market did, and what traded, in words."""
    median = jump.scan.others(jump.row)
    said = f"; the median of all tickers moved {median:+.1%}"
    share = _volume_multiple(jump)
    if math.isfinite(share):
        said += f", and {share:,.1f} times its usual volume traded"
    return said


def _volume_multiple(jump: _Jump) -> float:
    """Volume of the session ÷ the median of the 63 before; NaN where it cannot be said."""
    if jump.scan.market.volume is None:
        return math.nan
    column = int(jump.scan.columns[jump.column])
    at = jump.scan.start + jump.row
    values = jump.scan.market.panel("volume").to_numpy()[
        max(0, at - USUAL_SESSIONS) : at + 1, column
    ]
    past = values[:-1][np.isfinite(values[:-1]) & (values[:-1] > 0)]
    if not len(past) or not np.isfinite(values[-1]):
        return math.nan
    return float(values[-1] / np.median(past))


def _finding(jump: _Jump, severity: Severity, code: str, message: str) -> QualityFinding:
    numbers: Evidence = (
        ("close before", jump.before),
        ("close", jump.now),
        ("move", jump.ratio - 1.0),
        ("adjusted move", jump.adjusted - 1.0),
        ("times its usual move", jump.multiple),
        ("median move of all tickers", jump.scan.others(jump.row)),
        ("times its usual volume", _volume_multiple(jump)),
    )
    day = jump.scan.day(jump.row)
    return QualityFinding(
        severity=severity,
        code=code,
        subject=jump.scan.tickers[jump.column],
        session=day,
        first=day,
        message=message,
        evidence=tuple((name, value) for name, value in numbers if math.isfinite(value)),
    )
