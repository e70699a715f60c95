"""The commands that record what became of a decision at the broker, and their options."""

from __future__ import annotations

from typing import Annotated

import typer

from quantetf_core.cli import options as o
from quantetf_core.cli.asked import Count, Fills, Signature
from quantetf_core.cli.command import Act, signed

positions = typer.Typer(
    help="Hold the book against a broker's position file.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
corporate_action = typer.Typer(
    help="Record splits, dividends and cash-outs of what is held.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Ticker = Annotated[str, typer.Argument(metavar="TICKER", help="What is held.")]


@signed("sent")
def sent(
    commit_id: o.DecisionId,
    how: Annotated[
        str, typer.Option("--how", metavar="TEXT", help="How they went out, e.g. 'IBKR basket'.")
    ],
    order_file: Annotated[
        str, typer.Option(metavar="NAME", help="Name of the file they went out in.")
    ] = "",
    *,
    sign: Signature,
) -> Act:
    """Record that a decision's orders went to the broker.

    The desk sends nothing itself, and the book stays as it is.
    """
    from quantetf_core.cli import settling

    return lambda s: settling.sent(s, commit_id, how=how, order_file=order_file, sign=sign)


@signed("fills")
def fills(
    commit_id: o.DecisionId,
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="A broker's list of fills, CSV.")
    ] = None,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            parser=o.a_pair,
            metavar="COLUMN=HEADER",
            help="Which header a column has, such as ticker=Symbol; may be repeated.",
        ),
    ] = None,
    close_rest: Annotated[
        bool, typer.Option("--close-rest", help="What is missing will not come any more.")
    ] = False,
    date_: o.DateOf = None,
    dry_run: o.DryRun = False,
    *,
    sign: Signature,
) -> Act:
    """Book what was filled of a decision.

    It takes the place of what the book assumed, to the cent. A file given twice changes nothing.
    """
    from quantetf_core.cli import settling

    wanted = Fills(
        commit_id=commit_id,
        file=file,
        columns=tuple(map_ or ()),
        close_rest=close_rest,
        as_of=date_,
        dry_run=dry_run,
    )
    return lambda s: settling.fills(s, wanted, sign)


@positions.command("check")
@signed("positions check")
def check(
    file: o.PositionFile,
    date_: o.DateOf = None,
    cash: o.CashHeld = None,
    dry_run: o.DryRun = False,
    *,
    sign: Signature,
) -> Act:
    """Compare share by share; mark what differs, or confirm the book.

    A marked position is not traded until it is resolved. Where all shares agree, the book is
    confirmed with the broker's cash.
    """
    from quantetf_core.cli import settling

    wanted = Count(file=file, as_of=date_, cash=cash, dry_run=dry_run)
    return lambda s: settling.check(s, wanted, sign)


@positions.command("resolve")
@signed("positions resolve")
def resolve(
    ticker: Annotated[str, typer.Argument(metavar="TICKER", help="A disputed position.")],
    keep: Annotated[
        str, typer.Option("--keep", parser=o.a_side, metavar="WHOSE", help="broker or book.")
    ],
    date_: o.DateOf = None,
    *,
    sign: Signature,
) -> Act:
    """Say whose count of a disputed position holds.

    The broker's becomes the book's, without cash; the book's needs a note.
    """
    from quantetf_core.cli import settling

    return lambda s: settling.resolve(s, ticker, keep, as_of=date_, sign=sign)


@corporate_action.command("split")
@signed("corporate-action split")
def split(
    ticker: Ticker,
    ratio: Annotated[
        float, typer.Argument(parser=o.a_ratio, metavar="NEW:OLD", help="2:1, or 1:10.")
    ],
    cash_in_lieu: Annotated[
        float | None,
        typer.Option(
            parser=o.above_zero, metavar="USD", help="Paid for the fraction of a share left over."
        ),
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(
            parser=o.a_split, metavar="TICKER=NEW:OLD", help="Another split of the same record."
        ),
    ] = None,
    date_: o.DateOf = None,
    *,
    sign: Signature,
) -> Act:
    """Record a split: new shares for old ones; 1:1 says that there was none."""
    from quantetf_core.cli import acting

    asked = (f"{ticker}={ratio!r}", *(also or ()))
    return lambda s: acting.split(s, asked, cash_in_lieu, as_of=date_, sign=sign)


@corporate_action.command("dividend")
@signed("corporate-action dividend")
def dividend(
    ticker: Ticker,
    amount: Annotated[
        float, typer.Argument(parser=o.above_zero, metavar="USD", help="For the whole position.")
    ],
    date_: o.DateOf = None,
    *,
    sign: Signature,
) -> Act:
    """Record a dividend paid to cash."""
    from quantetf_core.cli import acting

    return lambda s: acting.dividend(s, ticker, amount, as_of=date_, sign=sign)


@corporate_action.command("cash-out")
@signed("corporate-action cash-out")
def cash_out(
    ticker: Ticker,
    amount: Annotated[
        float,
        typer.Argument(parser=o.from_zero, metavar="USD", help="For the whole position; may be 0."),
    ],
    date_: o.DateOf = None,
    *,
    sign: Signature,
) -> Act:
    """Record that a fund was wound up, merged for cash or delisted."""
    from quantetf_core.cli import acting

    return lambda s: acting.cash_out(s, ticker, amount, as_of=date_, sign=sign)
