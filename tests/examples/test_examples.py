"""The examples run as a reader would run them, and three libraries agree on the answer."""

from __future__ import annotations

import math

import pytest

from tests.examples import with_pypfopt, with_riskfolio, with_skfolio
from tests.examples.trading import LARGEST, Traded, sample_bars, sample_prices, trade

EXAMPLES = ("skfolio", "riskfolio", "pypfopt")


@pytest.fixture(scope="module")
def weights() -> dict[str, dict[str, float]]:
    prices = sample_prices()
    return {
        "skfolio": with_skfolio.MinimumVariance(prices).get_weights({}, None),
        "riskfolio": with_riskfolio.minimum_variance(prices).to_dict(),
        "pypfopt": with_pypfopt.minimum_variance({}, None),
    }


@pytest.fixture(scope="module")
def traded() -> dict[str, Traded]:
    prices = sample_prices()
    return {
        "skfolio": trade(with_skfolio.MinimumVariance(prices)),
        "riskfolio": trade(with_riskfolio.minimum_variance(prices)),
        "pypfopt": trade(with_pypfopt.minimum_variance),
    }


@pytest.mark.parametrize("library", ["riskfolio", "pypfopt"])
def test_other_libraries_find_the_weights_that_skfolio_finds(
    weights: dict[str, dict[str, float]], library: str
) -> None:
    expected, found = weights["skfolio"], weights[library]
    tickers = {*expected, *found}
    assert max(abs(expected.get(t, 0.0) - found.get(t, 0.0)) for t in tickers) < 2e-4


@pytest.mark.parametrize("library", EXAMPLES)
def test_weights_are_within_their_bounds_and_sum_to_one(
    weights: dict[str, dict[str, float]], library: str
) -> None:
    assert math.fsum(weights[library].values()) == pytest.approx(1.0, abs=1e-4)
    assert max(weights[library].values()) <= LARGEST + 1e-6


@pytest.mark.parametrize("library", EXAMPLES)
def test_what_was_previewed_is_what_was_ordered(traded: dict[str, Traded], library: str) -> None:
    shown = {row["asset"]: row["shares"] for row in traded[library].preview if row["shares"]}
    ordered = {order.asset: order.quantity for order in traded[library].orders}
    assert ordered == shown
    assert len(ordered) > 4


@pytest.mark.parametrize("library", EXAMPLES)
def test_the_account_ends_within_a_share_or_the_threshold_of_the_weights(
    weights: dict[str, dict[str, float]], traded: dict[str, Traded], library: str
) -> None:
    broker, bars = traded[library].broker, sample_bars()
    assert broker.get_cash() >= 0.0
    for ticker, weight in weights[library].items():
        price = bars[ticker]["close"]
        held = broker.positions[ticker].quantity if ticker in broker.positions else 0
        # The weights may sum to a rounding above 1; buys are then scaled to the cash there is.
        allowed = max(price, 100.0) + 20.0
        assert abs(held * price - weight * 100_000.0) <= allowed, ticker
