"""The commands that only look, and their options."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from quantetf_core.cli import options as o
from quantetf_core.cli.asked import Filter, Judged, Orders, Sheet
from quantetf_core.cli.command import Act, command

_Rebalance = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="A rebalance; the newest one unless given.")
]
_OfPlan = Annotated[bool, typer.Option("--plan", help="Of the plan there would be now, marked so.")]
_Out = Annotated[
    str | None, typer.Option(metavar="PATH", help="File or folder to write; - for standard output.")
]
_Since = Annotated[
    date | None,
    typer.Option(parser=o.a_date, metavar="YYYY-MM-DD", help="Only from this session on."),
]


@command("status")
def status() -> Act:
    """Show a portfolio at one glance.

    Data, regime, book, last commit, and what is due.

    Exits with 0 whenever it can answer, stale data included: read "fresh" and "due".
    """
    from quantetf_core.cli import watching

    return watching.status


@command("history")
def history(
    limit: Annotated[
        int, typer.Option(parser=o.from_one, metavar="N", help="Newest commits to show.")
    ] = "20",  # type: ignore[assignment]  # read by the parser
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Only this kind, e.g. rebalance or cash.")
    ] = None,
    since: _Since = None,
    regime: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this regime, e.g. uptrend_low_vol.")
    ] = None,
) -> Act:
    """List the commits, newest first."""
    from quantetf_core.cli import reading

    wanted = Filter(limit=limit, kind=kind, since=since, regime=regime)
    return lambda s: reading.history(s, wanted)


@command("show")
def show(commit_id: o.CommitId) -> Act:
    """Show what one commit decided, and why."""
    from quantetf_core.cli import reading

    return lambda s: reading.show(s, commit_id)


@command("compare")
def compare(first: o.CommitId, second: o.CommitId) -> Act:
    """Set two commits side by side."""
    from quantetf_core.cli import reading

    return lambda s: reading.compare(s, first, second)


@command("verify")
def verify(
    commit_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One commit; all unless given.")
    ] = None,
) -> Act:
    """Check that nothing was changed since.

    Walks the whole chain and names the first link that does not hold; then the exit code is 1.
    """
    from quantetf_core.cli import reading

    return lambda s: reading.verify(s, commit_id)


@command("orders")
def orders(
    commit_id: _Rebalance = None,
    layout: Annotated[
        str, typer.Option(parser=o.a_layout, metavar="LAYOUT", help="csv, ibkr or json.")
    ] = "csv",
    limit_bps: Annotated[
        float | None,
        typer.Option(
            parser=o.a_number,
            metavar="BPS",
            help="Limit orders, at most this much worse than the close; market orders if not "
            "given.",
        ),
    ] = None,
    tif: Annotated[
        str, typer.Option(parser=o.a_time_in_force, metavar="TIF", help="DAY, GTC or OPG.")
    ] = "DAY",
    plan: _OfPlan = False,
    out: _Out = None,
) -> Act:
    """Write the orders as a file for the broker.

    It says whether the decision is committed. Nothing is sent, and nothing is recorded. Without
    --out the file is written to the current folder, under a name of its own.
    """
    from quantetf_core.cli import ordering

    wanted = Orders(
        commit_id=commit_id,
        plan=plan,
        layout=layout,
        limit_bps=limit_bps,
        time_in_force=tif,
        out=out,
    )
    return lambda s: ordering.orders(s, wanted)


@command("sheet")
def sheet(
    commit_id: _Rebalance = None,
    plan: _OfPlan = False,
    out: _Out = None,
) -> Act:
    """Write the approval sheet: one HTML page to print, sign and file.

    Nothing is recorded. Without --out the file is written to the current folder, under a name of
    its own.
    """
    from quantetf_core.cli import ordering

    wanted = Sheet(commit_id=commit_id, plan=plan, out=out)
    return lambda s: ordering.sheet(s, wanted)


@command("holdings")
def holdings(date_: o.DateOf = None) -> Act:
    """Show what is held, at a session's closes."""
    from quantetf_core.cli import booking

    return lambda s: booking.holdings(s, as_of=date_)


@command("check-config")
def check_config() -> Act:
    """Print every configuration problem.

    Of the whole workspace, or of what one portfolio names. The exit code is 1 if there is any.
    """
    from quantetf_core.cli import watching

    return watching.check_config


@command("quality")
def quality(
    ticker: Annotated[
        str | None, typer.Option(metavar="TICKER", help="Only this ticker, or VIX; notes too.")
    ] = None,
    since: _Since = None,
    notes: Annotated[bool, typer.Option("--notes", help="List notes too.")] = False,
) -> Act:
    """Say whether the prices can be trusted, gravest first.

    Exits with 0 whatever it finds; what stops a trade, "rebalance" says.
    """
    from quantetf_core.cli import judging

    wanted = Judged(ticker=ticker, since=since, notes=notes)
    return lambda s: judging.quality(s, wanted)
