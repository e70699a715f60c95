"""``paper``: where the orders of a paper portfolio are; sending and filling them, by option.

What it does is imported when it runs, so that help and bad usage are answered at once.
"""

from __future__ import annotations

import typer

from quantetf_core.cli import options as o
from quantetf_core.cli.asked import Signature, start

paper = typer.Typer(
    help="The orders of a paper portfolio: where they are, sending, filling.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@paper.command("status")
def status(
    portfolio: o.Portfolio = None,
    json: o.Json = False,
    root: o.Root = None,
) -> None:
    """Say where the orders are, and show the fills once the prices are there."""
    from quantetf_core.cli import paper_broker

    start("paper status", paper_broker.status, portfolio, json, root)


@paper.command("send")
def send(
    approver: o.Approver = None,
    note: o.Note = None,
    yes: o.Yes = False,
    portfolio: o.Portfolio = None,
    json: o.Json = False,
    root: o.Root = None,
) -> None:
    """Send the orders that did not go out when the rebalance was committed."""
    from quantetf_core.cli import paper_broker

    sign = Signature(approver=approver, note=note, unasked=yes)
    start("paper send", lambda s: paper_broker.send(s, sign), portfolio, json, root)


@paper.command("fill")
def fill(
    dry_run: o.DryRun = False,
    approver: o.Approver = None,
    note: o.Note = None,
    yes: o.Yes = False,
    portfolio: o.Portfolio = None,
    json: o.Json = False,
    root: o.Root = None,
) -> None:
    """Fill the orders at the next session's prices, and book the fills."""
    from quantetf_core.cli import paper_broker

    sign = Signature(approver=approver, note=note, unasked=yes)
    start(
        "paper fill", lambda s: paper_broker.fill(s, sign, dry_run=dry_run), portfolio, json, root
    )
