"""Putting what a vendor sent on top of the snapshot before: ticker by ticker, never a mixture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.data.market import PANEL_FIELDS, Floats, MarketData
from quantetf_core.data.panels import Panels, panels_from_rows
from quantetf_core.data.restated import ADJUSTED_NOISE, CLOSE_NOISE, differing
from quantetf_core.data.rows import concatenate, rows_of_one
from quantetf_core.data.sessions import sessions_between
from quantetf_core.data.sources.tables import ACCEPTED_FILES
from quantetf_core.errors import SourceError
from quantetf_core.findings import Finding

MOST_LOST = 0.02
"""Part of a ticker's history that a new answer may lack; with more of it gone, it is no answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Received:
    """What came, cleaned and by session: panels, findings, and which tickers were no use."""

    panels: Panels = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    unusable: Mapping[str, str] = field(default_factory=dict)

    @property
    def tickers(self) -> tuple[str, ...]:
        """Tickers with a column, sorted."""
        return tuple(self.panels["close"].columns) if self.panels else ()


def receive(tables: Mapping[str, pd.DataFrame], *, origin: str) -> Received:
    """Clean tables by ticker, as a file's would be; see `quantetf_core.data.panels`."""
    rows, unusable = [], {}
    for ticker in sorted(tables):
        table = tables[ticker].rename_axis(index="date").reset_index()
        try:
            rows.append(rows_of_one(table, ticker, origin=origin, accepted=ACCEPTED_FILES))
        except SourceError as error:
            unusable[ticker] = f"{origin} sent prices that cannot be used ({error.problem})"
    if not rows:
        return Received(unusable=unusable)
    try:
        panels, findings = panels_from_rows(concatenate(rows), origin=origin)
    except SourceError as error:
        said = f"{origin} sent prices that cannot be used ({error.problem})"
        return Received(unusable={**unusable, **dict.fromkeys(tables, said)})
    panels.setdefault("adj_close", panels["close"])
    return Received(panels, findings, unusable)


def continues(old: MarketData, received: Received, ticker: str) -> bool:
    """Whether a ticker's recent rows go on from those there are.

    They do when they cover the newest session there is, and close and adjusted close agree on
    every session of both. After a split or a distribution the adjusted closes of the past are
    others, and the whole history is needed.
    """
    before, after = _common(old, received, ticker, "close")
    there = np.isfinite(before)
    if not there.any() or not np.isfinite(after[there]).all():
        return False
    adjusted = _common(old, received, ticker, "adj_close")
    return not (
        differing(before, after, noise=CLOSE_NOISE).any()
        or differing(*adjusted, noise=ADJUSTED_NOISE).any()
    )


def lost(old: MarketData, received: Received, ticker: str) -> float:
    """Part of the sessions with a close so far that a whole new history has none for."""
    close = old.close[ticker].dropna()
    again = received.panels["close"][ticker].reindex(close.index)
    return float(again.isna().mean()) if len(close) else 0.0


def merge(
    old: MarketData | None,
    *,
    whole: Received,
    part: Received,
    tickers: Sequence[str],
    start: pd.Timestamp,
    end: pd.Timestamp,
) -> Panels:
    """Panels of the tickers, each from one place.

    Parameters
    ----------
    old
        The snapshot before, None for the first.
    whole
        Tickers of which the whole history came: it replaces what there was.
    part
        Tickers of which recent rows came that go on from those there are: of these sessions they
        replace what differs, and the newer are added.
    tickers
        What is wanted. One in neither keeps the rows it has; without any it is left out.
    start, end
        First and last session asked for; those at either end on which no ticker has a close are
        left out.
    """
    have = {*whole.tickers, *part.tickers, *(old.tickers if old is not None else ())}
    columns = pd.Index(sorted(have & set(tickers)), name="ticker")
    sessions = sessions_between(start, end).rename("session")
    sources: list[tuple[Panels, list[str]]] = []
    if old is not None:
        kept = [t for t in columns if t in set(old.tickers) - set(whole.tickers)]
        sources.append(({name: old.panel(name) for name in old.fields}, kept))
    sources.append((part.panels, [t for t in columns if t in set(part.tickers)]))
    sources.append((whole.panels, [t for t in columns if t in set(whole.tickers)]))
    fields = [name for name in PANEL_FIELDS if any(name in panels for panels, _ in sources)]
    merged = {name: np.full((len(sessions), len(columns)), np.nan) for name in fields}
    for panels, own in sources:
        for name in fields if own else ():
            if name in panels:
                _lay(merged[name], panels[name][own], sessions, columns)
    used = _used(merged["close"]) if merged else slice(None)
    return {
        name: pd.DataFrame(matrix[used], index=sessions[used], columns=columns, copy=False)
        for name, matrix in merged.items()
    }


def _lay(onto: Floats, panel: pd.DataFrame, sessions: pd.DatetimeIndex, columns: pd.Index) -> None:
    """Write a panel's values where it has any and they differ by more than a vendor's noise."""
    places = columns.get_indexer(panel.columns)
    values = panel.reindex(sessions).to_numpy(dtype=np.float64)
    under = onto[:, places]
    same = np.isfinite(under) & ~differing(under, values, noise=CLOSE_NOISE)
    onto[:, places] = np.where(np.isfinite(values) & ~same, values, under)


def _used(close: Floats) -> slice:
    """From the first session with a close to the last: one that has none yet is no data."""
    used: npt.NDArray[np.int64] = np.flatnonzero(np.isfinite(close).any(axis=1))
    return slice(int(used[0]), int(used[-1]) + 1) if len(used) else slice(None)


def _common(old: MarketData, received: Received, ticker: str, name: str) -> tuple[Floats, Floats]:
    """Both readings of a field, on the sessions of the old market from the first received on."""
    new = received.panels[name][ticker]
    before = old.panel(name)[ticker].loc[new.index[0] :]
    after = new.reindex(before.index)
    return before.to_numpy(dtype=np.float64), after.to_numpy(dtype=np.float64)
