"""An optimizer as a strategy's weighting: which model, from which history, within which limits."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from quantetf_core.config.strict import (
    Fraction,
    Name,
    Positive,
    PositiveFraction,
    StrictModel,
    broken_rule,
)

Covariance = Literal["ledoit_wolf", "oas", "empirical", "exponential", "gerber", "denoised"]
RiskMeasure = Literal["variance", "semi_variance", "cvar"]
Model = Literal[
    "min_variance",
    "hierarchical_risk_parity",
    "risk_budgeting",
    "max_diversification",
    "mean_risk",
]

_USED_BY = {
    "risk_measure": ("hierarchical_risk_parity", "risk_budgeting", "mean_risk"),
    "risk_aversion": ("mean_risk",),
    "asset_class_limits": ("min_variance", "risk_budgeting", "max_diversification", "mean_risk"),
}
"""Options that only some models can follow."""


class ClassLimits(StrictModel):
    """Smallest and largest sum of weights in one asset class, fractions of portfolio value."""

    min: Fraction = 0.0
    max: Fraction = 1.0

    @model_validator(mode="after")
    def _bounds_agree(self) -> ClassLimits:
        if self.min > self.max:
            raise broken_rule(f"a number of at most max ({self.max:g})", "min")
        return self


class OptimizerConfig(StrictModel):
    """Weights from an optimizer.

    Parameters
    ----------
    provider
        The library that computes them.
    model
        ``min_variance``; ``hierarchical_risk_parity``; ``risk_budgeting`` (equal contributions to
        risk); ``max_diversification``; ``mean_risk`` (mean − ``risk_aversion`` × risk of daily
        returns, as large as possible; means are shrunk by Bayes–Stein).
    lookback_days
        Closes used, so ``lookback_days − 1`` daily returns.
    min_observations
        Daily returns needed; two thirds of those of the window by default. A ticker with fewer is
        not chosen.
    covariance
        Estimator of the covariance of daily returns.
    max_turnover
        Largest one-way turnover from the book to the weights; None for no limit.
    asset_class_limits
        Bounds of the weight of an asset class of the universe.
    fallback
        What gives the weights when the model cannot.
    risk_measure
        What ``mean_risk``, ``risk_budgeting`` and ``hierarchical_risk_parity`` call risk:
        ``cvar`` is the mean of the worst 5 % of days.
    risk_aversion
        For ``mean_risk``: how much of mean daily return one unit of risk must bring.
    """

    provider: Literal["skfolio"]
    model: Model
    lookback_days: Annotated[int, Field(ge=10)] = 252
    min_observations: Annotated[int, Field(ge=5)] | None = None
    covariance: Covariance = "ledoit_wolf"
    max_turnover: PositiveFraction | None = None
    asset_class_limits: dict[Name, ClassLimits] = Field(default_factory=dict)
    fallback: Literal["inverse_vol", "equal", "cash"] = "inverse_vol"
    risk_measure: RiskMeasure = "variance"
    risk_aversion: Positive = 5.0

    @model_validator(mode="after")
    def _options_belong_to_the_model(self) -> OptimizerConfig:
        for key, models in _USED_BY.items():
            if key in self.model_fields_set and self.model not in models:
                raise broken_rule(f"nothing here: only {', '.join(models)} can follow it", key)
        return self

    @model_validator(mode="after")
    def _observations_fit_the_window(self) -> OptimizerConfig:
        most = self.lookback_days - 1
        if self.min_observations is not None and self.min_observations > most:
            raise broken_rule(f"at most {most}, the returns of the window", "min_observations")
        return self

    @property
    def needed(self) -> int:
        """Daily returns needed."""
        return self.min_observations or 2 * (self.lookback_days - 1) // 3

    def __hash__(self) -> int:
        """Of all fields, the limits of asset classes included."""
        return hash(self.model_dump_json())
