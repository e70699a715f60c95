"""What holds for any chain of overlays, on any weights and prices."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.config.schema_overlays import (
    DrawdownBrake,
    OverlayConfig,
    PositionLimit,
    VixShift,
    VolatilityTarget,
)
from quantetf_core.data.market import MarketData
from quantetf_core.portfolio.overlays import (
    OverlaidTargets,
    OverlayState,
    Surroundings,
    apply_overlays,
)
from tests import builders

TICKERS = ("AAA", "BBB", "CCC", "DDD")
LENGTH = 40
UNIVERSE = (*TICKERS, "SPY")


@st.composite
def overlays(draw: st.DrawFn) -> OverlayConfig:
    """Any overlay that a file may hold."""
    enabled = draw(st.booleans())
    match draw(st.sampled_from(["volatility", "limit", "brake", "vix"])):
        case "volatility":
            least = draw(st.floats(0.0, 0.9))
            return VolatilityTarget(
                type="volatility_target",
                enabled=enabled,
                target=draw(st.floats(0.01, 1.0)),
                decay=draw(st.floats(0.5, 1.0)),
                lookback_days=draw(st.integers(3, LENGTH)),
                min_exposure=least,
                max_exposure=draw(st.floats(max(least, 0.1), 1.0)),
            )
        case "limit":
            limit, give = draw(st.floats(0.05, 1.0)), draw(st.booleans())
            return PositionLimit(
                type="position_limit", enabled=enabled, max_weight=limit, redistribute=give
            )
        case "brake":
            start = draw(st.floats(-0.5, 0.0))
            return DrawdownBrake(
                type="drawdown_brake",
                enabled=enabled,
                start=start,
                full=draw(st.floats(-1.0, start)),
                min_exposure=draw(st.floats(0.01, 1.0)),
            )
        case _:
            start = draw(st.floats(10.0, 50.0))
            return VixShift(
                type="vix_shift",
                enabled=enabled,
                start=start,
                full=draw(st.floats(start, 60.0)),
                max_shift=draw(st.floats(0.01, 1.0)),
                defensive_tickers=draw(
                    st.lists(st.sampled_from([*UNIVERSE, "OUT"]), min_size=1, unique=True)
                ),
            )


@st.composite
def target_weights(draw: st.DrawFn) -> pd.Series:
    """Weights above 0 in any order, with a sum of at most 1."""
    parts = draw(st.dictionaries(st.sampled_from(TICKERS), st.floats(0.001, 1.0), max_size=4))
    total = math.fsum(parts.values())
    invested = draw(st.floats(0.05, 1.0))
    index = pd.Index(list(parts), name="ticker", dtype="str")
    values = [part / total * invested for part in parts.values()]
    return pd.Series(values, index, float, "weight")


@st.composite
def markets(draw: st.DrawFn) -> MarketData:
    """Random walks with holes and a VIX with gaps."""
    seed = draw(st.integers(0, 5_000))
    holes = draw(st.sampled_from([0.0, 0.0, 0.1, 0.6]))
    vix = draw(st.lists(st.floats(9.0, 90.0) | st.just(math.nan), min_size=4, max_size=4))
    return builders.random_market(
        TICKERS, n_sessions=LENGTH, seed=seed, vix=[15.0] * (LENGTH - 4) + vix, holes=holes
    )


@st.composite
def pasts(draw: st.DrawFn) -> tuple[float, ...]:
    """The book's growth on the last sessions; may end early, or hold what is no number."""
    return tuple(draw(st.lists(st.floats(0.2, 3.0) | st.just(math.nan), max_size=6)))


def surroundings(market: MarketData, past: Sequence[float] = ()) -> Surroundings:
    days = [stamp.date() for stamp in market.sessions[len(market.sessions) - len(past) :]]
    return Surroundings(
        known=market,
        universe=UNIVERSE,
        nav=tuple(zip(days, past, strict=True)) if past else (),
        has_book=bool(past),
    )


def bits(weights: pd.Series) -> list[tuple[str, bytes]]:
    return [(ticker, struct.pack("<d", weight)) for ticker, weight in weights.items()]


def whole(done: OverlaidTargets) -> Any:
    return bits(done.weights), done.steps, done.findings


