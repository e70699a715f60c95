"""The canonical form: the same facts are the same bytes, and nothing unknown is written."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from quantetf_core.encoding import canonical_json, plain
from quantetf_core.execution import Action
from quantetf_core.units import to_cents_array


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Action.BUY, "BUY"),
        (np.bool_(True), True),
        (np.int64(3), 3),
        (np.float64("inf"), None),
        (pd.NaT, None),
        (date(2023, 12, 29), "2023-12-29"),
        (datetime(2023, 12, 29, 21, 4, tzinfo=UTC), "2023-12-29T21:04:00+00:00"),
        (np.array([1.5, np.nan]), [1.5, None]),
    ],
)
def test_every_known_value_has_one_plain_form(value: object, expected: object) -> None:
    assert plain(value) == expected


def test_a_value_without_a_canonical_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no canonical form"):
        canonical_json({"x": object()})


def test_the_order_of_keys_does_not_change_the_bytes() -> None:
    assert canonical_json({"b": 1, "a": 2.0}) == canonical_json({"a": 2.0, "b": 1})


def test_money_that_is_not_finite_is_not_rounded() -> None:
    with pytest.raises(ValueError, match="must be finite"):
        to_cents_array(np.array([1.0, np.nan]))
