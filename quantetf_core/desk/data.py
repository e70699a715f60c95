"""A portfolio's market data: fetching it, and the snapshots it is kept in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from threading import Event

import pandas as pd

from quantetf_core.config import SampleSource, YahooSource
from quantetf_core.data.market import MarketData
from quantetf_core.data.restated import restatements
from quantetf_core.data.sessions import last_completed_session, session_age
from quantetf_core.data.sources.refresh import Refreshed, refresh
from quantetf_core.data.sources.refresh_run import Wanted
from quantetf_core.data.sources.registry import Line, live
from quantetf_core.data.sources.snapshot_manifest import Snapshot
from quantetf_core.data.sources.snapshot_store import (
    keep_snapshot,
    write_snapshot,
    writing_snapshots,
)
from quantetf_core.data.sources.snapshots import (
    list_snapshots,
    newest_snapshot,
    open_snapshot,
    read_snapshot,
    verify_snapshot,
)
from quantetf_core.data.sources.vendors import OnProgress, Patience, Progress
from quantetf_core.decision import RebalanceResult
from quantetf_core.desk.environment import vendor_route
from quantetf_core.desk.portfolio import Portfolio, load_market
from quantetf_core.desk.records import history
from quantetf_core.errors import InvalidValueError
from quantetf_core.findings import Finding
from quantetf_core.ledger.holdings_file import current_holdings
from quantetf_core.units import MARKET_TICKER


@dataclass(frozen=True, slots=True, kw_only=True)
class DataStatus:
    """Where a portfolio's data comes from, and how old it is.

    Parameters
    ----------
    kind
        ``sample``, ``files`` or the type of a live source.
    snapshot
        The newest snapshot; None when there is none. A live source is read from it.
    clock_session
        The last completed session of the exchange.
    age
        Sessions completed since the snapshot's last one; None without a snapshot.
    damaged
        Folders among the snapshots that cannot be read, each with its reason.
    """

    kind: str
    snapshot: Snapshot | None
    clock_session: pd.Timestamp
    age: int | None
    damaged: tuple[Finding, ...] = ()

    @property
    def live(self) -> bool:
        """Whether there is somebody to fetch from."""
        return self.kind not in ("sample", "files")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotDifference:
    """What one snapshot has that an earlier one has not, and the reverse.

    ``new_sessions`` are first, last and count of the sessions after the earlier one's last; None
    without any. ``findings`` are the past values that are others now.
    """

    earlier: Snapshot
    later: Snapshot
    added: tuple[str, ...]
    removed: tuple[str, ...]
    new_sessions: tuple[date, date, int] | None
    findings: tuple[Finding, ...]


def wanted_tickers(portfolio: Portfolio) -> tuple[str, ...]:
    """What a live source is asked for: the universe, SPY, and whatever is held."""
    held, _ = current_holdings(
        portfolio.artifacts_dir, portfolio.state_dir, found=history(portfolio)
    )
    tickers = {*portfolio.settings.universe.symbols, MARKET_TICKER}
    return tuple(sorted(tickers | set(held.tickers if held else ())))


def fetch_data(
    portfolio: Portfolio,
    *,
    now: datetime,
    progress: OnProgress = lambda _: None,
    stop: Event | None = None,
    line: Line | None = None,
) -> Refreshed:
    """Fetch a live source's newest prices, or keep a snapshot of the files as they are now.

    Parameters
    ----------
    now
        Aware time; nothing after the last completed session is kept.
    progress
        Called with every ticker done.
    stop
        Set it to end the fetch after the batch under way; nothing is written then.
    line
        How vendors are reached; the environment's unless given.

    Raises
    ------
    InvalidValueError
        For the sample market, which nobody can fetch.
    SourceError
        When nothing came, or the files cannot be read; the snapshot before stays in use.
    SnapshotError
        When another fetch of this portfolio runs, or the snapshot before does not hold.
    """
    source = portfolio.settings.config.source
    if isinstance(source, SampleSource):
        accepted = "a portfolio of files or of a live source; this market is made on this machine"
        raise InvalidValueError("portfolio", portfolio.name, accepted)
    if not isinstance(source, YahooSource):
        return _keep_files(portfolio, now, progress)
    end = stop or Event()
    from_whom = live(source, line or _line(portfolio, end))
    return refresh(
        Wanted(
            portfolio=portfolio.name,
            tickers=wanted_tickers(portfolio),
            start=date.fromisoformat(source.start),
            context=source.context,
        ),
        vendor=from_whom.vendor,
        vix=from_whom.vix,
        vix_name=from_whom.vix_name,
        context=from_whom.context,
        folder=portfolio.snapshots_dir,
        now=now,
        progress=progress,
        cancelled=end.is_set,
    )


def _line(portfolio: Portfolio, stop: Event) -> Line:
    """Vendors as the environment says; who waits to ask again wakes when the fetch is ended."""
    return Line(keep=portfolio.cache_dir, patience=Patience(wait=stop.wait), route=vendor_route())


def data_status(portfolio: Portfolio, *, now: datetime) -> DataStatus:
    """Where the data comes from and how old it is; nothing is fetched or opened."""
    found, damaged = list_snapshots(portfolio.snapshots_dir)
    newest = next((one for one in found if one.portfolio == portfolio.name), None)
    clock = last_completed_session(now)
    return DataStatus(
        kind=portfolio.settings.config.source.type,
        snapshot=newest,
        clock_session=clock,
        age=None if newest is None else session_age(newest.sessions.last, clock),
        damaged=damaged,
    )


def data_snapshots(portfolio: Portfolio) -> tuple[Snapshot, ...]:
    """The portfolio's snapshots, newest first."""
    found, _ = list_snapshots(portfolio.snapshots_dir)
    return tuple(one for one in found if one.portfolio == portfolio.name)


