"""Splits seen in prices since a date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.data.market import MarketData
from quantetf_core.data.sessions import sessions_between
from quantetf_core.data.splits import nearest_split, restated_splits, suspect_splits

nan = np.nan
SESSIONS = sessions_between("2020-01-06", "2020-12-31")


def market(
    closes: Mapping[str, Sequence[float]], adjusted: Mapping[str, Sequence[float]] | None = None
) -> MarketData:
    frame = pd.DataFrame(dict(sorted(closes.items())), dtype=np.float64)
    frame.index = SESSIONS[: len(frame)]
    panels = {"close": frame}
    if adjusted is not None:
        panels["adj_close"] = frame.assign(**{t: list(v) for t, v in adjusted.items()})
    return MarketData.from_panels(panels, pd.Series(15.0, index=frame.index), source="test")


def splits(
    made: MarketData, *, since: object = "2020-01-06", as_of: object = None
) -> dict[str, float]:
    return suspect_splits(
        made, since=since, as_of=as_of or made.last_session, tickers=["GONE", *made.tickers]
    )


@pytest.mark.parametrize(
    ("new", "old"),
    [(2, 1), (3, 1), (3, 2), (4, 1), (5, 1), (10, 1), (5, 4), (1, 2), (1, 8), (1, 10)],
)
def test_a_split_the_adjusted_close_does_not_show_is_found_with_its_ratio(
    new: int, old: int
) -> None:
    after = [100.0 * old / new * 1.01, 100.0 * old / new * 0.99]
    adjusted = [50.0, 50.0, 50.5, 49.5]
    made = market({"XLK": [100.0, 100.0, *after]}, {"XLK": adjusted})
    assert splits(made) == {"XLK": pytest.approx(new / old)}


def test_a_crash_that_both_closes_show_is_no_split() -> None:
    made = market({"XLK": [100.0, 100.0, 50.0]}, {"XLK": [90.0, 90.0, 45.0]})
    assert splits(made) == {}


def test_an_ordinary_distribution_is_no_split_and_a_huge_one_waits_for_its_record() -> None:
    ordinary = market({"XLK": [100.0, 98.0]}, {"XLK": [97.0, 97.0]})
    assert splits(ordinary) == {}
    third = market({"XLK": [90.0, 60.0]}, {"XLK": [60.0, 60.0]})
    assert splits(third) == {"XLK": 1.5}


def test_with_one_close_only_a_large_move_near_a_ratio_is_found() -> None:
    assert splits(market({"XLK": [100.0, 50.9]})) == {"XLK": 2.0}
    assert splits(market({"XLK": [100.0, 44.0]})) == {}
    assert splits(market({"XLK": [100.0, 67.0]})) == {}, "a third is inside ±35 %"
    assert splits(market({"XLK": [10.0, 102.0]})) == {"XLK": 0.1}


def test_with_one_close_only_the_market_may_have_moved_too() -> None:
    calm = market({"SPY": [300.0, 301.0], "XLK": [100.0, 54.0]})
    wild = market({"SPY": [300.0, 321.0], "XLK": [100.0, 54.0]})
    assert splits(calm) == {}
    assert splits(wild) == {"XLK": 2.0}
    third = market({"SPY": [300.0, 270.0], "XLK": [100.0, 62.0]})
    assert splits(third) == {}, "3:2 by itself is inside ±35 %"
    gap = market({"SPY": [300.0, nan], "XLK": [100.0, 50.0]})
    assert splits(gap) == {"XLK": 2.0}


def test_a_missing_adjusted_close_leaves_the_close_to_judge() -> None:
    made = market({"XLK": [100.0, 100.0, 50.0]}, {"XLK": [99.0, 99.0, nan]})
    assert splits(made) == {"XLK": 2.0}


def test_only_sessions_after_the_date_and_up_to_the_session_count() -> None:
    made = market({"XLK": [100.0, 50.0, 50.0, 25.0, 25.0]})
    assert splits(made, since="2020-01-06") == {"XLK": 4.0}, "two splits in a row"
    assert splits(made, since="2020-01-07") == {"XLK": 2.0}
    assert splits(made, since=SESSIONS[3]) == {}
    assert splits(made, since="2020-01-06", as_of=SESSIONS[2]) == {"XLK": 2.0}
    assert splits(made, since="2020-06-01") == {}
    assert splits(made, since="2019-06-01") == {"XLK": 4.0}, "before the data: all of it"


def test_a_split_across_a_gap_is_found_from_the_close_before_the_date() -> None:
    assert splits(market({"XLK": [100.0, nan, nan, 50.0]}), since=SESSIONS[2]) == {"XLK": 2.0}


def test_nothing_held_is_nothing_found() -> None:
    made = market({"XLK": [100.0, 50.0]})
    assert suspect_splits(made, since=SESSIONS[0], as_of=SESSIONS[1], tickers=[]) == {}
    assert suspect_splits(made, since=SESSIONS[0], as_of=SESSIONS[1], tickers=["GONE"]) == {}


def test_a_restated_history_shows_at_the_recorded_session() -> None:
    made = market({"SPY": [300.0, 301.0], "TLT": [99.0, 99.0], "XLK": [50.1, 51.0]})
    recorded = {"XLK": 100.0, "TLT": 100.0, "GONE": 5.0, "SPY": 300.0}
    assert restated_splits(made, on="2020-01-06", recorded=recorded) == {"XLK": 2.0}


@pytest.mark.parametrize("ratio", [0.0, -1.0, nan, np.inf, 1.0, 1.1, 0.7])
def test_a_ratio_that_is_none_is_no_split(ratio: float) -> None:
    assert nearest_split(ratio) is None


@settings(max_examples=60)
@given(
    closes=st.lists(st.sampled_from([nan, 0.0, 100.0, 50.0, 25.0, 102.0]), min_size=5, max_size=9),
    adjusted=st.lists(st.sampled_from([nan, 50.0, 25.0, 100.0]), min_size=9, max_size=9),
    row=st.integers(1, 4),
)
def test_later_rows_change_no_suspicion(
    closes: list[float], adjusted: list[float], row: int
) -> None:
    later = len(closes) - row - 1
    noisy = [*closes[: row + 1], *[7.0] * later]
    mine, other = (
        splits(market({"XLK": c}, {"XLK": a}), as_of=SESSIONS[row])
        for c, a in (
            (closes, adjusted[: len(closes)]),
            (noisy, [*adjusted[: row + 1], *[3.0] * later]),
        )
    )
    assert mine == other
