"""Where a broker's list of fills keeps what: its table, its columns, its decimal sign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from quantetf_core.csv_safe import unguarded
from quantetf_core.errors import ImportFileError
from quantetf_core.ledger.broker_numbers import DecimalSign, decimal_sign_of, read_number
from quantetf_core.ledger.broker_text import (
    LINES_TO_LOOK_AT,
    Row,
    cell,
    decoded,
    rows_of,
    separator_of,
)
from quantetf_core.ledger.fills_columns import (
    REQUIRED,
    FillsColumn,
    guessed,
    is_complete,
    stated,
)

_FEWEST_COLUMNS = 3
_NUMERIC = (
    FillsColumn.SHARES,
    FillsColumn.PRICE,
    FillsColumn.COMMISSION,
    FillsColumn.FEES,
    FillsColumn.AMOUNT,
)
_TRADELOG = "STK_TRD|"
_TRADELOG_HEADER = (
    "Record|TradeID|Symbol|Description|Exchange|Action|Code|TradeDate|Time|Currency|Quantity|"
    "Multiplier|TradePrice|TradeMoney|IBCommission|FXRate"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FillsLayout:
    """What a file offers, for a person who says which column is which.

    Parameters
    ----------
    line
        Line of the header.
    headers
        Names of its columns, in their order, each once.
    guess
        The columns known by their names: name of `FillsColumn` → header.
    examples
        The first cell that says something, by header.
    """

    line: int
    headers: tuple[str, ...]
    guess: Mapping[str, str]
    examples: Mapping[str, str]

    @property
    def missing(self) -> tuple[FillsColumn, ...]:
        """What must be there and was not recognised."""
        return tuple(column for column in REQUIRED if column not in self.guess)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of fills, where their columns are, and the lines that belong to no table."""

    columns: Mapping[FillsColumn, str]
    places: Mapping[FillsColumn, int]
    rows: tuple[Row, ...]
    other_lines: tuple[int, ...]
    decimal_sign: DecimalSign

    def text(self, row: Sequence[str], column: FillsColumn) -> str:
        """A row's cell of a column; empty where the file has no such column, or says nothing."""
        return cell(row, self.places.get(column, -1))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A file as rows, and the place of the header among them."""

    rows: list[Row]
    separator: str
    header: int

    @property
    def names(self) -> tuple[str, ...]:
        """The header's cells, each once, and none empty."""
        names: list[str] = []
        for place, written in enumerate(self.rows[self.header][1], start=1):
            name = unguarded(written) or f"column {place}"
            names.append(name if name not in names else f"{name} (column {place})")
        return tuple(names)

    def body(self) -> tuple[list[Row], list[int]]:
        """The rows of the header's table; and the lines, with something in them, of others.

        In an activity statement the first cell names the table and the second what a row is;
        elsewhere a row that begins like the header is the header of another table.
        """
        header = self.rows[self.header][1]
        sectioned = len(header) > 1 and header[1].lower() == "header"
        others = [line for line, row in self.rows[: self.header] if any(row)]
        inside, mine = True, []
        for line, row in self.rows[self.header + 1 :]:
            if sectioned:
                inside = len(row) > 1 and row[0] == header[0] and row[1].lower() == "data"
            elif any(row) and row[0] and row[0] == header[0]:
                inside = row == header
                others.append(line)
                continue
            if inside:
                mine.append((line, row))
            elif any(row):
                others.append(line)
        return mine, others


def fills_layout(content: bytes, *, source_name: str) -> FillsLayout:
    r"""The columns of a file, whether or not they are known by their names.

    Raises
    ------
    ImportFileError
        When it is no text, too large, or has no row that could be a header.

    Examples
    --------
    >>> layout = fills_layout(b"Wertpapier,Kurs,Quantity\nSPY,475.1,10\n", source_name="x.csv")
    >>> layout.headers
    ('Wertpapier', 'Kurs', 'Quantity')
    >>> layout.missing
    (<FillsColumn.TICKER: 'ticker'>, <FillsColumn.PRICE: 'price'>)
    """
    sheet = _sheet(content, source_name, ())
    headers = sheet.names
    body, _ = sheet.body()
    examples = {
        header: next((found for _, row in body if (found := cell(row, place))), "")
        for place, header in enumerate(headers)
    }
    guess = {str(column): header for column, header in guessed(headers).items()}
    return FillsLayout(
        line=sheet.rows[sheet.header][0],
        headers=headers,
        guess=MappingProxyType(guess),
        examples=MappingProxyType(examples),
    )