def compare_snapshots(portfolio: Portfolio, first: str, second: str) -> SnapshotDifference:
    """What differs between two snapshots, the earlier one first whatever the order given.

    Raises
    ------
    SnapshotError
        When one is missing or cannot be read.
    """
    folder = portfolio.snapshots_dir
    earlier, later = (read_snapshot(folder, name) for name in sorted((first, second)))
    before, after = open_snapshot(folder, earlier), open_snapshot(folder, later)
    newer = after.sessions[after.sessions > before.last_session]
    return SnapshotDifference(
        earlier=earlier,
        later=later,
        added=tuple(sorted(set(later.tickers) - set(earlier.tickers))),
        removed=tuple(sorted(set(earlier.tickers) - set(later.tickers))),
        new_sessions=(newer[0].date(), newer[-1].date(), len(newer)) if len(newer) else None,
        findings=restatements(before, after),
    )


def verify_data(portfolio: Portfolio, snapshot_id: str) -> tuple[Finding, ...]:
    """What does not hold when every byte of a snapshot is read; raises like `compare_snapshots`."""
    folder = portfolio.snapshots_dir
    return verify_snapshot(folder, read_snapshot(folder, snapshot_id))


@contextmanager
def snapshot_of(
    portfolio: Portfolio, plan: RebalanceResult, *, now: datetime
) -> Iterator[Snapshot | None]:
    """The snapshot of exactly the data a plan was made on, written if there is none.

    None for the sample market: its numbers are part of the code. While it is held no snapshot is
    removed, so that it is still there when the record that names it is.

    Raises
    ------
    SnapshotError
        When the snapshot the plan was made on is gone, or none can be written.
    """
    market = plan.used.market
    if market is None or market.simulated:
        yield None
        return
    folder = portfolio.snapshots_dir
    with writing_snapshots(folder):
        if market.snapshot:
            yield read_snapshot(folder, market.snapshot)
        else:
            yield keep_snapshot(folder, market, portfolio=portfolio.name, now=now)


def _keep_files(portfolio: Portfolio, now: datetime, progress: OnProgress) -> Refreshed:
    """A snapshot of the files as they are, with what they say otherwise than the one before."""
    progress(Progress(0, 1, "reading the files"))
    market = load_market(portfolio, now=now)
    before = newest_snapshot(portfolio.snapshots_dir, portfolio.name)
    restated = _restated_since(portfolio, before, market)
    market = replace(market, findings=(*market.findings, *restated))
    snapshot = write_snapshot(portfolio.snapshots_dir, market, portfolio=portfolio.name, now=now)
    progress(Progress(1, 1, "reading the files"))
    return Refreshed(
        snapshot=snapshot,
        written=before is None or before.id != snapshot.id,
        updated=market.tickers,
        findings=market.findings,
    )


def _restated_since(
    portfolio: Portfolio, before: Snapshot | None, market: MarketData
) -> tuple[Finding, ...]:
    if before is None:
        return ()
    return restatements(open_snapshot(portfolio.snapshots_dir, before), market)
