"""The decision: pure composition of regime, strategy, weights, trades and checks."""

from quantetf_core.decision.decide import decide, target_weights
from quantetf_core.decision.result import Inputs, RebalanceResult, Situation

__all__ = ["Inputs", "RebalanceResult", "Situation", "decide", "target_weights"]
