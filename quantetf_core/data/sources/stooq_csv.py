"""Stooq's files: ``<TICKER>,<PER>,<DATE>,…`` with tickers such as ``SPY.US``, and their names."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from quantetf_core.data.columns import plain_name
from quantetf_core.data.rows import PriceRows, rows_from_long
from quantetf_core.data.sources.tables import CsvText
from quantetf_core.errors import SourceError

ACCEPTED_STOOQ = "daily rows (<PER> is D) with <TICKER>, <DATE> and <CLOSE>"

_OWN_COLUMNS = ("per", "time", "openint")
_SUFFIX = re.compile(r"(?:\.us|_us)(?:_d)?$", re.IGNORECASE)


def is_stooq(text: CsvText) -> bool:
    """Whether the header has names in angle brackets."""
    return "<ticker>" in (cell.strip().lower() for cell in text.head[0])


def rows_from_stooq(text: CsvText) -> PriceRows:
    """Read daily rows of one or more tickers; ``SPY.US`` is SPY.

    Raises
    ------
    SourceError
        As `rows_from_long` does; also when rows are not daily, or ``SPY`` and ``SPY.US`` both
        occur.
    """
    names = [cell.strip() for cell in text.head[0]]
    frame = text.frame(header_rows=1, names=names)
    for name in names:
        if plain_name(name) == "per" and set(frame[name].astype(str)) - {"D"}:
            found = sorted(set(frame[name].astype(str)) - {"D"})[0]
            raise SourceError(text.origin, f"rows of period {found!r}", ACCEPTED_STOOQ)
    rows = rows_from_long(frame, origin=text.origin)
    plain = [_SUFFIX.sub("", ticker) for ticker in rows.tickers]
    tickers = tuple(sorted(set(plain)))
    if len(tickers) < len(plain):
        twice = next(ticker for ticker in tickers if plain.count(ticker) > 1)
        raise SourceError(text.origin, f"both {twice} and {twice}.US occur", ACCEPTED_STOOQ)
    position = np.array([tickers.index(ticker) for ticker in plain], dtype=np.int64)
    ignored = tuple(name for name in rows.ignored if plain_name(name) not in _OWN_COLUMNS)
    return replace(rows, tickers=tickers, codes=position[rows.codes], ignored=ignored)


def ticker_of_file(stem: str) -> str:
    """The ticker a file of one ticker is named after, in capitals.

    Examples
    --------
    >>> [ticker_of_file(stem) for stem in ("SPY", "spy.us", "spy_us_d", "brk-b.us")]
    ['SPY', 'SPY', 'SPY', 'BRK-B']
    """
    return _SUFFIX.sub("", stem).upper()
