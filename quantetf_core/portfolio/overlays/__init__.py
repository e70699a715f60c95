"""Overlays: what is done to a strategy's target weights before they become trades.

Volatility target, position limit, drawdown brake and VIX shift, one module each; a strategy lists
those it wants under ``overlays`` (`quantetf_core.config.schema_overlays`).
"""

from quantetf_core.portfolio.overlays.chain import (
    OverlaidTargets,
    Surroundings,
    apply_overlays,
)
from quantetf_core.portfolio.overlays.drawdown_brake import drawdown, drawdown_brake
from quantetf_core.portfolio.overlays.position_limit import position_limit
from quantetf_core.portfolio.overlays.step import OverlayState, OverlayStep, recorded_step
from quantetf_core.portfolio.overlays.vix_shift import known_vix, vix_shift
from quantetf_core.portfolio.overlays.volatility_target import (
    expected_volatility,
    volatility_target,
)

__all__ = [
    "OverlaidTargets",
    "OverlayState",
    "OverlayStep",
    "Surroundings",
    "apply_overlays",
    "drawdown",
    "drawdown_brake",
    "expected_volatility",
    "known_vix",
    "position_limit",
    "recorded_step",
    "vix_shift",
    "volatility_target",
]
