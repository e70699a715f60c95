"""One strategy: its alpha model, and how scores become weights."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from quantetf_core.config.strict import (
    Fraction,
    Name,
    PositiveFraction,
    StrictModel,
    check_weight_bounds,
)


class ConstructionConfig(StrictModel):
    """Scores → weights.

    Parameters
    ----------
    top_n
        How many of the best-scored tickers are held.
    weighting
        ``equal``, ``score`` (proportional to positive scores) or ``inverse_vol``.
    max_weight, min_weight
        Bounds of one position, as fractions of portfolio value; a position below the minimum is
        not taken.
    cash_buffer
        Fraction always left in cash.
    gross_exposure
        Fraction of portfolio value to invest; below 1 for defensive strategies.
    unfilled
        What happens to the share of missing names when fewer than ``top_n`` are eligible.
    """

    top_n: Annotated[int, Field(ge=1)]
    weighting: Literal["equal", "score", "inverse_vol"] = "equal"
    max_weight: PositiveFraction = 1.0
    min_weight: Fraction = 0.0
    cash_buffer: Fraction = 0.0
    gross_exposure: PositiveFraction = 1.0
    unfilled: Literal["cash", "redistribute"] = "cash"

    @model_validator(mode="after")
    def _bounds_agree(self) -> ConstructionConfig:
        check_weight_bounds(self.min_weight, self.max_weight)
        return self


class StrategyConfig(StrictModel):
    """One strategy, whichever of the two layouts its file uses.

    ``parameters_json`` is the canonical JSON of the alpha model's parameters, so that the model
    stays hashable; read them through `parameters`. ``tickers`` restricts what the strategy may
    hold to a part of the universe (a defensive strategy lists its bonds here); ``None`` is the
    whole universe.
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
    path: str

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of the alpha model, by name."""
        loaded: dict[str, Any] = json.loads(self.parameters_json)
        return loaded


class Overruled(StrictModel):
    """A setting of a strategy that the portfolio decides otherwise (DESIGN §11.7).

    ``strategy`` is the path of the strategy's file, ``named`` the file it asks for and ``used``
    what the portfolio uses in its place.
    """

    strategy: str
    key: Literal["universe", "schedule", "cost_model"]
    named: str
    used: str
