"""Overlays on real prices through 2008 and 2020, beside the same numbers in plain Python."""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise

import pytest

from quantetf_core.config import StrategyConfig
from quantetf_core.config.schema_overlays import VolatilityTarget
from quantetf_core.decision import RebalanceResult, decide
from quantetf_core.units import CASH
from tests import builders
from tests.acceptance.conftest import PlainPrices, RealDesk

pytestmark = pytest.mark.real_data

FUNDS = ("SPY", "EFA")
TARGET = VolatilityTarget(type="volatility_target", target=0.12)


def decided(real_desk: RealDesk, day: date, *, enabled: bool = True) -> RebalanceResult:
    """Half SPY, half EFA, whatever their scores."""
    overlay = TARGET.model_copy(update={"enabled": enabled})
    shares: StrategyConfig = builders.strategy(tickers=FUNDS, top_n=2).model_copy(
        update={"overlays": (overlay,)}
    )
    settings = builders.settings(FUNDS, strategies={"all": shares})
    market = real_desk.market
    return decide(market, settings, builders.situation(market, as_of=day))


def plain_volatility(prices: PlainPrices, day: date) -> float:
    """RiskMetrics over the last 126 sessions, from dictionaries of prices."""
    series = [prices.last(fund, 126, day) for fund in FUNDS]
    returns = [
        sum(0.5 * (new / old - 1.0) for old, new in moves)
        for moves in zip(*(pairwise(one) for one in series), strict=True)
    ]
    weights = [0.94**age for age in range(len(returns))]
    squares = [r * r for r in reversed(returns)]
    mean = sum(w * s for w, s in zip(weights, squares, strict=True)) / sum(weights)
    return math.sqrt(252.0 * mean)


def invested(result: RebalanceResult) -> float:
    weights = result.target_portfolio["weight"]
    return float(weights[weights.index != CASH].sum())


@pytest.mark.parametrize(
    ("crisis", "calm"),
    [(date(2008, 10, 31), date(2006, 12, 29)), (date(2020, 3, 31), date(2019, 12, 31))],
    ids=["2008", "2020"],
)
def test_in_a_crisis_the_volatility_target_sells_most_of_the_shares_and_in_a_calm_none(
    real_desk: RealDesk, plain_prices: PlainPrices, crisis: date, calm: date
) -> None:
    (step,) = decided(real_desk, crisis).used.overlays
    assert step.measured == pytest.approx(plain_volatility(plain_prices, crisis), rel=1e-9)
    assert step.measured > 0.5
    assert step.exposure_after == pytest.approx(0.12 / step.measured)
    assert invested(decided(real_desk, crisis)) < 0.25
    assert invested(decided(real_desk, crisis, enabled=False)) > 0.98
    quiet = decided(real_desk, calm)
    assert quiet.used.overlays[0].measured < 0.12
    assert invested(quiet) == invested(decided(real_desk, calm, enabled=False))
