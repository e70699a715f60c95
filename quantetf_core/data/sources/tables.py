"""Opening a file as a table, CSV or Parquet by its content; what cannot be opened says why."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from quantetf_core.data.columns import meaning
from quantetf_core.data.numbers import BLANKS
from quantetf_core.errors import SourceError

ACCEPTED_FILES = (
    "a Parquet or CSV table with columns date, ticker, close[, adj_close, open, high, low, "
    "volume]; a CSV of one ticker as Yahoo or Stooq give it; a Parquet with columns "
    "(Ticker, Price); or a folder of such CSV files, one per ticker"
)
"""Every layout that is read, as every error names them."""

_PARQUET_MAGIC = b"PAR1"
_HEAD_BYTES = 65_536
_WORDS = pa.dictionary(pa.int32(), pa.string())
_NULLS = sorted({form for blank in BLANKS for form in (blank, blank.upper(), blank.capitalize())})


@dataclass(frozen=True, slots=True)
class CsvText:
    """The bytes of a CSV file, its delimiter, and its first rows (up to three) as cells."""

    origin: str
    content: bytes
    delimiter: str
    head: tuple[tuple[str, ...], ...]

    def frame(self, *, header_rows: int, names: list[str]) -> pd.DataFrame:
        """The rows below the header; dates and tickers as text, numbers as the file allows.

        Raises
        ------
        SourceError
            When a row has more or fewer cells than the header.
        """
        text = {name: _WORDS for name in names if meaning(name) in ("date", "ticker")}
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(self.content),
                read_options=arrow_csv.ReadOptions(skip_rows=header_rows, column_names=names),
                parse_options=arrow_csv.ParseOptions(delimiter=self.delimiter),
                convert_options=arrow_csv.ConvertOptions(column_types=text, null_values=_NULLS),
            )
        except pa.ArrowInvalid as error:
            raise _unreadable(self.origin, "CSV", error) from None
        return _pandas(table)


def open_table(path: Path, *, origin: str) -> pd.DataFrame | CsvText:
    """A Parquet file as a frame, any other as CSV text.

    Raises
    ------
    SourceError
        When the file is missing, empty, damaged or not text.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(
            origin, f"cannot be opened ({error.strerror or error})", ACCEPTED_FILES
        ) from None
    if content.startswith(_PARQUET_MAGIC):
        return _read_parquet(content, origin)
    if path.suffix.lower() == ".parquet":
        raise SourceError(origin, "is not a Parquet file, or is damaged", ACCEPTED_FILES)
    return _read_text(content, origin)


def csv_frame(content: bytes, *, origin: str) -> pd.DataFrame:
    """A CSV with one header row as a frame; raises `SourceError` when it is none."""
    text = _read_text(content, origin)
    return text.frame(header_rows=1, names=list(text.head[0]))


def _read_parquet(content: bytes, origin: str) -> pd.DataFrame:
    try:
        source = pa.BufferReader(content)
        schema = pq.read_schema(source)
        words = [field.name for field in schema if _is_words(field)]
        return _pandas(pq.read_table(pa.BufferReader(content), read_dictionary=words))
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(origin, "Parquet", error) from None


def _is_words(field: pa.Field) -> bool:
    text = pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
    return bool(text and meaning(field.name) == "ticker")


def _read_text(content: bytes, origin: str) -> CsvText:
    plain = content.removeprefix(b"\xef\xbb\xbf")
    try:
        plain.decode()
    except UnicodeDecodeError:
        raise SourceError(origin, "is not text in UTF-8, nor Parquet", ACCEPTED_FILES) from None
    if not plain.strip():
        raise SourceError(origin, "is empty", ACCEPTED_FILES)
    start = plain[:_HEAD_BYTES].decode(errors="ignore")
    first = start.lstrip().splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(start, newline=None), delimiter=delimiter)
    head = tuple(tuple(row) for _, row in zip(range(3), filter(None, rows), strict=False))
    return CsvText(origin, plain.lstrip(), delimiter, head)


def _pandas(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(date_as_object=False)
    return frame


def _unreadable(origin: str, kind: str, error: Exception) -> SourceError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return SourceError(origin, f"cannot be read as {kind} ({reason})", ACCEPTED_FILES)
