"""What a request refuses, and how it aligns."""

from __future__ import annotations

import numpy as np
import pytest

from quantetf_core.config.schema import RebalanceConfig
from quantetf_core.errors import InvalidValueError
from quantetf_core.execution import CostModel, PlanRequest, Reason
from quantetf_core.execution.costs import notional_cents

RULES = {"config": RebalanceConfig(), "costs": CostModel(5.0)}


def request(**changes):
    facts = {
        "tickers": ("A", "B"),
        "current_shares": np.array([1.0, 0.0]),
        "target_weights": np.array([0.5, 0.5]),
        "price": np.array([10.0, 20.0]),
        "price_date": (None, None),
        "tradable": np.array([True, True]),
        "block_reason": (None, None),
        "cash": 5.0,
        "cash_flow": 0.0,
    }
    return PlanRequest(**(facts | RULES | changes))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"tickers": ("B", "A")}, "sorted"),
        ({"tickers": ("A", "A")}, "each ticker once"),
        ({"target_weights": np.array([0.5, np.nan])}, "target_weights of B: found nan"),
        ({"target_weights": np.array([-0.1, 0.5])}, "target_weights of A: found -0.1"),
        ({"target_weights": np.array([0.5, 0.51])}, "at most 1"),
        ({"target_weights": np.array([0.5])}, "length of target_weights"),
        ({"current_shares": np.array([np.inf, 0.0])}, "current_shares of A"),
        ({"price_date": (None,)}, "length of price_date"),
        ({"cash": float("nan")}, "cash: found nan"),
        ({"cash_flow": float("inf")}, "cash_flow: found inf"),
        ({"tradable": np.array([True, False])}, "block_reason of B"),
        ({"block_reason": (Reason.STALE_PRICE, None)}, "block_reason of A"),
        (
            {"tradable": np.array([False, True]), "block_reason": (Reason.ENTER, None)},
            "block_reason of A",
        ),
    ],
)
def test_a_request_refuses_what_it_cannot_mean(changes, sentence):
    with pytest.raises(InvalidValueError, match=sentence):
        request(**changes)


def test_weights_may_miss_one_by_float_noise():
    assert request(target_weights=np.array([0.5, 0.5 + 1e-12])).target_weights[1] > 0.5


def test_the_arrays_of_a_request_are_its_own_and_read_only():
    mine = np.array([10.0, 20.0])
    asked = request(price=mine)
    mine[0] = 99.0
    assert asked.price.tolist() == [10.0, 20.0]
    with pytest.raises(ValueError, match="read-only"):
        asked.price[0] = 1.0


def test_mappings_are_aligned_by_ticker():
    asked = PlanRequest.from_mappings(
        shares={"C": 3.0, "A": 1.0},
        weights={"B": 0.5},
        prices={"A": 1.0, "B": 2.0, "Z": 9.0},
        cash=0.0,
        **RULES,
    )
    assert asked.tickers == ("A", "B", "C")
    assert asked.current_shares.tolist() == [1.0, 0.0, 3.0]
    assert asked.block_reason == (None, None, Reason.NO_PRICE)
    assert asked.tradable.tolist() == [True, True, False]


def test_a_block_on_a_ticker_that_has_no_line_is_refused():
    with pytest.raises(InvalidValueError, match="TYPO"):
        PlanRequest.from_mappings(
            shares={},
            weights={"B": 0.5},
            prices={"B": 2.0},
            cash=1.0,
            blocked={"TYPO": Reason.STALE_PRICE},
            **RULES,
        )


@pytest.mark.parametrize("bps", [-1.0, float("nan"), 10_000.0, float("inf")])
def test_costs_outside_their_range_are_refused(bps):
    with pytest.raises(InvalidValueError, match="cost_bps"):
        CostModel(bps)


def test_each_line_is_rounded_to_a_cent_by_itself():
    notional = notional_cents(np.array([1.0, 1.0, 3.0]), np.array([0.333, 0.335, 237.22]))
    assert notional.tolist() == [33, 34, 71_166]
    assert CostModel(7.5).cost_cents(notional).tolist() == [0, 0, 53]
    assert CostModel(7.5).rate == 0.00075


def test_every_reason_has_words():
    assert all(reason.label for reason in Reason)
