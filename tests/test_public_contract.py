"""The names scripts rely on are there, and mean what they say."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

import quantetf_core


@pytest.mark.parametrize("name", quantetf_core.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(quantetf_core, name) is not None


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'rebalance'"):
        _ = quantetf_core.rebalance


def test_the_rebalancer_keeps_its_signature() -> None:
    parameters = inspect.signature(quantetf_core.RegimeAwareRebalancer).parameters
    assert list(parameters) == [
        "data_access",
        "regime_monitor",
        "regime_mapping_path",
        "strategy_configs_dir",
        "artifacts_dir",
        "portfolio_value",
    ]
    assert parameters["artifacts_dir"].default == Path("artifacts/rebalance")
    assert parameters["strategy_configs_dir"].default == Path("configs/strategies")
    assert parameters["portfolio_value"].default is None


def test_the_parts_of_a_trade_come_in_the_order_scripts_use() -> None:
    trade = quantetf_core.Trade("SPY", "BUY", 10, 15, 0.1, 0.15, 500)
    assert trade.shares_delta == 5
