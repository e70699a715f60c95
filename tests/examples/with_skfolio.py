"""Minimum variance by skfolio, as a `WeightProvider`, to orders.

Run it with ``python -m tests.examples.with_skfolio`` in the repository's folder.
"""

from __future__ import annotations

import pandas as pd

from tests.examples.trading import LARGEST, sample_prices, trade


class MinimumVariance:
    """Asked for weights whenever the executor needs them, with the data and the broker it has."""

    def __init__(self, prices: pd.DataFrame) -> None:
        self.prices = prices

    def get_weights(self, data: object, broker: object) -> dict[str, float]:
        # Imported here: the library takes two seconds to load.
        from skfolio.moments import LedoitWolf
        from skfolio.optimization import MeanRisk
        from skfolio.prior import EmpiricalPrior

        returns = self.prices.pct_change().iloc[1:]
        model = MeanRisk(
            prior_estimator=EmpiricalPrior(covariance_estimator=LedoitWolf()),
            max_weights=LARGEST,
            # Daily variances are minute: unscaled, the solver would stop in the fourth decimal.
            scale_objective=float(1.0 / returns.var().median()),
        )
        model.fit(returns)
        weights = dict(zip(returns.columns, model.weights_.round(6).tolist(), strict=True))
        return {ticker: weight for ticker, weight in weights.items() if weight > 0.0}


if __name__ == "__main__":
    trade(MinimumVariance(sample_prices()))
