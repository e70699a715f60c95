"""What every part of the Regime page works on: the past up to the session looked at."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pages.ui import loaders
from pages.ui.context import Context
from quantetf_core.config import RegimeConfig
from quantetf_core.regime.analysis import days_in_regime
from quantetf_core.regime.replay import state_at
from quantetf_core.regime.types import RegimeState


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class View:
    """The regime at the session looked at, and the history that led there.

    Parameters
    ----------
    ctx
        The sidebar's choices.
    history
        Of `desk.regime_history` by the configured thresholds; its last row is the session looked
        at, so nothing later can be shown.
    state
        The regime of the last row, with its indicators.
    days
        Sessions it has lasted, that one included.
    """

    ctx: Context
    history: pd.DataFrame
    state: RegimeState
    days: int

    @property
    def thresholds(self) -> RegimeConfig:
        """Those of the portfolio's file, by which decisions are made."""
        return self.ctx.portfolio.settings.thresholds

    @property
    def since(self) -> pd.Timestamp:
        """First session of the running regime."""
        start: pd.Timestamp = self.history.index[-self.days]
        return start


def view(ctx: Context) -> View:
    """Cut the history at the session looked at.

    Raises
    ------
    UnknownTickerError
        When the market has no SPY.
    """
    history = loaders.regime_labels(ctx.portfolio, ctx.market).loc[: ctx.session]
    return View(
        ctx=ctx,
        history=history,
        state=state_at(history, ctx.session),
        days=days_in_regime(history),
    )
