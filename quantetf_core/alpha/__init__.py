"""Alpha models: prices known at a session in, one score per ticker out.

>>> from quantetf_core.alpha import AlphaFactory
>>> AlphaFactory.describe("momentum")
'Return over the last year: what has risen most is preferred.'
"""

from quantetf_core.alpha.base import AlphaModel
from quantetf_core.alpha.combined import Ensemble, ValueMomentum
from quantetf_core.alpha.factory import AlphaFactory
from quantetf_core.alpha.filtered import SAFE_TICKERS, DualMomentum, TrendFilteredMomentum
from quantetf_core.alpha.momentum import Momentum, MomentumAcceleration, VolAdjustedMomentum
from quantetf_core.alpha.residual import ResidualMomentum
from quantetf_core.alpha.volatility import realised_volatility
from quantetf_core.alpha.windows import PriceView, Window

__all__ = [
    "SAFE_TICKERS",
    "AlphaFactory",
    "AlphaModel",
    "DualMomentum",
    "Ensemble",
    "Momentum",
    "MomentumAcceleration",
    "PriceView",
    "ResidualMomentum",
    "TrendFilteredMomentum",
    "ValueMomentum",
    "VolAdjustedMomentum",
    "Window",
    "realised_volatility",
]
