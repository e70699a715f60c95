"""Fetching a live source's newest prices into a snapshot.

Findings beside those of `quantetf_core.data.panels`, `quantetf_core.data.restated` and
`quantetf_core.data.sources.context_fetch`:

=====================  ====  ================================================================
``not_refreshed``      warn  a ticker whose new prices did not come: it keeps those it had
``never_fetched``      warn  a ticker that has no prices at all
``vix_not_refreshed``  warn  the VIX did not come, and keeps what it had
=====================  ====  ================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from quantetf_core.data.market import MarketData
from quantetf_core.data.sessions import last_completed_session
from quantetf_core.data.sources.context_fetch import SeriesReader, fetch_context
from quantetf_core.data.sources.context_file import Context, open_context
from quantetf_core.data.sources.refresh_run import Run, VixReader, Wanted
from quantetf_core.data.sources.snapshot_manifest import Snapshot
from quantetf_core.data.sources.snapshot_store import refreshing, write_snapshot
from quantetf_core.data.sources.snapshots import newest_snapshot, open_snapshot, verify_snapshot
from quantetf_core.data.sources.vendors import (
    Cancelled,
    OnProgress,
    Vendor,
)
from quantetf_core.errors import SnapshotError, SourceError
from quantetf_core.findings import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a refresh came to.

    Parameters
    ----------
    snapshot
        The newest snapshot now; None when it was cancelled before there was any.
    written
        Whether it is a new one: False when nothing had changed, or it was cancelled.
    cancelled
        Whether it was cancelled; nothing was written then.
    updated
        Tickers whose prices came.
    failed
        Ticker (or ``VIX``) → why its prices did not come.
    findings
        What was noticed, as kept in the snapshot; then what of the context did not come, which is
        kept nowhere, as no decision reads it.
    """

    snapshot: Snapshot | None
    written: bool = False
    cancelled: bool = False
    updated: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def refresh(
    wanted: Wanted,
    *,
    vendor: Vendor,
    vix: VixReader,
    vix_name: str,
    context: SeriesReader | None = None,
    folder: Path,
    now: datetime,
    progress: OnProgress = lambda _: None,
    cancelled: Cancelled = lambda: False,
) -> Refreshed:
    """Fetch what is missing, check recent history again, and write one snapshot of it all.

    Parameters
    ----------
    wanted
        Tickers and first date.
    vendor, vix, vix_name
        Who is asked for the prices and for the VIX, and what the latter is called.
    context
        Who is asked for the series beside the market; nobody unless given.
    folder
        Of all snapshots.
    now
        Aware time; nothing after the last completed session is kept.
    progress
        Called with every ticker done.
    cancelled
        Asked between batches; True ends it, and nothing is written.

    Returns
    -------
    Refreshed
        A ticker that did not come keeps the rows of the snapshot before, whole.

    Raises
    ------
    SourceError
        When nothing at all came; the snapshot before stays in use.
    SnapshotError
        When another refresh runs, or the snapshot before does not hold.
    """
    with refreshing(folder, wanted.portfolio):
        before = newest_snapshot(folder, wanted.portfolio)
        old = None if before is None else _opened(folder, before)
        run = Run(wanted, vendor, last_completed_session(now), old, progress, cancelled)
        run.prices()
        if cancelled():
            return Refreshed(snapshot=before, cancelled=True)
        run.the_vix(vix)
        if not run.whole.tickers and not run.part.tickers:
            raise _nothing_came(vendor.name, run.failed, before)
        market = run.market(f"{vendor.name}{_beside(vendor.name, vix_name)}")
        beside, said = _beside_the_market(run, context, folder, before)
        if cancelled():
            return Refreshed(snapshot=before, cancelled=True)
        snapshot = write_snapshot(
            folder, market, portfolio=wanted.portfolio, now=now, context=beside
        )
        return Refreshed(
            snapshot=snapshot,
            written=before is None or snapshot.id != before.id,
            updated=tuple(sorted({*run.whole.tickers, *run.part.tickers})),
            failed=run.failed,
            findings=(*market.findings, *said),
        )


def _beside_the_market(
    run: Run, read: SeriesReader | None, folder: Path, before: Snapshot | None
) -> tuple[Context, tuple[Finding, ...]]:
    if read is None or not run.wanted.context:
        return {}, ()
    return fetch_context(
        run.wanted.context,
        read,
        start=run.start,
        end=run.end,
        before={} if before is None else open_context(folder, before),
        cancelled=run.cancelled,
    )


def _opened(folder: Path, snapshot: Snapshot) -> MarketData:
    """The snapshot to go on from, every byte of it checked."""
    broken = verify_snapshot(folder, snapshot)
    if broken:
        remedy = f"Remove the folder {snapshot.id}: the one before it is used then"
        raise SnapshotError(snapshot.id, broken[0].message, remedy)
    return open_snapshot(folder, snapshot)


def _beside(vendor: str, vix: str) -> str:
    return "" if vix == vendor else f", VIX from {vix}"


def _nothing_came(name: str, failed: Mapping[str, str], before: Snapshot | None) -> SourceError:
    why = next(iter(failed.values()), "nothing was asked for")
    kept = "there is no market data yet"
    if before is not None:
        fetched = f"fetched {before.created_at:%Y-%m-%d %H:%M} UTC"
        kept = f"the data up to {before.sessions.last}, {fetched}, stays in use"
    return SourceError(name, f"{why}; {kept}. Try again later", "")
