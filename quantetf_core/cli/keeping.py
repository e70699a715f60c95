"""The commands about market data and the snapshots it is kept in, and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from quantetf_core.cli import options as o
from quantetf_core.cli.command import Act, command

SnapshotId = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="Id of a snapshot, or 'latest'.")
]


@command("fetch")
def fetch() -> Act:
    """Fetch the newest prices into a snapshot.

    A live source is asked for what is missing, and for recent sessions again; of files a snapshot
    is kept as they are. A ticker that does not come keeps the prices it had, and is named; the
    exit code is 1 then. Ctrl+C ends it after the batch under way, and writes nothing.
    """
    from quantetf_core.cli import snapshots as done

    return done.fetch


@command("snapshots")
def snapshots(
    first: SnapshotId = None,
    second: SnapshotId = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every byte of them and check its hash.")
    ] = False,
) -> Act:
    """List the snapshots, newest first, or compare two of them."""
    from quantetf_core.cli import snapshots as done

    if (first is None) != (second is None):
        raise typer.BadParameter("name two snapshots to compare them, or none to list all.")
    if first is not None and second is not None:
        pair = (first, second)
        return lambda s: done.compare(s, *pair)
    return lambda s: done.listed(s, verify=verify)


@command("replay")
def replay(commit_id: o.DecisionId) -> Act:
    """Make a past decision again from its snapshot and compare every byte.

    Exits with 0 when all files come out the same; else names the first difference.
    """
    from quantetf_core.cli import snapshots as done

    return lambda s: done.replay(s, commit_id)


@command("prune", portfolio=False)
def prune(
    keep: Annotated[
        int,
        typer.Option(parser=o.from_one, metavar="N", help="Newest of each portfolio that stay."),
    ] = "5",  # type: ignore[assignment]  # read by the parser
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Remove them; without it they are only listed.")
    ] = False,
) -> Act:
    """List the snapshots no decision was made on, and remove them with --yes."""
    from quantetf_core.cli import snapshots as done

    return lambda s: done.prune(s, keep=keep, remove=yes)