@given(target_weights(), st.lists(overlays(), max_size=5), markets(), pasts())
@settings(max_examples=150)
def test_weights_are_never_negative_and_the_exposure_never_grows(
    weights: pd.Series, chain: list[OverlayConfig], market: MarketData, past: tuple[float, ...]
) -> None:
    done = apply_overlays(weights, chain, surroundings(market, past))
    assert (done.weights > 0.0).all()
    assert np.isfinite(done.weights).all()
    assert done.weights.index.is_unique
    exposure = math.fsum(weights)
    assert len(done.steps) == len(chain)
    for step, config in zip(done.steps, chain, strict=True):
        assert step.name == config.type
        assert step.exposure_before == pytest.approx(exposure, abs=1e-12)
        assert step.exposure_after <= step.exposure_before + 1e-12
        exposure = step.exposure_after
    assert math.fsum(done.weights) == pytest.approx(exposure, abs=1e-12)
    assert exposure <= 1.0 + 1e-12


@given(target_weights(), st.lists(overlays(), max_size=5), markets(), pasts())
@settings(max_examples=60)
def test_switched_off_nothing_changes_by_a_bit(
    weights: pd.Series, chain: list[OverlayConfig], market: MarketData, past: tuple[float, ...]
) -> None:
    off = [config.model_copy(update={"enabled": False}) for config in chain]
    done = apply_overlays(weights, off, surroundings(market, past))
    assert done.weights is weights
    assert done.findings == ()
    assert [step.state for step in done.steps] == [OverlayState.OFF] * len(chain)


@given(target_weights(), st.lists(overlays(), max_size=5), markets(), pasts(), st.data())
@settings(max_examples=100)
def test_one_that_is_off_changes_nothing_for_the_others(
    weights: pd.Series,
    chain: list[OverlayConfig],
    market: MarketData,
    past: tuple[float, ...],
    data: st.DataObject,
) -> None:
    around = surroundings(market, past)
    off = data.draw(overlays()).model_copy(update={"enabled": False})
    at = data.draw(st.integers(0, len(chain)))
    alone = apply_overlays(weights, chain, around)
    beside = apply_overlays(weights, [*chain[:at], off, *chain[at:]], around)
    assert bits(beside.weights) == bits(alone.weights)
    assert beside.findings == alone.findings
    assert [*beside.steps[:at], *beside.steps[at + 1 :]] == list(alone.steps)


@given(target_weights(), st.lists(overlays(), max_size=4), markets(), pasts(), st.randoms())
@settings(max_examples=100)
def test_the_order_of_the_tickers_changes_no_bit(
    weights: pd.Series,
    chain: list[OverlayConfig],
    market: MarketData,
    past: tuple[float, ...],
    random: Any,
) -> None:
    shuffled = list(weights.index)
    random.shuffle(shuffled)
    around = surroundings(market, past)
    one, other = (
        apply_overlays(given, chain, around) for given in (weights, weights.reindex(shuffled))
    )
    assert sorted(bits(one.weights)) == sorted(bits(other.weights))
    assert one.steps == other.steps
    assert one.findings == other.findings


@given(
    target_weights(), st.lists(overlays(), max_size=4), markets(), pasts(), st.integers(20, LENGTH)
)
@settings(max_examples=60)
def test_later_rows_and_values_cannot_change_it(
    weights: pd.Series,
    chain: list[OverlayConfig],
    market: MarketData,
    past: tuple[float, ...],
    known: int,
) -> None:
    session = market.sessions[known - 1]
    garbage = {name: market.panel(name).copy() for name in market.fields}
    for frame in garbage.values():
        frame.iloc[known:] = 1e6
    vix = market.vix.copy()
    vix.iloc[known:] = 80.0
    spoilt = MarketData.from_panels(garbage, vix, source="spoilt")
    before = surroundings(market.as_of(session), past)
    later = tuple((date(2030, 1, number), 9.0) for number in range(1, 4))
    after = Surroundings(
        known=spoilt.as_of(session),
        universe=UNIVERSE,
        nav=(*before.nav, *later) if past else (),
        has_book=bool(past),
    )
    assert whole(apply_overlays(weights, chain, before)) == whole(
        apply_overlays(weights, chain, after)
    )


@given(target_weights(), st.lists(overlays(), max_size=4), markets(), pasts())
@settings(max_examples=60)
def test_what_is_not_known_leaves_the_weights_and_is_never_silent(
    weights: pd.Series, chain: list[OverlayConfig], market: MarketData, past: tuple[float, ...]
) -> None:
    done = apply_overlays(weights, chain, surroundings(market, past))
    codes = {finding.code for finding in done.findings}
    for step in done.steps:
        if step.state is OverlayState.UNKNOWN:
            assert step.exposure_after == step.exposure_before
            assert step.measured is None
            assert codes & {"volatility_unknown", "drawdown_unknown", "vix_unknown"}
        elif step.enabled:
            assert step.measured is not None
        assert step.said.endswith(".")
