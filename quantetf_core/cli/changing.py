"""The commands that write something, and their options."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated

import typer

from quantetf_core.cli import options as o
from quantetf_core.cli.asked import Import, Plan, Signature
from quantetf_core.cli.command import Act, command, signed


@command("monitor")
def monitor(
    date_: o.DateOf = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look without recording.")] = False,
) -> Act:
    """Say and record the regime.

    With its indicators, how far each is from flipping it, and whether it changed. A past date
    never replaces the current record.
    """
    from quantetf_core.cli import watching

    return lambda s: watching.monitor(s, as_of=date_, record=not dry_run)


@signed("rebalance")
def rebalance(
    date_: o.DateOf = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan and write nothing.")
    ] = False,
    portfolio_value: Annotated[
        float | None,
        typer.Option(
            parser=o.above_zero,
            metavar="USD",
            help="Size on this value; with a book, a dry run unless --cash-flow explains it.",
        ),
    ] = None,
    cash_flow: Annotated[
        float | None,
        typer.Option(
            parser=o.an_amount, metavar="USD", help="A deposit, or below 0 a withdrawal, to record."
        ),
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE:SUBJECT=REASON",
            help="Confirm despite this block on data, such as stale_price:XLK='delisted'; "
            "XLK itself is not traded. May be given again.",
        ),
    ] = None,
    *,
    sign: Signature,
) -> Act:
    """Show the plan, and commit that very plan.

    Commits only with an approver, a note where there are warnings, and a yes. A finding that
    blocks (unless it is on data and overridden), or nobody to ask, is exit code 1 and nothing
    written.
    """
    from quantetf_core.cli import trading

    wanted = Plan(
        as_of=date_, dry_run=dry_run, portfolio_value=portfolio_value, cash_flow=cash_flow
    )
    sign = replace(sign, overrides=tuple(override or ()))
    return lambda s: trading.rebalance(s, wanted, sign)


@signed("import-holdings")
def import_holdings(
    file: o.PositionFile,
    date_: o.DateOf = None,
    cash: o.CashHeld = None,
    reconcile: Annotated[
        bool,
        typer.Option("--reconcile", help="A count of the same book: differences are gain or loss."),
    ] = False,
    dry_run: o.DryRun = False,
    *,
    sign: Signature,
) -> Act:
    """Replace the book by a broker's file."""
    from quantetf_core.cli import booking

    wanted = Import(file=file, as_of=date_, cash=cash, reconcile=reconcile, dry_run=dry_run)
    return lambda s: booking.import_holdings(s, wanted, sign)


@signed("adopt-holdings")
def adopt_holdings(date_: o.DateOf = None, *, sign: Signature) -> Act:
    """Begin the history with a holdings file from before it."""
    from quantetf_core.cli import booking

    return lambda s: booking.adopt(s, as_of=date_, sign=sign)


@signed("cash")
def cash(
    flow: Annotated[
        str, typer.Argument(parser=o.a_flow, metavar="FLOW", help="deposit, withdrawal or fee.")
    ],
    amount: Annotated[
        float, typer.Argument(parser=o.above_zero, metavar="USD", help="How much, above 0.")
    ],
    date_: o.DateOf = None,
    *,
    sign: Signature,
) -> Act:
    """Record money moved without a trade."""
    from quantetf_core.cli import booking

    return lambda s: booking.cash(s, flow, amount, as_of=date_, sign=sign)


@signed("lock")
def lock(
    ticker: Annotated[str, typer.Argument(metavar="TICKER", help="Of the universe, or held.")],
    rule: Annotated[
        str, typer.Option("--rule", parser=o.a_rule, metavar="RULE", help="no-buy, no-sell, hold.")
    ],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")],
    until: Annotated[
        date | None,
        typer.Option(
            parser=o.a_date,
            metavar="YYYY-MM-DD",
            help="The last date it is in force; until it is lifted if not given.",
        ),
    ] = None,
    date_: o.DateOf = None,
    *,
    sign: Signature,
) -> Act:
    """Lock a ticker: it is not bought, not sold, or not traded at all.

    The book stays as it is. The lock holds for every plan from then on.
    """
    from quantetf_core.cli import acting

    return lambda s: acting.lock(s, ticker, rule, reason, until=until, as_of=date_, sign=sign)


@signed("unlock")
def unlock(
    ticker: Annotated[str, typer.Argument(metavar="TICKER", help="One that is locked.")],
    date_: o.DateOf = None,
    *,
    sign: Signature,
) -> Act:
    """Lift the lock of a ticker."""
    from quantetf_core.cli import acting

    return lambda s: acting.unlock(s, ticker, as_of=date_, sign=sign)


@signed("revert")
def revert(commit_id: o.CommitId, date_: o.DateOf = None, *, sign: Signature) -> Act:
    """Undo a commit by another one.

    It restores the book before it; the note says why. Possible while the book is the one that
    the commit left.
    """
    from quantetf_core.cli import booking

    return lambda s: booking.revert(s, commit_id, as_of=date_, sign=sign)
