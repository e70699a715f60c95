"""The commands that record what became of a decision at the broker, and their options.

What they do is imported when one runs, so that help and bad usage are answered at once.
"""

from __future__ import annotations

from typing import Annotated

import typer

from quantetf_core.cli import options as o
from quantetf_core.cli.asked import Count, Fills, Signature, start

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


def sent(
    commit_id: o.DecisionId,
    how: Annotated[
        str, typer.Option("--how", metavar="TEXT", help="How they went out, e.g. 'IBKR basket'.")
    ],
    order_file: Annotated[
        str, typer.Option(metavar="NAME", help="Name of the file they went out in.")
    ] = "",
    approver: o.Approver = None,
    note: o.Note = None,
    yes: o.Yes = False,
    portfolio: o.Portfolio = None,
    json: o.Json = False,
    root: o.Root = None,
) -> None:
    """Record that a decision's orders went to the broker.

    The desk sends nothing itself, and the book stays as it is.
    """
    from quantetf_core.cli import settling

    sign = Signature(approver=approver, note=note, unasked=yes)
    start(
        "sent",
        lambda s: settling.sent(s, commit_id, how=how, order_file=order_file, sign=sign),
        portfolio,
        json,
        root,
    )


def fills(
    commit_id: o.DecisionId,
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="A broker's list of fills, CSV."),
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
    approver: o.Approver = None,
    note: o.Note = None,
    yes: o.Yes = False,
    portfolio: o.Portfolio = None,
    json: o.Json = False,
    root: o.Root = None,
) -> None:
    """Book what was filled of a decision.

    It takes the place of what the book assumed, to the cent. A file given twice changes nothing.
    """
    from quantetf_core.cli import settling

    sign = Signature(approver=approver, note=note, unasked=yes)
    wanted = Fills(
        commit_id=commit_id,
        file=file,
        columns=tuple(map_ or ()),
        close_rest=close_rest,
        as_of=date_,
        dry_run=dry_run,
    )
    start("fills", lambda s: settling.fills(s, wanted, sign), portfolio, json, root)


@positions.command("check")
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A broker's position file, CSV.")],
    date_: o.DateOf = None,
    cash: Annotated[
        float | None,
        typer.Option(parser=o.an_amount, metavar="USD", help="The cash, if the file has none."),
    ] = None,
    dry_run: o.DryRun = False,
    approver: o.Approver = None,
    note: o.Note = None,
    yes: o.Yes = False,
    portfolio: o.Portfolio = None,
    json: o.Json = False,
    root: o.Root = None,
) -> None:
    """Compare share by share; mark what differs, or confirm the book.

    A marked position is not traded until it is resolved. Where all shares agree, the book is
    confirmed with the broker's cash.
    """
    from quantetf_core.cli import settling

    sign = Signature(approver=approver, note=note, unasked=yes)
    wanted = Count(file=file, as_of=date_, cash=cash, dry_run=dry_run)
    start("positions check", lambda s: settling.check(s, wanted, sign), portfolio, json, root)


@positions.command("resolve")
def resolve(
    ticker: Annotated[str, typer.Argument(metavar="TICKER", help="A disputed position.")],
    keep: Annotated[
        str, typer.Option("--keep", parser=o.a_side, metavar="WHOSE", help="broker or book.")
    ],
    date_: o.DateOf = None,
    approver: o.Approver = None,
    note: o.Note = None,
    yes: o.Yes = False,
    portfolio: o.Portfolio = None,
    json: o.Json = False,
    root: o.Root = None,
) -> None:
    """Say whose count of a disputed position holds.

    The broker's becomes the book's, without cash; the book's needs a note.
    """
    from quantetf_core.cli import settling

    sign = Signature(approver=approver, note=note, unasked=yes)
    start(
        "positions resolve",
        lambda s: settling.resolve(s, ticker, keep, as_of=date_, sign=sign),
        portfolio,
        json,
        root,
    )


@corporate_action.command("split")
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
    approver: o.Approver = None,
    note: o.Note = None,
    yes: o.Yes = False,
    portfolio: o.Portfolio = None,
    json: o.Json = False,
    root: o.Root = None,
) -> None:
    """Record a split: new shares for old ones; 1:1 says that there was none."""
    from quantetf_core.cli import acting

    sign = Signature(approver=approver, note=note, unasked=yes)
    asked = (f"{ticker}={ratio!r}", *(also or ()))
    start(
        "corporate-action split",
        lambda s: acting.split(s, asked, cash_in_lieu, as_of=date_, sign=sign),
        portfolio,
        json,
        root,
    )


@corporate_action.command("dividend")
def dividend(
    ticker: Ticker,
    amount: Annotated[
        float,
        typer.Argument(parser=o.above_zero, metavar="USD", help="For the whole position."),
    ],
    date_: o.DateOf = None,
    approver: o.Approver = None,
    note: o.Note = None,
    yes: o.Yes = False,
    portfolio: o.Portfolio = None,
    json: o.Json = False,
    root: o.Root = None,
) -> None:
    """Record a dividend paid to cash."""
    from quantetf_core.cli import acting

    sign = Signature(approver=approver, note=note, unasked=yes)
    start(
        "corporate-action dividend",
        lambda s: acting.dividend(s, ticker, amount, as_of=date_, sign=sign),
        portfolio,
        json,
        root,
    )


@corporate_action.command("cash-out")
def cash_out(
    ticker: Ticker,
    amount: Annotated[
        float,
        typer.Argument(parser=o.from_zero, metavar="USD", help="For the whole position; may be 0."),
    ],
    date_: o.DateOf = None,
    approver: o.Approver = None,
    note: o.Note = None,
    yes: o.Yes = False,
    portfolio: o.Portfolio = None,
    json: o.Json = False,
    root: o.Root = None,
) -> None:
    """Record that a fund was wound up, merged for cash or delisted."""
    from quantetf_core.cli import acting

    sign = Signature(approver=approver, note=note, unasked=yes)
    start(
        "corporate-action cash-out",
        lambda s: acting.cash_out(s, ticker, amount, as_of=date_, sign=sign),
        portfolio,
        json,
        root,
    )
