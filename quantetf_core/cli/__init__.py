"""The command line: the desk's calls for a terminal and for a scheduler.

Exit codes: 0 done; 1 refused or failed, with a sentence on stderr; 2 bad usage; 130 interrupted;
141 the reader of the output went away (``| head``). With ``--json`` stdout is one JSON document,
``ok`` in it, also when something failed. Warnings and progress go to stderr.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

REFUSED = 1
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments
        Words after the program's name; those of this process when None.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # a locale may lack what a note is written in
        sys.stdout.reconfigure(errors="replace")
    try:
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        sys.stderr.write("Interrupted. What `history` does not list was not recorded.\n")
    return code


def _run(words: list[str]) -> int:
    from typer import TyperException
    from typer.main import get_command

    from quantetf_core.cli.app import app
    from quantetf_core.cli.problems import usage_problem

    try:
        code = get_command(app).main(words, prog_name="quantetf", standalone_mode=False)
    except TyperException as error:
        return usage_problem(error, as_json="--json" in words)
    return int(code or 0)
