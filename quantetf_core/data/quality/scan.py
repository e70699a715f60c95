"""What the detectors look at: a block of rows up to a session, computed once.

Means are sums of whole numbers of billionths, so they are the same bits wherever the block starts:
a window scanned for a decision finds exactly what a scan of the whole history finds in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from quantetf_core.data.dates import Days
from quantetf_core.data.market import MarketData
from quantetf_core.units import MARKET_TICKER

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

USUAL_SESSIONS = 63
"""Sessions a ticker's usual move is the mean of."""

LONG_SESSIONS = 252
"""Sessions a ticker's habit (of standing still, of not trading) is judged by."""

WARM_UP = LONG_SESSIONS + USUAL_SESSIONS
"""Rows before a window that its judgements need."""

_LEAST_MOVES = 3
_STRESS_SESSIONS = 5
_CLIP = 0.10
_SCALE = 1e9
_FEW = 5


@dataclass(frozen=True, eq=False)  # no slots: what is derived is kept once computed
class Scan:
    """Rows ``start`` to ``end`` of a market, both included, for some of its columns.

    Shapes are ``(n_rows, n_tickers)``; a close that is not finite and above 0 does not count. A
    move is from the ticker's own close before, however many sessions that is; the first move
    inside the block is unknown, so a block begins earlier than what is asked of it.
    """

    market: MarketData
    columns: Ints
    start: int
    end: int
    window: int

    @cached_property
    def tickers(self) -> tuple[str, ...]:
        """Tickers of the columns."""
        names = self.market.tickers
        return tuple(names[column] for column in self.columns.tolist())

    def day(self, row: int) -> date:
        """The session of a row of the block."""
        day: date = self.days[row].item()
        return day

    @cached_property
    def days(self) -> Days:
        """Sessions of the rows."""
        return self.market.sessions[self.start : self.end + 1].to_numpy().astype("datetime64[D]")

    def field(self, name: str) -> Floats:
        """One panel's values, as the source has them."""
        values = self.market.panel(name).to_numpy()[self.start : self.end + 1]
        whole = len(self.columns) == values.shape[1]
        return values if whole else np.ascontiguousarray(values[:, self.columns])

    @cached_property
    def raw(self) -> Floats:
        """Closes as the source has them."""
        return self.field("close")

    @cached_property
    def valid(self) -> Flags:
        """Closes that count."""
        with np.errstate(invalid="ignore"):
            return np.isfinite(self.raw) & (self.raw > 0)

    @cached_property
    def complete(self) -> bool:
        """Whether every close counts, as in most blocks of most markets."""
        return bool(self.valid.all())

    @cached_property
    def before(self) -> Ints:
        """Row of the close before each, −1 where there is none."""
        rows = np.arange(len(self.raw), dtype=np.int64)[:, None]
        if self.complete:
            return np.broadcast_to(rows - 1, self.raw.shape)
        last = np.maximum.accumulate(np.where(self.valid, rows, -1), axis=0)
        return np.vstack([np.full((1, last.shape[1]), -1, dtype=np.int64), last[:-1]])

    @cached_property
    def close_before(self) -> Floats:
        """The close before each."""
        return self._earlier(self.raw)

    @cached_property
    def ratio(self) -> Floats:
        """Close ÷ close before; NaN where either is missing."""
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            return np.where(self.valid, self.raw, np.nan) / self.close_before

    @cached_property
    def adjusted_ratio(self) -> Floats:
        """The adjusted close's move between the same two sessions."""
        values = self.field("adj_close")
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            usable = np.where(np.isfinite(values) & (values > 0), values, np.nan)
            return usable / self._earlier(usable)

    def has_adjusted(self, column: int) -> bool:
        """Whether a ticker's adjusted close ever says more than its close, up to ``end``."""
        if self.market.single_close:
            return False
        place = int(self.columns[column])
        close = self.market.close.to_numpy()[: self.end + 1, place]
        adjusted = self.market.adj_close.to_numpy()[: self.end + 1, place]
        return bool(((close != adjusted) & (close == close) & (adjusted == adjusted)).any())

    @cached_property
    def size(self) -> Floats:
        """Absolute move, a fraction; NaN where there is none."""
        return np.abs(self.ratio - 1.0)

    @cached_property
    def usual(self) -> Floats:
        """The ticker's usual absolute move before each row; NaN after fewer than 3 moves.

        The mean over 63 sessions, or over the last 5 where that is more: in a storm, moves are
        judged by the storm's.
        """
        steps = np.nan_to_num(np.minimum(self.size, _CLIP), nan=0.0)
        whole = np.rint(steps * _SCALE).astype(np.int64)
        known = ~np.isnan(self.size)
        count = sums_before(known.astype(np.int64), USUAL_SESSIONS)
        with np.errstate(invalid="ignore", divide="ignore"):
            calm = sums_before(whole, USUAL_SESSIONS) / count
            storm = sums_before(whole, _STRESS_SESSIONS) / sums_before(
                known.astype(np.int64), _STRESS_SESSIONS
            )
        usual = np.fmax(calm, storm) / _SCALE
        return np.where(count >= _LEAST_MOVES, usual, np.nan)

    @cached_property
    def market_move(self) -> Floats:
        """SPY's absolute move at each row and ticker; 0 where it has none, and for SPY itself."""
        move = np.repeat(self._spy_move[:, None], len(self.columns), axis=1)
        move[:, self.columns == self.market.columns_of([MARKET_TICKER])[0]] = 0.0
        return move

    @cached_property
    def _spy_move(self) -> Floats:
        column = self.market.columns_of([MARKET_TICKER])
        if column[0] < 0:
            return np.zeros(len(self.raw))
        spy = Scan(self.market, column, self.start, self.end, self.window)
        return np.nan_to_num(spy.size[:, 0], nan=0.0)

    def others(self, row: int) -> float:
        """The median move of all tickers at a row; 0 where fewer than 5 have one."""
        at = self.start + row
        if at == 0:
            return 0.0
        values = self.market.close.to_numpy()
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            moves = values[at] / values[at - 1] - 1.0
        moves = moves[np.isfinite(moves)]
        return float(np.median(moves)) if len(moves) >= _FEW else 0.0

    @property
    def first_asked(self) -> int:
        """Row of the block from which on findings are wanted."""
        return len(self.raw) - self.window

    def _earlier(self, values: Floats) -> Floats:
        """The value at the row of the close before each; NaN where there is none."""
        if self.complete:
            return np.vstack([np.full((1, values.shape[1]), np.nan), values[:-1]])
        earlier = np.take_along_axis(values, np.maximum(self.before, 0), axis=0)
        return np.where(self.before < 0, np.nan, earlier)


