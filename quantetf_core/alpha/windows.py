"""What an alpha model may look at: each ticker's own last closes, as of one session.

A window of *n* is a ticker's own last *n* closes. A session on which it has no usable close is
skipped, so a return across a gap spans it. A close is usable when it is finite and above 0.
Nothing dated after the session is ever read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.alpha.moments import Floats, Ints, std_down
from quantetf_core.errors import InvalidValueError, UnknownTickerError

Bools = npt.NDArray[np.bool_]
_Reader = Callable[[int, Ints | None], Floats]
"""Rows wanted, columns wanted (None = all) → the last rows known, a block."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """The last closes of many tickers, oldest first, aligned at their newest.

    Parameters
    ----------
    closes
        USD per share, shape ``(n, n_tickers)``. A ticker with fewer than *n* closes has NaN above
        them; one without a usable close at the session has NaN only.
    count
        Closes there are, per ticker, from 0 to *n*.
    """

    closes: Floats
    count: Ints

    def total_return(self, min_periods: int) -> Floats:
        """Last close ÷ first close − 1, a fraction; NaN with fewer than ``min_periods`` closes."""
        n, width = self.closes.shape
        first = self.closes[np.minimum(n - self.count, n - 1), np.arange(width)]
        return self.where_enough(self.closes[-1] / first - 1.0, min_periods)

    def daily_returns(self) -> Floats:
        """Close ÷ the close before − 1, shape ``(n − 1, n_tickers)``; NaN where there are none."""
        return self.closes[1:] / self.closes[:-1] - 1.0

    def volatility(self, min_periods: int) -> Floats:
        """Standard deviation (``ddof=1``) of daily returns, not annualised.

        NaN with fewer than ``min_periods`` closes, and with fewer than three.
        """
        deviation = std_down(self.daily_returns(), self.count - 1)
        return self.where_enough(deviation, min_periods)

    def where_enough(self, values: Floats, min_periods: int) -> Floats:
        """One value per ticker, NaN for tickers with fewer than ``min_periods`` closes."""
        return np.where(self.count >= min_periods, values, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class PriceView:
    """Closes of many tickers as known at one session; built by `quantetf_core.alpha.panel`.

    Parameters
    ----------
    frame
        Closes by session and ticker. Rows from ``stop`` on are never read.
    stop
        Number of sessions known: the session looked from is row ``stop − 1``.
    tickers
        The tickers to score, sorted.
    columns
        Their positions in ``frame``.
    positions
        Position of every ticker the data has, those not scored included.
    """

    frame: pd.DataFrame
    stop: int
    tickers: tuple[str, ...]
    columns: Sequence[int] | slice
    positions: dict[str, int]

    @property
    def session(self) -> pd.Timestamp:
        """The session looked from."""
        stamp = self.frame.index[self.stop - 1]
        assert isinstance(stamp, pd.Timestamp)
        return stamp

    def has_close(self) -> Bools:
        """Whether each ticker has a usable close at the session."""
        priced: Bools = _usable(self._read(1))[-1]
        return priced

    def window(self, n: int, *, skip: int = 0) -> Window:
        """Each ticker's own last ``n`` closes, after leaving out its newest ``skip``."""
        return _window(last_closes(self._read, n + skip, self.stop)[0], n)

    def closes_of(self, ticker: str, n: int, *, wanted_by: str) -> Floats:
        """One ticker's own last closes, at most ``n``, whether it is scored or not.

        Empty when it has no usable close at the session.

        Raises
        ------
        UnknownTickerError
            When the data has no such ticker.
        """
        closes = last_closes(self._reader_of(ticker, wanted_by), n, self.stop)[0][:, 0]
        return closes[~np.isnan(closes)]

    def joint_windows(self, n: int, market: str, *, wanted_by: str) -> tuple[Window, Window]:
        """The last ``n`` closes on sessions a ticker and the market both have.

        Returns
        -------
        tuple of Window
            The tickers' closes, and the market's on the same sessions, one column per ticker.
            Both are NaN throughout where either has no usable close at the session.

        Raises
        ------
        UnknownTickerError
            When the data has no such market ticker.
        """
        read_market = self._reader_of(market, wanted_by)

        def own(rows: int, columns: Ints | None) -> Floats:
            missing = ~_usable(read_market(rows, None))
            block = self._read(rows, columns)
            return np.where(missing, np.nan, block) if missing.any() else block

        closes, ages = last_closes(own, n, self.stop)
        deepest = n - 1 if ages is None else int(ages.max(initial=0))
        newest_first = read_market(deepest + 1, None)[::-1, 0]
        if ages is None:
            ages = np.repeat(np.arange(n - 1, -1, -1)[:, None], closes.shape[1], axis=1)
        reference = np.where(ages < 0, np.nan, newest_first[ages])
        return _window(closes, n), _window(reference, n)

    def among(self, tickers: Sequence[str]) -> Bools:
        """Which of the scored tickers are among the given."""
        chosen = set(tickers)
        return np.fromiter((t in chosen for t in self.tickers), np.bool_, len(self.tickers))

    def _read(self, rows: int, columns: Ints | None = None) -> Floats:
        block = _values(self.frame, self.stop - rows, self.stop, self.columns)
        return block if columns is None else np.take(block, columns, axis=1)

    def _reader_of(self, ticker: str, wanted_by: str) -> _Reader:
        if ticker not in self.positions:
            raise UnknownTickerError([ticker], self.positions, wanted_by)
        position = [self.positions[ticker]]
        return lambda rows, _: _values(self.frame, self.stop - rows, self.stop, position)


