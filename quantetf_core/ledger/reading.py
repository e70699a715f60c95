"""One commit with everything in its folder."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from quantetf_core.encoding import sha256
from quantetf_core.errors import CommitNotFoundError, DamagedHistoryError
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger.book import read_book
from quantetf_core.ledger.fields import MalformedError
from quantetf_core.ledger.fold import Step, fold_problems, kind_problems, read_steps
from quantetf_core.ledger.manifest import Manifest, read_manifest, seal_problem
from quantetf_core.ledger.record import HOLDINGS_AFTER, HOLDINGS_BEFORE, MANIFEST, TRADES
from quantetf_core.portfolio.holdings import Holdings

_OLDEST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit as it lies on disk.

    ``files`` holds the bytes of every file of the folder but hidden ones; ``findings`` what does
    not hold within it (the link to its parent is for `verify_commit`).
    """

    manifest: Manifest
    manifest_sha256: str
    folder: Path
    files: Mapping[str, bytes] = field(repr=False)
    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> str:
        """Id, which is the folder's name."""
        return self.manifest.head.id

    def json(self, name: str) -> Any:
        """A file of the commit, parsed as JSON; None when there is none or it cannot be parsed."""
        try:
            return json.loads(self.files[name])
        except (KeyError, ValueError, RecursionError):
            return None

    @property
    def holdings_before(self) -> Holdings:
        """The book the plan was made on.

        Raises
        ------
        DamagedHistoryError
            When its file is missing or cannot be read.
        """
        parent = self.manifest.head.parent
        return self._book(HOLDINGS_BEFORE, parent.id if parent else None)

    @property
    def holdings_after(self) -> Holdings:
        """The book it led to; raises like `holdings_before`."""
        return self._book(HOLDINGS_AFTER, self.id)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The lines of ``trades.csv``; raises like `holdings_before`."""
        try:
            return read_steps(self.files[TRADES])
        except KeyError:
            raise DamagedHistoryError(self.id, f"{TRADES} is missing") from None
        except MalformedError as error:
            raise DamagedHistoryError(self.id, str(error)) from error

    def _book(self, name: str, commit_id: str | None) -> Holdings:
        try:
            return read_book(self.files[name], commit_id=commit_id)
        except KeyError:
            raise DamagedHistoryError(self.id, f"{name} is missing") from None
        except MalformedError as error:
            raise DamagedHistoryError(self.id, f"{name}: {error}") from error


def read_commit(artifacts_dir: Path, commit_id: str) -> Commit:
    """Read one commit and check everything that can be checked without its parent.

    Raises
    ------
    CommitNotFoundError
        When there is no folder of this id with a manifest.
    DamagedHistoryError
        When the manifest cannot be read at all.
    """
    folder = artifacts_dir / commit_id
    plain_name = Path(commit_id).name == commit_id and not commit_id.startswith(".")
    if not plain_name or not (folder / MANIFEST).is_file():
        raise CommitNotFoundError(commit_id, _ids(artifacts_dir))
    try:
        files = _file_contents(folder)
        content = files[MANIFEST]
        manifest = read_manifest(content)
    except (MalformedError, OSError) as error:
        raise DamagedHistoryError(commit_id, f"its manifest cannot be read: {error}") from error
    return _checked(
        Commit(manifest=manifest, manifest_sha256=sha256(content), folder=folder, files=files)
    )


def holdings_after(artifacts_dir: Path, commit_id: str) -> Holdings:
    """The book a commit led to; raises like `read_commit`, and when the file does not hold."""
    return read_commit(artifacts_dir, commit_id).holdings_after


def zip_commit(folder: Path) -> bytes:
    """The folder of a commit as a ZIP; the same files are the same bytes.

    Hidden files are left out; times are the oldest the format knows; nothing is compressed, since
    that differs between versions of the library.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in _file_contents(folder).items():
            entry = zipfile.ZipInfo(f"{folder.name}/{name}", _OLDEST_ZIP_DATE)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def _ids(artifacts_dir: Path) -> list[str]:
    return sorted((path.parent.name for path in artifacts_dir.glob(f"*/{MANIFEST}")), reverse=True)


def _file_contents(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.startswith(".")
    }


def _checked(commit: Commit) -> Commit:
    findings = tuple(
        Finding(Severity.BLOCK, code, commit.folder.name, message)
        for code, message in _problems(commit)
    )
    return Commit(
        manifest=commit.manifest,
        manifest_sha256=commit.manifest_sha256,
        folder=commit.folder,
        files=commit.files,
        findings=findings,
    )


def _problems(commit: Commit) -> list[tuple[str, str]]:
    problems = _file_problems(commit)
    seal = seal_problem(commit.files[MANIFEST])
    if seal is not None:
        problems.insert(0, ("manifest_changed", seal))
    if commit.id != commit.folder.name:
        problems.append(("folder_renamed", f"its manifest says it is {commit.id}"))
    if problems:
        return problems
    try:
        before, after, steps = commit.holdings_before, commit.holdings_after, commit.steps
    except DamagedHistoryError as error:
        return [("does_not_fold", error.problem)]
    broken = (
        *fold_problems(before, after, steps, commit.manifest.cash),
        *kind_problems(commit.manifest.head.kind, before, after),
    )
    return [("does_not_fold", problem) for problem in broken]


def _file_problems(commit: Commit) -> list[tuple[str, str]]:
    stated = commit.manifest.files
    present = {name: content for name, content in commit.files.items() if name != MANIFEST}
    problems = [("file_missing", f"{name} is missing") for name in sorted({*stated} - {*present})]
    problems += [
        ("file_added", f"{name} was not there when it was committed")
        for name in sorted({*present} - {*stated})
    ]
    problems += [
        ("file_changed", f"{name} was changed after it was committed")
        for name, content in present.items()
        if name in stated and sha256(content) != stated[name]
    ]
    folders = (path.name for path in commit.folder.iterdir() if path.is_dir())
    problems += [("file_added", f"the folder {name} does not belong to it") for name in folders]
    return problems
