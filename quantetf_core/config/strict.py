"""What every configuration model shares: strictness, bounds and rules that name their key."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

Fraction = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
PositiveFraction = Annotated[float, Field(gt=0.0, le=1.0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Action = Literal["warn", "block", "off"]


class StrictModel(BaseModel):
    """Frozen, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def broken_rule(accepted: str, *key: str | int) -> PydanticCustomError:
    """An error that names the key it is about, relative to the model that raises it."""
    return PydanticCustomError("house_rule", "{accepted}", {"accepted": accepted, "key": key})


def check_weight_bounds(min_weight: float, max_weight: float) -> None:
    """Refuse a smallest position that exceeds the largest, both fractions of portfolio value."""
    if min_weight > max_weight:
        raise broken_rule(f"a number of at most max_weight ({max_weight:g})", "min_weight")
