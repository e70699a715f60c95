"""The one way anything is recorded: whole, once, on the commit it was made on."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from quantetf_core.encoding import sha256
from quantetf_core.errors import (
    DamagedHistoryError,
    HoldingsFileError,
    InvalidValueError,
    LedgerWriteError,
    MixedHistoryError,
    StaleHoldingsError,
)
from quantetf_core.findings import override_key
from quantetf_core.ledger.admission import admit, contents
from quantetf_core.ledger.book import book_differences
from quantetf_core.ledger.chain import CommitEntry
from quantetf_core.ledger.files import (
    fsync_dir,
    publish_folder,
    remove_staging,
    remove_temporaries,
    stage_folder,
)
from quantetf_core.ledger.history import History, history, index_line
from quantetf_core.ledger.holdings_file import (
    HOLDINGS_NAME,
    HoldingsFile,
    check_holdings_file,
    repair,
)
from quantetf_core.ledger.index import INDEX_NAME, append_to_index, save_index
from quantetf_core.ledger.lock import locked
from quantetf_core.ledger.manifest import Acknowledged, Head, Manifest, Parent, manifest_bytes
from quantetf_core.ledger.reading import read_commit
from quantetf_core.ledger.record import IMPORTED, MANIFEST, CommitRequest, Kind, Receipt
from quantetf_core.ledger.verify import verify_commit


@dataclass(frozen=True, slots=True)
class _Place:
    artifacts: Path
    state: Path

    @property
    def index(self) -> Path:
        return self.state / INDEX_NAME


def commit(
    request: CommitRequest,
    *,
    artifacts_dir: Path,
    state_dir: Path,
    now: datetime,
    timeout: float = 30.0,
) -> Receipt:
    """Record a request as the newest commit, or return the receipt of the commit it already is.

    Under a lock, in this order: clear away what killed writers left; look the plan up; refuse what
    may not be recorded; write a staging folder, flush it, rename it into place; derive the holdings
    file. A kill at any point leaves no commit or the complete one.

    Parameters
    ----------
    artifacts_dir, state_dir
        Folder of commits, and of ``current_holdings.json``; made if missing.
    now
        Time of the commit, with its offset.
    timeout
        Seconds to wait for another writer.

    Raises
    ------
    ChecksBlockError, ApprovalError
        When a finding blocks, or approver or notes are missing.
    StaleHoldingsError
        When another commit came since the plan was made; carries the difference.
    DamagedHistoryError, HoldingsFileError
        When history or holdings file do not hold, so that nothing may be added.
    MixedHistoryError
        When simulated and market prices would share a history.
    InvalidValueError
        When the request contradicts itself, e.g. its trades do not lead to its book.
    LedgerBusyError, LedgerWriteError
        When another writer does not finish, or the file system refuses.
    """
    if now.tzinfo is None:
        raise InvalidValueError("now", now, "a time with its UTC offset")
    place = _Place(artifacts_dir, state_dir)
    try:
        with locked(artifacts_dir, state_dir, timeout=timeout):
            return _commit_locked(request, place, now.astimezone(UTC))
    except OSError as error:
        where = str(error.filename or artifacts_dir)
        raise LedgerWriteError(where, error.strerror or str(error)) from error


def _commit_locked(request: CommitRequest, place: _Place, now: datetime) -> Receipt:
    remove_staging(place.artifacts)
    remove_temporaries(place.index)
    found = history(place.artifacts, index=place.index)
    known = found.by_plan.get(request.plan_id)
    if known is not None:
        _after_the_fact(place, found)
        return _receipt(known, already=True)
    admit(request)
    _admit_here(request, place, found)
    head = _head(request, found, now)
    files = contents(request)
    manifest = manifest_bytes(_manifest(request, head, files))
    final = place.artifacts / head.id
    staging = stage_folder(place.artifacts, {**files, MANIFEST: manifest})
    publish_folder(staging, final)
    fsync_dir(place.artifacts)
    entry = CommitEntry(head=head, folder=final, manifest_sha256=sha256(manifest))
    _index(place, found, final)
    _after_the_fact(place, _with(found, entry))
    return _receipt(entry, already=False)


def _admit_here(request: CommitRequest, place: _Place, found: History) -> None:
    """Refuse what this history cannot take."""
    if found.blocks:
        first = found.blocks[0]
        raise DamagedHistoryError(first.subject, first.message)
    kept = check_holdings_file(place.state / HOLDINGS_NAME, found)
    newest = found.newest
    if newest is None:
        _admit_first(request, kept)
        return
    broken = verify_commit(place.artifacts, newest.id)
    if broken:
        raise DamagedHistoryError(newest.id, broken[0].message)
    book = read_commit(place.artifacts, newest.id).holdings_after
    differences = book_differences(request.holdings_before, book)
    if request.parent_id != newest.id or differences:
        raise StaleHoldingsError(request.parent_id, newest.id, differences)
    if request.simulated != newest.simulated:
        raise MixedHistoryError(str(place.artifacts), newest.simulated)


def _admit_first(request: CommitRequest, kept: HoldingsFile | None) -> None:
    if kept is not None and (
        request.kind is not Kind.IMPORT or request.files.get(IMPORTED) != kept.content
    ):
        raise HoldingsFileError(
            HOLDINGS_NAME,
            "holds a book that is not part of the history yet",
            "Import it first; it is never overwritten",
        )
    differences = book_differences(request.holdings_before, None)
    if request.parent_id is not None or differences:
        raise StaleHoldingsError(request.parent_id, None, differences)


def _head(request: CommitRequest, found: History, now: datetime) -> Head:
    newest = found.newest
    return Head(
        id=_next_id(found, request.as_of),
        kind=request.kind,
        as_of=request.as_of,
        committed_at=now,
        plan_id=request.plan_id,
        parent=None if newest is None else Parent(newest.id, newest.manifest_sha256),
        simulated=request.simulated,
        approver=request.approver.strip(),
        note=request.note,
        summary=request.summary,
    )


def _next_id(found: History, as_of: date) -> str:
    """``YYYYMMDD``, or with one more than the highest number any name of that day has."""
    stem = f"{as_of:%Y%m%d}"
    pattern = re.compile(rf"{stem}(?:-(\d+))?", re.ASCII)
    taken = [0]
    with os.scandir(found.folder) as entries:
        for entry in entries:
            match = pattern.fullmatch(entry.name)
            if match:
                taken.append(int(match[1] or 1))
    number = max(taken) + 1
    return stem if number == 1 else f"{stem}-{number}"


def _manifest(request: CommitRequest, head: Head, files: dict[str, bytes]) -> Manifest:
    return Manifest(
        head=head,
        cash=request.cash,
        acknowledged=_acknowledged(request),
        notes=request.notes,
        code_version=request.code_version,
        files={name: sha256(content) for name, content in files.items()},
    )


def _acknowledged(request: CommitRequest) -> tuple[Acknowledged, ...]:
    """Blocks overridden and warnings noted, each with what the approver wrote."""
    overridden = tuple(
        Acknowledged(finding=block, note=request.overrides[override_key(block)])
        for block in request.blocks
    )
    noted = tuple(
        Acknowledged(finding=warning, note=request.notes[warning.code])
        for warning in request.warnings
    )
    return overridden + noted


def _with(found: History, entry: CommitEntry) -> History:
    return History(folder=found.folder, entries=(entry, *found.entries), findings=found.findings)


def _index(place: _Place, found: History, final: Path) -> None:
    """Add the commit to the index; the index is derived, so a failure to write it costs nothing."""
    try:
        line = index_line(final)
        if found.unindexed or not found.entries:
            save_index(place.index, (*found.index_lines, line))
        else:
            append_to_index(place.index, line)
    except OSError:
        return


def _after_the_fact(place: _Place, found: History) -> None:
    """Derive the holdings file. The commit stands: what fails here the next one repairs."""
    try:
        repair(place.state, found)
    except (OSError, HoldingsFileError, DamagedHistoryError):
        return


def _receipt(entry: CommitEntry, *, already: bool) -> Receipt:
    return Receipt(
        commit_id=entry.id,
        folder=entry.folder,
        plan_id=entry.plan_id,
        as_of=entry.as_of,
        committed_at=entry.committed_at,
        already_committed=already,
    )
