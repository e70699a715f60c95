"""Drawdown brake: linear between its two levels, from the book's own values only."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest

from quantetf_core.config.schema_overlays import DrawdownBrake
from quantetf_core.findings import Severity
from quantetf_core.portfolio.overlays import OverlayState, drawdown, drawdown_brake

FIRST = date(2024, 1, 2)
NAN = math.nan


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def nav(*values: float) -> list[tuple[date, float]]:
    return [(day(number), value) for number, value in enumerate(values)]


def brake(**said: object) -> DrawdownBrake:
    plain = {"start": -0.1, "full": -0.2, "min_exposure": 0.4}
    return DrawdownBrake(type="drawdown_brake", **{**plain, **said})


def braked(*values: float, weights: dict[str, float] | None = None, **said: object):
    at = day(len(values) - 1)
    held = {"A": 0.75, "B": 0.25} if weights is None else weights
    return drawdown_brake(held, brake(**said), nav=nav(*values), as_of=at, has_book=True)


# --- by hand ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "exposure"),
    [(1.0, 1.0), (0.95, 1.0), (0.9, 1.0), (0.85, 0.7), (0.8, 0.4), (0.5, 0.4)],
)
def test_between_its_two_levels_the_exposure_falls_in_a_straight_line(
    value: float, exposure: float
) -> None:
    done = braked(1.0, value)
    assert done.step.exposure_after == pytest.approx(exposure)
    assert done.weights == pytest.approx({"A": 0.75 * exposure, "B": 0.25 * exposure})
    assert done.step.measured == pytest.approx(value - 1.0)
    assert done.step.setting == -0.1


def test_what_it_did_is_said_with_the_session_of_the_peak() -> None:
    assert braked(0.5, 1.0, 0.85).step.said == (
        "The book stands 15.0% below its peak of 2024-01-03; at most 70.0% may be invested: "
        "exposure goes from 100.0% to 70.0%."
    )
    assert braked(0.9, 1.0).step.said == "The book stands at its peak; the brake begins at 10.0%."
    low = braked(1.0, 0.8, weights={"A": 0.3})
    assert low.step.said.endswith("at most 40.0% may be invested, and no more is.")
    assert low.weights == {"A": 0.3}


def test_it_is_lifted_on_the_way_up_as_it_was_set_on_the_way_down() -> None:
    down = braked(1.0, 0.85).step.exposure_after
    up = braked(1.0, 0.7, 0.85).step.exposure_after
    assert down == up == pytest.approx(0.7)


def test_equal_levels_are_a_step_below_them() -> None:
    same = {"start": -0.125, "full": -0.125}
    assert braked(1.0, 0.875, **same).step.exposure_after == pytest.approx(1.0)
    assert braked(1.0, 0.8749, **same).step.exposure_after == pytest.approx(0.4)


def test_weights_that_sum_to_one_but_for_rounding_are_not_braked_at_the_peak() -> None:
    just_above = {"A": 1.0 + 2**-52}
    done = braked(0.9, 1.0, weights=just_above)
    assert done.weights == just_above
    assert done.step.state is OverlayState.WITHIN


def test_an_old_peak_outside_the_lookback_is_forgotten() -> None:
    values = (2.0, 1.0, 1.0, 0.95)
    assert braked(*values).step.exposure_after == pytest.approx(0.4)
    assert braked(*values, lookback_days=3).step.exposure_after == pytest.approx(1.0)
    assert braked(*values, lookback_days=4).step.exposure_after == pytest.approx(0.4)


def test_of_several_sessions_at_the_peak_the_newest_counts() -> None:
    found = drawdown(nav(1.0, 1.0, 0.5), day(2))
    assert found is not None
    assert (found.value, found.peak) == (-0.5, day(1))


# --- what is not known ------------------------------------------------------------------------


def test_values_after_the_session_are_not_looked_at() -> None:
    later = nav(1.0, 0.85, 5.0, NAN, 0.01)
    at = drawdown_brake({"A": 1.0}, brake(), nav=later, as_of=day(1), has_book=True)
    assert at.step == braked(1.0, 0.85, weights={"A": 1.0}).step


def test_values_that_are_not_known_are_passed_over_but_not_at_the_session_itself() -> None:
    assert braked(1.0, NAN, 0.85).step.exposure_after == pytest.approx(0.7)
    for values in ((1.0, NAN), (), (1.0, 0.0)):
        done = braked(*values)
        assert done.step.state is OverlayState.UNKNOWN
        assert done.weights == {"A": 0.75, "B": 0.25}
        (finding,) = done.findings
        assert (finding.severity, finding.code) == (Severity.WARN, "drawdown_unknown")


def test_before_the_first_funding_nothing_has_fallen_and_a_note_says_so() -> None:
    done = drawdown_brake({"A": 1.0}, brake(), nav=(), as_of=FIRST, has_book=False)
    assert done.weights == {"A": 1.0}
    assert done.step.state is OverlayState.UNKNOWN
    (finding,) = done.findings
    assert finding.severity is Severity.INFO
    assert "there is no book yet" in finding.message
    assert "there is no book yet" in done.step.said
