"""Failures as a sentence on stderr, an exit code, and an object for scripts."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from quantetf_core.errors import (
    ChecksBlockError,
    ConfigError,
    ImportFileError,
    QuantEtfError,
    StaleHoldingsError,
)

if TYPE_CHECKING:
    from typer import TyperException

PIPE_CLOSED = 141
"""What a shell reports of a program that wrote to a closed pipe (128 + SIGPIPE)."""


def usage_problem(error: TyperException, *, as_json: bool) -> int:
    """Say what is wrong with the words given, and return the exit code."""
    context = getattr(error, "ctx", None)
    usage = f"{context.get_usage()}\n" if context is not None else ""
    sys.stderr.write(f"{usage}Error: {printable(error.format_message())}\n")
    if as_json:
        fault = {"type": "UsageError", "message": error.format_message()}
        write_json({"ok": False, "error": fault})
    return error.exit_code


def failure(error: QuantEtfError) -> dict[str, Any]:
    """A failure as plain JSON: its class, its sentence, and its parts where it has several."""
    fault: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, ConfigError | ImportFileError):
        fault["problems"] = error.problems
    elif isinstance(error, ChecksBlockError):
        fault["findings"] = error.findings
    elif isinstance(error, StaleHoldingsError):
        fault["difference"] = error.difference
    return fault


def write_error(error: QuantEtfError) -> None:
    """The sentence of a failure on stderr; one line per problem of a configuration."""
    lines = [printable(line) for line in str(error).splitlines()] or [type(error).__name__]
    sys.stderr.write("Error: " + "\n".join(lines) + "\n")


def write_json(document: Mapping[str, Any]) -> None:
    """One JSON document on stdout, in UTF-8 whatever the locale.

    Raises
    ------
    BrokenPipeError
        When nobody reads it.
    """
    from quantetf_core.encoding import plain, readable_json

    content = readable_json(_whole(plain(document)))
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:  # a test, or a caller, that catches text
        sys.stdout.write(content.decode())
    else:
        binary.write(content)
    sys.stdout.flush()


def close_pipe() -> None:
    """Let what is still buffered go nowhere, so that nothing is said at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def printable(text: object) -> str:
    r"""Text without control characters: what a file holds cannot drive the terminal.

    Examples
    --------
    >>> printable("SPY\x1b[31m\nrm")
    'SPY [31m rm'
    """
    return "".join(c if c.isprintable() else " " for c in str(text))


def _whole(value: Any) -> Any:
    """Plain JSON with half characters (from words that are not UTF-8) replaced by ``?``."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value
