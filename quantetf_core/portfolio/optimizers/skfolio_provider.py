"""skfolio as a provider. It is imported inside the calls: it takes two seconds to load."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from quantetf_core.errors import OptimizerError
from quantetf_core.portfolio.optimizers.problem import Floats, Problem, Solution, TurnoverLimit
from quantetf_core.units import TRADING_DAYS_PER_YEAR

_SINGULAR = 1e-12
"""Smallest eigenvalue ÷ largest, below which a covariance has no inverse worth having."""

_ATTEMPTS = ((0.5, 1e-12), (0.0, 1e-12), (0.5, 1e-9), (None, 1e-9))
"""Which quantile of the variances is scaled to 1 (None: as they are), and the gap to stop at.

Unscaled, daily variances are so small that a solver stops at weights wrong in the fourth decimal,
so that comes last: it is what semi-variances need. The next is taken where the solver fails or
says that its answer may be inaccurate.
"""

_INACCURATE = "Solution may be inaccurate"


class SkfolioProvider:
    """Fulfils `quantetf_core.portfolio.optimizers.Provider`."""

    def solve(self, problem: Problem) -> Solution:
        """Weights within the problem's limits.

        Raises
        ------
        OptimizerError
            When the limits cannot all be kept, the covariance is singular, or the solver fails.
        """
        covariance = _covariance(problem)
        alone = len(problem.tickers) == 1  # several models need two
        weights = (1.0,) if alone else _weights(problem, np.diag(covariance))
        return Solution(weights=weights, volatility=_volatility(weights, covariance))


def _covariance(problem: Problem) -> Floats:
    """Covariance of daily returns; refused when it is singular."""
    matrix: Floats = _estimator(problem).fit(problem.matrix).covariance_
    values = np.linalg.eigvalsh(matrix)
    if not (np.isfinite(values).all() and values[0] > _SINGULAR * values[-1]):
        observations, tickers = problem.matrix.shape
        raise OptimizerError(
            f"the covariance of {tickers} tickers over {observations} returns is singular: the "
            "returns of some are made up of those of others"
        )
    return matrix


def _estimator(problem: Problem) -> Any:
    from skfolio import moments

    estimators = {
        "ledoit_wolf": moments.LedoitWolf,
        "oas": moments.OAS,
        "empirical": moments.EmpiricalCovariance,
        "exponential": moments.EWCovariance,
        "gerber": moments.GerberCovariance,
        "denoised": moments.DenoiseCovariance,
    }
    # nearest=False: a singular matrix is to be reported, not replaced by one that is not.
    return estimators[problem.config.covariance](nearest=False)


def _weights(problem: Problem, variances: Floats) -> tuple[float, ...]:
    from skfolio.exceptions import SkfolioError

    why = ""
    for quantile, precision in _ATTEMPTS:
        scale = 1.0 if quantile is None else 1.0 / float(np.quantile(variances, quantile))
        model = _model(problem, scale, precision)
        try:
            with warnings.catch_warnings():
                # The solver's status, read below, says the same.
                warnings.filterwarnings("ignore", message=_INACCURATE, category=UserWarning)
                model.fit(problem.matrix)
        except (SkfolioError, np.linalg.LinAlgError) as error:
            if _status(model) in ("infeasible", "infeasible_inaccurate"):
                raise OptimizerError("no weights keep every limit at once") from error
            why = f"the solver failed ({str(error)[:120].rstrip('.')})"
            continue
        if _status(model) in (None, "optimal"):
            return tuple(float(weight) for weight in model.weights_)
        why = "the solver stopped before its answer was accurate"
    raise OptimizerError(why)


def _status(model: Any) -> str | None:
    """What the solver says of its answer; None for a model that needs no solver."""
    return getattr(getattr(model, "problem_", None), "status", None)


def _model(problem: Problem, scale: float, precision: float) -> Any:
    """The estimator of skfolio that a configuration names.

    ``scale`` multiplies the objective, ``precision`` is the gap at which the solver may stop.
    """
    from skfolio import RiskMeasure, optimization
    from skfolio.moments import ShrunkMu, ShrunkMuMethods
    from skfolio.prior import EmpiricalPrior

    config = problem.config
    measure = RiskMeasure[config.risk_measure.upper()]
    bounds = {"min_weights": 0.0, "max_weights": min(1.0, problem.max_weight / problem.invested)}
    prior = EmpiricalPrior(covariance_estimator=_estimator(problem))
    if config.model == "hierarchical_risk_parity":
        return optimization.HierarchicalRiskParity(
            risk_measure=measure, prior_estimator=prior, **bounds
        )
    convex = {
        **bounds,
        **_limits(problem),
        "scale_objective": scale,
        "solver_params": {"tol_gap_abs": precision, "tol_gap_rel": precision},
        "save_problem": True,
    }
    if config.model == "risk_budgeting":
        return optimization.RiskBudgeting(risk_measure=measure, prior_estimator=prior, **convex)
    if config.model == "max_diversification":
        return optimization.MaximumDiversification(prior_estimator=prior, **convex)
    if config.model == "min_variance":
        return optimization.MeanRisk(prior_estimator=prior, **convex)
    return optimization.MeanRisk(
        objective_function=optimization.ObjectiveFunction.MAXIMIZE_UTILITY,
        risk_aversion=config.risk_aversion,
        risk_measure=measure,
        prior_estimator=EmpiricalPrior(
            mu_estimator=ShrunkMu(method=ShrunkMuMethods.BAYES_STEIN),
            covariance_estimator=_estimator(problem),
        ),
        **convex,
    )


def _limits(problem: Problem) -> dict[str, Any]:
    """Limits of asset classes as ``A·w ≤ b``, of turnover as a constraint of its own."""
    said: dict[str, Any] = {}
    rows, most = [], []
    for limit in problem.classes:
        member = np.array([float(ticker in limit.members) for ticker in problem.tickers])
        rows += [member, -member]
        most += [limit.most / problem.invested, -limit.least / problem.invested]
    if rows:
        said |= {"left_inequality": np.array(rows), "right_inequality": np.array(most)}
    if problem.turnover is not None:
        said["add_constraints"] = _turnover_constraint(problem.turnover, problem.invested)
    return said


def _turnover_constraint(limit: TurnoverLimit, invested: float) -> Callable[[Any], Any]:
    """Σ |weight − held| ≤ room, written for weights of any sum: some models scale them later.

    skfolio's own ``max_turnover`` bounds each ticker's by itself.
    """
    held = np.array(limit.held)

    def constraint(w: Any) -> Any:
        import cvxpy as cp

        total = cp.sum(w)
        return cp.norm1(invested * w - held * total) <= limit.room * total

    return constraint


def _volatility(weights: tuple[float, ...], covariance: Floats) -> float:
    """√(wᵀ Σ w × 252), rounded as the weights are."""
    shares = np.array(weights)
    variance = math.fsum((shares[:, None] * covariance * shares[None, :]).ravel())
    return round(math.sqrt(max(0.0, variance) * TRADING_DAYS_PER_YEAR), 6)
