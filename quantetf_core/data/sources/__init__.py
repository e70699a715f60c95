"""The only readers of market data: the sample market, the user's own files, and live sources."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from quantetf_core.config.schema import FilesSource, SampleSource, Source, YahooSource
from quantetf_core.data.market import MarketData
from quantetf_core.data.on_session import count_of
from quantetf_core.data.sessions import last_completed_session
from quantetf_core.data.sources.cache import read_cache, write_cache
from quantetf_core.data.sources.fetched import load_fetched
from quantetf_core.data.sources.files import load_files
from quantetf_core.data.sources.sample import MODEL_VERSION, load_sample
from quantetf_core.data.sources.snapshots import SNAPSHOTS, snapshot_names
from quantetf_core.encoding import canonical_json, sha256
from quantetf_core.findings import Finding, Severity

__all__ = ["SNAPSHOTS", "load_files", "load_sample", "load_source", "source_stamp"]


def load_source(
    source: Source, *, root: Path, cache_dir: Path, now: datetime, portfolio: str = ""
) -> MarketData:
    """The market of a configured source, up to the last completed session.

    Nothing is fetched from a network here: a live source is read from its newest snapshot.

    Parameters
    ----------
    source
        What the portfolio configures.
    root
        The workspace; relative paths of the source start there.
    cache_dir
        Folder that keeps what was read between runs. With or without a cache the result is the
        same.
    now
        The moment of asking, with a time zone. Rows of a session that is not completed, as a
        download during trading hours has them, are not used, and a finding says so.
    portfolio
        Name of the portfolio, whose snapshots are looked for.

    Returns
    -------
    MarketData
        Read-only; what was noticed while reading is in ``findings``.

    Raises
    ------
    SourceError
        When the source cannot be read, or was never fetched.
    SnapshotError
        When the newest snapshot of a live source cannot be read.
    SessionError
        When no session of the source is completed yet.
    """
    if isinstance(source, SampleSource):
        return load_sample(now=now, cache_dir=cache_dir)
    if isinstance(source, YahooSource):
        return _completed(load_fetched(root / SNAPSHOTS, portfolio), now)
    kept = cache_dir / f"files-{_files_id(source, root)[:16]}.parquet"
    stamp = _files_stamp(source, root)
    market = read_cache(kept, stamp)
    if market is None:
        market = load_files([root / path for path in source.paths], root / source.vix)
        write_cache(kept, stamp, market)
    return _completed(market, now)


def source_stamp(source: Source, *, root: Path, now: datetime, portfolio: str = "") -> str:
    """A key that changes whenever `load_source` would give other data; cheap to ask for.

    Covers the size and the time of change of every file, and the last completed session. A
    missing file has a stamp too: reading it is what fails.

    Raises
    ------
    InvalidValueError
        When ``now`` has no time zone.
    """
    last = str(last_completed_session(now).date())
    if isinstance(source, SampleSource):
        return sha256(canonical_json(["sample", MODEL_VERSION, last]))
    if isinstance(source, YahooSource):
        names = snapshot_names(root / SNAPSHOTS)
        return sha256(canonical_json(["fetched", portfolio, names, last]))
    return sha256(canonical_json([_files_stamp(source, root), last]))


def _completed(market: MarketData, now: datetime) -> MarketData:
    last = last_completed_session(now)
    later = int((market.sessions > last).sum())
    if not later:
        return market
    message = (
        f"{count_of(later, 'session')} after {last.date()}, the last completed one, not used: "
        f"up to {market.last_session.date()}"
    )
    finding = Finding(Severity.INFO, "not_completed", "market data", message)
    return replace(market.as_of(last), findings=(*market.findings, finding))


def _files_id(source: FilesSource, root: Path) -> str:
    return sha256(canonical_json([str(root.absolute()), source.paths, source.vix]))


def _files_stamp(source: FilesSource, root: Path) -> str:
    names = (*source.paths, source.vix)
    states = [[name, list(_states(root / name))] for name in names]
    return sha256(canonical_json([_files_id(source, root), states]))


def _states(path: Path) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of change of a file, or of every file in a folder."""
    try:
        if not path.is_dir():
            found = path.stat()
            yield path.name, found.st_size, found.st_mtime_ns
            return
        with os.scandir(path) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                found = entry.stat()
                yield entry.name, found.st_size, found.st_mtime_ns
    except OSError as error:
        yield f"{path.name}: {error.strerror}", -1, -1