def table_of(content: bytes, source_name: str, columns: Mapping[str, str] | None) -> Table:
    """Find the table of fills.

    Parameters
    ----------
    columns
        Name of `FillsColumn` → header, for what is not to be guessed; empty for a column that the
        file does not have.

    Raises
    ------
    ImportFileError
        When there is no such table, a column is not there, or its numbers can be read in two ways.
    InvalidValueError
        When ``columns`` names what is no column.
    """
    given = stated(columns or {})
    wanted = tuple(header for header in given.values() if header)
    sheet = _sheet(content, source_name, wanted)
    headers = sheet.names
    if lost := [header for header in wanted if header not in headers]:
        raise ImportFileError(source_name, [f"it has no column {header!r}" for header in lost])
    chosen = _chosen(guessed(headers), given)
    if not is_complete(chosen):
        raise ImportFileError(source_name, [_incomplete(chosen, sheet.rows[sheet.header][0])])
    places = {column: headers.index(header) for column, header in chosen.items()}
    body, others = sheet.body()
    numeric = [place for column, place in places.items() if column in _NUMERIC]
    sign = decimal_sign_of([cell(row, place).lstrip("@") for _, row in body for place in numeric])
    if sign is None and sheet.separator == ";":
        problem = "its numbers can be read in two ways (is 1.234 more than a thousand?)"
        raise ImportFileError(source_name, [f"{problem}; write them without thousands separators"])
    return Table(chosen, places, tuple(body), tuple(others), sign or ".")


def _chosen(
    known: Mapping[FillsColumn, str], given: Mapping[FillsColumn, str]
) -> dict[FillsColumn, str]:
    """What is given, and what is known of the columns that are not used by it."""
    used = set(given.values())
    free = {c: header for c, header in known.items() if c not in given and header not in used}
    return {**free, **{column: header for column, header in given.items() if header}}


def _incomplete(chosen: Mapping[FillsColumn, str], line: int) -> str:
    lacking = [column.label for column in REQUIRED if column not in chosen]
    return (
        f"line {line} is its header, and none of its columns is known as: {', '.join(lacking)}; "
        "say which they are"
    )


def _sheet(content: bytes, source_name: str, wanted: Sequence[str]) -> _Sheet:
    """The file taken apart; a header holds the wanted names, else known ones, else just names."""
    text = decoded(content, source_name)
    if any(line.startswith(_TRADELOG) for line in text.splitlines()):
        return _tradelog(text, source_name)

    def is_known(row: list[str]) -> bool:
        return all(name in row for name in wanted) if wanted else is_complete(guessed(row))

    separator = separator_of(text, is_known)
    rows = rows_of(text, separator, source_name)
    places = [place for place, (_, row) in enumerate(rows) if is_known(row)]
    if not places:
        separator = separator_of(text, _looks_like_names)
        rows = rows_of(text, separator, source_name)
        looked_at = enumerate(rows[:LINES_TO_LOOK_AT])
        places = [place for place, (_, row) in looked_at if _looks_like_names(row)]
    if not places:
        problem = "it has no header row: a line with the names of its columns, at least three"
        raise ImportFileError(source_name, [problem])
    return _Sheet(rows, separator, places[0])


def _looks_like_names(row: list[str]) -> bool:
    """Whether a row may be a header not seen before: several texts, none of them a number."""
    filled = [text for text in row if text]
    numbers = any(read_number(text) is not None or text[0].isdigit() for text in filled)
    return len(filled) >= _FEWEST_COLUMNS and not numbers


def _tradelog(text: str, source_name: str) -> _Sheet:
    """A TradeLog: records of many kinds, no header; only the trades in shares are kept apart."""
    rows = rows_of(text, "|", source_name)
    trades = [(line, row) for line, row in rows if row and row[0] == _TRADELOG[:-1]]
    return _Sheet([(0, _TRADELOG_HEADER.split("|")), *trades], "|", 0)
