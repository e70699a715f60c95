"""How a paper portfolio's orders are filled: the ``paper`` key of a portfolio's file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from quantetf_core.config.strict import NonNegative, PositiveFraction, StrictModel

_BelowAll = Annotated[float, Field(ge=0.0, lt=10_000.0, allow_inf_nan=False)]


class BpsCommissionConfig(StrictModel):
    """Basis points of traded notional; see `quantetf_core.execution.paper_costs`."""

    type: Literal["bps"]
    bps: _BelowAll


class PerShareCommissionConfig(StrictModel):
    """USD a share, and a minimum in USD for each fill."""

    type: Literal["per_share"]
    per_share: NonNegative
    minimum: NonNegative = 0.0


class BpsSlippageConfig(StrictModel):
    """Basis points worse than the price on the tape."""

    type: Literal["bps"]
    bps: _BelowAll


class SpreadAndImpactConfig(StrictModel):
    """Half the spread, and impact by the square root of the share of volume."""

    type: Literal["spread_and_impact"]
    spread_bps: _BelowAll
    impact: NonNegative = 1.0
    daily_volatility: NonNegative = 0.01


CommissionConfig = Annotated[
    BpsCommissionConfig | PerShareCommissionConfig, Field(discriminator="type")
]
SlippageConfig = Annotated[BpsSlippageConfig | SpreadAndImpactConfig, Field(discriminator="type")]


class PaperConfig(StrictModel):
    """A portfolio whose confirmed rebalances a paper broker fills at the next session.

    Parameters
    ----------
    fill_at
        The close or the open of the session after the decision's.
    commission
        None: what the portfolio's cost file says, in basis points.
    slippage
        None: fills are at the price on the tape.
    max_volume_share
        The most of a session's volume that is filled of an order, a fraction; None: no limit.
        Orders are good for that one session: what is not filled then lapses.
    """

    fill_at: Literal["next_close", "next_open"] = "next_close"
    commission: CommissionConfig | None = None
    slippage: SlippageConfig | None = None
    max_volume_share: PositiveFraction | None = None
