"""The picture of what there is, and the prices around a finding."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from quantetf_core.charts.quality import coverage_alt, coverage_figure, event_alt, event_figure
from quantetf_core.data.quality.record import QualityFinding
from quantetf_core.findings import Severity

nan = np.nan
QUARTERS = [dt.date(2023, 1, 1), dt.date(2023, 4, 1), dt.date(2023, 7, 1)]
SHARE = pd.DataFrame(
    [[1.0, 1.0, 1.0], [nan, 0.5, 0.0]], index=["AAA", "BBB"], columns=pd.Index(QUARTERS)
)
DAY = dt.date(2023, 5, 10)


def finding(severity: Severity = Severity.BLOCK, subject: str = "BBB") -> QualityFinding:
    return QualityFinding(
        severity=severity,
        code="unit_slip",
        subject=subject,
        session=DAY,
        first=DAY,
        message="the close fell 99.0%",
    )


def test_a_cell_is_blank_before_the_first_close_and_tells_whole_from_missing() -> None:
    cells = coverage_figure(SHARE).data[0]
    assert cells.z[0].tolist() == [2.0, 2.0, 2.0]
    assert np.isnan(cells.z[1][0])
    assert cells.z[1][1:].tolist() == [1.0, 0.0]


def test_blocks_and_warnings_of_the_rows_are_marked_and_notes_are_not() -> None:
    found = [finding(), finding(Severity.WARN, "AAA"), finding(Severity.INFO, "AAA")]
    marks = coverage_figure(SHARE, [*found, finding(subject="ZZZ")]).data[-2:]
    assert [(mark.name, list(mark.y), list(mark.x)) for mark in marks] == [
        ("Block", ["BBB"], ["2023-05-10"]),
        ("Warning", ["AAA"], ["2023-05-10"]),
    ]


def test_the_takeaway_names_who_ends_early() -> None:
    said = coverage_alt(SHARE)
    assert said.startswith("Prices of 2 tickers by quarter, 1 Jan 2023 to 1 Jul 2023: 1 of them")
    assert said.endswith("nothing in the last quarter for BBB.")


def test_nothing_to_draw_is_a_sentence() -> None:
    empty = SHARE.iloc[:0]
    assert coverage_alt(empty) == "Coverage: there is no price."
    assert coverage_figure(empty).layout.annotations[0].text == "There is no price"
    assert "no price" in event_figure(pd.DataFrame(), finding()).layout.annotations[0].text
    assert event_alt(pd.DataFrame(), finding()) == "BBB: there is no price to show."


def test_prices_a_hundred_times_apart_are_drawn_on_a_scale_that_shows_both() -> None:
    days = pd.bdate_range("2023-05-08", periods=4)
    window = pd.DataFrame(
        {"close": [80.0, 81.0, 0.8, 0.81], "adj_close": 80.0, "volume": 1e6}, index=days
    )
    figure = event_figure(window, finding())
    assert [line.name for line in figure.data] == ["Close", "Adjusted close"]
    assert figure.layout.yaxis.type == "log"
    shade = figure.layout.shapes[0]
    assert pd.Timestamp(shade.x0) < pd.Timestamp(DAY) < pd.Timestamp(shade.x1)
    calm = window.assign(close=80.0)
    assert event_figure(calm, finding()).layout.yaxis.type == "linear"
    assert event_alt(window, finding()).endswith("the close fell 99.0%.")


def test_the_vix_has_a_line_of_its_own() -> None:
    days = pd.bdate_range("2023-05-08", periods=3)
    figure = event_figure(
        pd.DataFrame({"vix": [15.0, 0.15, 15.0]}, index=days), finding(subject="VIX")
    )
    assert [line.name for line in figure.data] == ["VIX"]
