"""Snapshots: the market data that decisions were made on, kept as it was.

One folder per snapshot, ``<time>-<fingerprint>``, never changed once it has that name::

    prices.parquet   session, ticker, then a column per field: every session of every ticker, by
                     session and then ticker, NaN where there is no value
    vix.parquet      session, vix
    context.parquet  date, series, value: where series are listed; no part of the market
    manifest.json    what is in them, where it came from, and their SHA-256

A folder is written under another name, flushed, and renamed: whoever reads sees all of it or
none. Names are in the order of writing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from quantetf_core.data.market import Floats, MarketData
from quantetf_core.data.sources.snapshot_manifest import (
    MANIFEST,
    PRICES,
    VIX,
    Snapshot,
    read_manifest,
)
from quantetf_core.encoding import sha256
from quantetf_core.errors import SnapshotError
from quantetf_core.findings import Finding, Severity

SNAPSHOTS = "data/snapshots"
"""Folder of all snapshots, in the workspace."""

_READ_AGAIN = "Fetch the data again, or remove that folder if no decision was made on it"


def list_snapshots(folder: Path) -> tuple[tuple[Snapshot, ...], tuple[Finding, ...]]:
    """Every snapshot, newest first, and a finding (warn) on each folder that is none."""
    found: list[Snapshot] = []
    findings: list[Finding] = []
    for name in snapshot_names(folder):
        try:
            found.append(read_snapshot(folder, name))
        except SnapshotError as error:
            findings.append(_damaged(error))
    return tuple(found), tuple(findings)


def damaged_since(folder: Path, snapshot_id: str) -> tuple[Finding, ...]:
    """A finding (warn) on each folder newer than a snapshot that cannot be read as one."""
    findings = []
    for name in snapshot_names(folder):
        if name <= snapshot_id:
            break
        try:
            read_snapshot(folder, name)
        except SnapshotError as error:
            findings.append(_damaged(error))
    return tuple(findings)


def newest_snapshot(folder: Path, portfolio: str) -> Snapshot | None:
    """The newest readable snapshot of a portfolio; None when there is none.

    What cannot be read is passed over here, and named by `list_snapshots`.
    """
    return next(_readable(folder, portfolio), None)


def find_snapshot(folder: Path, portfolio: str, fingerprint: str) -> Snapshot | None:
    """The newest snapshot of a portfolio with exactly this data; None when there is none."""
    same = (one for one in _readable(folder, portfolio) if one.fingerprint == fingerprint)
    return next(same, None)


def read_snapshot(folder: Path, snapshot_id: str) -> Snapshot:
    """What a snapshot says of itself, after checking the manifest's seal and the files' sizes.

    Raises
    ------
    SnapshotError
        When there is none of this id, its manifest does not hold, or a file has another size.
    """
    place = folder / snapshot_id
    if Path(snapshot_id).name != snapshot_id or not (place / MANIFEST).is_file():
        problem = "there is no such snapshot"
        raise SnapshotError(snapshot_id, problem, "The list of snapshots names those there are")
    changed = (place / MANIFEST).stat()
    try:
        snapshot = _manifest(str(place / MANIFEST), changed.st_mtime_ns, changed.st_size)
        sizes = {name: (place / name).stat().st_size for name in snapshot.files}
    except (OSError, ValueError) as error:
        problem = f"it cannot be read: {getattr(error, 'strerror', None) or error}"
        raise SnapshotError(snapshot_id, problem, _READ_AGAIN) from None
    for name, stamp in snapshot.files.items():
        if sizes[name] != stamp.size:
            problem = f"{name} has {sizes[name]:,} bytes and not {stamp.size:,}"
            raise SnapshotError(snapshot_id, problem, _READ_AGAIN)
    if snapshot.id != snapshot_id:
        raise SnapshotError(snapshot_id, f"its manifest says it is {snapshot.id}", _READ_AGAIN)
    return snapshot


def open_snapshot(folder: Path, snapshot: Snapshot) -> MarketData:
    """The market of a snapshot; its memory is used as it was read.

    Raises
    ------
    SnapshotError
        When its files cannot be read, or hold other sessions or tickers than it says.
    """
    place = folder / snapshot.id
    try:
        vix = _read(place / VIX, ["session", "vix"])
        prices = _read(place / PRICES, snapshot.fields)
    except (OSError, pa.ArrowException) as error:
        problem = f"its prices cannot be read: {str(error).splitlines()[0]}"
        raise SnapshotError(snapshot.id, problem, _READ_AGAIN) from None
    days = vix.column("session").to_numpy().astype("datetime64[us]")
    sessions, tickers = pd.DatetimeIndex(days, name="session"), list(snapshot.tickers)
    if len(sessions) != snapshot.sessions.rows or prices.num_rows != len(days) * len(tickers):
        problem = f"its prices have {prices.num_rows:,} rows, which is not what it says"
        raise SnapshotError(snapshot.id, problem, _READ_AGAIN)
    columns = pd.Index(tickers, name="ticker")
    panels = {
        name: pd.DataFrame(
            _one_block(prices.column(name)).reshape(len(sessions), len(tickers)),
            index=sessions,
            columns=columns,
            copy=False,
        )
        for name in snapshot.fields
    }
    return MarketData.from_panels(
        panels,
        pd.Series(vix.column("vix").to_numpy(), index=sessions),
        source=snapshot.source,
        findings=snapshot.findings,
        snapshot=snapshot.id,
    )


def verify_snapshot(folder: Path, snapshot: Snapshot) -> tuple[Finding, ...]:
    """What does not hold when every byte is read again; empty when all does."""
    problems = []
    for name, stamp in snapshot.files.items():
        try:
            content = (folder / snapshot.id / name).read_bytes()
        except OSError as error:
            problems.append(f"{name} cannot be read ({error.strerror or error})")
            continue
        if sha256(content) != stamp.sha256:
            problems.append(f"{name} was changed after it was written")
    if not problems and open_snapshot(folder, snapshot).fingerprint != snapshot.fingerprint:
        problems.append("its prices do not have the fingerprint it states")
    return tuple(
        Finding(Severity.BLOCK, "snapshot_changed", snapshot.id, problem) for problem in problems
    )


def snapshot_names(folder: Path) -> list[str]:
    """Names of the snapshot folders, newest first."""
    try:
        with os.scandir(folder) as entries:
            names = [e.name for e in entries if e.is_dir() and not e.name.startswith(".")]
    except FileNotFoundError:
        return []
    return sorted(names, reverse=True)


def _damaged(error: SnapshotError) -> Finding:
    message = f"{error.problem}. {error.remedy}"
    return Finding(Severity.WARN, "snapshot_damaged", error.snapshot, message)


def _readable(folder: Path, portfolio: str) -> Iterator[Snapshot]:
    for name in snapshot_names(folder):
        try:
            snapshot = read_snapshot(folder, name)
        except SnapshotError:
            continue
        if snapshot.portfolio == portfolio:
            yield snapshot


@lru_cache(maxsize=512)
def _manifest(path: str, changed: int, size: int) -> Snapshot:  # noqa: ARG001 - parts of the key
    """A manifest is read once, as it never changes; a page asks for it with every click."""
    return read_manifest(Path(path).read_bytes())


def _read(path: Path, columns: Iterable[str]) -> pa.Table:
    """Some columns of a file in one piece each, as it was written."""
    with pq.ParquetFile(path, memory_map=True) as file:
        return file.read(columns=list(columns))


def _one_block(column: pa.ChunkedArray) -> Floats:
    """The values as one array that shares the memory they were read into."""
    values: Floats = column.chunk(0).to_numpy() if column.num_chunks == 1 else column.to_numpy()
    return values
