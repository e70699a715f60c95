"""What the environment says: where the workspace is, where its cache is, and what time it is.

Pages and command line read the same variables through these functions, so that one setting moves
both: ``QUANTETF_ROOT``, ``QUANTETF_CACHE``, ``QUANTETF_NOW`` and ``QUANTETF_VENDORS``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from quantetf_core.errors import InvalidValueError

ROOT_VARIABLE = "QUANTETF_ROOT"
CACHE_VARIABLE = "QUANTETF_CACHE"
NOW_VARIABLE = "QUANTETF_NOW"
VENDORS_VARIABLE = "QUANTETF_VENDORS"


def workspace_folder(default: Path) -> Path:
    """The folder with ``configs/``, ``artifacts/`` and ``data/``; ``default`` unless one is named.

    Raises
    ------
    InvalidValueError
        When ``QUANTETF_ROOT`` is set and is not a folder.
    """
    given = os.environ.get(ROOT_VARIABLE)
    return folder(ROOT_VARIABLE, given) if given else default


def cache_folder(root: Path) -> Path:
    """Folder for what can be computed again: ``QUANTETF_CACHE``, or ``data/cache`` of ``root``."""
    given = os.environ.get(CACHE_VARIABLE)
    return Path(given).resolve() if given else root / "data" / "cache"


def current_time() -> datetime:
    """Return the time, with its zone; ``QUANTETF_NOW`` (ISO 8601 with an offset) fixes it.

    Raises
    ------
    InvalidValueError
        When ``QUANTETF_NOW`` is not a time, or has no UTC offset.
    """
    given = os.environ.get(NOW_VARIABLE)
    if not given:
        return datetime.now(UTC)
    accepted = "an ISO 8601 time with its UTC offset, such as 2024-01-02T08:00:00-05:00"
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise InvalidValueError(NOW_VARIABLE, given, accepted) from None
    if moment.tzinfo is None:
        raise InvalidValueError(NOW_VARIABLE, given, accepted)
    return moment


def vendor_route() -> Callable[[str], str]:
    """Where requests to vendors of market data go: there, or to the mirror that is named.

    ``QUANTETF_VENDORS`` is the address of a mirror that has a folder for each host.

    Examples
    --------
    >>> with_mirror = partial(_mirrored, "http://mirror/vendors")
    >>> with_mirror("https://host.example/path?id=1")
    'http://mirror/vendors/host.example/path?id=1'
    """
    given = os.environ.get(VENDORS_VARIABLE)
    return partial(_mirrored, given.rstrip("/")) if given else str


def _mirrored(mirror: str, address: str) -> str:
    return f"{mirror}/{address.split('://', 1)[-1]}"


def folder(name: str, given: str) -> Path:
    """A folder named by ``name`` (a variable or an option), resolved.

    Raises
    ------
    InvalidValueError
        When there is no such folder.
    """
    found = Path(given).resolve()
    if not found.is_dir():
        raise InvalidValueError(name, given, "an existing folder")
    return found
