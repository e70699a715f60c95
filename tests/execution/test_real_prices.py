"""A chain of month-ends on real closes, its cash and shares folded by other arithmetic."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pandas as pd
import pytest

from quantetf_core.config.schema import RebalanceConfig
from quantetf_core.execution import CostModel, PlanRequest, plan_trades

CENT = Decimal("0.01")


@pytest.mark.real_data
def test_two_years_of_month_ends_fold_to_the_same_cash_and_shares(market_data_dir):
    table = pd.read_parquet(
        market_data_dir / "etf_prices.parquet", columns=["date", "ticker", "close"]
    )
    closes = table.pivot(index="date", columns="ticker", values="close").loc["2015":"2016"]
    cash, shares, folded = 250_000.0, {}, Decimal("250000.00")
    for _, day in closes.groupby(closes.index.to_period("M")).tail(1).iterrows():
        priced = day.dropna().sort_index()
        best = priced.index[: 5 + len(priced) % 3]
        request = PlanRequest.from_mappings(
            shares=shares,
            weights=dict.fromkeys(best, 1.0 / len(best)),
            prices=priced.to_dict(),
            cash=cash,
            config=RebalanceConfig(min_weight_change=0.002),
            costs=CostModel(5.0),
        )
        plan = plan_trades(request)
        for trade in plan.trades:
            exact = Decimal(abs(trade.shares_delta)) * Decimal(trade.price)
            notional = exact.quantize(CENT, ROUND_HALF_EVEN)
            cost = (notional * 5 / 10_000).quantize(CENT, ROUND_HALF_EVEN)
            folded += (notional if trade.action == "SELL" else -notional) - cost
            shares[trade.ticker] = shares.get(trade.ticker, 0.0) + trade.shares_delta
        shares = {ticker: count for ticker, count in shares.items() if count}
        cash = plan.cash_after
        assert Decimal(repr(cash)) == folded
        held = {line.ticker: line.target_shares for line in plan.lines() if line.target_shares}
        assert held == shares
    assert cash < 2_000.0
