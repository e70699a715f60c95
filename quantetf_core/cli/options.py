"""The options of the commands, and what may be written in them."""

from __future__ import annotations

import math
from datetime import date
from typing import Annotated

from typer import Argument, BadParameter, Option

from quantetf_core.errors import did_you_mean

SIDES = ("broker", "book")
RULES = ("no-buy", "no-sell", "hold")
FLOWS = ("deposit", "withdrawal", "fee")
LAYOUTS = ("csv", "ibkr", "json")
TIMES_IN_FORCE = ("DAY", "GTC", "OPG")


def a_date(text: str) -> date:
    """``YYYY-MM-DD`` as a date; anything else is bad usage.

    Examples
    --------
    >>> a_date("2023-12-29")
    datetime.date(2023, 12, 29)
    """
    try:
        if len(text) == len("2023-12-29"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadParameter(f"{text!r} is not a date; write YYYY-MM-DD, such as 2023-12-29.")


def an_amount(text: str) -> float:
    """A finite number of USD, of either sign; anything else is bad usage.

    Examples
    --------
    >>> an_amount("-2500.50")
    -2500.5
    """
    try:
        usd = float(text)
    except ValueError:
        usd = math.nan
    if not math.isfinite(usd):
        raise BadParameter(f"{text!r} is not an amount of USD; write digits, such as 250000.50.")
    return usd


def above_zero(text: str) -> float:
    """As `an_amount`, and above 0."""
    usd = an_amount(text)
    if usd <= 0:
        raise BadParameter(f"{text!r} is not above 0; write USD such as 250000.50.")
    return usd


def from_one(text: str) -> int:
    """A whole number from 1; anything else is bad usage.

    Examples
    --------
    >>> from_one("20")
    20
    """
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise BadParameter(f"{text!r} is not a whole number from 1.")
    return int(text)


def a_flow(text: str) -> str:
    """One of the ways cash moves without a trade; anything else is bad usage.

    Examples
    --------
    >>> a_flow("deposit")
    'deposit'
    """
    return _one_of(FLOWS, text)


def from_zero(text: str) -> float:
    """As `an_amount`, and not below 0."""
    usd = an_amount(text)
    if usd < 0:
        raise BadParameter(f"{text!r} is below 0; write USD such as 250000.50.")
    return usd


def a_ratio(text: str) -> float:
    """New shares for old ones, as ``2:1``; anything else is bad usage.

    Examples
    --------
    >>> a_ratio("2:1"), a_ratio("1:10")
    (2.0, 0.1)
    """
    new, _, old = text.partition(":")
    if not (new.isascii() and new.isdigit() and old.isascii() and old.isdigit()):
        raise BadParameter(f"{text!r} is not a split; write new for old shares, such as 2:1.")
    if not (int(new) and int(old)):
        raise BadParameter(f"{text!r} is not a split; both numbers are above 0.")
    return int(new) / int(old)


def a_split(text: str) -> str:
    """A ticker and its ratio, as ``SPY=2:1``, with the ratio as a number.

    Examples
    --------
    >>> a_split("SPY=3:2")
    'SPY=1.5'
    """
    ticker, _, ratio = a_pair(text).partition("=")
    return f"{ticker.strip()}={a_ratio(ratio.strip())!r}"


def a_side(text: str) -> str:
    """Whose count of a position holds; anything else is bad usage.

    Examples
    --------
    >>> a_side("broker")
    'broker'
    """
    return _one_of(SIDES, text)


def a_rule(text: str) -> str:
    """What is forbidden of a ticker; anything else is bad usage.

    Examples
    --------
    >>> a_rule("no-buy")
    'no_buy'
    """
    return _one_of(RULES, text).replace("-", "_")


def a_pair(text: str) -> str:
    """``NAME=VALUE`` with something on both sides; anything else is bad usage.

    Examples
    --------
    >>> a_pair("ticker=Symbol")
    'ticker=Symbol'
    """
    name, _, value = text.partition("=")
    if not (name.strip() and value.strip()):
        raise BadParameter(f"{text!r} is not NAME=VALUE, such as ticker=Symbol.")
    return text


def a_layout(text: str) -> str:
    """One of the layouts of order files; anything else is bad usage.

    Examples
    --------
    >>> a_layout("ibkr")
    'ibkr'
    """
    return _one_of(LAYOUTS, text)


def a_time_in_force(text: str) -> str:
    """How long an order stands, in any case; anything else is bad usage.

    Examples
    --------
    >>> a_time_in_force("gtc")
    'GTC'
    """
    return _one_of(TIMES_IN_FORCE, text.upper())


def a_number(text: str) -> float:
    """A finite number; anything else is bad usage.

    Examples
    --------
    >>> a_number("-2.5")
    -2.5
    """
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise BadParameter(f"{text!r} is not a number; write digits, such as 25.")
    return found


def _one_of(accepted: tuple[str, ...], text: str) -> str:
    if text not in accepted:
        hint = did_you_mean(text, accepted)
        raise BadParameter(f"{text!r} is not one of {', '.join(accepted)}{hint}")
    return text


Portfolio = Annotated[
    str | None,
    Option(
        "--portfolio",
        "-p",
        metavar="NAME",
        help="The portfolio: the only one configured, else 'sample', unless given.",
    ),
]
Root = Annotated[
    str | None,
    Option(
        metavar="FOLDER",
        help="The folder that holds configs/: QUANTETF_ROOT, else the current one, unless given.",
    ),
]
Json = Annotated[bool, Option("--json", help="Print one JSON document and nothing else.")]

DateOf = Annotated[
    date | None,
    Option(
        "--date",
        parser=a_date,
        metavar="YYYY-MM-DD",
        help="As of this session, or the one before it: the latest unless given.",
    ),
]
Approver = Annotated[
    str | None, Option(metavar="NAME", help="The person who approves; needed to commit.")
]
Note = Annotated[
    str | None,
    Option(metavar="TEXT", help="Kept with the commit; needed on warnings."),
]
Yes = Annotated[bool, Option("--yes", "-y", help="Commit without asking; needed off a terminal.")]
DecisionId = Annotated[
    str, Argument(metavar="ID", help="Id of a rebalance, or 'latest' for the last one in force.")
]
PositionFile = Annotated[str, Argument(metavar="FILE", help="A broker's position file, CSV.")]
CashHeld = Annotated[
    float | None,
    Option(parser=an_amount, metavar="USD", help="The cash, if the file has none."),
]
DryRun = Annotated[bool, Option("--dry-run", help="Show what would change and write nothing.")]
CommitId = Annotated[str, Argument(metavar="ID", help="Id of a commit, or 'latest'.")]
