"""VIX shift: a part of every position goes into defensive ETFs, by the VIX of the session."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from quantetf_core.config.schema_overlays import VixShift
from quantetf_core.data.market import MarketData
from quantetf_core.findings import Severity
from quantetf_core.portfolio.overlays import OverlayState, known_vix, vix_shift
from quantetf_core.portfolio.overlays.vix_shift import KnownVix
from tests import builders

NAN = math.nan


def shift(**said: object) -> VixShift:
    plain = {"start": 20.0, "full": 40.0, "max_shift": 0.5, "defensive_tickers": ["AGG", "BIL"]}
    return VixShift(type="vix_shift", **{**plain, **said})


def shifted(vix: float, weights: dict[str, float], *, age: int = 0, buyable: str = "AGG BIL"):
    return vix_shift(weights, shift(), vix=KnownVix(vix, age), buyable=set(buyable.split()))


# --- by hand ----------------------------------------------------------------------------------


def test_half_way_up_half_of_the_largest_shift_goes_to_the_defensive_in_equal_parts() -> None:
    """VIX 30 is half way, so a quarter of SPY and GLD: 0.25, an eighth each."""
    done = shifted(30.0, {"SPY": 0.8, "GLD": 0.2})
    assert done.weights == pytest.approx({"SPY": 0.6, "GLD": 0.15, "AGG": 0.125, "BIL": 0.125})
    assert done.step.exposure_after == pytest.approx(1.0)
    assert (done.step.measured, done.step.setting) == (30.0, 20.0)
    assert done.step.said == (
        "The VIX stands at 30.00; 25.0% of the portfolio, 25% of every other position, goes into "
        "AGG, BIL."
    )
    assert done.findings == ()


def test_a_defensive_position_keeps_what_it_has_and_gets_its_part_on_top() -> None:
    done = shifted(60.0, {"SPY": 0.5, "AGG": 0.4})
    assert done.weights == pytest.approx({"SPY": 0.25, "AGG": 0.525, "BIL": 0.125})


@pytest.mark.parametrize("vix", [9.0, 20.0])
def test_a_quiet_vix_moves_nothing_bit_for_bit(vix: float) -> None:
    weights = {"SPY": 0.1, "GLD": 0.7}
    done = shifted(vix, weights, buyable="")
    assert done.weights == weights
    assert done.step.state is OverlayState.WITHIN
    assert done.findings == ()


def test_where_all_is_defensive_already_there_is_nothing_to_move() -> None:
    done = shifted(50.0, {"AGG": 0.6}, buyable="AGG")
    assert done.weights == {"AGG": 0.6}
    assert "there is nothing to move" in done.step.said
    assert done.findings == ()


def test_equal_levels_move_all_of_it_above_them() -> None:
    step = shift(start=30.0, full=30.0, max_shift=1.0)
    either = {"AGG", "BIL"}
    at = vix_shift({"SPY": 1.0}, step, vix=KnownVix(30.0, 0), buyable=either)
    above = vix_shift({"SPY": 1.0}, step, vix=KnownVix(30.01, 0), buyable=either)
    assert at.weights == {"SPY": 1.0}
    assert above.weights == {"AGG": 0.5, "BIL": 0.5}


# --- what is not known ------------------------------------------------------------------------


def test_a_defensive_fund_without_a_price_is_not_bought_and_its_part_becomes_cash() -> None:
    done = shifted(40.0, {"SPY": 1.0}, buyable="AGG")
    assert done.weights == pytest.approx({"SPY": 0.5, "AGG": 0.25})
    assert done.step.exposure_after == pytest.approx(0.75)
    assert done.step.said.endswith("goes into AGG and cash in place of BIL.")
    (finding,) = done.findings
    assert (finding.severity, finding.code) == (Severity.WARN, "defensive_not_bought")
    assert finding.subject == "BIL"
    assert "25.00% becomes cash" in finding.message


def test_without_any_defensive_price_all_of_it_becomes_cash() -> None:
    done = shifted(40.0, {"SPY": 1.0}, buyable="")
    assert done.weights == {"SPY": 0.5}
    assert [finding.subject for finding in done.findings] == ["AGG", "BIL"]
    assert done.step.said.endswith("goes into cash in place of AGG, BIL.")


def test_without_a_vix_the_weights_stay_and_a_warning_says_so() -> None:
    done = vix_shift({"SPY": 1.0}, shift(), vix=None, buyable={"AGG", "BIL"})
    assert done.weights == {"SPY": 1.0}
    assert done.step.state is OverlayState.UNKNOWN
    (finding,) = done.findings
    assert (finding.severity, finding.code, finding.subject) == (
        Severity.WARN,
        "vix_unknown",
        "VIX",
    )


def test_a_carried_vix_is_said_to_be_old() -> None:
    assert "30.00 (2 sessions old)" in shifted(30.0, {"SPY": 1.0}, age=2).step.said
    assert "30.00 (1 session old)" in shifted(30.0, {"SPY": 1.0}, age=1).step.said


# --- which VIX is known -----------------------------------------------------------------------


def market(*vix: float) -> MarketData:
    days = builders.sessions(len(vix))
    close = pd.DataFrame({"SPY": 100.0}, index=days)
    return MarketData.from_panels({"close": close}, pd.Series(vix, index=days), source="test")


@pytest.mark.parametrize(
    ("values", "known"),
    [
        ((15.0, 16.0), KnownVix(16.0, 0)),
        ((15.0, NAN), KnownVix(15.0, 1)),
        ((15.0, NAN, NAN, NAN), KnownVix(15.0, 3)),
        ((15.0, NAN, NAN, NAN, NAN), None),
        ((15.0, 0.0), KnownVix(15.0, 1)),
        ((NAN,), None),
    ],
)
def test_the_vix_is_carried_three_sessions_at_most(
    values: tuple[float, ...], known: KnownVix | None
) -> None:
    assert known_vix(market(*values)) == known
