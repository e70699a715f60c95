"""The decision: pure composition of regime, strategy, weights, trades and checks."""

from quantetf_core.decision.decide import decide
from quantetf_core.decision.result import Inputs, RebalanceResult, Situation
from quantetf_core.decision.targets import StrategyTargets, strategy_targets

__all__ = [
    "Inputs",
    "RebalanceResult",
    "Situation",
    "StrategyTargets",
    "decide",
    "strategy_targets",
]
