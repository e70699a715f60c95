"""The one writer of snapshots: adds whole ones, and removes those that are not needed."""

from __future__ import annotations

import io
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from quantetf_core.atomic_files import (
    STAGING_PREFIX,
    ensure_folder,
    fsync_dir,
    publish_folder,
    remove_staging,
    stage_folder,
)
from quantetf_core.data.market import MarketData
from quantetf_core.data.sources.context_file import Context, context_files
from quantetf_core.data.sources.snapshot_manifest import (
    CONTEXT,
    MANIFEST,
    PRICES,
    VIX,
    Snapshot,
    Span,
    manifest_bytes,
    stamps,
)
from quantetf_core.data.sources.snapshots import find_snapshot, newest_snapshot, snapshot_names
from quantetf_core.errors import SnapshotError

_TIME = "%Y%m%dT%H%M%SZ"
_SHORT = 12
"""Characters of the fingerprint in a snapshot's name."""

_PATIENCE = 120.0
"""Seconds to wait while another process writes a snapshot."""

Dates = npt.NDArray[np.datetime64]


def write_snapshot(
    folder: Path,
    market: MarketData,
    *,
    portfolio: str,
    now: datetime,
    context: Context | None = None,
) -> Snapshot:
    """Make a market the newest snapshot of a portfolio, unless that is what it is already.

    Parameters
    ----------
    folder
        Of all snapshots; made if missing.
    market
        What to keep: every panel, the VIX, the source's name and the findings.
    portfolio
        The portfolio it is for.
    now
        Aware time of writing.
    context
        Series to keep beside the market; no part of its fingerprint.

    Returns
    -------
    Snapshot
        The new one; or the newest there was, when it holds the same data. A kill at any moment
        leaves no new one or all of it.

    Raises
    ------
    SnapshotError
        When another process does not finish writing, or the file system refuses.
    """
    with writing_snapshots(folder):
        before = newest_snapshot(folder, portfolio)
        beside = context_files(context or {})
        if (
            before is not None
            and before.fingerprint == market.fingerprint
            and before.files.get(CONTEXT) == stamps(beside).get(CONTEXT)
        ):
            return before
        return _add(folder, market, portfolio, before, now, beside)


def keep_snapshot(folder: Path, market: MarketData, *, portfolio: str, now: datetime) -> Snapshot:
    """A snapshot of exactly this market, of any age; written if there is none.

    Parameters and errors as in `write_snapshot`.
    """
    with writing_snapshots(folder):
        kept = find_snapshot(folder, portfolio, market.fingerprint)
        if kept is not None:
            return kept
        before = newest_snapshot(folder, portfolio)
        return _add(folder, market, portfolio, before, now, {})


def remove_snapshots(folder: Path, names: Collection[str]) -> tuple[str, ...]:
    """Remove these snapshots, each whole, and return their names.

    A folder is renamed away before its files go, so that no reader finds half of one.

    Raises
    ------
    SnapshotError
        As `write_snapshot` does.
    """
    with writing_snapshots(folder):
        gone = sorted(set(names) & set(snapshot_names(folder)))
        for name in gone:
            dead = folder / f"{STAGING_PREFIX}{name}"
            (folder / name).rename(dead)
            shutil.rmtree(dead)
        fsync_dir(folder)
        return tuple(gone)


@contextmanager
def refreshing(folder: Path, portfolio: str) -> Iterator[None]:
    """Let one refresh of a portfolio run at a time.

    Two that overlap would each go on from the same snapshot, and the one that got less could end
    up as the newest.

    Raises
    ------
    SnapshotError
        When another one runs.
    """
    with _file_errors(folder):
        ensure_folder(folder)
    lock = FileLock(folder / f".refresh-{portfolio}.lock", timeout=0, fallback_to_soft=False)
    try:
        with lock:
            yield
    except Timeout:
        problem = "its market data is being refreshed already"
        raise SnapshotError(portfolio, problem, "Wait until that is done") from None


@contextmanager
def writing_snapshots(folder: Path) -> Iterator[None]:
    """Hold the writers' lock, having cleared away what killed writers left.

    What needs several steps in one (keeping a snapshot and recording who needs it; finding out
    what nobody needs and removing it) holds it around them; the functions here may be called
    inside.

    Raises
    ------
    SnapshotError
        When another process does not finish writing, or the file system refuses.
    """
    with _file_errors(folder):
        ensure_folder(folder)
        lock = FileLock(
            folder / ".snapshots.lock",
            timeout=_PATIENCE,
            is_singleton=True,  # a thread that holds it may take it again
            fallback_to_soft=False,
        )
        try:
            lock.acquire()
        except Timeout:
            problem = f"another process has been writing for more than {_PATIENCE:g} seconds"
            raise SnapshotError(str(folder), problem, "Nothing was written; try again") from None
        try:
            remove_staging(folder)
            yield
        finally:
            lock.release()


