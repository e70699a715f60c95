"""One run of one command: its portfolio, its output, its questions, its failures."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from typer import Exit

from quantetf_core import desk
from quantetf_core.cli import REFUSED
from quantetf_core.cli.asked import Common, Signature
from quantetf_core.cli.problems import (
    PIPE_CLOSED,
    close_pipe,
    failure,
    printable,
    write_error,
    write_json,
)
from quantetf_core.cli.screen import Part, Screen
from quantetf_core.data.market import MarketData
from quantetf_core.desk.environment import folder
from quantetf_core.errors import ApprovalError, InvalidValueError, QuantEtfError, SourceError
from quantetf_core.findings import Finding
from quantetf_core.ledger import History

_SAMPLE = "sample"


@dataclass(kw_only=True)
class Session:
    """One run of one command.

    Parameters
    ----------
    command
        Its name.
    common
        The options every command has.
    document
        What ``--json`` prints at the end.
    """

    command: str
    common: Common
    document: dict[str, Any] = field(default_factory=dict)
    _screen: Screen | None = None

    @property
    def now(self) -> datetime:
        """The time, or the one ``QUANTETF_NOW`` fixes."""
        return desk.current_time()

    @property
    def root(self) -> Path:
        """The workspace: ``--root``, else ``QUANTETF_ROOT``, else the current folder."""
        if self.common.root is not None:
            return folder("--root", self.common.root)
        return desk.workspace_folder(Path.cwd())

    @property
    def asks(self) -> bool:
        """Whether there is somebody to ask."""
        return not self.common.json and sys.stdin is not None and sys.stdin.isatty()

    def open(self) -> desk.Portfolio:
        """The portfolio asked for; without a name the only one, else the sample.

        Raises
        ------
        QuantEtfError
            When there is none, or none is the obvious one, or its configuration has problems.
        """
        root = self.root
        name = self.common.portfolio or self._obvious(root)
        opened = desk.open_portfolio(root, name, cache_dir=desk.cache_folder(root))
        self.document["portfolio"] = opened.name
        return opened

    def market(self, portfolio: desk.Portfolio) -> MarketData:
        """The portfolio's market up to now; raises `SourceError`."""
        with self.working(f"Reading market data of {portfolio.name} ..."):
            market = desk.load_market(portfolio, now=self.now)
        self.document["simulated"] = market.simulated
        return market

    def say(self, parts: Iterable[Part], /, **facts: Any) -> None:
        """Show the parts, or keep the facts for the JSON document; each has all there is to say."""
        self.document.update(facts)
        if self.common.json:
            return
        if self._screen is None:
            self._screen = Screen()
        self._screen.show(parts)

    @contextmanager
    def working(self, what: str) -> Iterator[None]:
        """Say on a terminal's stderr what takes a while, for as long as it does."""
        if not sys.stderr.isatty():
            yield
            return
        from rich.console import Console

        with Console(stderr=True).status(printable(what)):
            yield

    def approver(self, sign: Signature) -> str:
        """The name of the person who approves; asked for on a terminal.

        Raises
        ------
        ApprovalError
            When there is none.
        """
        name = sign.approver
        if name is None and self.asks:
            name = self._answer("Approver's name: ")
        if not (name or "").strip():
            raise ApprovalError("name the person who approves with --approver")
        return str(name).strip()

    def acknowledge(
        self, warnings: Iterable[Finding], sign: Signature
    ) -> tuple[str, Mapping[str, str]]:
        """The note of the commit, and one per warning; asked for on a terminal.

        Raises
        ------
        ApprovalError
            When there are warnings and no note on them.
        """
        codes = sorted({warning.code for warning in warnings})
        said = self._text(sign, f"Note on {', '.join(codes)}: " if codes else "")
        if codes and not said:
            raise ApprovalError(f"say something about {', '.join(codes)} with --note")
        return said, dict.fromkeys(codes, said)

    def reason(self, sign: Signature) -> str:
        """Why something is undone; asked for on a terminal.

        Raises
        ------
        ApprovalError
            When no reason is given.
        """
        said = self._text(sign, "Reason: ")
        if not said:
            raise ApprovalError("give the reason with --note")
        return said

    def confirm(self, question: str, sign: Signature) -> None:
        """Go on only with a yes: ``--yes``, or one typed on a terminal.

        Raises
        ------
        ApprovalError
            When nobody says yes.
        """
        if sign.unasked:
            return
        if not self.asks:
            raise ApprovalError("there is no terminal to confirm on; confirm with --yes")
        if self._answer(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
            raise ApprovalError("not confirmed, so nothing was written")

    @staticmethod
    def commit_id(found: History, given: str) -> str:
        """The id meant by ``latest``; any other one as it is."""
        newest = found.newest if given == "latest" else None
        return given if newest is None else newest.id

    def finish(self) -> None:
        """Print the JSON document, if that was asked for."""
        if not self.common.json:
            return
        try:
            write_json(self.document)
        except BrokenPipeError:
            close_pipe()
            raise Exit(PIPE_CLOSED) from None

    def _obvious(self, root: Path) -> str:
        names = desk.portfolios(root)
        if not names:
            place = str(root / "configs" / "portfolios")
            raise SourceError(place, "no portfolio is configured", "at least one YAML file there")
        if len(names) > 1 and _SAMPLE not in names:
            raise InvalidValueError("--portfolio", None, f"one of {', '.join(names)}")
        return names[0] if len(names) == 1 else _SAMPLE

    def _text(self, sign: Signature, question: str) -> str:
        """The note given; without one, the answer to the question where it may be put."""
        said = (sign.note or "").strip()
        if not said and question and self.asks and not sign.unasked:
            said = self._answer(question).strip()
        return said

    def _answer(self, question: str) -> str:
        """A line typed on the terminal; the question is not part of the output."""
        sys.stderr.write(printable(question))
        sys.stderr.flush()
        return sys.stdin.readline()


def decision_id(portfolio: desk.Portfolio, given: str) -> str:
    """The rebalance meant by ``latest``: the newest in force; any other id as it is."""
    return (desk.last_decision(portfolio) if given == "latest" else None) or given


class _Log(logging.Handler):
    """What the core logs as a warning is one plain line on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(f"{record.levelname.capitalize()}: {printable(record.getMessage())}\n")


def run(command: str, common: Common, act: Callable[[Session], int | None]) -> None:
    """Carry out a command; its exit code is what ``act`` returns, 0 for None.

    Raises
    ------
    Exit
        With a code above 0: 1 when the desk refused or something failed.
    """
    session = Session(command=command, common=common, document={"command": command, "ok": True})
    log, handler = logging.getLogger("quantetf_core"), _Log(logging.WARNING)
    log.addHandler(handler)
    try:
        code = act(session) or 0
    except QuantEtfError as error:
        session.document["error"] = failure(error)
        write_error(error)
        code = REFUSED
    finally:
        log.removeHandler(handler)
    session.document["ok"] = code == 0
    session.finish()
    if code:
        raise Exit(code)
