"""What is left of a folder of the history that cannot be read as a commit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.encoding import sha256
from quantetf_core.errors import CommitNotFoundError, DamagedHistoryError
from quantetf_core.ledger import zip_commit


def remains(portfolio: Portfolio, name: str) -> pd.DataFrame:
    """The files of a folder of the history: ``name, size`` (bytes), ``sha256``.

    Raises
    ------
    CommitNotFoundError, DamagedHistoryError
        When there is no such folder, or its files cannot be read.
    """
    folder = _folder(portfolio, name)
    try:
        found = [
            (path.name, path.stat().st_size, sha256(path.read_bytes()))
            for path in sorted(folder.iterdir())
            if path.is_file()
        ]
    except OSError as error:
        raise DamagedHistoryError(name, f"its files cannot be read: {error.strerror}") from error
    return pd.DataFrame.from_records(found, columns=["name", "size", "sha256"])


def remains_archive(portfolio: Portfolio, name: str) -> bytes:
    """The same folder as a ZIP; raises like `remains`."""
    folder = _folder(portfolio, name)
    try:
        return zip_commit(folder)
    except OSError as error:
        raise DamagedHistoryError(name, f"its files cannot be read: {error.strerror}") from error


def _folder(portfolio: Portfolio, name: str) -> Path:
    """The folder of this name; a name from a link never leads out of the history."""
    folder = portfolio.artifacts_dir / name
    if not name or Path(name).name != name or name.startswith(".") or not folder.is_dir():
        raise CommitNotFoundError(name, ())
    return folder
