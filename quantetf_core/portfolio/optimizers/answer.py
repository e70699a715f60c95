"""A provider's answer, checked against its problem and rounded; it is never bent to fit."""

from __future__ import annotations

import math
from collections.abc import Mapping

from quantetf_core.errors import OptimizerError
from quantetf_core.portfolio.optimizers.problem import Problem, Solution

DECIMALS = 6
"""Weights are rounded to 0.000001 of portfolio value.

Solvers agree between machines to about 1e-9, not to the last bit: the rounding hides what differs,
but for a weight that lies on the edge between two roundings.
"""

UNITS = 1_000_000
"""Whole units of the last decimal in 1."""

_TOLERANCE = 1e-6


def checked_weights(problem: Problem, solution: Solution) -> dict[str, float]:
    """Weights by ticker, fractions of portfolio value rounded to `DECIMALS`, 0 included.

    They sum to what is to be invested, less at most one unit of the last decimal.

    Raises
    ------
    OptimizerError
        When the answer is not finite, or breaks a bound or a limit by more than 1e-6.
    """
    _check_shape(problem, solution)
    weights = [share * problem.invested for share in solution.weights]
    by_ticker = dict(zip(problem.tickers, weights, strict=True))
    for broken in _broken_limits(problem, by_ticker):
        raise OptimizerError(f"its answer breaks a limit: {broken}")
    return _rounded(problem, by_ticker)


def _check_shape(problem: Problem, solution: Solution) -> None:
    if len(solution.weights) != len(problem.tickers):
        raise OptimizerError("its answer does not have one weight per ticker")
    if not all(math.isfinite(weight) for weight in solution.weights):
        raise OptimizerError("its answer has weights that are not finite numbers")
    total = math.fsum(solution.weights)
    if abs(total - 1.0) > _TOLERANCE:
        raise OptimizerError(f"its weights sum to {total:.6f} and not to 1")


def _broken_limits(problem: Problem, weights: Mapping[str, float]) -> list[str]:
    """Every bound or limit that the weights break, in words."""
    broken = [
        f"{ticker} has {weight:.4%}, allowed are 0 to {problem.max_weight:.4%}"
        for ticker, weight in weights.items()
        if not -_TOLERANCE <= weight <= problem.max_weight + _TOLERANCE
    ]
    for limit in problem.classes:
        total = math.fsum(weights[ticker] for ticker in limit.members)
        if not limit.least - _TOLERANCE <= total <= limit.most + _TOLERANCE:
            allowed = f"allowed are {limit.least:.4%} to {limit.most:.4%}"
            broken.append(f"{limit.name} has {total:.4%}, {allowed}")
    if problem.turnover is not None:
        pairs = zip(weights.values(), problem.turnover.held, strict=True)
        moved = math.fsum(abs(weight - held) for weight, held in pairs)
        if moved > problem.turnover.room + _TOLERANCE:
            broken.append(f"the turnover is {(moved - problem.turnover.room) / 2:.4%} too large")
    return broken


def _rounded(problem: Problem, weights: Mapping[str, float]) -> dict[str, float]:
    """To whole units; the units that rounding won or lost go where it moved most."""
    most = math.floor(problem.max_weight * UNITS + 1e-3)
    exact = {ticker: weight * UNITS for ticker, weight in weights.items()}
    units = {ticker: min(most, max(0, round(value))) for ticker, value in exact.items()}
    missing = math.floor(problem.invested * UNITS + 1e-3) - sum(units.values())
    step = 1 if missing > 0 else -1
    order = sorted(units, key=lambda ticker: (step * (units[ticker] - exact[ticker]), ticker))
    for ticker in order:
        if missing and 0 <= units[ticker] + step <= most and units[ticker]:
            units[ticker] += step
            missing -= step
    return {ticker: count / UNITS for ticker, count in units.items()}
