"""A broker's file as rows of cells, whatever its encoding and separator."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence

from quantetf_core.errors import ImportFileError

NOTHING = ("", "-", "--", "n/a", "N/A")
"""How brokers leave a cell empty."""

LINES_TO_LOOK_AT = 100
"""Lines among which the header of a table is looked for first."""

Row = tuple[int, list[str]]
"""Line number and stripped cells."""

_MAX_BYTES = 5_000_000
_TOTAL = re.compile(
    r"((grand|account|positions|portfolio|transactions) )?(sub)?totals?\b.*", re.IGNORECASE
)


def cell(row: Sequence[str], place: int) -> str:
    """A cell of a row that may be too short; empty, too, when it only says that it is."""
    found = row[place] if 0 <= place < len(row) else ""
    return "" if found in NOTHING else found


def is_total(text: str) -> bool:
    """Whether a cell says that its row sums others.

    Examples
    --------
    >>> is_total("Account Total"), is_total("SubTotal"), is_total("TOTALENERGIES")
    (True, True, False)
    """
    return _TOTAL.fullmatch(text) is not None


def name_of(header: str) -> str:
    """A column's name by its letters alone, in lower case.

    Examples
    --------
    >>> name_of("Fees & Comm"), name_of("T. Price")
    ('feescomm', 'tprice')
    """
    return re.sub(r"[^a-z]", "", header.lower())


def decoded(content: bytes, source_name: str) -> str:
    """The file's text: UTF-8, UTF-16 with its mark, or else Windows' Western European.

    Raises
    ------
    ImportFileError
        When it is no text, or larger than 5 MB.
    """
    if len(content) > _MAX_BYTES:
        raise ImportFileError(source_name, [f"it is larger than {_MAX_BYTES:,} bytes"])
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\0" in text:
        raise ImportFileError(source_name, ["it is not a text file"])
    return text


def separator_of(text: str, is_header: Callable[[list[str]], bool]) -> str:
    """The separator under which one of the first lines is a header; a comma when there is none."""
    lines = text.splitlines()[:LINES_TO_LOOK_AT]
    for separator in (",", ";", "\t", "|"):
        if any(is_header([name.strip('" ') for name in line.split(separator)]) for line in lines):
            return separator
    return ","


def rows_of(text: str, separator: str, source_name: str) -> list[Row]:
    """Every line with its stripped cells.

    Raises
    ------
    ImportFileError
        When it is no CSV.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows = []
    try:
        for row in reader:
            rows.append((reader.line_num, [name.strip() for name in row]))
    except csv.Error as error:
        said = str(error)
        if "field limit" in said:
            said = "a cell is far too long; is a quotation mark open?"
        raise ImportFileError(source_name, [f"line {reader.line_num}: {said}"]) from error
    return rows
