"""The commands about market data and the snapshots it is kept in, and their options.

What they do is imported when one runs, so that help and bad usage are answered at once.
"""

from __future__ import annotations

from typing import Annotated

import typer

from quantetf_core.cli import options as o
from quantetf_core.cli.asked import start

SnapshotId = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="Id of a snapshot, or 'latest'.")
]


def fetch(portfolio: o.Portfolio = None, json: o.Json = False, root: o.Root = None) -> None:
    """Fetch the newest prices into a snapshot.

    A live source is asked for what is missing, and for recent sessions again; of files a snapshot
    is kept as they are. A ticker that does not come keeps the prices it had, and is named; the
    exit code is 1 then. Ctrl+C ends it after the batch under way, and writes nothing.
    """
    from quantetf_core.cli import snapshots as done

    start("fetch", done.fetch, portfolio, json, root)


def snapshots(
    first: SnapshotId = None,
    second: SnapshotId = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read every byte of them and check its hash.")
    ] = False,
    portfolio: o.Portfolio = None,
    json: o.Json = False,
    root: o.Root = None,
) -> None:
    """List the snapshots, newest first, or compare two of them."""
    from quantetf_core.cli import snapshots as done

    if (first is None) != (second is None):
        raise typer.BadParameter("name two snapshots to compare them, or none to list all.")
    if first is not None and second is not None:
        pair = (first, second)
        start("snapshots", lambda s: done.compare(s, *pair), portfolio, json, root)
    else:
        start("snapshots", lambda s: done.listed(s, verify=verify), portfolio, json, root)


def replay(
    commit_id: o.CommitId,
    portfolio: o.Portfolio = None,
    json: o.Json = False,
    root: o.Root = None,
) -> None:
    """Make a past decision again from its snapshot and compare every byte.

    Exits with 0 when all files come out the same; else names the first difference.
    """
    from quantetf_core.cli import snapshots as done

    start("replay", lambda s: done.replay(s, commit_id), portfolio, json, root)


def prune(
    keep: Annotated[
        int,
        typer.Option(parser=o.from_one, metavar="N", help="Newest of each portfolio that stay."),
    ] = "5",  # type: ignore[assignment]  # read by the parser
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Remove them; without it they are only listed.")
    ] = False,
    json: o.Json = False,
    root: o.Root = None,
) -> None:
    """List the snapshots no decision was made on, and remove them with --yes."""
    from quantetf_core.cli import snapshots as done

    start("prune", lambda s: done.prune(s, keep=keep, remove=yes), None, json, root)
