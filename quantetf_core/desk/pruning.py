"""Which snapshots no decision needs, and removing them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from quantetf_core.config import load_portfolio, portfolio_names
from quantetf_core.data.sources import SNAPSHOTS
from quantetf_core.data.sources.snapshot_manifest import Snapshot
from quantetf_core.data.sources.snapshot_store import remove_snapshots, writing_snapshots
from quantetf_core.data.sources.snapshots import list_snapshots
from quantetf_core.errors import DamagedHistoryError, InvalidValueError

KEPT = 5
"""Newest snapshots of each portfolio that stay, whoever needs them."""

_ARTIFACTS = "artifacts"
_INPUTS = "inputs.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """What may go and what stays.

    Parameters
    ----------
    unneeded
        Snapshots no decision was made on and that are not among the newest; newest first.
    decided
        Ids of snapshots that decisions were made on → how many.
    newest
        Ids of the newest of each portfolio, which stay.
    size
        Bytes of what may go.
    """

    unneeded: tuple[Snapshot, ...]
    decided: Mapping[str, int]
    newest: tuple[str, ...]
    size: int


def pruning(root: Path, *, keep: int = KEPT) -> Pruning:
    """What `prune` would remove; looks at every decision there is in the workspace.

    Decisions are looked for where the portfolios keep theirs, and in all of ``artifacts``, where
    those of a portfolio that is not configured any more are.

    Raises
    ------
    InvalidValueError
        When ``keep`` is below 1: the newest is in use.
    ConfigError
        When a portfolio cannot be read, so that its decisions are not known.
    DamagedHistoryError
        When a decision cannot be read, so that the snapshot it needs is not known.
    """
    if keep < 1:
        raise InvalidValueError("keep", keep, "1 at least; the newest snapshot is in use")
    found, _ = list_snapshots(root / SNAPSHOTS)
    decided = _decided(root)
    newest: dict[str, list[str]] = {}
    for snapshot in found:
        newest.setdefault(snapshot.portfolio, []).append(snapshot.id)
    kept = {name for names in newest.values() for name in names[:keep]}
    unneeded = tuple(one for one in found if one.id not in kept and one.id not in decided)
    size = sum(stamp.size for one in unneeded for stamp in one.files.values())
    return Pruning(unneeded=unneeded, decided=decided, newest=tuple(sorted(kept)), size=size)


def prune(root: Path, *, keep: int = KEPT) -> Pruning:
    """Remove what `pruning` finds unneeded, and return what that was.

    Raises
    ------
    SnapshotError
        When another process is writing snapshots, or the file system refuses.
    QuantEtfError
        As `pruning` does; nothing is removed then.
    """
    with writing_snapshots(root / SNAPSHOTS):  # or a decision could come to need one meanwhile
        found = pruning(root, keep=keep)
        remove_snapshots(root / SNAPSHOTS, [one.id for one in found.unneeded])
    return found


def _decided(root: Path) -> dict[str, int]:
    """Ids of the snapshots that decisions name → how many do."""
    folders = {
        root / load_portfolio(root, name).config.artifacts_dir for name in portfolio_names(root)
    }
    inputs = {path for folder in {*folders, root / _ARTIFACTS} for path in folder.rglob(_INPUTS)}
    counts: dict[str, int] = {}
    for path in sorted(inputs):
        snapshot = _snapshot_of(path)
        if snapshot:
            counts[snapshot] = counts.get(snapshot, 0) + 1
    return counts


def _snapshot_of(path: Path) -> str:
    try:
        kept = json.loads(path.read_bytes()).get("snapshot")
        return "" if kept is None else str(kept["id"])
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        problem = f"{_INPUTS} cannot be read, so what it was decided on is not known"
        raise DamagedHistoryError(path.parent.name, problem) from None
