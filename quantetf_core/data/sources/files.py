"""Market data from the user's own files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from quantetf_core.data.market import PANEL_FIELDS, MarketData
from quantetf_core.data.on_session import count_of
from quantetf_core.data.panels import Panels, panels_from_rows
from quantetf_core.data.sessions import sessions_between
from quantetf_core.data.sources.price_file import read_path
from quantetf_core.data.sources.vix_file import read_vix
from quantetf_core.errors import InvalidValueError
from quantetf_core.findings import Finding, Severity

_SHOWN = 8


def load_files(paths: Sequence[Path], vix: Path) -> MarketData:
    """Read prices from one path or several, and the VIX from a file of its own.

    Parameters
    ----------
    paths
        Files or folders, in order of precedence: a ticker that an earlier path holds is taken
        from it alone, never mixed with a later one. Layouts: see
        `quantetf_core.data.sources.tables.ACCEPTED_FILES`.
    vix
        CSV or Parquet with a date and a close column.

    Returns
    -------
    MarketData
        Every session from the first to the last date of the prices; NaN where there is no usable
        value. ``single_close`` only when no path has an adjusted close. What was noticed is in
        ``findings``, path by path.

    Raises
    ------
    SourceError
        When a path is missing or cannot be read as prices, or the VIX cannot be read.
    """
    if not paths:
        raise InvalidValueError("paths", "none", "one file or folder at least")
    origins = _names(paths)
    parts = [_read(path, origin) for path, origin in zip(paths, origins, strict=True)]
    values, vix_findings = read_vix(vix, origin=vix.name)
    owner = _owners(parts)
    return MarketData.from_panels(
        _merge(parts, owner),
        values,
        source=f"files: {', '.join([*origins, vix.name])}",
        findings=(*_findings(parts, owner), *vix_findings),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What one path holds."""

    origin: str
    panels: Panels
    findings: tuple[Finding, ...]

    @property
    def tickers(self) -> list[str]:
        return list(self.panels["close"].columns)


def _read(path: Path, origin: str) -> _Part:
    rows, unreadable = read_path(path, origin=origin)
    panels, findings = panels_from_rows(rows, origin=origin)
    return _Part(origin, panels, (*unreadable, *findings))


def _names(paths: Sequence[Path]) -> list[str]:
    """The last part of each path; the whole of it where two would be called the same."""
    names = [path.name for path in paths]
    return [str(path) if names.count(path.name) > 1 else path.name for path in paths]


def _owners(parts: Sequence[_Part]) -> dict[str, int]:
    """Ticker → position of the first part that has it."""
    owner: dict[str, int] = {}
    for number, part in enumerate(parts):
        for ticker in part.tickers:
            owner.setdefault(ticker, number)
    return owner


def _merge(parts: Sequence[_Part], owner: dict[str, int]) -> Panels:
    """Panels of all tickers, each from its owner."""
    closes = [part.panels["close"] for part in parts]
    start, end = min(c.index[0] for c in closes), max(c.index[-1] for c in closes)
    sessions = sessions_between(start, end).rename("session")
    tickers = pd.Index(sorted(owner), name="ticker")
    fields = [name for name in PANEL_FIELDS if any(name in part.panels for part in parts)]
    merged = {name: np.full((len(sessions), len(tickers)), np.nan) for name in fields}
    for number, part in enumerate(parts):
        own = [ticker for ticker in part.tickers if owner[ticker] == number]
        columns = tickers.get_indexer(pd.Index(own))
        first = int(sessions.searchsorted(closes[number].index[0]))
        rows = slice(first, first + len(closes[number]))
        panels = {"adj_close": closes[number], **part.panels}
        for name in fields:
            if name in panels:
                merged[name][rows, columns] = panels[name][own].to_numpy()
    return {
        name: pd.DataFrame(matrix, index=sessions, columns=tickers, copy=False)
        for name, matrix in merged.items()
    }


def _findings(parts: Sequence[_Part], owner: dict[str, int]) -> Iterator[Finding]:
    """What was noticed in each part, without the tickers that an earlier one is used for."""
    for number, part in enumerate(parts):
        taken = {ticker: owner[ticker] for ticker in part.tickers if owner[ticker] != number}
        yield from (finding for finding in part.findings if finding.subject not in taken)
        for first in sorted(set(taken.values())):
            tickers = [ticker for ticker, position in taken.items() if position == first]
            yield _overlap(part.origin, parts[first].origin, tickers)


def _overlap(origin: str, first: str, tickers: list[str]) -> Finding:
    more = ", …" if len(tickers) > _SHOWN else ""
    message = (
        f"{count_of(len(tickers), 'ticker')} also in {first}, which comes first and is used for "
        f"them: {', '.join(tickers[:_SHOWN])}{more}"
    )
    return Finding(Severity.INFO, "overlap", origin, message)
