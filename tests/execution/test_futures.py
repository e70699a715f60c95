"""Contracts: weights, shares, preview and effective weights respect the multiplier."""

from __future__ import annotations

import math

import pytest

from quantetf_core import RebalanceConfig, TargetWeightExecutor
from quantetf_core.errors import InvalidValueError
from quantetf_core.execution import PaperBroker
from tests.execution.brokers import PlainBroker, bars, by_asset

PRICES = {"ES": 5_000.0, "GC": 2_000.0}
DATA = bars(PRICES)
MULTIPLIERS = {"ES": 50.0, "GC": 100.0}
FREE = {"min_trade_value": 0.0, "min_weight_change": 0.0}


class Futures(PlainBroker):
    def get_multiplier(self, asset):
        return MULTIPLIERS.get(asset, 1.0)


def executor(**rules):
    return TargetWeightExecutor(RebalanceConfig(**(FREE | rules)))


def test_two_contracts_of_a_quarter_million_are_half_of_a_million():
    broker = Futures(500_000.0, PRICES, ES=2)
    broker.order("ES", -1)
    broker.order("GC", 1)
    assert executor()._get_current_weights(broker, DATA) == {"ES": 0.5}
    assert executor()._get_effective_weights(broker, DATA) == {"ES": 0.25, "GC": 0.2}


def test_shares_and_values_are_contracts_and_their_notional():
    broker = Futures(1_000_000.0, PRICES)
    rows = by_asset(executor(allow_fractional=True).preview({"ES": 0.3}, DATA, broker))
    assert rows["ES"]["shares"] == pytest.approx(1.2)
    assert rows["ES"]["value"] == pytest.approx(300_000.0)
    executor().execute({"ES": 0.3, "GC": 0.4}, DATA, broker)
    assert broker.sent == [("GC", 2), ("ES", 1)]


def test_contracts_are_sold_short_and_closed():
    broker = Futures(1_000_000.0, PRICES)
    executor(allow_short=True).execute({"ES": -0.25}, DATA, broker)
    assert broker.sent == [("ES", -1)]
    broker.fill()
    (row,) = executor(allow_short=True).preview({}, DATA, broker)
    assert (row["shares"], row["value"]) == (1, 250_000.0)


def test_a_limit_order_on_contracts_keeps_its_notional():
    """One at 4,000 takes 200,000 of the million; 800,000 buy four of GC."""
    broker = Futures(1_000_000.0, PRICES)
    broker.order("ES", 1, limit_price=4_000.0)
    rules = {"cancel_before_rebalance": False}
    executor(**rules).execute({"ES": 0.25, "GC": 0.9}, DATA, broker)
    assert broker.sent == [("GC", 4)]


@pytest.mark.parametrize("mode", ["snapshot", "incremental", "hybrid"])
def test_the_paper_broker_trades_contracts_to_the_cent(mode):
    broker = PaperBroker(1_000_000.0, fill_at="close", multipliers=MULTIPLIERS)
    broker.advance(1, DATA)
    executor(rebalance_mode=mode).execute({"ES": 0.5, "GC": 0.4}, DATA, broker)
    broker.process_orders()
    assert {a: p.quantity for a, p in broker.positions.items()} == {"ES": 2, "GC": 2}
    assert (broker.get_cash(), broker.get_account_value()) == (100_000.0, 1_000_000.0)
    broker.advance(2, bars({"ES": 5_010.0, "GC": 2_000.0}))
    assert broker.get_account_value() == 1_001_000.0


@pytest.mark.parametrize("multiplier", [0.0, -1.0, math.nan])
def test_a_multiplier_that_is_none_is_refused_by_its_asset(multiplier):
    broker = PlainBroker(1_000.0, PRICES)
    broker.get_multiplier = lambda asset: multiplier
    with pytest.raises(InvalidValueError, match="get_multiplier\\('ES'\\)"):
        executor().preview({"ES": 0.5}, DATA, broker)


def test_a_broker_without_multipliers_trades_shares():
    class Shares:
        def __init__(self, broker):
            names = ("positions", "pending_orders", "get_position", "submit_order")
            for name in (*names, "cancel_order", "close_position"):
                setattr(self, name, getattr(broker, name))
            self.get_account_value = lambda: 10_000.0

    plain = PlainBroker(10_000.0, PRICES)
    executor().execute({"GC": 0.5}, DATA, Shares(plain))
    assert plain.sent == [("GC", 2)]
