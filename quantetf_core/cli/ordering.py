"""``orders`` and ``sheet``: a decision as a file. Nothing is sent or recorded."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from quantetf_core import desk
from quantetf_core.atomic_files import write_atomic
from quantetf_core.cli import words
from quantetf_core.cli.asked import Orders, Sheet
from quantetf_core.cli.screen import Column, Grid, Line, Part
from quantetf_core.cli.session import Session
from quantetf_core.cli.tables import simulated_parts
from quantetf_core.encoding import sha256
from quantetf_core.errors import InvalidValueError, OrderFileError

STDOUT = "-"


def orders(session: Session, wanted: Orders) -> None:
    """Write the order file of a commit, or of the plan there would be now.

    Raises
    ------
    OrderFileError
        When there is nothing that may be ordered.
    """
    if wanted.out == STDOUT and session.common.json:
        raise InvalidValueError("--out", STDOUT, "the name of a file, as --json is on stdout")
    portfolio = session.open()
    file = desk.order_file(
        portfolio,
        plan_or_commit(session, portfolio, wanted.commit_id, plan=wanted.plan, what="orders"),
        layout=wanted.layout,
        limit_bps=wanted.limit_bps,
        time_in_force=wanted.time_in_force,
    )
    if wanted.out == STDOUT:
        to_stdout(file.content)
        return
    path = write_file(file.name, file.content, wanted.out)
    ticket = file.ticket
    session.document["simulated"] = ticket.simulated
    session.say(
        _parts(file, path),
        file=str(path),
        sha256=sha256(file.content),
        commit_id=ticket.commit_id,
        plan_id=ticket.plan_id,
        state=ticket.state,
        orders=ticket.orders,
    )


def sheet(session: Session, wanted: Sheet) -> None:
    """Write the approval sheet of a commit, or of the plan there would be now."""
    if wanted.out == STDOUT and session.common.json:
        raise InvalidValueError("--out", STDOUT, "the name of a file, as --json is on stdout")
    portfolio = session.open()
    decision = plan_or_commit(
        session, portfolio, wanted.commit_id, plan=wanted.plan, what="approval sheet"
    )
    file = desk.approval_sheet(portfolio, decision)
    if wanted.out == STDOUT:
        to_stdout(file.content)
        return
    path = write_file(file.name, file.content, wanted.out)
    about = "a plan nobody has confirmed" if wanted.plan else f"record {decision}"
    session.say(
        [Line(f"Approval sheet of {about}, written to {path}")],
        file=str(path),
        sha256=sha256(file.content),
    )


def plan_or_commit(
    session: Session, portfolio: desk.Portfolio, commit_id: str | None, *, plan: bool, what: str
) -> desk.RebalanceResult | str:
    """The plan there would be now, or the id of the rebalance asked for, the newest by default.

    Raises
    ------
    InvalidValueError
        When both are asked for.
    OrderFileError
        When no rebalance is recorded; ``what`` is what --plan would write.
    """
    if plan:
        if commit_id is not None:
            raise InvalidValueError("--plan", commit_id, "either an id or --plan, not both")
        market = session.market(portfolio)
        with session.working("Deciding ..."):
            return desk.propose(portfolio, market, now=session.now)
    if commit_id is not None and commit_id != "latest":
        return commit_id
    newest = desk.last_decision(portfolio)
    if newest is None:
        raise OrderFileError(
            f"no rebalance is recorded; --plan writes the {what} of the plan there would be now"
        )
    return newest


def to_stdout(content: bytes) -> None:
    """The bytes as they are, and nothing else."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def write_file(name: str, content: bytes, out: str | None) -> Path:
    """Write to ``out``, a file or a folder; without it to the current folder.

    Raises
    ------
    OrderFileError
        When it cannot be written.
    """
    path = Path(out or name)
    path = path / name if path.is_dir() else path
    try:
        write_atomic(path, content)
    except OSError as error:
        raise OrderFileError(f"{path} cannot be written: {error.strerror or error}") from error
    return path


def _parts(file: desk.OrderFile, path: Path) -> Iterator[Part]:
    ticket = file.ticket
    yield from simulated_parts(ticket.simulated)
    decision = f"record {ticket.commit_id}" if ticket.commit_id else "a plan nobody has confirmed"
    orders = words.count(len(ticket.orders), "order")
    yield Line(f"{orders} of {ticket.as_of}, {decision}: {ticket.state}.", "bold")
    columns = [Column("Ticker"), Column("Shares", right=True), Column("Close", right=True)]
    rows = [
        (line.ticker, words.shares(line.shares, signed=True), words.usd(line.price))
        for line in ticket.orders
    ]
    yield Grid("Orders", columns, rows)
    yield Line("")
    yield Line(f"Written to {path}")
    yield Line(_next(ticket))


def _next(ticket: desk.OrderTicket) -> str:
    """What to do with the file, or why nothing."""
    if ticket.commit_id is None:
        return "Nobody has confirmed this plan; confirm it before any order goes out."
    if ticket.state == desk.REST:
        return (
            "Only what is not filled is in the file. Those orders may still stand at the broker: "
            "load it only where they do not."
        )
    if ticket.state != desk.DecisionState.COMMITTED.label:
        return "These orders went out already: loading the file again orders everything twice."
    return (
        "The desk sends no orders. Load the file at the broker, then say so: "
        f"quantetf sent {ticket.commit_id} --how ..."
    )
