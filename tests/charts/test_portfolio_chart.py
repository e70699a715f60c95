"""Current against target weights: the data, the specification, the sentence."""

from __future__ import annotations

import json

import pandas as pd

from quantetf_core.charts.portfolio import (
    AFTER,
    NOW,
    chart_height,
    weights_alt,
    weights_data,
    weights_spec,
)
from quantetf_core.units import CASH


def weights(rows: dict[str, tuple[float, float]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ticker": list(rows),
            "label": ["Cash" if ticker == CASH else ticker for ticker in rows],
            "name": [f"{ticker} fund" for ticker in rows],
            "weight_now": [now for now, _ in rows.values()],
            "weight_after": [after for _, after in rows.values()],
        }
    )


def test_every_row_is_a_bar_cash_included() -> None:
    data = weights_data(weights({"SPY": (0.5, 0.6), CASH: (0.5, 0.4)}))
    assert data["label"].tolist() == ["SPY", "Cash"]
    assert data["weight_now"].tolist() == [0.5, 0.5]
    assert data["weight_after"].tolist() == [0.6, 0.4]


def test_the_specification_is_the_same_for_all_numbers_and_draws_two_marks() -> None:
    spec = weights_spec()
    assert json.dumps(spec, sort_keys=True) == json.dumps(weights_spec(), sort_keys=True)
    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["bar", "tick"]
    assert [layer["encoding"]["color"]["datum"] for layer in spec["layer"]] == [AFTER, NOW]


def test_more_bars_are_higher() -> None:
    assert chart_height(9) - chart_height(8) == chart_height(2) - chart_height(1) > 0


def test_the_sentence_names_the_largest_weights_and_cash() -> None:
    said = weights_alt(weights({"SPY": (0.5, 0.25), "TLT": (0.0, 0.7), CASH: (0.5, 0.05)}))
    assert said == "Weights after the trades: TLT 70.0%, SPY 25.0%; cash 50.0% now, 5.0% after."


def test_many_holdings_are_counted_rather_than_listed() -> None:
    rows = {f"T{n}": (0.1, 0.1) for n in range(9)} | {CASH: (0.1, 0.1)}
    assert " and 4 more; cash" in weights_alt(weights(rows))


def test_a_book_of_cash_says_so() -> None:
    said = weights_alt(weights({"SPY": (0.4, 0.0), CASH: (0.6, 1.0)}))
    assert said == "After the trades nothing is held but cash; cash 60.0% now, 100.0% after."
