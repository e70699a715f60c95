"""The catalogue of faults: one at a time, on small markets; and the laws it obeys."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.config import AcceptedFinding, PriceQualityCheck
from quantetf_core.data.market import MarketData
from quantetf_core.data.memory import Memory
from quantetf_core.data.quality.gate import gate_findings
from quantetf_core.data.quality.history import events, quality_findings
from quantetf_core.data.quality.record import QualityFinding
from quantetf_core.data.quality.scan import runs, scan_of, sums_before
from quantetf_core.findings import Finding, Severity
from tests import builders

TICKERS = ("AAA", "BBB", "CCC", "DDD", "EEE")
MARKET = builders.random_market(TICKERS, n_sessions=420, seed=11)
LIMITS = PriceQualityCheck()
AT = 380

Change = tuple[str, str, slice | int, float]


def changed(*changes: Change, market: MarketData = MARKET) -> MarketData:
    """The market with ``(field, ticker, rows, factor)`` multiplied."""
    panels = {name: market.panel(name).copy() for name in market.fields}
    for field, ticker, rows, factor in changes:
        panels[field].iloc[rows, panels[field].columns.get_loc(ticker)] *= factor
    return MarketData.from_panels(panels, market.vix, source="changed")


def both(
    ticker: str, rows: slice | int, factor: float
) -> list[tuple[str, str, slice | int, float]]:
    return [("close", ticker, rows, factor), ("adj_close", ticker, rows, factor)]


def looked(market: MarketData, **more: object) -> list[QualityFinding]:
    return [one for one in quality_findings(market, **more) if one.code != "late_start"]


def only(market: MarketData) -> QualityFinding:
    (one,) = looked(market)
    return one


def test_a_quiet_market_has_nothing_to_say() -> None:
    assert looked(MARKET) == []


def test_an_unadjusted_split_is_a_block_with_its_numbers() -> None:
    one = only(changed(*both("BBB", slice(AT, None), 0.5)))
    assert (one.severity, one.code, one.subject) == (Severity.BLOCK, "unadjusted_split", "BBB")
    assert one.session == one.first == MARKET.sessions[AT].date()
    assert "looks like a 2:1 split; the adjusted close shows it too" in one.message
    assert dict(one.evidence)["move"] == pytest.approx(-0.5, abs=0.02)
    assert dict(one.evidence)["times its usual volume"] == 1.0


def test_with_one_close_a_split_is_a_block_all_the_same() -> None:
    close = changed(("close", "BBB", slice(AT, None), 8.0)).close
    market = MarketData.from_panels({"close": close}, MARKET.vix, source="one close")
    one = only(market)
    assert one.code == "unadjusted_split"
    assert "looks like a 1:8 reverse split; there is one close only" in one.message


def test_a_split_of_the_closes_that_the_adjusted_close_knows_is_a_note() -> None:
    one = only(changed(("close", "BBB", slice(AT, None), 1 / 3)))
    assert (one.severity, one.code) == (Severity.INFO, "split_in_close")
    assert "a 3:1 split, which the adjusted close is adjusted for" in one.message


def test_the_same_jump_with_a_hundred_times_the_volume_is_news_and_a_warning() -> None:
    one = only(changed(*both("BBB", slice(AT, None), 0.5), ("volume", "BBB", AT, 100.0)))
    assert (one.severity, one.code) == (Severity.WARN, "large_move")
    assert "100.0 times its usual volume traded" in one.message


def test_the_next_close_turns_a_split_into_one_wrong_close() -> None:
    market = changed(*both("BBB", AT, 0.5))
    then = only(market.as_of(MARKET.sessions[AT]))
    assert (then.severity, then.code) == (Severity.BLOCK, "unadjusted_split")
    now = only(market.as_of(MARKET.sessions[AT + 1]))
    assert (now.severity, now.code) == (Severity.WARN, "jump_reversed")
    assert now.session == then.session


def test_a_fall_of_the_whole_market_is_nobodys_fault() -> None:
    crash = [change for name in MARKET.tickers for change in both(name, slice(AT, None), 0.66)]
    assert [one.subject for one in looked(changed(*crash))] == ["SPY"]


def test_a_slip_of_unit_is_a_block_and_says_how_far() -> None:
    one = only(changed(*both("CCC", slice(AT, None), 0.01)))
    assert (one.severity, one.code) == (Severity.BLOCK, "unit_slip")
    assert "100 times less, a slip of unit or currency" in one.message


def test_an_adjusted_close_that_jumps_alone_is_a_block() -> None:
    one = only(changed(("adj_close", "CCC", slice(AT, None), 2.0)))
    assert (one.severity, one.code) == (Severity.BLOCK, "adjusted_jump")


def test_an_adjusted_close_wrong_for_a_day_is_a_warning() -> None:
    one = only(changed(("adj_close", "CCC", AT, 2.0)))
    assert (one.severity, one.code) == (Severity.WARN, "jump_reversed")


@pytest.mark.parametrize(
    ("factor", "severity", "code"),
    [
        (1.05, None, None),
        (1.10, Severity.INFO, "large_distribution"),
        (1.20, Severity.WARN, "adjustment_mismatch"),
        (0.97, Severity.WARN, "adjustment_mismatch"),
    ],
)
def test_a_distribution_lifts_the_adjusted_close_a_little_and_never_lowers_it(
    factor: float, severity: Severity | None, code: str | None
) -> None:
    found = looked(changed(("adj_close", "CCC", slice(AT, None), factor)))
    assert [(one.severity, one.code) for one in found] == ([(severity, code)] if code else [])


def still(ticker: str, rows: slice) -> MarketData:
    panels = {name: MARKET.panel(name).copy() for name in MARKET.fields}
    for name in ("close", "adj_close"):
        frame = panels[name]
        place = frame.columns.get_loc(ticker)
        frame.iloc[rows, place] = frame.iloc[rows.start - 1, place]
    return MarketData.from_panels(panels, MARKET.vix, source="still")


def test_a_price_that_stands_still_now_is_a_block_and_once_it_moved_a_warning() -> None:
    market = still("DDD", slice(AT, AT + 8))
    now = only(market.as_of(MARKET.sessions[AT + 7]))
    assert (now.severity, now.code) == (Severity.BLOCK, "flat_line")
    later = only(market)
    assert later.severity is Severity.WARN
    assert (later.first, later.session) == (
        MARKET.sessions[AT].date(),
        MARKET.sessions[AT + 7].date(),
    )
    assert looked(still("DDD", slice(AT, AT + 4))) == []


def test_a_fund_that_always_stands_still_may() -> None:
    panels = {name: MARKET.panel(name).copy() for name in ("close", "adj_close")}
    cash = np.repeat(50.0 + np.arange(42) * 0.01, 10)
    for frame in panels.values():
        frame["DDD"] = cash
    market = MarketData.from_panels(panels, MARKET.vix, source="cash-like")
    assert looked(market) == []


def test_what_was_noticed_at_reading_is_part_of_the_answer() -> None:
    said = Finding(Severity.WARN, "not_a_session", "prices.csv", "3 rows on closed days")
    market = MarketData.from_panels(
        {"close": MARKET.close}, MARKET.vix, source="x", findings=[said]
    )
    one = only(market)
    assert one.finding == said
    assert one.session is None


def test_a_market_without_spy_or_with_an_empty_ticker_is_judged_all_the_same() -> None:
    close = changed(*both("BBB", slice(AT, None), 0.5)).close.drop(columns="SPY")
    close["ZZZ"] = np.nan
    market = MarketData.from_panels({"close": close.sort_index(axis=1)}, MARKET.vix, source="x")
    found = {(one.severity, one.code, one.subject) for one in looked(market)}
    assert found == {
        (Severity.BLOCK, "unadjusted_split", "BBB"),
        (Severity.BLOCK, "never_priced", "ZZZ"),
    }


def test_a_jump_in_the_first_days_of_a_ticker_says_that_little_is_known_of_it() -> None:
    panels = {name: MARKET.panel(name).copy() for name in MARKET.fields}
    for name, frame in panels.items():
        frame.iloc[:AT, frame.columns.get_loc("EEE")] = np.nan
        if name in ("close", "adj_close"):
            frame.iloc[AT + 1 :, frame.columns.get_loc("EEE")] *= 1.6
    one = only(MarketData.from_panels(panels, MARKET.vix, source="young"))
    assert (one.severity, one.code) == (Severity.WARN, "large_move")
    assert "with little history to compare with" in one.message


def test_what_is_remembered_is_forgotten_when_it_is_too_much() -> None:
    memory, made = Memory(), []
    for key in (*range(600), 599, 0):
        memory.of(key, lambda key=key: made.append(key))
    assert made == [*range(600), 0]


# accepting


def accepted(one: QualityFinding, **more: object) -> AcceptedFinding:
    facts = {"ticker": one.subject, "date": one.first, "code": one.code, **more}
    return AcceptedFinding(**{"note": "2:1 split, vendor lag", "by": "Ada", **facts})


def test_an_accepted_finding_is_a_note_that_says_by_whom_and_why() -> None:
    market = changed(*both("BBB", slice(AT, None), 0.5))
    before = only(market)
    (after,) = looked(market, accepted=[accepted(before)])
    assert (after.severity, after.accepted_by) == (Severity.INFO, "Ada")
    assert after.message == f"{before.message}. Accepted by Ada: 2:1 split, vendor lag"


@pytest.mark.parametrize(
    "other", [{"ticker": "AAA"}, {"code": "unit_slip"}, {"date": dt.date(2019, 1, 4)}]
)
def test_another_ticker_code_or_date_accepts_nothing(other: dict[str, object]) -> None:
    market = changed(*both("BBB", slice(AT, None), 0.5))
    assert looked(market, accepted=[accepted(only(market), **other)]) == [only(market)]


# laws


FACTORS = st.sampled_from([0.01, 0.125, 0.5, 0.7, 1.0, 1.3, 2.0, 4.0, 100.0])
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["close", "adj_close", "volume"]),
        st.sampled_from([*TICKERS, "SPY"]),
        st.integers(100, 419),
        st.booleans(),
        FACTORS,
    ),
    max_size=6,
)


def spoiled(changes: list[tuple[str, str, int, bool, float]], holes: float) -> MarketData:
    base = builders.random_market(TICKERS, n_sessions=420, seed=5, holes=holes)
    rows = [(f, t, slice(row, None) if lasts else row, by) for f, t, row, lasts, by in changes]
    return changed(*rows, market=base)


@settings(max_examples=25)
@given(changes=CHANGES, as_of=st.integers(120, 419), holes=st.sampled_from([0.0, 0.05]))
def test_a_window_finds_exactly_what_a_scan_of_all_history_finds_in_it(
    changes: list[tuple[str, str, int, bool, float]], as_of: int, holes: float
) -> None:
    market = spoiled(changes, holes)
    window = 60
    start = market.sessions[max(0, as_of - window + 1)].date()
    whole = scan_of(market, end=as_of, tickers=None, sessions=None)
    part = scan_of(market, end=as_of, tickers=None, sessions=window)
    inside = {one for one in events(whole, LIMITS) if one.session and one.session >= start}
    assert set(events(part, LIMITS)) == inside


@settings(max_examples=25)
@given(changes=CHANGES, as_of=st.integers(120, 400), seed=st.integers(0, 99))
def test_later_rows_cannot_change_what_was_found(
    changes: list[tuple[str, str, int, bool, float]], as_of: int, seed: int
) -> None:
    market = spoiled(changes, 0.0)
    generator = np.random.default_rng(seed)
    panels = {name: market.panel(name).copy() for name in market.fields}
    for frame in panels.values():
        frame.iloc[as_of + 1 :] = generator.lognormal(3.0, 2.0, frame.iloc[as_of + 1 :].shape)
    vix = market.vix.copy()
    vix.iloc[as_of + 1 :] = generator.lognormal(3.0, 2.0, len(vix) - as_of - 1)
    other = MarketData.from_panels(panels, vix, source="garbage later")
    session = market.sessions[as_of]
    asked = {"as_of": session, "tickers": TICKERS, "limits": LIMITS}
    assert gate_findings(market, **asked) == gate_findings(other, **asked)
    assert quality_findings(market.as_of(session)) == quality_findings(other.as_of(session))


def test_the_gate_tells_the_lines_asked_for_and_the_signals_and_no_notes() -> None:
    market = changed(
        *both("BBB", slice(AT, None), 0.5),
        *both("CCC", slice(AT, None), 0.5),
        *both("SPY", slice(AT - 5, None), 0.5),
        ("close", "AAA", slice(AT, None), 0.5),
    )
    asked = {"tickers": ["AAA", "BBB"], "limits": LIMITS}
    found = gate_findings(market, as_of=market.last_session, **asked)
    assert [one.subject for one in found] == ["BBB", "SPY"]
    again = gate_findings(market, as_of=market.last_session, **asked)
    assert again is found  # remembered
    short = LIMITS.model_copy(update={"lookback_sessions": 10})
    assert not gate_findings(market, as_of=market.last_session, tickers=["BBB"], limits=short)


# the arithmetic


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=30), st.integers(1, 12))
def test_sums_before_are_sums_of_the_rows_before(values: list[int], length: int) -> None:
    column = np.array(values, dtype=np.int64)[:, None]
    expected = [sum(values[max(0, row - length) : row]) for row in range(len(values))]
    assert sums_before(column, length)[:, 0].tolist() == expected


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_runs_count_the_flags_in_a_row(flags: list[bool]) -> None:
    count, expected = 0, []
    for flag in flags:
        count = count + 1 if flag else 0
        expected.append(count)
    assert runs(np.array(flags)[:, None])[:, 0].tolist() == expected


def test_a_finding_keeps_its_name_while_a_stretch_grows() -> None:
    market = still("DDD", slice(AT, AT + 8))
    young, old = (only(market.as_of(MARKET.sessions[AT + n])) for n in (5, 7))
    assert young.id == old.id == f"flat_line DDD {MARKET.sessions[AT].date()}"
    assert pd.Timestamp(old.session) > pd.Timestamp(young.session)
