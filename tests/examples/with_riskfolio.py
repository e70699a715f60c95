"""Minimum variance by Riskfolio-Lib, as plain weights, to orders.

Run it with ``python -m tests.examples.with_riskfolio`` in the repository's folder.
"""

from __future__ import annotations

import pandas as pd

from tests.examples.trading import LARGEST, sample_prices, trade


def minimum_variance(prices: pd.DataFrame) -> pd.Series[float]:
    """Weights by ticker, as a Series: the executor takes one as it is."""
    # Imported here: the library takes some seconds to load.
    import riskfolio

    portfolio = riskfolio.Portfolio(returns=prices.pct_change().iloc[1:], upperlng=LARGEST)
    portfolio.assets_stats(method_mu="hist", method_cov="ledoit")
    found = portfolio.optimization(model="Classic", rm="MV", obj="MinRisk", hist=True)
    if found is None:
        raise SystemExit("Riskfolio-Lib found no weights")
    weights = found["weights"].round(6)
    return weights[weights > 0.0]


if __name__ == "__main__":
    trade(minimum_variance(sample_prices()))
