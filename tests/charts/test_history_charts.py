"""The chart of what was decided through time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from quantetf_core.charts.history import (
    DRAWN,
    MARKED,
    in_time,
    regime_runs,
    thinned,
    through_time_alt,
    through_time_figure,
)
from quantetf_core.charts.theme import REGIME_COLOR


def table(*rows):
    """Commits as (session, regime, turnover, value), given oldest first."""
    columns = ["as_of", "regime", "turnover", "value"]
    frame = pd.DataFrame.from_records(list(rows), columns=columns)[::-1].reset_index(drop=True)
    frame["as_of"] = pd.to_datetime(frame["as_of"]).astype("datetime64[s]")
    frame["id"] = frame["as_of"].dt.strftime("%Y%m%d")
    return frame.astype({"turnover": float, "value": float})


THREE = table(
    ("2024-01-31", "uptrend_low_vol", 1.0, 1_000_000.0),
    ("2024-02-29", "", np.nan, np.nan),
    ("2024-03-28", "downtrend_high_vol", 0.2, 990_000.0),
)


def named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def test_each_figure_is_drawn_where_a_commit_records_it():
    figure = through_time_figure(THREE)

    assert list(named(figure, "Value after the commit").x) == ["2024-01-31", "2024-03-28"]
    assert list(named(figure, "Value after the commit").y) == [1_000_000.0, 990_000.0]
    assert list(named(figure, "Turnover").y) == [100.0, 20.0]
    stems = named(figure, "Turnover (one-way)")
    assert np.array_equal(stems.y, [0, 100, np.nan, 0, 20, np.nan], equal_nan=True)
    assert stems.x[1] == "2024-01-31"


def test_a_regime_lasts_until_another_one_is_recorded():
    runs = regime_runs(in_time(THREE))

    assert runs["regime"].tolist() == ["uptrend_low_vol", "downtrend_high_vol"]
    assert runs["start"].tolist() == [pd.Timestamp(2024, 1, 31), pd.Timestamp(2024, 3, 28)]
    assert runs["end"].tolist() == [pd.Timestamp(2024, 3, 28), pd.Timestamp(2024, 3, 29)]


def test_regimes_are_named_and_coloured_by_name():
    figure = through_time_figure(THREE)

    assert named(figure, "Up, low vol").fillcolor == REGIME_COLOR["uptrend_low_vol"]
    assert named(figure, "Down, high vol").fillcolor == REGIME_COLOR["downtrend_high_vol"]
    assert list(named(figure, "Regime").text) == [
        "Uptrend, low volatility",
        "Uptrend, low volatility",
        "Downtrend, high volatility",
    ]


def test_a_regime_of_another_desk_is_shown_by_its_name_and_never_as_markup():
    figure = through_time_figure(table(("2024-01-31", "<b>new</b>", 0.1, 1.0)))

    assert named(figure, "&lt;b&gt;new&lt;/b&gt;").fillcolor == REGIME_COLOR["unknown"]
    assert list(named(figure, "Regime").text) == ["&lt;b&gt;new&lt;/b&gt;"]


def test_commits_without_any_regime_have_no_strip():
    shown = table(("2024-01-31", "", np.nan, np.nan), ("2024-02-29", "", np.nan, np.nan))
    figure = through_time_figure(shown)

    assert [trace.name for trace in figure.data][-1] == "Turnover"
    assert regime_runs(in_time(shown)).empty


def test_a_single_session_has_room_around_it():
    figure = through_time_figure(table(("2024-01-31", "uptrend_low_vol", 0.1, 1.0)))

    assert pd.Timestamp(figure.layout.xaxis.range[0]) < pd.Timestamp(2024, 1, 31)
    assert pd.Timestamp(figure.layout.xaxis.range[1]) > pd.Timestamp(2024, 1, 31)


def test_values_that_hardly_differ_leave_room_for_labels_that_do():
    bare = {"2024-01-31": 999_500.0, "2024-02-29": 999_501.0}
    flat = table(*((day, "uptrend_low_vol", 0.1, value) for day, value in bare.items()))
    low, high = through_time_figure(flat).layout.yaxis.range

    assert high - low > 0.02 * 999_500
    assert low < 999_500 < 999_501 < high
    assert through_time_figure(THREE.assign(value=[1e6, np.nan, 9e5])).layout.yaxis.range is None


def test_nothing_to_show_says_so():
    figure = through_time_figure(THREE.iloc[:0])

    assert figure.layout.annotations[0].text == "No commit to show"
    assert through_time_alt(THREE.iloc[:0]) == "No commit to show."


def test_the_takeaway_says_what_moved():
    assert through_time_alt(THREE) == (
        "3 commits from 31 Jan 2024 to 28 Mar 2024; the value went from 1,000,000 to 990,000 USD; "
        "turnover was 60% in the middle and at most 100%; the last regime was: Downtrend, high "
        "volatility."
    )
    bare = table(("2024-01-31", "", np.nan, np.nan))
    assert through_time_alt(bare) == "1 commit from 31 Jan 2024 to 31 Jan 2024."


def many(n):
    generator = np.random.default_rng(3)
    days = pd.date_range("1990-01-01", periods=n, freq="D")
    turnover = np.where(generator.uniform(size=n) < 0.2, np.nan, generator.uniform(size=n))
    return table(
        *zip(days, ["uptrend_low_vol"] * n, turnover, generator.normal(size=n), strict=True)
    )


def test_few_commits_are_dots_and_many_are_lines():
    assert named(through_time_figure(many(MARKED)), "Value after the commit").mode != "lines"
    assert named(through_time_figure(many(MARKED + 1)), "Value after the commit").mode == "lines"


@pytest.mark.parametrize("n", [2 * DRAWN, 2 * DRAWN + 1, 5_003])
def test_a_long_history_keeps_its_extremes_its_ends_and_only_real_commits(n):
    shown = in_time(many(n))
    drawn = thinned(shown)

    assert len(drawn) == n if n <= 2 * DRAWN else len(drawn) <= n
    assert len(drawn) <= 4 * DRAWN
    assert drawn["value"].max() == shown["value"].max()
    assert drawn["value"].min() == shown["value"].min()
    assert drawn["turnover"].max() == shown["turnover"].max()
    assert drawn.iloc[-1].equals(shown.iloc[-1])
    assert drawn["as_of"].is_monotonic_increasing
    assert set(drawn["id"]) <= set(shown["id"])


def test_thinning_bears_a_history_without_any_figure():
    shown = in_time(many(3 * DRAWN)).assign(value=np.nan, turnover=np.nan)

    assert len(thinned(shown)) == DRAWN
    assert len(through_time_figure(shown[::-1]).data) > 0


def test_two_commits_of_a_session_keep_the_order_of_the_chain():
    shown = table(
        ("2024-01-31", "", 0.1, 1.0), ("2024-01-31", "", 0.2, 2.0), ("2024-01-30", "", 0.3, 3.0)
    )

    assert in_time(shown)["value"].tolist() == [3.0, 1.0, 2.0]


def test_arguments_are_left_as_they_are():
    before = THREE.copy()
    through_time_figure(THREE)
    through_time_alt(THREE)

    pd.testing.assert_frame_equal(THREE, before)
