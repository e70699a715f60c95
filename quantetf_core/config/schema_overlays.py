"""Overlays: what may be done to a strategy's target weights before they become trades.

A strategy file lists them under ``overlays``; they work in the order of the list, each on the
weights the one before it left. What they compute is in `quantetf_core.portfolio.overlays`.
*Exposure* is the sum of the target weights, a fraction of portfolio value; the rest is cash. No
overlay raises it: the desk is a cash account, and what a strategy leaves in cash is its own choice.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from quantetf_core.config.strict import (
    Fraction,
    Name,
    PositiveFraction,
    StrictModel,
    broken_rule,
)

Drawdown = Annotated[float, Field(ge=-1.0, le=0.0, allow_inf_nan=False)]
IndexPoints = Annotated[float, Field(ge=1.0, le=200.0, allow_inf_nan=False)]
MIN_CLOSES = 3
"""Closes that a volatility needs at the least: two returns."""


class _Overlay(StrictModel):
    enabled: bool = True


class VolatilityTarget(_Overlay):
    """Hold less when the portfolio would swing more than wanted.

    Parameters
    ----------
    target
        Yearly volatility wanted, a fraction; exposure is lowered where more is expected.
    decay
        λ of the exponentially weighted average of squared daily returns; 0.94 is RiskMetrics'
        value for daily data, 1 weighs all alike.
    lookback_days
        Closes in the window.
    min_periods
        Closes every ETF needs in it; two thirds of the window when not given.
    min_exposure, max_exposure
        What the overlay may lower the exposure to, and the most it leaves.
    """

    type: Literal["volatility_target"]
    target: PositiveFraction
    decay: PositiveFraction = 0.94
    lookback_days: Annotated[int, Field(ge=MIN_CLOSES)] = 126
    min_periods: Annotated[int, Field(ge=MIN_CLOSES)] | None = None
    min_exposure: Fraction = 0.0
    max_exposure: PositiveFraction = 1.0

    @model_validator(mode="after")
    def _bounds_agree(self) -> VolatilityTarget:
        if self.min_exposure > self.max_exposure:
            accepted = f"a number of at most max_exposure ({self.max_exposure:g})"
            raise broken_rule(accepted, "min_exposure")
        if self.closes_needed > self.lookback_days:
            accepted = f"a whole number of at most lookback_days ({self.lookback_days})"
            raise broken_rule(accepted, "min_periods")
        return self

    @property
    def closes_needed(self) -> int:
        """Closes every ETF needs in the window."""
        default = max(MIN_CLOSES, 2 * self.lookback_days // 3)
        return default if self.min_periods is None else self.min_periods


class PositionLimit(_Overlay):
    """No single weight above a limit.

    Parameters
    ----------
    max_weight
        The limit, a fraction of portfolio value.
    redistribute
        Give the excess to the other positions in proportion; what none can take, and all of it
        when false, becomes cash.
    """

    type: Literal["position_limit"]
    max_weight: PositiveFraction
    redistribute: bool = True


class DrawdownBrake(_Overlay):
    """Hold less the further the book itself has fallen from its peak.

    Parameters
    ----------
    start
        Drawdown (≤ 0) from which on exposure is limited.
    full
        Drawdown (≤ ``start``) at which ``min_exposure`` is reached.
    min_exposure
        The most that may be invested at ``full`` and below. 0 is accepted only with
        ``lookback_days``: a book that is all cash never returns to an old peak, and would stay so.
    lookback_days
        Values of the book among which the peak is looked for; all there are when not given.
    """

    type: Literal["drawdown_brake"]
    start: Drawdown
    full: Drawdown
    min_exposure: Fraction
    lookback_days: Annotated[int, Field(ge=2)] | None = None

    @model_validator(mode="after")
    def _can_be_left_again(self) -> DrawdownBrake:
        if self.full > self.start:
            raise broken_rule(f"a number from -1 to start ({self.start:g})", "full")
        if self.min_exposure == 0.0 and self.lookback_days is None:
            accepted = "a number above 0 and at most 1 (0 only with lookback_days, because a book "
            accepted += "that is all cash never returns to its peak)"
            raise broken_rule(accepted, "min_exposure")
        return self


class VixShift(_Overlay):
    """Move a part of every position into defensive ETFs while the VIX is high.

    Parameters
    ----------
    start
        VIX in index points above which weight is moved.
    full
        VIX (≥ ``start``) from which on ``max_shift`` is moved.
    max_shift
        The largest part of each position that is moved.
    defensive_tickers
        ETFs of the universe that share what is moved, equally.
    """

    type: Literal["vix_shift"]
    start: IndexPoints
    full: IndexPoints
    max_shift: PositiveFraction = 1.0
    defensive_tickers: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)]

    @model_validator(mode="after")
    def _levels_and_tickers_agree(self) -> VixShift:
        if self.full < self.start:
            raise broken_rule(f"a number from start ({self.start:g}) to 200", "full")
        for position, ticker in enumerate(self.defensive_tickers):
            if ticker in self.defensive_tickers[:position]:
                raise broken_rule("each ticker once", "defensive_tickers", position)
        return self


OverlayConfig = Annotated[
    VolatilityTarget | PositionLimit | DrawdownBrake | VixShift, Field(discriminator="type")
]
Overlays = Annotated[tuple[OverlayConfig, ...], Field(strict=False)]
