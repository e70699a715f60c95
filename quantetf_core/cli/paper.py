"""``paper``: where the orders of a paper portfolio are; sending and filling them, by option."""

from __future__ import annotations

import typer

from quantetf_core.cli import options as o
from quantetf_core.cli.asked import Signature
from quantetf_core.cli.command import Act, command, signed

paper = typer.Typer(
    help="The orders of a paper portfolio: where they are, sending, filling.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@paper.command("status")
@command("paper status")
def status() -> Act:
    """Say where the orders are, and show the fills once the prices are there."""
    from quantetf_core.cli import paper_broker

    return paper_broker.status


@paper.command("send")
@signed("paper send")
def send(*, sign: Signature) -> Act:
    """Send the orders that did not go out when the rebalance was committed."""
    from quantetf_core.cli import paper_broker

    return lambda s: paper_broker.send(s, sign)


@paper.command("fill")
@signed("paper fill")
def fill(dry_run: o.DryRun = False, *, sign: Signature) -> Act:
    """Fill the orders at the next session's prices, and book the fills."""
    from quantetf_core.cli import paper_broker

    return lambda s: paper_broker.fill(s, sign, dry_run=dry_run)
