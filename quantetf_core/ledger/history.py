"""Every commit of a portfolio, newest first, with what is wrong in its folder as findings."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from quantetf_core.encoding import sha256
from quantetf_core.errors import CommitNotFoundError
from quantetf_core.findings import Finding, Severity, in_order, of_severity
from quantetf_core.ledger.chain import CommitEntry, oldest_first, structural_findings
from quantetf_core.ledger.fields import MalformedError, read_object
from quantetf_core.ledger.index import IndexLine, load_index, stamp_of
from quantetf_core.ledger.manifest import HEAD_KEYS, read_head
from quantetf_core.ledger.record import HOLDINGS_AFTER, MANIFEST


@dataclass(frozen=True, kw_only=True)
class History:
    """All commits, newest first by parent, and what was found besides.

    A finding that blocks is one after which nothing may be added to this history.
    """

    folder: Path
    entries: tuple[CommitEntry, ...]
    findings: tuple[Finding, ...]
    index_lines: tuple[IndexLine, ...] = field(default=(), repr=False)
    unindexed: int = 0

    @cached_property
    def by_id(self) -> Mapping[str, CommitEntry]:
        """Id → commit."""
        return MappingProxyType({entry.id: entry for entry in self.entries})

    @cached_property
    def by_plan(self) -> Mapping[str, CommitEntry]:
        """Plan id → the commit that recorded it."""
        return MappingProxyType({entry.plan_id: entry for entry in self.entries})

    @property
    def newest(self) -> CommitEntry | None:
        """The last commit; None when there is none."""
        return self.entries[0] if self.entries else None

    @property
    def blocks(self) -> tuple[Finding, ...]:
        """Why nothing may be added."""
        return of_severity(self.findings, Severity.BLOCK)

    def entry(self, commit_id: str) -> CommitEntry:
        """One commit.

        Raises
        ------
        CommitNotFoundError
            When no commit has this id.
        """
        if commit_id not in self.by_id:
            raise CommitNotFoundError(commit_id, self.by_id)
        return self.by_id[commit_id]


@dataclass(frozen=True, slots=True)
class _Damage:
    """A folder that is, or claims to be, a commit and cannot be read as one."""

    folder: str
    code: str
    message: str
    claimed_id: str


@dataclass(slots=True)
class _Scan:
    """What the folders of an artifacts folder turned out to be."""

    entries: dict[str, CommitEntry] = field(default_factory=dict)
    lines: list[IndexLine] = field(default_factory=list)
    unindexed: int = 0
    damaged: list[_Damage] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


def history(artifacts_dir: Path, *, index: Path | None = None) -> History:
    """Read the history of a portfolio.

    Parameters
    ----------
    artifacts_dir
        The folder of commits; need not exist yet. Names with a leading dot are not looked at.
    index
        The index kept beside the holdings file, to spare reading unchanged manifests.

    Returns
    -------
    History
        Damaged and foreign folders are findings; nothing in the folder makes this raise.
    """
    scan = _scan(artifacts_dir, load_index(index))
    ordered = oldest_first(scan.entries.values())
    damaged = {damage.folder for damage in scan.damaged}
    accounted = {*scan.entries, *(entry.parent_id for entry in ordered)}
    findings = [
        *structural_findings(ordered, damaged),
        *(_damage_finding(damage, accounted) for damage in scan.damaged),
        *(_foreign_finding(name) for name in scan.foreign),
    ]
    return History(
        folder=artifacts_dir,
        entries=tuple(reversed(ordered)),
        findings=in_order(findings),
        index_lines=tuple(scan.lines),
        unindexed=scan.unindexed,
    )


def history_stamp(artifacts_dir: Path) -> str:
    """A short key that changes when a manifest is added, removed or written (for caches)."""
    names = _folder_names(artifacts_dir)
    stamps = [(name, _manifest_stamp(artifacts_dir / name)) for name in names]
    return sha256(repr(stamps).encode())[:16]


def _folder_names(artifacts_dir: Path) -> list[str]:
    """Names of the folders that may be commits, sorted; none when there is no such folder."""
    try:
        with os.scandir(artifacts_dir) as found:
            return sorted(e.name for e in found if not e.name.startswith(".") and e.is_dir())
    except FileNotFoundError:
        return []


def _manifest_stamp(folder: Path) -> tuple[int, int, int] | None:
    try:
        return stamp_of(os.stat(f"{folder}/{MANIFEST}"))  # noqa: PTH116 - 10,000 times a page
    except OSError:
        return None


def _scan(artifacts_dir: Path, known: Mapping[str, IndexLine]) -> _Scan:
    scan = _Scan()
    for name in _folder_names(artifacts_dir):
        folder = artifacts_dir / name
        stamp = _manifest_stamp(folder)
        if stamp is None:
            _without_manifest(scan, folder)
            continue
        line = known.get(name)
        entry = _indexed_entry(folder, line) if line and line.stamp == stamp else None
        if entry is not None and line is not None:
            scan.entries[name] = entry
            scan.lines.append(line)
        else:
            _read_folder(scan, folder)
    return scan


def _indexed_entry(folder: Path, line: IndexLine) -> CommitEntry | None:
    """The commit as the index has it; None when the index makes no sense."""
    try:
        head = read_head(line.content)
    except MalformedError:
        return None
    if head.id != folder.name:
        return None
    return CommitEntry(head=head, folder=folder, manifest_sha256=line.sha256)


def _read_folder(scan: _Scan, folder: Path) -> None:
    try:
        line = index_line(folder)
        head = read_head(line.content)
    except (MalformedError, OSError) as error:
        message = f"its manifest cannot be read: {error}"
        scan.damaged.append(_Damage(folder.name, "manifest_unreadable", message, folder.name))
        return
    if head.id != folder.name:
        message = f"its manifest says it is {head.id}"
        scan.damaged.append(_Damage(folder.name, "folder_renamed", message, head.id))
        return
    scan.entries[head.id] = CommitEntry(head=head, folder=folder, manifest_sha256=line.sha256)
    scan.lines.append(line)
    scan.unindexed += 1


def index_line(folder: Path) -> IndexLine:
    """Read one manifest for the index.

    Raises
    ------
    MalformedError, OSError
        When it cannot be read.
    """
    path = folder / MANIFEST
    stamp, content = stamp_of(path.stat()), path.read_bytes()
    source = read_object(content)
    kept = {key: source.get(key) for key in HEAD_KEYS}
    return IndexLine(folder.name, stamp, sha256(content), kept)


def _without_manifest(scan: _Scan, folder: Path) -> None:
    if (folder / HOLDINGS_AFTER).exists():
        message = "it is a commit whose manifest is missing"
        scan.damaged.append(_Damage(folder.name, "manifest_missing", message, folder.name))
    else:
        scan.foreign.append(folder.name)


def _damage_finding(damage: _Damage, accounted: Collection[str | None]) -> Finding:
    # A damaged commit that a later one was made on, or a copy of one that is there, is not the
    # newest. Of any other one cannot know, and adding to the history might fork it.
    severity = Severity.WARN if damage.claimed_id in accounted else Severity.BLOCK
    return Finding(severity, damage.code, damage.folder, damage.message)


def _foreign_finding(name: str) -> Finding:
    return Finding(
        Severity.INFO, "foreign_folder", name, "it has no manifest, so it is not a commit"
    )