def _values(frame: pd.DataFrame, start: int, stop: int, columns: Sequence[int] | slice) -> Floats:
    """Rows ``start`` to ``stop`` as a C-ordered block; a view where the frame allows it."""
    try:
        rows = frame.iloc[start:stop].to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise InvalidValueError("prices", str(error), "numbers, USD per share") from error
    return np.ascontiguousarray(rows if isinstance(columns, slice) else rows.take(columns, axis=1))


def _usable(block: Floats) -> Bools:
    usable: Bools = (block > 0.0) & (block < np.inf)
    return usable


def _window(closes: Floats, n: int) -> Window:
    kept = closes[:n]
    return Window(kept, np.count_nonzero(~np.isnan(kept), axis=0).astype(np.int64))


def last_closes(read: _Reader, n: int, stop: int) -> tuple[Floats, Ints | None]:
    """Each column's own last ``n`` usable values, oldest first.

    Parameters
    ----------
    read
        Gives the last ``k`` known rows of some columns as a block ``(k, n_columns)``.
    n
        How many values are wanted.
    stop
        How many rows are known.

    Returns
    -------
    tuple of arrays
        The values, shape ``(n, n_columns)``: a column with fewer has NaN above them, a column
        without a usable value in the last row is NaN throughout. And how many rows before the
        last one each value stands, −1 where there is none; None when they are the last *n* rows.

    Notes
    -----
    Without gaps this is a plain slice. Otherwise only the columns with gaps are looked at further
    back, four times as far in each step, until each has its ``n`` values or the history ends.
    """
    span = min(n, stop)
    block = read(span, None)
    usable = _usable(block)
    if span == n and usable.all():
        return block, None
    out = np.full((n, block.shape[1]), np.nan)
    ages = np.full(out.shape, -1)
    whole = usable.all(axis=0)
    out[n - span :, whole] = block[:, whole]
    ages[n - span :, whole] = np.arange(span - 1, -1, -1)[:, None]
    columns = np.flatnonzero(usable[-1] & ~whole)
    while columns.size:
        block = read(span, columns)
        usable = _usable(block)
        from_newest = np.cumsum(usable[::-1], axis=0)[::-1]
        row, column = np.nonzero(usable & (from_newest <= n))
        place = (n - from_newest[row, column], columns[column])
        out[place], ages[place] = block[row, column], span - 1 - row
        columns = columns[from_newest[0] < n] if span < stop else columns[:0]
        span = min(4 * span, stop)
    return out, ages
