"""The charts of Holdings: what they draw, what they say in words, and what they do with nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from quantetf_core.charts.holdings import (
    NOTHING_YET,
    growth_alt,
    growth_figure,
    value_alt,
    value_figure,
)
from tests.builders import sessions

DAYS = sessions(4)
FRAME = pd.DataFrame(
    {
        "value": [1000.0, 1100.0, 900.0, 1200.0],
        "growth": [1.0, 1.1, 0.9, 1.2],
        "spy": [1.0, 1.01, 1.02, 1.03],
        "spy_total": [1.0, 1.01, 1.03, 1.05],
    },
    index=DAYS,
)
EVENTS = pd.DataFrame(
    {
        "session": [DAYS[0], DAYS[2], DAYS[2], DAYS[2], pd.Timestamp("2030-01-02")],
        "id": list("abcde"),
        "kind": ["import", "cash", "rebalance", "cash", "cash"],
        "flow": 0.0,
    }
)


def test_the_value_is_a_line_with_a_mark_for_each_session_something_was_recorded() -> None:
    line, marks = value_figure(FRAME, EVENTS).data
    assert list(line.y) == [1000.0, 1100.0, 900.0, 1200.0]
    assert list(marks.x) == [DAYS[0], DAYS[2]]
    assert list(marks.y) == [1000.0, 900.0]
    assert list(marks.customdata) == ["import", "cash in or out, rebalance"]


def test_an_unknown_kind_is_called_by_its_name() -> None:
    events = EVENTS.iloc[:1].assign(kind="vote")
    assert list(value_figure(FRAME, events).data[1].customdata) == ["vote"]


def test_growth_is_in_per_cent_beside_spy_and_leaves_out_what_is_not_known() -> None:
    figure = growth_figure(FRAME)
    assert [trace.name for trace in figure.data] == [
        "Portfolio",
        "SPY, price only",
        "SPY with dividends",
    ]
    assert np.allclose(figure.data[0].y, [0.0, 10.0, -10.0, 20.0])
    assert len({trace.line.dash for trace in figure.data}) == 3  # colour is never the only sign
    assert [t.name for t in growth_figure(FRAME.assign(spy=np.nan)).data] == [
        "Portfolio",
        "SPY with dividends",
    ]


def test_the_words_say_what_the_lines_show() -> None:
    assert value_alt(FRAME) == (
        "Value of the portfolio from 2 Jan 2018 to 5 Jan 2018: $1,000 at first, $1,200 at last, "
        "between $900 (4 Jan 2018) and $1,200 (5 Jan 2018)."
    )
    assert growth_alt(FRAME.assign(spy=np.nan)) == (
        "Return from 2 Jan 2018 to 5 Jan 2018: Portfolio +20.0%, SPY with dividends +5.0%."
    )


def test_fewer_than_two_sessions_draw_a_sentence() -> None:
    for frame in (FRAME.iloc[:1], FRAME.iloc[:0], FRAME.assign(value=np.nan, growth=np.nan)):
        assert value_figure(frame, EVENTS).layout.annotations[0].text == NOTHING_YET
        assert growth_figure(frame).layout.annotations[0].text == NOTHING_YET
        assert NOTHING_YET in value_alt(frame)
        assert NOTHING_YET in growth_alt(frame)
