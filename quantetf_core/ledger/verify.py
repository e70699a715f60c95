"""Walk the chain and say whether, and where, it stops holding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from quantetf_core.errors import CommitNotFoundError, DamagedHistoryError, HoldingsFileError
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger.book import book_differences
from quantetf_core.ledger.booked_check import fills_findings
from quantetf_core.ledger.history import History, history
from quantetf_core.ledger.holdings_file import current_holdings
from quantetf_core.ledger.reading import Commit, read_commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result of walking a history, oldest commit first.

    Parameters
    ----------
    ok
        Whether every link holds; foreign folders do not count against it.
    checked
        Commits looked at.
    findings
        In the order of the walk, then what concerns no single commit.
    first_bad_link
        Id of the oldest commit that does not hold, by itself or to its parent; failing that, the
        folder or file that is damaged; None when all hold.
    """

    ok: bool
    checked: int
    findings: tuple[Finding, ...]
    first_bad_link: str | None


def verify(artifacts_dir: Path, state_dir: Path | None = None) -> Verification:
    """Check every commit, from its own files up: nothing is taken from an index.

    For each: the manifest's bytes and seal, the SHA-256 of every file, no file more or less, the
    manifest of its parent, the book before against the parent's book after, and the book after
    against the book before, the trades and the cash, to the cent; where fills were booked, the
    book after against the decision and its fills.

    Parameters
    ----------
    state_dir
        Where the holdings file is, to check it against the newest commit as well; None leaves
        it out. It is the only witness when the newest commit's folder was removed.
    """
    found = history(artifacts_dir)
    findings: list[Finding] = []
    parent: Commit | None = None
    for entry in reversed(found.entries):
        if parent is None or parent.id != entry.parent_id:
            parent = _parent(found, entry.parent_id)
        try:
            here = read_commit(artifacts_dir, entry.id)
        except (CommitNotFoundError, DamagedHistoryError) as error:
            findings.append(_block("manifest_unreadable", entry.id, str(error)))
            parent = None
        else:
            findings += _commit_findings(here, parent)
            findings += fills_findings(here)
            parent = here
    findings += (f for f in found.findings if f.code != "broken_link")
    findings += _holdings_file_findings(artifacts_dir, state_dir, found)
    bad = {f.subject for f in findings if f.severity is not Severity.INFO}
    return Verification(
        ok=not bad,
        checked=len(found.entries),
        findings=tuple(findings),
        first_bad_link=_first(found, findings),
    )


def verify_commit(artifacts_dir: Path, commit_id: str) -> tuple[Finding, ...]:
    """Check one commit and its link to its parent; empty when both hold.

    Raises
    ------
    CommitNotFoundError, DamagedHistoryError
        As `read_commit`.
    """
    commit = read_commit(artifacts_dir, commit_id)
    link = commit.manifest.head.parent
    if link is None:
        return tuple(_commit_findings(commit, None))
    try:
        parent = read_commit(artifacts_dir, link.id)
    except (CommitNotFoundError, DamagedHistoryError):
        message = f"was made on {link.id}, which cannot be read"
        return (*commit.findings, _block("missing_parent", commit_id, message))
    return (*_commit_findings(commit, parent), *fills_findings(commit))


def _commit_findings(commit: Commit, parent: Commit | None) -> Iterator[Finding]:
    yield from commit.findings
    link = commit.manifest.head.parent
    if link is not None and parent is not None and parent.manifest_sha256 != link.manifest_sha256:
        yield _block(
            "broken_link", commit.id, f"the manifest of {link.id} is not the one it was made on"
        )
    if commit.findings or (parent is None and link is not None):
        return
    try:
        started = parent.holdings_after if parent is not None else None
    except DamagedHistoryError:
        return  # the parent's own findings say so
    differences = book_differences(started, commit.holdings_before)
    if differences:
        yield _block(
            "books_differ",
            commit.id,
            f"it does not start from the book before it ({'; '.join(differences)})",
        )


def _parent(found: History, commit_id: str | None) -> Commit | None:
    if commit_id is None or commit_id not in found.by_id:
        return None
    try:
        return read_commit(found.folder, commit_id)
    except (CommitNotFoundError, DamagedHistoryError):
        return None


def _holdings_file_findings(
    artifacts_dir: Path, state_dir: Path | None, found: History
) -> tuple[Finding, ...]:
    if state_dir is None:
        return ()
    try:
        return current_holdings(artifacts_dir, state_dir, found=found)[1]
    except (HoldingsFileError, DamagedHistoryError) as error:
        return (_block("holdings_file", "current_holdings.json", str(error)),)


def _first(found: History, findings: list[Finding]) -> str | None:
    """The oldest bad commit; what is bad and has no place in the order comes last."""
    place: dict[str, float] = {}
    for position, entry in enumerate(reversed(found.entries)):
        place[entry.id] = position
        if entry.parent_id is not None:  # a damaged parent has its place just before its child
            place.setdefault(entry.parent_id, position - 0.5)
    bad = [finding.subject for finding in findings if finding.severity is not Severity.INFO]
    return min(bad, key=lambda subject: place.get(subject, len(place)), default=None)


def _block(code: str, subject: str, message: str) -> Finding:
    return Finding(Severity.BLOCK, code, subject, message)
