"""Adjusted closes for tests of optimizers: random, correlated, of different volatilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from quantetf_core.config import ConstructionConfig, OptimizerConfig
from quantetf_core.portfolio.optimizers import BookWeights, Optimized, optimized_weights
from tests import builders


def closes(
    tickers: Sequence[str] = "ABCDEF", *, n_sessions: int = 300, seed: int = 0, common: float = 0.5
) -> pd.DataFrame:
    """Random walks with a common part; each ticker swings more than the one before."""
    generator = np.random.default_rng(seed)
    market = generator.normal(0.0003, 0.01, (n_sessions, 1))
    own = generator.normal(0.0003, 0.01, (n_sessions, len(tickers)))
    swing = np.linspace(0.4, 1.6, len(tickers))
    steps = (common * market + (1.0 - common) * own) * swing
    index = builders.sessions(n_sessions)
    return pd.DataFrame(50.0 * np.exp(np.cumsum(steps, axis=0)), index, list(tickers))


def optimize(
    prices: pd.DataFrame,
    model: str = "min_variance",
    *,
    scores: pd.Series[float] | None = None,
    classes: Mapping[str, str] | None = None,
    book: Mapping[str, float] | None = None,
    construction: Mapping[str, object] | None = None,
    **options: object,
) -> Optimized:
    """Weights of a model over all tickers, scored from the last to the first."""
    given = pd.Series(range(len(prices.columns)), prices.columns, float)
    return optimized_weights(
        given if scores is None else scores,
        ConstructionConfig(
            weighting=OptimizerConfig(provider="skfolio", model=model, **options),
            **dict(construction or {}),
        ),
        prices,
        asset_classes=classes or {},
        book=None if book is None else BookWeights(weights=dict(book)),
    )


def weights_of(found: Optimized, tickers: Sequence[str]) -> np.ndarray:
    """Weights in the order of the tickers, 0 where there is none."""
    return found.targets.weights.reindex(list(tickers), fill_value=0.0).to_numpy()


def codes(found: Optimized) -> list[str]:
    """Codes of the findings."""
    return [finding.code for finding in found.targets.findings]
