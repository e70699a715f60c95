"""One strategy: its alpha model, and how scores become weights."""

from __future__ import annotations

import json
import math
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from quantetf_core.config.schema_overlays import Overlays
from quantetf_core.config.schema_weighting import OptimizerConfig
from quantetf_core.config.strict import (
    Fraction,
    Name,
    PositiveFraction,
    StrictModel,
    broken_rule,
    check_weight_bounds,
)

Weighting = Literal["equal", "score", "inverse_vol"]
TopN = Annotated[int, Field(ge=1)]

_FULL = 1.0 + 1e-9


class WeightBounds(StrictModel):
    """Bounds of one position, fractions of portfolio value.

    A position below ``min_weight`` is not taken at all, whatever gives the weights; it is no
    lower bound that every ticker must reach.
    """

    max_weight: PositiveFraction = 1.0
    min_weight: Fraction = 0.0

    @model_validator(mode="after")
    def _bounds_agree(self) -> WeightBounds:
        check_weight_bounds(self.min_weight, self.max_weight)
        return self


class Exposure(StrictModel):
    """How much is invested.

    Parameters
    ----------
    cash_buffer
        Fraction always left in cash.
    gross_exposure
        Fraction of portfolio value to invest; below 1 for defensive strategies.
    unfilled
        What happens to the share of missing names when fewer than ``top_n`` are eligible.
    """

    cash_buffer: Fraction = 0.0
    gross_exposure: PositiveFraction = 1.0
    unfilled: Literal["cash", "redistribute"] = "cash"

    @property
    def investable(self) -> float:
        """Fraction of portfolio value invested when every place is filled."""
        return min(self.gross_exposure, 1.0 - self.cash_buffer)


class ConstructionConfig(Exposure, WeightBounds):
    """Scores → weights; the bounds and what is invested are those of the bases.

    Parameters
    ----------
    top_n
        How many of the best-scored tickers are held. With an optimizer it may be None: it then
        chooses among all that have a score.
    weighting
        ``equal``, ``score`` (proportional to positive scores), ``inverse_vol``, or an optimizer.
    """

    top_n: TopN | None = None
    weighting: Weighting | OptimizerConfig = "equal"

    @model_validator(mode="after")
    def _is_possible(self) -> ConstructionConfig:
        if self.top_n is None and self.optimizer is None:
            raise broken_rule("a whole number of at least 1", "top_n")
        check_room(self.min_weight, self.top_n)
        if self.optimizer is not None:
            check_class_room(self.optimizer, self, self.max_weight, self.top_n)
        return self

    @property
    def optimizer(self) -> OptimizerConfig | None:
        """The optimizer that gives the weights; None where a plain rule does."""
        return self.weighting if isinstance(self.weighting, OptimizerConfig) else None


def check_room(min_weight: float, top_n: int | None, *key: str) -> None:
    """Refuse a smallest position of which ``top_n`` do not fit into the portfolio."""
    if top_n is not None and min_weight * top_n > _FULL:
        raise broken_rule(f"at most {1 / top_n:g}: {top_n} positions must fit into 1", *key)


def check_class_room(
    optimizer: OptimizerConfig, exposure: Exposure, max_weight: float, top_n: int | None, *key: str
) -> None:
    """Refuse least weights of asset classes that what is invested, or what is held, cannot give."""
    limits = optimizer.asset_class_limits
    key = (*key, "weighting", "asset_class_limits")
    least = math.fsum(limit.min for limit in limits.values())
    if least > exposure.investable * _FULL:
        accepted = (
            f"least weights of at most {exposure.investable:g} together, all that is invested"
        )
        raise broken_rule(f"{accepted}; these are {least:g}", *key)
    if top_n is not None and least > top_n * max_weight * _FULL:
        accepted = f"least weights of at most {top_n * max_weight:g} together"
        raise broken_rule(f"{accepted}: {top_n} positions of {max_weight:g} each", *key)


class StrategyConfig(StrictModel):
    """One strategy, whichever of the two layouts its file uses.

    ``parameters_json`` is the canonical JSON of the alpha model's parameters, so that the model
    stays hashable; read them through `parameters`. ``tickers`` restricts what the strategy may
    hold to a part of the universe (a defensive strategy lists its bonds here); ``None`` is the
    whole universe. ``overlays`` work on the target weights, in this order.
    """

    name: Name
    description: str = ""
    alpha_model: Name
    parameters_json: str = "{}"
    construction: ConstructionConfig
    tickers: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)] | None = None
    universe: str | None = None
    schedule: str | None = None
    cost_model: str | None = None
    overlays: Overlays = ()
    path: str

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of the alpha model, by name."""
        loaded: dict[str, Any] = json.loads(self.parameters_json)
        return loaded


class Overruled(StrictModel):
    """A setting of a strategy that the portfolio decides otherwise.

    ``strategy`` is the path of the strategy's file, ``named`` the file it asks for and ``used``
    what the portfolio uses in its place.
    """

    strategy: str
    key: Literal["universe", "schedule", "cost_model"]
    named: str
    used: str
