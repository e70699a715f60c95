"""One-session moves of each ticker between its own closes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import last_valid_rows

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moves:
    """Each close ÷ the ticker's own close before it, however many sessions that is.

    Parameters
    ----------
    tickers
        Tickers that the market has, in the order asked for.
    columns
        Their columns in the market's panels, shape ``(n_tickers,)``.
    start
        Row of the market that the first row of the arrays stands for.
    close, before
        USD per share, shape ``(n_rows, n_tickers)``: the close of the row, and the last valid
        one before it; NaN where there is none.
    ratio
        ``close ÷ before``.
    adjusted_ratio
        The same of the adjusted close, between the same two sessions.
    """

    tickers: tuple[str, ...]
    columns: Ints
    start: int
    close: Floats
    before: Floats
    ratio: Floats
    adjusted_ratio: Floats


def own_moves(market: MarketData, tickers: Sequence[str], *, start: int, end: int) -> Moves:
    """Moves of some tickers at the rows ``start`` to ``end`` of a market, both included.

    A close counts when it is finite and above 0. Tickers the market does not have are left out.
    """
    frame = market.close
    values, adjusted = frame.to_numpy(), market.adj_close.to_numpy()
    columns = frame.columns.get_indexer(pd.Index(tickers, dtype=object)).astype(np.int64)
    there = columns >= 0
    columns = columns[there]
    close, before_rows = _with_row_before(values, columns, start, end)
    place = np.arange(len(columns))
    base = last_valid_rows(values, start - 1, columns)
    rows = np.where(before_rows < 0, base, before_rows + start)
    missing = rows < 0
    before = np.where(missing, np.nan, values[rows, columns[place]])
    adjusted_before = np.where(missing, np.nan, adjusted[rows, columns[place]])
    adjusted_now = np.where(np.isnan(close), np.nan, adjusted[start : end + 1, columns])
    with np.errstate(divide="ignore", invalid="ignore"):
        adjusted_ratio = adjusted_now / adjusted_before
    return Moves(
        tickers=tuple(ticker for ticker, has in zip(tickers, there, strict=True) if has),
        columns=columns,
        start=start,
        close=close,
        before=before,
        ratio=close / before,
        adjusted_ratio=adjusted_ratio,
    )


def _with_row_before(values: Floats, columns: Ints, start: int, end: int) -> tuple[Floats, Ints]:
    """Valid closes of a block of rows, and for each the block's row of the one before; −1: none."""
    block = values[start : end + 1, columns]
    valid = np.isfinite(block) & (block > 0)
    numbers = np.arange(len(block))[:, None]
    last = np.maximum.accumulate(np.where(valid, numbers, -1), axis=0)
    before = np.vstack([np.full((1, len(columns)), -1), last[:-1]]).astype(np.int64)
    return np.where(valid, block, np.nan), before
