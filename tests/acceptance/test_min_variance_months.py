"""Ten years of monthly minimum-variance targets on real closes, executed on paper."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from quantetf_core import RebalanceConfig, TargetWeightExecutor
from quantetf_core.config import ConstructionConfig, OptimizerConfig
from quantetf_core.execution.broker import Bars, Broker
from quantetf_core.execution.paper import PaperBroker
from quantetf_core.execution.paper_costs import BpsCommission
from quantetf_core.portfolio.optimizers import optimized_weights

pytestmark = [pytest.mark.real_data, pytest.mark.slow]

CENT = Decimal("0.01")
CAP = 0.25
THRESHOLD = 0.005
CONSTRUCTION = ConstructionConfig(
    weighting=OptimizerConfig(provider="skfolio", model="min_variance"), max_weight=CAP
)


class MinimumVariance:
    """A `WeightProvider`: asked once a month, it knows the closes up to that session."""

    def __init__(self, adj_close: pd.DataFrame) -> None:
        self.adj_close, self.session = adj_close, adj_close.index[0]
        self.answers: list[dict[str, float]] = []

    def get_weights(self, data: Bars, broker: Broker) -> dict[str, float]:
        scores = pd.Series(dict.fromkeys(data, 1.0))
        known = self.adj_close.loc[: self.session]
        found = optimized_weights(scores, CONSTRUCTION, known, asset_classes={}, book=None)
        assert not found.report.fell_back
        self.answers.append(found.targets.weights.to_dict())
        return self.answers[-1]


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, ROUND_HALF_EVEN)


def test_120_months_of_minimum_variance_keep_cash_to_the_cent(market_data_dir: Path) -> None:
    table = pd.read_parquet(market_data_dir / "etf_prices.parquet")
    close = table.pivot(index="date", columns="ticker", values="close")
    adjusted = table.pivot(index="date", columns="ticker", values="adj_close")
    asked = MinimumVariance(adjusted)
    months = close.loc["2014":"2023"]
    broker = PaperBroker(250_000.0, fill_at="close", commission=BpsCommission(5.0))
    executor = TargetWeightExecutor(RebalanceConfig(min_weight_change=THRESHOLD))
    shares: dict[str, int] = {}
    cash = Decimal("250000.00")
    sessions = months.groupby(months.index.to_period("M")).tail(1)
    for asked.session, day in sessions.iterrows():
        prices = {ticker: float(price) for ticker, price in day.dropna().items()}
        data = {ticker: {"close": price} for ticker, price in prices.items()}
        broker.advance(asked.session, data)
        before = broker.get_account_value()
        orders = executor.execute(asked, data, broker)
        broker.process_orders()
        # The account, folded from the orders by other arithmetic.
        for order in orders:
            notional = cents(abs(order.quantity) * Decimal(prices[order.asset]))
            cost = cents(notional * 5 / 10_000)
            sold = order.side == "SELL"
            cash += (notional if sold else -notional) - cost
            shares[order.asset] = shares.get(order.asset, 0) + int(
                -order.quantity if sold else order.quantity
            )
        shares = {ticker: count for ticker, count in shares.items() if count}
        assert Decimal(repr(broker.get_cash())) == cash
        assert cash >= 0
        assert {t: held.quantity for t, held in broker.positions.items()} == shares
        # And where it ends: near the weights. Lines under the threshold keep their money, so the
        # buys may find less cash than they want.
        for ticker, weight in asked.answers[-1].items():
            allowed = prices[ticker] + 3 * THRESHOLD * before
            assert abs(shares.get(ticker, 0) * prices[ticker] - weight * before) <= allowed
    assert len(sessions) == len(asked.answers) == 120
    assert all(max(answer.values()) <= CAP for answer in asked.answers)
    assert sum(len(answer) for answer in asked.answers) > 120 * 4
    first = asked.answers[0]
    assert_least_variance(adjusted.loc[: sessions.index[0]].tail(252), first)


def assert_least_variance(closes: pd.DataFrame, weights: dict[str, float]) -> None:
    """No random mix within the cap swings less, by the plain covariance of the same returns."""
    returns = closes.pct_change().iloc[1:].to_numpy()
    chosen = np.array([weights.get(ticker, 0.0) for ticker in closes.columns])
    mixes = np.random.default_rng(0).dirichlet(np.full(len(chosen), 0.2), 5_000)
    mixes = mixes[mixes.max(axis=1) <= CAP]
    assert len(mixes) > 500
    # The estimator shrinks, so the plain variance is not quite the least: hence a little room.
    assert (returns @ chosen).std() <= 1.05 * (returns @ mixes.T).std(axis=0).min()
