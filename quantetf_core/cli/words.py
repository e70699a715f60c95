"""How numbers look on a terminal: plain ASCII signs, so that they can be cut, sorted and grepped.

A missing value (None, NaN) is ``-``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from functools import partial

MISSING = "-"


def usd(value: float | None, *, signed: bool = False) -> str:
    """US dollars to the cent.

    Examples
    --------
    >>> usd(1234567.5), usd(-412.3), usd(80, signed=True), usd(None)
    ('$1,234,567.50', '-$412.30', '+$80.00', '-')
    """
    return _signed("${}", value, 2, signed)


def percent(fraction: float | None, *, places: int = 2, signed: bool = False) -> str:
    """A fraction as per cent.

    Examples
    --------
    >>> percent(0.157), percent(-0.0212, places=1), percent(float("nan"))
    ('15.70%', '-2.1%', '-')
    """
    return _signed("{}%", None if fraction is None else fraction * 100.0, places, signed)


def number(value: float | None, *, places: int = 2, signed: bool = False) -> str:
    """Digits in groups of three.

    Examples
    --------
    >>> number(4781.581), number(3, places=0, signed=True)
    ('4,781.58', '+3')
    """
    return _signed("{}", value, places, signed)


def shares(count: float | None, *, signed: bool = False) -> str:
    """A share count: whole where it is whole, else four decimals.

    Examples
    --------
    >>> shares(1234.0), shares(12.5), shares(-30.0, signed=True), shares(None)
    ('1,234', '12.5000', '-30', '-')
    """
    if count is None or math.isnan(count):
        return MISSING
    return _signed("{}", count, 0 if abs(count - round(count)) < 1e-9 else 4, signed)


def count(number_of: int, noun: str) -> str:
    """A number of things, in the right grammatical number.

    Examples
    --------
    >>> count(8, "trade"), count(1, "trade"), count(0, "block"), count(2, "commit")
    ('8 trades', '1 trade', '0 blocks', '2 commits')
    """
    return f"{number_of:,} {noun}{'' if number_of == 1 else 's'}"


def change(usd_moved: float | None) -> str:
    """US dollars with their sign; see `usd`."""
    return usd(usd_moved, signed=True)


def text(value: object) -> str:
    """Words as they are; ``-`` for none.

    Examples
    --------
    >>> text("SPY"), text(""), text(None), text(math.nan)
    ('SPY', '-', '-', '-')
    """
    return MISSING if value is None or value == "" or value != value else str(value)


def phrase(name: object) -> str:
    """A code name in words, like `text`.

    Examples
    --------
    >>> phrase("partly_filled"), phrase("")
    ('partly filled', '-')
    """
    return text(name).replace("_", " ")


def places(digits: int, *, signed: bool = False) -> Callable[[float | None], str]:
    """`number` with that many digits."""
    return partial(number, places=digits, signed=signed)


def day(value: date | None) -> str:
    """A date as ``YYYY-MM-DD``.

    Examples
    --------
    >>> day(date(2023, 12, 29)), day(None)
    ('2023-12-29', '-')
    """
    return MISSING if value is None or value != value else f"{value:%Y-%m-%d}"


def _signed(pattern: str, value: float | None, places: int, signed: bool) -> str:
    if value is None or math.isnan(value):
        return MISSING
    rounded = round(float(value), places)
    sign = "-" if rounded < 0 else "+" if signed and rounded > 0 else ""
    return sign + pattern.format(f"{abs(rounded):,.{places}f}")
