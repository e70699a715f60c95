"""Minimum variance by PyPortfolioOpt, as a function, to orders.

Run it with ``python -m tests.examples.with_pypfopt`` in the repository's folder.
"""

from __future__ import annotations

from tests.examples.trading import LARGEST, sample_prices, trade


def minimum_variance(data: object, broker: object) -> dict[str, float]:
    """A plain function is accepted wherever a `WeightProvider` is."""
    # Imported here: the library takes a second to load.
    from pypfopt import EfficientFrontier, risk_models

    covariance = risk_models.CovarianceShrinkage(sample_prices()).ledoit_wolf()
    frontier = EfficientFrontier(None, covariance, weight_bounds=(0.0, LARGEST))
    frontier.min_volatility()
    weights = frontier.clean_weights(cutoff=1e-6, rounding=6)
    return {ticker: weight for ticker, weight in weights.items() if weight > 0.0}


if __name__ == "__main__":
    trade(minimum_variance)
