"""The readers of the regime's thresholds and mapping, which live in `quantetf_core.config`."""

from __future__ import annotations

from quantetf_core.config import (
    RegimeConfig,
    RegimeMapping,
    get_strategy_for_regime,
    load_regime_mapping,
    load_thresholds,
)

__all__ = [
    "RegimeConfig",
    "RegimeMapping",
    "get_strategy_for_regime",
    "load_regime_mapping",
    "load_thresholds",
]
