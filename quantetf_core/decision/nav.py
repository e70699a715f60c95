"""Whether a decision looks at the book's own past, so that others need not fetch it."""

from __future__ import annotations

from quantetf_core.config import PortfolioSettings, StrategyConfig
from quantetf_core.config.schema_overlays import DrawdownBrake
from quantetf_core.data.market import MarketData
from quantetf_core.regime import replay, state_at


def wants_nav(known: MarketData, settings: PortfolioSettings) -> bool:
    """Whether the strategy in force at the newest session has a drawdown brake switched on.

    A portfolio without any such strategy pays nothing for the question; the others pay for one
    replay of the regime.

    Parameters
    ----------
    known
        The market up to the session of the decision.
    settings
        The portfolio's configuration.

    Raises
    ------
    UnknownTickerError
        When the market has no SPY.
    """
    if not any(_has_brake(strategy) for strategy in settings.strategies):
        return False
    labels = replay(known, settings.thresholds)
    regime = state_at(labels, known.last_session).name
    return _has_brake(settings.strategy_for(regime)[1])


def _has_brake(strategy: StrategyConfig) -> bool:
    return any(isinstance(said, DrawdownBrake) and said.enabled for said in strategy.overlays)