@contextmanager
def _file_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        remedy = "The snapshots there were are intact"
        raise SnapshotError(str(folder), problem, remedy) from error


def _add(
    folder: Path,
    market: MarketData,
    portfolio: str,
    before: Snapshot | None,
    now: datetime,
    beside: Mapping[str, bytes],
) -> Snapshot:
    parent = "" if before is None else before.id
    files = {PRICES: _prices(market), VIX: _vix(market), **beside}
    snapshot = replace(
        _description(market, portfolio, parent, now.astimezone(UTC)),
        id=_name(folder, market.fingerprint, now),
        files=stamps(files),
    )
    staging = stage_folder(folder, {**files, MANIFEST: manifest_bytes(snapshot)})
    publish_folder(staging, folder / snapshot.id)
    fsync_dir(folder)
    return snapshot


def _name(folder: Path, fingerprint: str, now: datetime) -> str:
    """Time and fingerprint; later than every name there is, also when the clock went back."""
    moment = now.astimezone(UTC).replace(microsecond=0)
    newest = next(iter(snapshot_names(folder)), "")[: len("20240101T000000Z")]
    if newest >= f"{moment:{_TIME}}":
        last = datetime.strptime(newest, _TIME).replace(tzinfo=UTC)
        moment = last + timedelta(seconds=1)
    return f"{moment:{_TIME}}-{fingerprint[:_SHORT]}"


def _description(market: MarketData, portfolio: str, parent: str, now: datetime) -> Snapshot:
    days = market.sessions.to_numpy().astype("datetime64[D]")
    there = ~np.isnan(market.close.to_numpy())
    return Snapshot(
        id="",
        portfolio=portfolio,
        source=market.source,
        created_at=now,
        parent=parent,
        fingerprint=market.fingerprint,
        fields=tuple(kept_fields(market)),
        sessions=Span(_day(days[0]), _day(days[-1]), len(days)),
        tickers={t: _span(days, there[:, at]) for at, t in enumerate(market.tickers)},
        vix=_span(days, ~np.isnan(market.vix.to_numpy())),
        findings=market.findings,
    )


def kept_fields(market: MarketData) -> list[str]:
    """The fields that are not made from another one when the market is read again."""
    return [name for name in market.fields if name != "adj_close" or not market.single_close]


def _span(days: Dates, there: npt.NDArray[np.bool_]) -> Span | None:
    places = np.flatnonzero(there)
    if not len(places):
        return None
    return Span(_day(days[places[0]]), _day(days[places[-1]]), len(places))


def _day(day: np.datetime64) -> date:
    return pd.Timestamp(day).date()


def _prices(market: MarketData) -> bytes:
    """Every cell of every panel as one long table, by session and then ticker."""
    n_sessions, n_tickers = len(market.sessions), len(market.tickers)
    days = market.sessions.to_numpy().astype("datetime64[D]")
    tickers = pa.DictionaryArray.from_arrays(
        pa.array(np.tile(np.arange(n_tickers, dtype=np.int32), n_sessions)),
        pa.array(market.tickers, type=pa.string()),
    )
    columns: dict[str, pa.Array] = {
        "session": pa.array(np.repeat(days, n_tickers)),
        "ticker": tickers,
    }
    for name in kept_fields(market):
        columns[name] = pa.array(market.panel(name).to_numpy().reshape(-1), from_pandas=False)
    return _parquet(columns, labels=["session", "ticker"])


def _vix(market: MarketData) -> bytes:
    days = market.sessions.to_numpy().astype("datetime64[D]")
    values = pa.array(market.vix.to_numpy(), from_pandas=False)
    return _parquet({"session": pa.array(days), "vix": values}, labels=["session"])


def _parquet(columns: dict[str, pa.Array], *, labels: list[str]) -> bytes:
    """A table in one piece, its numbers as plain values: the fastest to open."""
    schema = pa.schema([pa.field(name, c.type, nullable=False) for name, c in columns.items()])
    table = pa.Table.from_arrays(list(columns.values()), schema=schema)
    content = io.BytesIO()
    pq.write_table(
        table,
        content,
        compression="none",
        use_dictionary=labels,
        write_statistics=False,
        row_group_size=max(table.num_rows, 1),
    )
    return content.getvalue()
