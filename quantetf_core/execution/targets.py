"""Target weights in whichever shape they come, as one checked mapping."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from quantetf_core.errors import InvalidValueError, did_you_mean
from quantetf_core.execution.broker import Bars, Broker, WeightProvider
from quantetf_core.findings import Finding, Severity
from quantetf_core.units import CASH

Targets = (
    Mapping[str, float] | pd.Series | WeightProvider | Callable[[Bars, Broker], Mapping[str, float]]
)
"""What `TargetWeightExecutor` takes: weights, or something to ask for them."""

_ACCEPTED = "weights by asset, a Series, a function (data, broker), or a WeightProvider"
_CASH_TOLERANCE = 1e-6


def read_targets(
    targets: Targets, data: Bars, broker: Broker
) -> tuple[dict[str, float], tuple[Finding, ...]]:
    """Weights by asset, NaN where one is not a finite number; a `$CASH$` entry is left out.

    Raises
    ------
    InvalidValueError
        For something that is neither weights nor gives any, an asset that repeats or is not text.
    """
    weights = _numbers(_asked(targets, data, broker))
    cash = weights.pop(CASH, None)
    if cash is None:
        return weights, ()
    rest = 1.0 - math.fsum(weights.values())
    if abs(cash - rest) <= _CASH_TOLERANCE:
        return weights, ()
    message = f"a weight of {cash:.4f} was given for cash, but the others leave {rest:.4f}"
    return weights, (Finding(Severity.WARN, "cash_weight", CASH, message),)


def _asked(targets: Targets, data: Bars, broker: Broker) -> Mapping[Any, Any]:
    found: object = targets
    if hasattr(targets, "get_weights"):
        found = targets.get_weights(data, broker)
    elif callable(targets):
        found = targets(data, broker)
    if isinstance(found, pd.Series):
        if not found.index.is_unique:
            again = found.index[found.index.duplicated()][0]
            raise InvalidValueError("target_weights", again, "each asset once")
        return dict(zip(found.index, found.tolist(), strict=True))
    if isinstance(found, Mapping):
        return found
    raise InvalidValueError("target_weights", found, _ACCEPTED)


def _numbers(asked: Mapping[Any, Any]) -> dict[str, float]:
    for asset in asked if set(map(type, asked)) != {str} else ():
        if not isinstance(asset, str):
            raise InvalidValueError("asset of target_weights", asset, "text")
    weights = dict(asked)
    if set(map(type, weights.values())) == {float} and np.isfinite(list(weights.values())).all():
        return weights
    return {asset: _number(weight) for asset, weight in weights.items()}


def _number(weight: object) -> float:
    if isinstance(weight, int | float | np.floating | np.integer) and math.isfinite(weight):
        return float(weight)
    return math.nan


def target_findings(
    data: Bars, *, invalid: Sequence[str], unpriced: Sequence[str], held: Container[str]
) -> tuple[Finding, ...]:
    """Weights that are no numbers, and lines without a price: what the rest cannot show."""
    found = [
        Finding(Severity.WARN, "invalid_weight", asset, "the target weight is not a finite number")
        for asset in invalid
    ]
    for asset in unpriced:
        if asset in data:
            code, message = "no_price", "the data has no positive close for it"
        else:
            code = "unknown_ticker"
            message = f"the data does not have it{did_you_mean(asset, data)}"
        kept = "the position is kept" if asset in held else "its weight stays in cash"
        found.append(Finding(Severity.WARN, code, asset, f"{message}; {kept}"))
    return tuple(found)