def scan_of(
    market: MarketData, *, end: int, tickers: Sequence[str] | None, sessions: int | None
) -> Scan:
    """The block to look at for findings of the last ``sessions`` rows up to ``end``."""
    if tickers is None:
        columns = np.arange(len(market.tickers), dtype=np.int64)
    else:
        columns = market.columns_of(sorted(set(tickers)))
        columns = columns[columns >= 0]
    window = end + 1 if sessions is None else min(sessions, end + 1)
    start = max(0, end + 1 - window - WARM_UP)
    return Scan(market, columns, start, end, window)


def sums_before(values: Ints, length: int) -> Ints:
    """Sum of the ``length`` rows before each row, that row not included; exact."""
    total = np.cumsum(values, axis=0)
    sums = np.zeros_like(total)
    sums[1:] = total[:-1]
    sums[length + 1 :] -= total[: -length - 1]
    return sums


def runs(flags: Flags) -> Ints:
    """How many rows in a row each flag has held, that row included; 0 where it does not.

    Examples
    --------
    >>> runs(np.array([[True], [True], [False], [True]]))[:, 0].tolist()
    [1, 2, 0, 1]
    """
    rows = np.arange(1, len(flags) + 1, dtype=np.int64)[:, None]
    broken = np.maximum.accumulate(np.where(flags, 0, rows), axis=0)
    return np.asarray(rows - broken)


def totals(flags: Flags) -> Ints:
    """How many flags hold in the rows before each, and in all: one row more than the flags.

    Examples
    --------
    >>> totals(np.array([[True], [False], [True]]))[:, 0].tolist()
    [0, 1, 1, 2]
    """
    total = np.zeros((len(flags) + 1, flags.shape[1]), dtype=np.int64)
    np.cumsum(flags, axis=0, out=total[1:])
    return total
