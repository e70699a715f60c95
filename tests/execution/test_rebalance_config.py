"""The rules: what they refuse, by name, from Python and from a portfolio's file."""

from __future__ import annotations

import copy
import pickle

import pytest

from quantetf_core import RebalanceConfig, RebalanceMode
from quantetf_core.config.schema import PortfolioConfig
from quantetf_core.errors import InvalidValueError

PORTFOLIO = {
    "name": "p",
    "source": {"type": "sample"},
    "universe": "u",
    "artifacts_dir": "a",
    "state_dir": "s",
}


def test_the_defaults_are_those_of_the_interface():
    found = RebalanceConfig().model_dump()
    assert found == {
        "min_trade_value": 100.0,
        "min_weight_change": 0.01,
        "allow_fractional": None,
        "round_lots": False,
        "lot_size": 100,
        "max_single_weight": 1.0,
        "cash_floor": 0.0,
        "allow_short": False,
        "max_gross_leverage": None,
        "cancel_before_rebalance": True,
        "account_for_pending": True,
        "rebalance_mode": RebalanceMode.SNAPSHOT,
    }


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"min_trade_value": -1}, "min_trade_value: found -1; accepted: a number of at least 0"),
        ({"min_weight_change": 1.5}, "min_weight_change: found 1.5; accepted: .* from 0 to 1"),
        ({"min_weight_change": float("nan")}, "min_weight_change: found nan"),
        ({"allow_fractional": "yes"}, "allow_fractional: found 'yes'; accepted: true or false"),
        ({"lot_size": 0}, "lot_size: found 0; accepted: a whole number of at least 1"),
        ({"lot_size": 2.5}, "lot_size: found 2.5"),
        ({"max_single_weight": 0.0}, "max_single_weight: found 0.0; accepted: a number above 0"),
        ({"max_gross_leverage": -1.0}, "max_gross_leverage: found -1.0"),
        ({"rebalance_mode": "sometimes"}, "accepted: snapshot, incremental or hybrid"),
        ({"allow_fractional": True, "round_lots": True}, "round_lots: found True; accepted: false"),
        ({"min_trade_valu": 5}, "found 'min_trade_valu'; .*did you mean 'min_trade_value'"),
    ],
)
def test_an_invalid_value_is_refused_by_name(value, sentence):
    with pytest.raises(InvalidValueError, match=sentence):
        RebalanceConfig(**value)


def test_the_rules_are_frozen_hashable_and_survive_copies():
    rules = RebalanceConfig(rebalance_mode="hybrid", max_single_weight=2.0)
    assert rules.rebalance_mode is RebalanceMode.HYBRID
    assert len({rules, copy.deepcopy(rules), pickle.loads(pickle.dumps(rules))}) == 1
    with pytest.raises(ValueError, match="frozen"):
        rules.lot_size = 5


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("allow_short", True),
        ("max_gross_leverage", 2.0),
        ("rebalance_mode", "hybrid"),
        ("max_single_weight", 1.5),
    ],
)
def test_a_portfolio_of_the_desk_refuses_what_a_cash_account_would_ignore(key, value):
    PortfolioConfig.model_validate(PORTFOLIO | {"rebalance": {"allow_fractional": None}})
    with pytest.raises(ValueError, match="because the desk is a cash account") as caught:
        PortfolioConfig.model_validate(PORTFOLIO | {"rebalance": {key: value}})
    assert caught.value.errors()[0]["ctx"]["key"] == ("rebalance", key)
