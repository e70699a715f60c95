"""The order of commits: by parent, never by name or time."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger.manifest import Head
from quantetf_core.ledger.record import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitEntry:
    """One commit as History lists it; the whole of it is read by `read_commit`."""

    head: Head
    folder: Path
    manifest_sha256: str

    @property
    def id(self) -> str:
        """Id, which is the folder's name."""
        return self.head.id

    @property
    def kind(self) -> Kind:
        """What it records."""
        return self.head.kind

    @property
    def as_of(self) -> date:
        """The session it is about."""
        return self.head.as_of

    @property
    def committed_at(self) -> datetime:
        """When it was committed (UTC)."""
        return self.head.committed_at

    @property
    def approver(self) -> str:
        """Who confirmed it."""
        return self.head.approver

    @property
    def note(self) -> str:
        """The approver's free note."""
        return self.head.note

    @property
    def plan_id(self) -> str:
        """Id of the plan that was confirmed."""
        return self.head.plan_id

    @property
    def parent_id(self) -> str | None:
        """The commit before it; None for the first."""
        return None if self.head.parent is None else self.head.parent.id

    @property
    def simulated(self) -> bool:
        """Whether its prices are simulated."""
        return self.head.simulated

    @property
    def summary(self) -> Mapping[str, Any]:
        """Plain JSON: regime, strategy, turnover … as the maker of the commit chose."""
        return self.head.summary


def oldest_first(entries: Iterable[CommitEntry]) -> list[CommitEntry]:
    """Sort commits so that each comes after its parent.

    In a sound history that is the only order. Where it is damaged (a missing parent, two
    children), what the parents leave open is settled by time, then id; commits in a circle of
    parents come first, so that none of them can be taken for the newest.
    """
    by_id = {entry.id: entry for entry in entries}
    children = _children(by_id)
    ready = [
        _by_time(entry)
        for entry in by_id.values()
        if entry.parent_id is None or entry.parent_id not in by_id
    ]
    heapq.heapify(ready)
    ordered: list[CommitEntry] = []
    while ready:
        entry = by_id[heapq.heappop(ready)[1]]
        ordered.append(entry)
        for child in children.get(entry.id, ()):
            heapq.heappush(ready, _by_time(by_id[child]))
    circling = set(by_id) - {entry.id for entry in ordered}
    return [by_id[name] for name in sorted(circling)] + ordered


def structural_findings(ordered: list[CommitEntry], named: Collection[str]) -> Iterator[Finding]:
    """Why these commits are not one chain; nothing for a sound history.

    Parameters
    ----------
    ordered
        As `oldest_first` gives them.
    named
        Ids of damaged folders, so that a missing parent can be told from an unreadable one.
    """
    by_id = {entry.id: entry for entry in ordered}
    beginnings = [entry.id for entry in ordered if entry.parent_id is None]
    for late in beginnings[1:]:
        yield _block("second_beginning", late, f"has no parent, and neither has {beginnings[0]}")
    for parent, children in sorted(_children(by_id).items()):
        if len(children) > 1:
            made = ", ".join(sorted(children))
            yield _block("two_children", parent, f"more than one commit was made on it: {made}")
        if parent not in by_id:
            state = "cannot be read" if parent in named else "is missing"
            first = min(children)
            yield _block("missing_parent", first, f"was made on {parent}, which {state}")
    yield from _circles(ordered)
    yield from _broken_links(ordered, by_id)


def _circles(ordered: list[CommitEntry]) -> Iterator[Finding]:
    seen: set[str] = set()
    ids = {entry.id for entry in ordered}
    for entry in ordered:
        if entry.parent_id in ids and entry.parent_id not in seen:
            yield _block("parent_circle", entry.id, "is made on a commit that was made on it")
        seen.add(entry.id)


def _broken_links(
    ordered: list[CommitEntry], by_id: Mapping[str, CommitEntry]
) -> Iterator[Finding]:
    for entry in ordered:
        parent = None if entry.head.parent is None else by_id.get(entry.head.parent.id)
        if (
            parent is not None
            and entry.head.parent is not None
            and entry.head.parent.manifest_sha256 != parent.manifest_sha256
        ):
            yield Finding(
                Severity.WARN,
                "broken_link",
                entry.id,
                f"the manifest of {parent.id} is not the one this commit was made on",
            )


def _block(code: str, subject: str, message: str) -> Finding:
    return Finding(Severity.BLOCK, code, subject, message)


def _by_time(entry: CommitEntry) -> tuple[datetime, str]:
    return (entry.committed_at, entry.id)


def _children(by_id: Mapping[str, CommitEntry]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for entry in by_id.values():
        if entry.parent_id is not None:
            found[entry.parent_id].append(entry.id)
    return found
