"""Weights from optimizers: one problem, one answer, whichever library solves it.

A provider is one module with a class that fulfils `Provider`, and one line in `PROVIDERS` of
`quantetf_core.portfolio.optimizers.solving`; its name joins those that ``provider`` of
`quantetf_core.config.OptimizerConfig` accepts. Its library is imported inside the call.
"""

from quantetf_core.portfolio.optimizers.history import JointReturns, joint_returns
from quantetf_core.portfolio.optimizers.optimized import Optimized, optimized_weights
from quantetf_core.portfolio.optimizers.problem import ClassLimit, Problem, Provider, Solution
from quantetf_core.portfolio.optimizers.solving import PROVIDERS
from quantetf_core.portfolio.optimizers.turnover import BookWeights, one_way_turnover

__all__ = [
    "PROVIDERS",
    "BookWeights",
    "ClassLimit",
    "JointReturns",
    "Optimized",
    "Problem",
    "Provider",
    "Solution",
    "joint_returns",
    "one_way_turnover",
    "optimized_weights",
]
