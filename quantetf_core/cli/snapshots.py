"""``fetch``, ``snapshots``, ``replay`` and ``prune``: market data, and what it was."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from typing import Any

from quantetf_core import desk
from quantetf_core.cli import INTERRUPTED, REFUSED, words
from quantetf_core.cli.problems import printable
from quantetf_core.cli.screen import Column, Grid, Line, Part
from quantetf_core.cli.session import Session, decision_id
from quantetf_core.cli.tables import finding_parts
from quantetf_core.errors import SnapshotError

_MEGABYTE = 1_000_000


def fetch(session: Session) -> int:
    """The newest prices in a snapshot; 1 when a ticker did not come, 130 when it was ended."""
    portfolio = session.open()
    with _interruptible() as stop, _progress(f"Fetching for {portfolio.name}") as shown:
        done = desk.fetch_data(portfolio, now=session.now, progress=shown, stop=stop)
    session.say(_fetched_parts(done), **_fetched_facts(done))
    if done.cancelled:
        return INTERRUPTED
    return REFUSED if done.failed else 0


def listed(session: Session, *, verify: bool) -> int:
    """The portfolio's snapshots; 1 when one of them does not hold."""
    portfolio = session.open()
    found, status = desk.data_snapshots(portfolio), desk.data_status(portfolio, now=session.now)
    broken = status.damaged
    if verify:
        with session.working("Reading every snapshot ..."):
            broken += tuple(said for one in found for said in desk.verify_data(portfolio, one.id))
    session.say(
        [*_list_parts(found), *finding_parts(broken)],
        snapshots=[_facts(one) for one in found],
        findings=broken,
        verified=verify,
        age_sessions=status.age,
    )
    return REFUSED if broken else 0


def compare(session: Session, first: str, second: str) -> None:
    """What differs between two snapshots."""
    portfolio = session.open()
    pair = (_meant(portfolio, name) for name in (first, second))
    found = desk.compare_snapshots(portfolio, *pair)
    session.say(_difference_parts(found), **_difference_facts(found))


def replay(session: Session, commit_id: str) -> int:
    """A past decision made again; 1 unless every byte came out the same."""
    portfolio = session.open()
    name = decision_id(portfolio, commit_id)
    with session.working(f"Deciding {name} again ..."):
        made = desk.replay_decision(portfolio, name)
    same = made.verdict is desk.Verdict.SAME
    parts = [Line(f"{made.commit_id}: {made.said}", "bold green" if same else "bold red")]
    if made.snapshot:
        parts.append(Line(f"From snapshot {made.snapshot}"))
    session.say(parts, replay=made)
    return 0 if same else REFUSED


def prune(session: Session, *, keep: int, remove: bool) -> None:
    """The snapshots nobody needs, removed if that was asked for."""
    root = session.root
    found = desk.prune(root, keep=keep) if remove else desk.pruning(root, keep=keep)
    session.say(
        _pruning_parts(found, keep=keep, removed=remove),
        unneeded=[_facts(one) for one in found.unneeded],
        decided=found.decided,
        newest=found.newest,
        bytes=found.size,
        removed=remove,
    )


