"""Numbers as brokers write them, and which sign their decimals have."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Literal

DecimalSign = Literal[".", ","]

_NUMBER = {
    ".": re.compile(r"(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?", re.ASCII),
    ",": re.compile(r"(\d{1,3}([. ]\d{3})+|\d+)?(,\d*)?", re.ASCII),
}
_SIGNS = re.compile(r"([-+]?)\s*(?:USD|\$)?\s*([-+]?)\s*")


def read_number(cell: str, decimal_sign: DecimalSign = ".") -> float | None:
    """Read ``1,234.50``, ``$12``, ``-3``, ``(12)`` for −12; None for anything else.

    With a decimal comma the same as ``1.234,50``. Thousands are grouped by three or not at all.

    Examples
    --------
    >>> read_number("($1,234.50)"), read_number("1.234,5", ","), read_number("nan")
    (-1234.5, 1234.5, None)
    >>> read_number("1,5"), read_number("1.5", ",")
    (None, None)
    """
    text = cell.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-").strip()
    bracketed = text.startswith("(") and text.endswith(")")
    text = text[1:-1].strip() if bracketed else text
    signs = _SIGNS.match(text)
    assert signs is not None  # it matches nothing at all, too
    digits = re.sub(r"\s*(?:USD|\$)$", "", text[signs.end() :])
    one_sign = len(signs[1] + signs[2]) + bracketed <= 1
    has_digit = any(character in "0123456789" for character in digits)
    if not (one_sign and has_digit and _NUMBER[decimal_sign].fullmatch(digits)):
        return None
    for group in "," if decimal_sign == "." else ". ":
        digits = digits.replace(group, "")
    value = float(digits.replace(",", "."))
    if not math.isfinite(value):
        return None
    return -value if bracketed or "-" in signs[0] else value


def decimal_sign_of(cells: Sequence[str]) -> DecimalSign | None:
    """The sign under which most cells are numbers; None when both fit and mean different numbers.

    Examples
    --------
    >>> decimal_sign_of(["1,234", "2.5"]), decimal_sign_of(["12,5"]), decimal_sign_of(["1.234"])
    ('.', ',', None)
    """
    point = [read_number(cell, ".") for cell in cells]
    comma = [read_number(cell, ",") for cell in cells]
    if point == comma:
        return "."
    misfits = point.count(None) - comma.count(None)
    if misfits == 0:
        return None
    return "," if misfits > 0 else "."
