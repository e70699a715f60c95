"""Which regime the market is in, and which strategy it calls for."""

from __future__ import annotations

from quantetf_core.regime.analysis import days_in_regime
from quantetf_core.regime.detector import RegimeDetector, last_known
from quantetf_core.regime.history import label_history
from quantetf_core.regime.replay import regime_at, replay, state_at
from quantetf_core.regime.types import (
    REGIME_LABELS,
    REGIME_SHORT_LABELS,
    REGIMES,
    UNKNOWN,
    RegimeConfig,
    RegimeState,
    TrendState,
    VolatilityState,
)

__all__ = [
    "REGIMES",
    "REGIME_LABELS",
    "REGIME_SHORT_LABELS",
    "UNKNOWN",
    "RegimeConfig",
    "RegimeDetector",
    "RegimeState",
    "TrendState",
    "VolatilityState",
    "days_in_regime",
    "label_history",
    "last_known",
    "regime_at",
    "replay",
    "state_at",
]
