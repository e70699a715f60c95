"""Writing files so that a reader, or a machine that loses power, sees all of them or none.

House rules, after the POSIX guarantees of ``fsync(2)`` and ``rename(2)``: content is flushed before
it gets its final name, the name is flushed before anything builds on it, and a folder gets its
final name in one rename.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

STAGING_PREFIX = ".staging-"
"""Start of the name of a folder being written; readers ignore every name with a leading dot."""

_TEMPORARY_SUFFIX = ".tmp"


def write_atomic(path: Path, content: bytes) -> None:
    """Give ``path`` this content, whole or not at all, replacing what was there.

    Missing parent folders are made. A kill at any point leaves the old content or the new one,
    and at worst a file named ``.<name>.<random>.tmp`` beside it (see `remove_temporaries`).

    Raises
    ------
    OSError
        When the file system refuses; the old content is then still there.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write_atomic(folder / "a.json", b"{}")
    >>> (folder / "a.json").read_bytes(), [entry.name for entry in folder.iterdir()]
    (b'{}', ['a.json'])
    """
    ensure_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}{_TEMPORARY_SUFFIX}")
    try:
        _write_new(temporary, content, mode=0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    fsync_dir(path.parent)


def remove_temporaries(path: Path) -> None:
    """Delete what killed `write_atomic` calls for ``path`` left; only safe when none is running."""
    for leftover in path.parent.glob(f".{path.name}.*{_TEMPORARY_SUFFIX}"):
        leftover.unlink(missing_ok=True)


def fsync_dir(folder: Path) -> None:
    """Flush the names in a folder to the disk (nothing to do where folders cannot be opened)."""
    if os.name == "nt":  # pragma: no cover - Windows has no handle to flush a folder by
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def ensure_folder(folder: Path) -> None:
    """Make a folder and its missing parents, each flushed into the folder above it."""
    if folder.is_dir():
        return
    ensure_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    fsync_dir(folder.parent)


def stage_folder(parent: Path, files: Mapping[str, bytes]) -> Path:
    """Write files, read-only and flushed, into a new staging folder inside ``parent``.

    Returns
    -------
    Path
        The staging folder, to be given to `publish_folder`. On failure it is removed again.
    """
    staging = parent / f"{STAGING_PREFIX}{secrets.token_hex(8)}"
    staging.mkdir()
    try:
        for name, content in files.items():
            _write_new(staging / name, content, mode=0o444)
        fsync_dir(staging)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return staging


def publish_folder(staging: Path, final: Path) -> None:
    """Give a staged folder its final name: the one step before which nothing happened.

    Raises
    ------
    OSError
        When the name is taken (a rename never replaces a folder that has something in it); the
        staging folder is then removed.
    """
    try:
        os.rename(staging, final)  # noqa: PTH104 - the one call a commit is: kept visible as such
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def remove_staging(parent: Path) -> None:
    """Delete the staging folders that killed writers left; only safe under the writers' lock."""
    if not parent.is_dir():
        return
    with os.scandir(parent) as entries:
        dead = [entry.path for entry in entries if entry.name.startswith(STAGING_PREFIX)]
    for path in dead:
        shutil.rmtree(path, ignore_errors=True)


def _write_new(path: Path, content: bytes, *, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        remaining = memoryview(content)
        while remaining:
            remaining = remaining[os.write(descriptor, remaining) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
