"""CSV that a spreadsheet opens as data: text that it would run as a formula is marked as text.

Source of the rule: OWASP, "CSV Injection".
"""

from __future__ import annotations

import pandas as pd
from pandas.api.types import is_object_dtype, is_string_dtype

_DANGEROUS = ("=", "+", "-", "@", "\t", "\n")
_GUARD = "'"


def guarded(cell: object) -> object:
    """Put an apostrophe before text that a spreadsheet would run; anything else is unchanged.

    Carriage returns become line feeds, which every CSV reader agrees on inside a quoted cell.

    Examples
    --------
    >>> guarded("=1+1"), guarded("SPY"), guarded(-1.5)
    ("'=1+1", 'SPY', -1.5)
    """
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    return _GUARD + text if text.lstrip(_GUARD).startswith(_DANGEROUS) else text


def unguarded(cell: str) -> str:
    """The text that `guarded` was given.

    Examples
    --------
    >>> unguarded("'=1+1"), unguarded("'tis")
    ('=1+1', "'tis")
    """
    marked = cell.startswith(_GUARD) and cell.lstrip(_GUARD).startswith(_DANGEROUS)
    return cell[1:] if marked else cell


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Encode a table as UTF-8 CSV without its index, with line feeds as line ends.

    Numbers are written so that they read back as the same float64; missing values are empty.
    Text cells and headers are `guarded`.
    """
    safe = frame.copy()
    for position in range(safe.shape[1]):
        column = safe.iloc[:, position]
        if is_object_dtype(column.dtype) or is_string_dtype(column.dtype):
            safe.isetitem(position, [guarded(cell) for cell in column.astype(object)])
    safe.columns = pd.Index([guarded(str(name)) for name in frame.columns])
    return safe.to_csv(index=False, lineterminator="\n").encode()
