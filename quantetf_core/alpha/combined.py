"""Models that add up z-scores: momentum with value, and any models with each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from quantetf_core.alpha.base import AlphaModel
from quantetf_core.alpha.factory import AlphaFactory
from quantetf_core.alpha.moments import Floats, zscores
from quantetf_core.alpha.parameters import RULE, Path, Rule, Weights, at_most, number, whole
from quantetf_core.alpha.windows import PriceView
from quantetf_core.config.catalogue import ParameterProblem
from quantetf_core.errors import InvalidValueError, did_you_mean


@AlphaFactory.register("value_momentum")
@dataclass(frozen=True, slots=True, kw_only=True)
class ValueMomentum(AlphaModel):
    """Winners of the year that are cheap on the quarter: two z-scores, weighted.

    ``score = w_m·z(R_m) + w_v·z(−R_v)``, a pure number, where ``R_m`` and ``R_v`` are the returns
    (fractions) over the momentum and the value window and ``z`` counts standard deviations
    (``ddof=1``) above the mean of the eligible tickers at the session; 0 where all are equal.

    Parameters
    ----------
    momentum_weight, value_weight
        Weights of the two z-scores; any finite numbers, not both 0, used as they are.
    momentum_lookback, value_lookback
        Closes in the two windows, both ending at the session.
    min_periods
        Closes a ticker needs in each window; with fewer it is not eligible.

    References
    ----------
    After Asness, Moskowitz and Pedersen (2013), Value and momentum everywhere, Journal of Finance
    68. Their value of an asset without book value is the negated return over five years; the
    short window here is a house rule.
    """

    momentum_weight: float = number(0.5)
    value_weight: float = number(0.5)
    momentum_lookback: int = whole(252, at_least=2)
    value_lookback: int = whole(63, at_least=2)
    min_periods: int = whole(60, at_least=2)

    def check(self) -> None:
        """``min_periods`` fit into both windows; one weight is not 0."""
        at_most("min_periods", self.min_periods, "momentum_lookback", self.momentum_lookback)
        at_most("min_periods", self.min_periods, "value_lookback", self.value_lookback)
        if self.momentum_weight == 0.0 == self.value_weight:
            raise InvalidValueError(
                "value_weight", self.value_weight, "a weight other than 0 beside a momentum of 0"
            )

    def score(self, view: PriceView) -> Floats:
        """Weighted sum of the two z-scores."""
        momentum = view.window(self.momentum_lookback).total_return(self.min_periods)
        value = -view.window(self.value_lookback).total_return(self.min_periods)
        return self.momentum_weight * zscores(momentum) + self.value_weight * zscores(value)


_MEMBER_KEYS = ("type", "parameters")


@dataclass(frozen=True, slots=True)
class _Members(Rule):
    """A list of models, each by name, as ``{type, parameters}``, or made already."""

    def accept(self, name: str, value: Any) -> tuple[AlphaModel, ...]:
        """The models, created."""
        found = self.problems((name,), value)
        if found:
            raise InvalidValueError(
                _dotted(found[0].key_path), _Shown(found[0].found), found[0].accepted
            )
        return tuple(_member(spec) for spec in value)

    def problems(self, path: Path, value: Any) -> tuple[ParameterProblem, ...]:
        """The problems of every member, at the paths where they stand."""
        if not isinstance(value, list | tuple) or not value:
            return (_unacceptable(path, value, "a list of models, one at least"),)
        return tuple(
            found for i, spec in enumerate(value) for found in _member_problems((*path, i), spec)
        )


class _Shown(str):
    """A text that is shown as it is: the `repr` of something else already."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _dotted(path: Path) -> str:
    """``models[1].parameters.lookback_days``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def _unacceptable(path: Path, value: object, accepted: str) -> ParameterProblem:
    return ParameterProblem(key_path=path, found=repr(value), accepted=accepted)


def _member_problems(path: Path, spec: Any) -> tuple[ParameterProblem, ...]:
    if isinstance(spec, AlphaModel):
        return ()
    if isinstance(spec, str):
        spec = {"type": spec}
    if not isinstance(spec, Mapping):
        return (_unacceptable(path, spec, "the name of a model, or {type, parameters}"),)
    unknown = [key for key in spec if key not in _MEMBER_KEYS]
    if unknown or "type" not in spec:
        accepted = (
            f"the keys type and parameters{did_you_mean(str([*unknown, ''][0]), _MEMBER_KEYS)}"
        )
        return (_unacceptable(path, spec, accepted),)
    inner = AlphaFactory.problems(spec["type"], spec.get("parameters", {}))
    below = "parameters" if spec["type"] in AlphaFactory.names() else "type"
    return tuple(
        ParameterProblem(key_path=(*path, below, *p.key_path), found=p.found, accepted=p.accepted)
        for p in inner
    )


def _member(spec: Any) -> AlphaModel:
    if isinstance(spec, AlphaModel):
        return spec
    if isinstance(spec, str):
        return AlphaFactory.create(model_type=spec)
    return AlphaFactory.create(model_type=spec["type"], params=spec.get("parameters"))


@AlphaFactory.register("ensemble")
@dataclass(frozen=True, slots=True, kw_only=True)
class Ensemble(AlphaModel):
    """Several models at once: the weighted sum of their z-scored scores.

    ``score = Σ_k w_k·z(s_k)``, a pure number, where ``s_k`` are the scores of member *k* and
    ``z`` counts standard deviations (``ddof=1``) above the mean of the tickers eligible in that
    member at the session; 0 where all are equal. A ticker not eligible in any one member is not
    eligible.

    Parameters
    ----------
    models
        The members: names, ``{type, parameters}``, or models.
    weights
        One weight per member; any finite numbers, not all 0, used as they are. Equal weights
        that sum to 1 when not given.

    References
    ----------
    House rule; z-scored combination as in Asness, Moskowitz and Pedersen (2013).
    """

    models: tuple[AlphaModel, ...] = field(default=(), metadata={RULE: _Members()})
    weights: tuple[float, ...] | None = field(default=None, metadata={RULE: Weights()})

    def check(self) -> None:
        """There are as many weights as members."""
        if self.weights is not None and len(self.weights) != len(self.models):
            raise InvalidValueError(
                "weights", self.weights, f"one weight for each of the {len(self.models)} models"
            )

    def score(self, view: PriceView) -> Floats:
        """Weighted sum of the members' z-scores."""
        total = np.zeros(len(view.tickers))
        weights = self.weights or (1.0 / len(self.models),) * len(self.models)
        for weight, model in zip(weights, self.models, strict=True):
            total += weight * zscores(model.eligible_scores(view))
        return total
