"""One writer at a time, between threads and between processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from quantetf_core.errors import LedgerBusyError
from quantetf_core.ledger.files import ensure_folder

LOCK_NAME = ".ledger.lock"


@contextmanager
def locked(*folders: Path, timeout: float) -> Iterator[None]:
    """Hold the locks of these folders, made if missing; the system frees them if we are killed.

    They are taken in the order of their paths, so that two writers never wait for each other.

    Parameters
    ----------
    timeout
        Seconds to wait for each.

    Raises
    ------
    LedgerBusyError
        When another writer holds one for longer.
    """
    with ExitStack() as held:
        for folder in sorted({folder.resolve() for folder in folders}):
            ensure_folder(folder)
            # A lock that is only a file would outlive a killed writer: refuse rather than fall back
            lock = FileLock(folder / LOCK_NAME, timeout=timeout, fallback_to_soft=False)
            try:
                held.enter_context(lock)
            except Timeout:
                raise LedgerBusyError(str(folder), timeout) from None
        yield
