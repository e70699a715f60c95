"""QuantETF: run an ETF portfolio by market regime.

The names below are the public contract; each is imported when first asked for, so that a script
pays only for what it uses.

>>> from quantetf_core import RegimeDetector
>>> RegimeDetector().detect(spy_price=480.0, spy_200ma=440.0, vix=13.0).name
'uptrend_low_vol'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from quantetf_core.version import VERSION

if TYPE_CHECKING:
    from quantetf_core.alpha import AlphaFactory
    from quantetf_core.config import (
        RebalanceConfig,
        RebalanceMode,
        get_strategy_for_regime,
        load_regime_mapping,
        load_thresholds,
    )
    from quantetf_core.data.access import DataAccessContext
    from quantetf_core.data.market import MarketData
    from quantetf_core.decision import RebalanceResult, decide
    from quantetf_core.execution import (
        PaperBroker,
        TargetWeightExecutor,
        Trade,
        WeightProvider,
        plan_trades,
    )
    from quantetf_core.portfolio import Holdings, PortfolioConstructor, Position
    from quantetf_core.production.rebalancer import RegimeAwareRebalancer
    from quantetf_core.production.regime_monitor import DailyRegimeMonitor
    from quantetf_core.regime import (
        RegimeConfig,
        RegimeDetector,
        RegimeState,
        TrendState,
        VolatilityState,
    )

__version__ = VERSION

_HOME = {
    "AlphaFactory": "alpha",
    "DailyRegimeMonitor": "production.regime_monitor",
    "DataAccessContext": "data.access",
    "Holdings": "portfolio",
    "MarketData": "data.market",
    "PortfolioConstructor": "portfolio",
    "PaperBroker": "execution",
    "Position": "portfolio",
    "RebalanceConfig": "config",
    "RebalanceMode": "config",
    "RebalanceResult": "decision",
    "RegimeAwareRebalancer": "production.rebalancer",
    "RegimeConfig": "regime",
    "RegimeDetector": "regime",
    "RegimeState": "regime",
    "TargetWeightExecutor": "execution",
    "Trade": "execution",
    "TrendState": "regime",
    "VolatilityState": "regime",
    "WeightProvider": "execution",
    "decide": "decision",
    "get_strategy_for_regime": "config",
    "load_regime_mapping": "config",
    "load_thresholds": "config",
    "plan_trades": "execution",
}

__all__ = [
    "AlphaFactory",
    "DailyRegimeMonitor",
    "DataAccessContext",
    "Holdings",
    "MarketData",
    "PaperBroker",
    "PortfolioConstructor",
    "Position",
    "RebalanceConfig",
    "RebalanceMode",
    "RebalanceResult",
    "RegimeAwareRebalancer",
    "RegimeConfig",
    "RegimeDetector",
    "RegimeState",
    "TargetWeightExecutor",
    "Trade",
    "TrendState",
    "VolatilityState",
    "WeightProvider",
    "__version__",
    "decide",
    "get_strategy_for_regime",
    "load_regime_mapping",
    "load_thresholds",
    "plan_trades",
]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