@contextmanager
def _interruptible() -> Iterator[Event]:
    """Ctrl+C sets the event; a second one interrupts at once."""
    stop = Event()
    if current_thread() is not main_thread():  # only that one may catch signals
        yield stop
        return

    def ended(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        sys.stderr.write("\nEnding after the tickers under way; nothing will be written.\n")

    before = signal.signal(signal.SIGINT, ended)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[desk.Progress], None]]:
    """A bar on a terminal's stderr; nothing where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(printable(what), total=None)

        def shown(one: desk.Progress) -> None:
            bar.update(task, description=printable(one.said))
            if one.total:
                bar.update(task, completed=one.done, total=one.total)

        yield shown


def _meant(portfolio: desk.Portfolio, name: str) -> str:
    if name != "latest":
        return name
    found = desk.data_snapshots(portfolio)
    if not found:
        raise SnapshotError(portfolio.name, "there is no snapshot yet", "`fetch` makes one")
    return found[0].id


def _fetched_parts(done: desk.Refreshed) -> Iterator[Part]:
    snapshot = done.snapshot
    if snapshot is None:
        yield Line("Ended: nothing was written, and there is no market data yet.", "yellow")
        return
    if done.cancelled:
        yield Line(f"Ended: nothing was written. {snapshot.id} stays in use.", "yellow")
        return
    sessions = f"{snapshot.sessions.first} to {snapshot.sessions.last}"
    tickers = words.count(len(snapshot.tickers), "ticker")
    yield Line(f"{snapshot.source}: {tickers}, {sessions}", "bold")
    if done.written:
        yield Line(f"Snapshot {snapshot.id} is in use.", "bold green")
    else:
        yield Line(f"Nothing has changed: snapshot {snapshot.id} stays in use.")
    for ticker, said in sorted(done.failed.items()):
        yield Line(f"Did not come: {ticker}: {said}", "yellow")
    yield from finding_parts(f for f in done.findings if f.code not in _SAID)


_SAID = ("not_refreshed", "never_fetched", "vix_not_refreshed")
"""Findings that are said in other words already."""


def _fetched_facts(done: desk.Refreshed) -> dict[str, Any]:
    return {
        "snapshot": None if done.snapshot is None else _facts(done.snapshot),
        "written": done.written,
        "cancelled": done.cancelled,
        "updated": done.updated,
        "failed": dict(done.failed),
        "findings": done.findings,
    }


def _facts(snapshot: desk.Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot.id,
        "portfolio": snapshot.portfolio,
        "source": snapshot.source,
        "created_at": snapshot.created_at,
        "parent": snapshot.parent,
        "fingerprint": snapshot.fingerprint,
        "first_session": snapshot.sessions.first,
        "last_session": snapshot.sessions.last,
        "tickers": len(snapshot.tickers),
        "rows": snapshot.rows,
        "bytes": sum(stamp.size for stamp in snapshot.files.values()),
        "findings": len(snapshot.findings),
    }


def _list_parts(found: tuple[desk.Snapshot, ...]) -> Iterator[Part]:
    if not found:
        yield Line("No snapshot yet. `fetch` makes one; so does a decision on files.")
        return
    columns = [
        Column("Snapshot"),
        Column("Written (UTC)"),
        Column("Source", wraps=True),
        Column("From"),
        Column("To"),
        Column("Tickers", right=True),
        Column("Closes", right=True),
        Column("Findings", right=True),
    ]
    rows = [
        [
            one.id,
            f"{one.created_at:%Y-%m-%d %H:%M}",
            one.source,
            str(one.sessions.first),
            str(one.sessions.last),
            words.number(len(one.tickers), places=0),
            words.number(one.rows, places=0),
            words.number(len(one.findings), places=0),
        ]
        for one in found
    ]
    yield Grid(words.count(len(found), "snapshot"), columns, rows)


def _difference_parts(found: desk.SnapshotDifference) -> Iterator[Part]:
    yield Line(f"{found.later.id} against {found.earlier.id}", "bold")
    if found.new_sessions is not None:
        first, last, number = found.new_sessions
        yield Line(f"New sessions   {words.count(number, 'session')}, {first} to {last}")
    if found.added:
        yield Line(f"New tickers    {', '.join(found.added)}")
    if found.removed:
        yield Line(f"Tickers gone   {', '.join(found.removed)}")
    if found.findings:
        yield from finding_parts(found.findings)
    else:
        yield Line("No past value is another one.")


def _difference_facts(found: desk.SnapshotDifference) -> dict[str, Any]:
    return {
        "earlier": _facts(found.earlier),
        "later": _facts(found.later),
        "new_sessions": found.new_sessions,
        "added": found.added,
        "removed": found.removed,
        "findings": found.findings,
    }


def _pruning_parts(found: desk.Pruning, *, keep: int, removed: bool) -> Iterator[Part]:
    size = words.number(found.size / _MEGABYTE, places=1)
    many = words.count(len(found.unneeded), "snapshot")
    done = "Removed" if removed else "Would remove"
    yield Line(f"{done} {many}, {size} MB." if found.unneeded else "Nothing to remove.", "bold")
    for one in found.unneeded:
        yield Line(f"  {one.id}  {one.portfolio}, up to {one.sessions.last}")
    decided = words.count(len(found.decided), "snapshot")
    yield Line(f"Kept: {decided} that decisions were made on, and the newest {keep} of each.")
    if found.unneeded and not removed:
        yield Line("Nothing was removed; --yes removes them.")
