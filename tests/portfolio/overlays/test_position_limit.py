"""Position limit: the excess goes to the others in proportion, or becomes cash and is said."""

from __future__ import annotations

import pytest

from quantetf_core.config.schema_overlays import PositionLimit
from quantetf_core.findings import Severity
from quantetf_core.portfolio.overlays import OverlayState, position_limit


def limit(max_weight: float, **said: object) -> PositionLimit:
    return PositionLimit(type="position_limit", max_weight=max_weight, **said)


def test_the_excess_goes_to_the_others_in_proportion() -> None:
    """A gives 0.1, shared 2 : 1 by B and C."""
    done = position_limit({"A": 0.6, "B": 0.2, "C": 0.1}, limit(0.5))
    assert done.weights == pytest.approx({"A": 0.5, "B": 0.8 / 3, "C": 0.4 / 3})
    assert done.step.exposure_after == pytest.approx(0.9)
    assert done.step.said == "A cut to 50.0%; the others take the excess in proportion."
    assert (done.step.measured, done.step.setting) == (0.6, 0.5)
    assert done.findings == ()


def test_a_weight_that_the_excess_lifts_above_the_limit_is_cut_too() -> None:
    done = position_limit({"A": 0.6, "B": 0.39, "C": 0.01}, limit(0.4))
    assert done.weights == pytest.approx({"A": 0.4, "B": 0.4, "C": 0.2})


def test_what_no_position_can_take_becomes_cash_with_a_warning() -> None:
    done = position_limit({"A": 0.7, "B": 0.3}, limit(0.25))
    assert done.weights == {"A": 0.25, "B": 0.25}
    assert done.step.exposure_after == 0.5
    assert "the others are full, and 50.0% becomes cash" in done.step.said
    (finding,) = done.findings
    assert (finding.severity, finding.code) == (Severity.WARN, "cash_unplaced")
    assert "50.00% becomes cash" in finding.message


def test_without_redistribution_the_excess_is_cash_as_configured_and_no_finding() -> None:
    done = position_limit({"A": 0.6, "B": 0.2}, limit(0.5, redistribute=False))
    assert done.weights == {"A": 0.5, "B": 0.2}
    assert done.step.said == "A cut to 50.0%; 10.0% becomes cash."
    assert done.findings == ()


@pytest.mark.parametrize("weights", [{}, {"A": 0.5, "B": 0.5}, {"A": 0.1}])
def test_weights_within_the_limit_stay_bit_for_bit(weights: dict[str, float]) -> None:
    done = position_limit(weights, limit(0.5))
    assert done.weights == weights
    assert done.step.state is OverlayState.WITHIN
    assert done.step.said == "No weight is above 50.0%."
