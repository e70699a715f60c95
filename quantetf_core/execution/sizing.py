"""How far a line is from its weight, in shares and whole units: elementwise, no line sees another.

The planner asks for all lines at once with NumPy as arithmetic; an executor that reads the value
anew after every fill asks for one line at a time with `SCALAR`, which is the same function on
plain numbers, many times faster than arrays of one entry.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

SHARE_TOLERANCE = 1e-6
"""Units by which a distance may fall short of a whole one and still count as one."""

FRACTION_TOLERANCE = 1e-4
"""Millionths of a share that float noise may take from a whole one."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """The four operations that plain numbers and arrays spell differently."""

    floor: Callable[[Any], Any]
    rint: Callable[[Any], Any]
    minimum: Callable[[Any, Any], Any]
    where: Callable[[Any, Any, Any], Any]


ARRAYS = Arithmetic(floor=np.floor, rint=np.rint, minimum=np.minimum, where=np.where)
"""For columns of one entry per line."""

SCALAR = Arithmetic(
    floor=math.floor,
    rint=round,
    minimum=min,
    where=lambda condition, yes, no: yes if condition else no,
)
"""For one line; rounds half to even, as the other does."""


@dataclass(frozen=True, slots=True)
class Distance:
    """From what is held to what is wanted; columns, or the numbers of one line.

    Parameters
    ----------
    ideal
        Shares that the weight is worth, unrounded.
    gap
        ``ideal`` less what is held.
    units
        Whole units to trade, unsigned: the nearest, or rounded down where units are fractions; a
        sell stops at what may be sold, a cover at what is short.
    apart
        Whether the unrounded distance is one unit or more.
    exact
        ``|gap|`` in units.
    """

    ideal: Any
    gap: Any
    units: Any
    apart: Any
    exact: Any


def distance(
    xp: Arithmetic,
    *,
    weight: Any,
    base: int,
    price: Any,
    shares: Any,
    sellable: Any,
    unit: float,
) -> Distance:
    """Distance from ``shares`` to ``weight``.

    Parameters
    ----------
    xp
        `ARRAYS` or `SCALAR`.
    weight
        Fraction of ``base``; negative is short.
    base
        Cents that weights are fractions of.
    price
        USD per share, contract multiplier included, above 0.
    shares, sellable
        Held; the most that may be sold, unless the line is wanted short.
    unit
        Shares that trades are multiples of; below 1 it is a fraction of a share.

    Examples
    --------
    >>> d = distance(SCALAR, weight=0.5, base=100_000, price=30.0, shares=3.0, sellable=3.0,
    ...              unit=1.0)
    >>> round(d.ideal, 3), d.units, d.apart
    (16.667, 14, True)
    """
    ideal = weight * base / (price * 100.0)
    gap = ideal - shares
    exact = abs(gap) / unit
    rounded = xp.floor(exact + FRACTION_TOLERANCE) if unit < 1.0 else xp.rint(exact)
    most_sold = xp.where(weight < 0.0, math.inf, most_units(xp, sellable, unit))
    covers = (shares < 0.0) & (weight <= 0.0)
    most_bought = xp.where(covers, most_units(xp, -shares, unit), math.inf)
    return Distance(
        ideal=ideal,
        gap=gap,
        units=xp.minimum(rounded, xp.where(gap < 0.0, most_sold, most_bought)),
        apart=exact >= 1.0 - SHARE_TOLERANCE,
        exact=exact,
    )


def most_units(xp: Arithmetic, shares: Any, unit: float) -> Any:
    """Whole units in a number of shares, rounded down."""
    return xp.floor(shares / unit)
