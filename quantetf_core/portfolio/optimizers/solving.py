"""Problems to their providers; the same problem is solved once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

from quantetf_core.errors import OptimizerError
from quantetf_core.portfolio.optimizers.answer import checked_weights
from quantetf_core.portfolio.optimizers.problem import Problem, Provider, Solution
from quantetf_core.portfolio.optimizers.skfolio_provider import SkfolioProvider

PROVIDERS: Mapping[str, Provider] = {"skfolio": SkfolioProvider()}
"""Every library the desk can ask, by the name configuration files use."""

_REMEMBERED = 128
"""Problems whose answer is kept: a what-if asks the same one for each value tried."""


def solve(problem: Problem, *, min_weight: float) -> tuple[dict[str, float], float]:
    """Rounded weights by ticker, above 0, none below ``min_weight``; and their volatility.

    Weights below the minimum are not taken: the smaller half of them is left out (of equal ones
    the last ticker first) and the others are asked for again, until none is below it.

    Raises
    ------
    OptimizerError
        When there are no such weights; the reason in plain words.
    """
    while True:
        check_room(problem)
        answer = _answer(problem)
        if isinstance(answer, str):
            raise OptimizerError(answer)
        weights = checked_weights(problem, answer)
        small = [t for t in reversed(problem.tickers) if 0.0 < weights[t] < min_weight - 1e-9]
        if not small:
            return {t: w for t, w in weights.items() if w > 0.0}, answer.volatility
        small.sort(key=weights.__getitem__)
        problem = problem.without(small[: math.ceil(len(small) / 2)])


def check_room(problem: Problem) -> None:
    """Refuse a problem that no weights can solve, where plain arithmetic shows it.

    Raises
    ------
    OptimizerError
        Naming what is in the way.
    """
    if problem.room < problem.invested - 1e-9:
        raise OptimizerError(
            f"{len(problem.tickers)} tickers can hold {problem.room:.2%} within their limits, "
            f"{problem.invested:.2%} is to be invested"
        )
    for limit in problem.classes:
        most = problem.max_weight * len(limit.members)
        if limit.least > most + 1e-9:
            raise OptimizerError(
                f"{limit.name} must be at least {limit.least:.2%}, and the "
                f"{len(limit.members)} tickers of it can hold {most:.2%}"
            )
    least = math.fsum(limit.least for limit in problem.classes)
    if least > problem.invested + 1e-9:
        raise OptimizerError(
            f"asset classes must be at least {least:.2%} together, {problem.invested:.2%} is to "
            "be invested"
        )


@lru_cache(maxsize=_REMEMBERED)
def _answer(problem: Problem) -> Solution | str:
    """The provider's answer, or why there is none: failures are remembered too."""
    try:
        return PROVIDERS[problem.config.provider].solve(problem)
    except OptimizerError as error:
        return error.reason
