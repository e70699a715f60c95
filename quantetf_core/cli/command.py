"""What makes a function a command, and the options that commands share.

A command is a function of its own options that returns what to do with a session. What that takes
is imported when it runs, so that help and bad usage are answered at once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TypeVar

from quantetf_core.cli import options as o
from quantetf_core.cli.asked import Common, Signature

Act = Callable[..., int | None]
"""What a command does with its `quantetf_core.cli.session.Session`; its exit code, None for 0."""

_Command = Callable[..., None]
_Made = TypeVar("_Made")


def command(name: str, *, portfolio: bool = True) -> Callable[[Callable[..., Act]], _Command]:
    """A command with ``--portfolio``, ``--json`` and ``--root`` after its own options.

    Parameters
    ----------
    name
        What it is called in its output.
    portfolio
        Whether it is about one portfolio.
    """

    def made(declared: Callable[..., Act]) -> _Command:
        def carried_out(
            *,
            portfolio: o.Portfolio = None,
            json: o.Json = False,
            root: o.Root = None,
            **own: object,
        ) -> None:
            act = declared(**own)
            from quantetf_core.cli.session import run

            run(name, Common(portfolio=portfolio, json=json, root=root), act)

        return _joined(carried_out, declared, without="" if portfolio else "portfolio")

    return made


def signed(name: str) -> Callable[[Callable[..., Act]], _Command]:
    """A `command` that commits: with ``--approver``, ``--note`` and ``--yes`` too.

    The function gets them as its keyword ``sign``, a `Signature`.
    """

    def made(declared: Callable[..., Act]) -> _Command:
        def with_signature(
            *,
            approver: o.Approver = None,
            note: o.Note = None,
            yes: o.Yes = False,
            **own: object,
        ) -> Act:
            sign = Signature(approver=approver, note=note, unasked=yes)
            return declared(**own, sign=sign)

        return command(name)(_joined(with_signature, declared, without="sign"))

    return made


def _joined(
    made: Callable[..., _Made], declared: Callable[..., object], *, without: str
) -> Callable[..., _Made]:
    """``made`` under the name of ``declared``, with the options of both, its own ones first."""
    own = inspect.signature(declared, eval_str=True)
    shared = inspect.signature(made, eval_str=True)
    options = {
        option.name: option.replace(kind=option.KEYWORD_ONLY)
        for option in (*own.parameters.values(), *shared.parameters.values())
        if option.kind is not option.VAR_KEYWORD and option.name != without
    }
    made.__name__, made.__doc__ = declared.__name__, declared.__doc__
    made.__annotations__ = {option.name: option.annotation for option in options.values()}
    made.__signature__ = shared.replace(parameters=list(options.values()))  # type: ignore[attr-defined]
    return made
