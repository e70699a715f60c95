"""What configuration must know of the alpha models, without importing them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterProblem:
    """One parameter that an alpha model does not accept.

    ``key_path`` leads from the parameters to the offending one, e.g. ``("lookback_days",)`` or
    ``("models", 0, "params")``; a missing parameter is named where it should stand.
    """

    key_path: tuple[str | int, ...]
    found: str
    accepted: str


class ModelCatalogue(Protocol):
    """Names of the alpha models and what is wrong with given parameters."""

    def names(self) -> tuple[str, ...]:
        """Every model that a strategy may name."""

    def problems(
        self, model_type: str, parameters: Mapping[str, Any]
    ) -> tuple[ParameterProblem, ...]:
        """Everything wrong with the parameters of one model; empty when they are accepted."""
