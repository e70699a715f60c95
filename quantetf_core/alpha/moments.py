"""Sums, standard deviations and z-scores that are the same bits on any machine.

Every sum adds its terms one after another in the order given. NumPy's own sums regroup the terms
of a contiguous axis, so a ticker's number could depend on how many tickers stand beside it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def sum_down(block: Floats) -> Floats:
    """Sum of each column of a ``(n_rows, n_columns)`` block, from the first row to the last.

    Examples
    --------
    >>> sum_down(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [4.0, 6.0]
    """
    block = np.ascontiguousarray(block)
    if block.shape[1] == 1:
        # A single column is contiguous, and `add.reduce` would sum it pairwise.
        total: Floats = np.add.accumulate(block, axis=0)[-1] if len(block) else np.zeros(1)
        return total
    down: Floats = np.add.reduce(block, axis=0)
    return down


def mean_and_deviations(block: Floats, count: Ints) -> tuple[Floats, Floats]:
    """Mean of each column's values and their deviations from it, both ignoring NaN.

    Parameters
    ----------
    block
        Shape ``(n_rows, n_columns)``, NaN where a column has no value.
    count
        How many values each column has.

    Returns
    -------
    tuple of arrays
        Means ``(n_columns,)``, NaN for a column without values; deviations ``(n_rows, n_columns)``,
        0 where there is no value, so that they can be summed.
    """
    missing = np.isnan(block)
    gaps = bool(missing.any())
    mean = sum_down(np.where(missing, 0.0, block) if gaps else block) / count
    deviations = block - mean
    return mean, np.where(missing, 0.0, deviations) if gaps else deviations


def std_down(block: Floats, count: Ints) -> Floats:
    """Sample standard deviation (``ddof=1``) of each column, ignoring NaN.

    ``count`` holds how many values each column has; NaN for fewer than two.

    Examples
    --------
    >>> std_down(np.array([[1.0, np.nan], [2.0, 5.0], [3.0, 7.0]]), np.array([3, 2])).tolist()
    [1.0, 1.4142135623730951]
    """
    _, deviations = mean_and_deviations(block, count)
    variance = sum_down(deviations * deviations) / (count - 1)
    return np.sqrt(np.where(count > 1, variance, np.nan))


def zscores(section: Floats) -> Floats:
    """How many standard deviations (``ddof=1``) each value lies above the section's mean.

    ``z_i = (x_i − mean) ÷ s`` over the values that are not NaN; NaN stays NaN. In a section whose
    values are all equal, or with one value, every z is 0.

    Examples
    --------
    >>> zscores(np.array([1.0, np.nan, 3.0, 2.0])).tolist()
    [-1.0, nan, 1.0, 0.0]
    >>> zscores(np.array([0.1, 0.1, 0.1])).tolist()
    [0.0, 0.0, 0.0]
    """
    out = np.full(len(section), np.nan)
    there = ~np.isnan(section)
    values = section[there]
    if not len(values):
        return out
    # Measured from one of the values, so that equal values have exactly their own mean.
    above = values - values[0]
    deviations = above - sum_down(above[:, None])[0] / len(values)
    if np.any(above != 0.0):
        squares = sum_down((deviations * deviations)[:, None])[0]
        deviations = deviations / np.sqrt(squares / (len(values) - 1))
    out[there] = deviations
    return out
