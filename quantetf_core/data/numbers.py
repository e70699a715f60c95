"""Numbers of a price table: blanks are missing, text is refused by row."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.errors import SourceError

BLANKS = ("", ".", "-", "na", "n/a", "#n/a", "nan", "null", "none", "nil")
"""What sources write where they have no number, in lower case."""

ACCEPTED_NUMBERS = "numbers with a decimal point and no thousands separator, or a blank"

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?", re.IGNORECASE)


def parse_numbers(
    column: pd.Series[Any], *, name: str, origin: str, row_name: Callable[[int], str]
) -> npt.NDArray[np.float64]:
    """A column as floats, shape ``(n_rows,)``; recognised blanks are NaN, infinities are kept.

    Parameters
    ----------
    column
        Numbers, or text that reads as numbers.
    name, origin
        Names of the column and of the source, for the error.
    row_name
        Names a row, by position, for the error.

    Raises
    ------
    SourceError
        When a value is neither a number nor a blank; names its row and what it is.
    """
    dtype = column.dtype
    plain = pd.api.types.is_integer_dtype(dtype) or pd.api.types.is_float_dtype(dtype)
    if plain:
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    codes, written = pd.factorize(column)
    values = np.full(len(written) + 1, np.nan)  # the last is for a code of −1: missing
    for place, value in enumerate(written):
        number = _number(value)
        if number is None:
            row = int(np.flatnonzero(codes == place)[0])
            raise SourceError(
                origin, f"{row_name(row)} has {value!r} in the column {name}", ACCEPTED_NUMBERS
            )
        values[place] = number
    return values[codes]


def _number(value: object) -> float | None:
    """The value as a float, NaN where it is a blank, None where it is neither."""
    if isinstance(value, bool | np.bool_):
        return None
    text = str(value).strip()
    if text.lower() in BLANKS:
        return np.nan
    return float(text) if _NUMBER.fullmatch(text) else None
