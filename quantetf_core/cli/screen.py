"""Paragraphs and tables on a terminal, or as plain lines when nobody is looking."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text
from typer import Exit

from quantetf_core.cli.problems import PIPE_CLOSED, close_pipe, printable

_LONGEST_WORD = 30
"""Columns beyond which one word of a folding text is broken."""

_UNBOUNDED = 100_000
"""Columns of an output that is not a terminal: a line is a line, for ``grep`` and ``cut``."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; ``wraps`` lets a long text fold on a narrow terminal."""

    label: str
    right: bool = False
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, in a style of rich or none."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table under a title; every cell is text."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


Part = Line | Grid
"""What a command shows, piece by piece."""


class Screen:
    """Standard output. Colour and width follow the terminal; otherwise there is neither."""

    def __init__(self) -> None:
        self._console = _Console(
            file=sys.stdout,
            width=None if sys.stdout.isatty() else _UNBOUNDED,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def show(self, parts: Iterable[Part]) -> None:
        """Write the parts, each table after an empty line."""
        for part in parts:
            if isinstance(part, Line):
                self._console.print(Text(printable(part.text), style=part.style), overflow="fold")
            else:
                self._table(part)

    def _table(self, grid: Grid) -> None:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
        for place, column in enumerate(grid.columns):
            cells = [printable(row[place]) for row in grid.rows]
            table.add_column(
                column.label,
                justify="right" if column.right else "left",
                no_wrap=not column.wraps,
                overflow="fold",
                min_width=_needed([column.label, *cells], wraps=column.wraps),
            )
        for row in grid.rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        self._console.print()
        self._console.print(Text(printable(grid.title), style="bold"))
        self._wide_enough(table)

    def _wide_enough(self, table: Table) -> None:
        """Print a table no narrower than its longest words: ids and tickers are never cut."""
        console = self._console
        seen = console.width
        try:
            console.width = _UNBOUNDED
            needed = Measurement.get(console, console.options, table).minimum
            console.width = max(seen, needed)
            console.print(table, crop=False)
        finally:
            console.width = seen


def _needed(texts: Sequence[str], *, wraps: bool) -> int:
    """Columns of the terminal for the longest text, or the longest word of one that folds."""
    pieces = [piece for text in texts for piece in (text.split() if wraps else [text])]
    return min(max(map(cell_len, pieces), default=1), _LONGEST_WORD if wraps else _UNBOUNDED)


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        self.quiet = True
        close_pipe()
        raise Exit(PIPE_CLOSED)
