"""What a decision should know about the data it used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.data.market import MarketData
from quantetf_core.data.quality import data_findings, vix_findings
from quantetf_core.data.sessions import sessions_between
from quantetf_core.findings import Finding, Severity

nan, inf = np.nan, np.inf
SESSIONS = sessions_between("2020-01-06", "2020-12-31")
CALM = [100.0, 101.0, 100.5, 101.5, 102.0, 101.0, 101.5, 102.5]


def market(
    closes: Mapping[str, Sequence[float]],
    *,
    adjusted: Mapping[str, Sequence[float]] | None = None,
    vix: Sequence[float] | float = 15.0,
) -> MarketData:
    """Closes by ticker from 2020-01-06 on; SPY is calm unless given."""
    length = len(next(iter(closes.values())))
    full = {"SPY": (CALM * 40)[:length], **closes}
    frame = pd.DataFrame(dict(sorted(full.items())), index=SESSIONS[:length], dtype=np.float64)
    panels = {"close": frame}
    if adjusted is not None:
        panels["adj_close"] = frame.assign(
            **{ticker: list(values) for ticker, values in adjusted.items()}
        )
    return MarketData.from_panels(
        panels, pd.Series(vix, index=frame.index, dtype=np.float64), source="test"
    )


def look(
    made: MarketData, *, used: Sequence[str] = ("XLK",), lookback: int = 21, **more: object
) -> tuple[Finding, ...]:
    arguments = {"as_of": made.last_session, "max_one_session_move": 0.35, **more}
    return data_findings(made, used=used, lookback_sessions=lookback, **arguments)


def codes(findings: Sequence[Finding]) -> list[tuple[str, str, str]]:
    return [(f.severity.value, f.code, f.subject) for f in findings]


def test_clean_data_has_nothing_to_say() -> None:
    made = market({"XLK": CALM})
    assert look(made) == ()


# prices at the session


@pytest.mark.parametrize("age", [1, 3])
def test_a_carried_price_is_a_warning_with_its_age(age: int) -> None:
    (finding,) = look(market({"XLK": [*CALM, *[nan] * age]}))
    assert codes([finding]) == [("warn", "carried_price", "XLK")]
    assert "102.50 of 2020-01-15" in finding.message
    assert f"{age} session" in finding.message


def test_a_price_older_than_three_sessions_blocks_its_line() -> None:
    (finding,) = look(market({"XLK": [*CALM, nan, nan, nan, nan]}))
    assert codes([finding]) == [("block", "stale_price", "XLK")]
    assert "4 sessions old" in finding.message


def test_a_ticker_never_priced_blocks_its_line() -> None:
    made = market({"XLK": [nan] * 8})
    assert codes(look(made, used=["XLK", "GONE"])) == [
        ("block", "never_priced", "GONE"),
        ("block", "never_priced", "XLK"),
    ]


def test_spy_is_always_looked_at_and_blocks_only_as_a_line() -> None:
    made = market({"SPY": [*CALM, *[nan] * 4], "XLK": [*CALM, *CALM[:4]]})
    assert codes(look(made)) == [("warn", "stale_price", "SPY")]
    assert codes(look(made, used=["SPY"])) == [("block", "stale_price", "SPY")]


def test_only_used_tickers_are_looked_at() -> None:
    made = market({"XLK": CALM, "OTHER": [nan] * 8})
    assert look(made) == ()


@pytest.mark.parametrize("bad", [0.0, -3.0, inf])
def test_a_close_that_cannot_be_paid_is_a_warning_beside_its_consequence(bad: float) -> None:
    found = look(market({"XLK": [*CALM[:-1], bad]}))
    assert codes(found) == [("warn", "carried_price", "XLK"), ("warn", "invalid_close", "XLK")]
    assert "1 close zero, negative or infinite" in found[1].message
    assert "2020-01-15" in found[1].message


def test_gaps_between_closes_are_counted_inside_the_lookback_only() -> None:
    closes = [nan, 100.0, nan, nan, 101.0, nan, 102.0, 103.0]
    made = market({"XLK": closes})
    (finding,) = look(made)
    assert codes([finding]) == [("info", "missing_closes", "XLK")]
    assert "no close on 3 sessions of the last 8; the last on 2020-01-13" in finding.message
    assert "no close on 1 session of the last 3" in look(made, lookback=3)[0].message
    assert look(made, lookback=2) == ()


# moves


def test_a_halved_close_that_the_adjusted_one_does_not_show_looks_like_a_split() -> None:
    made = market({"XLK": [100.0, 101.0, 50.4]}, adjusted={"XLK": [49.0, 49.5, 49.4]})
    (finding,) = look(made)
    assert codes([finding]) == [("warn", "suspect_split", "XLK")]
    assert "fell 50.1% on 2020-01-08, from 101.00 to 50.40" in finding.message
    assert "looks like a 2:1 split" in finding.message
    assert "the adjusted close fell 0.2%" in finding.message


def test_a_smaller_split_shows_against_the_adjusted_close() -> None:
    made = market({"XLK": [100.0, 100.0, 64.0]}, adjusted={"XLK": [66.0, 66.0, 63.5]})
    (finding,) = look(made)
    assert finding.code == "suspect_split"
    assert "looks like a 3:2 split; the adjusted close fell 3.8%" in finding.message


def test_a_move_of_both_closes_says_so() -> None:
    made = market({"XLK": [99.0, 100.0, 50.0]}, adjusted={"XLK": [90.0, 100.0, 50.0]})
    (finding,) = look(made)
    assert finding.code == "suspect_split"
    assert "the adjusted close moves by the same" in finding.message


def test_a_large_move_of_a_source_with_one_close_says_that_nothing_can_tell() -> None:
    (finding,) = look(market({"XLK": [100.0, 101.0, 50.4]}))
    assert finding.code == "suspect_split"
    assert "no adjusted close tells a split from a market move" in finding.message


def test_a_fall_by_a_third_on_a_wild_day_is_a_move_and_not_a_split() -> None:
    (finding,) = look(market({"SPY": [300.0, 270.0], "XLK": [100.0, 62.0]}))
    assert codes([finding]) == [("warn", "large_move", "XLK")]


def test_a_large_move_that_is_no_split_ratio_is_a_finding_all_the_same() -> None:
    (finding,) = look(market({"XLK": [100.0, 100.0, 158.0]}))
    assert codes([finding]) == [("warn", "large_move", "XLK")]
    assert "rose 58.0% on 2020-01-08" in finding.message


def test_a_reverse_split_across_a_gap_is_seen() -> None:
    (gap, finding) = sorted(look(market({"XLK": [10.0, nan, 100.5]})), key=lambda f: f.severity)
    assert (gap.code, finding.code) == ("missing_closes", "suspect_split")
    assert "1:10 reverse split" in finding.message


def test_a_move_is_compared_with_the_close_before_the_lookback() -> None:
    made = market({"XLK": [100.0, nan, nan, 50.0, 50.0]})
    assert "suspect_split" in {f.code for f in look(made, lookback=2)}
    assert look(made, lookback=1) == ()


def test_a_move_beyond_the_limit_is_one_and_at_the_limit_is_not() -> None:
    made = market({"XLK": [100.0, 140.0]})
    assert look(made, max_one_session_move=0.5) == ()
    assert codes(look(made, max_one_session_move=0.39)) == [("warn", "large_move", "XLK")]


def test_a_move_of_the_adjusted_close_alone_is_told() -> None:
    made = market({"XLK": [100.0, 101.0]}, adjusted={"XLK": [50.0, 101.0]})
    (finding,) = look(made)
    assert codes([finding]) == [("warn", "adjustment_move", "XLK")]
    assert "adjusted close rose 102.0%" in finding.message


def test_a_large_move_without_an_adjusted_close_to_compare_says_so() -> None:
    made = market({"XLK": [100.0, 160.0]}, adjusted={"XLK": [50.0, nan]})
    assert "no adjusted close to compare" in look(made)[0].message
    made = market({"XLK": [90.0, 100.0, 160.0]}, adjusted={"XLK": [50.0, 60.0, nan]})
    assert "no adjusted close to compare" in look(made)[0].message


# the market as a whole


def test_a_vix_of_the_sessions_before_is_carried_then_missing() -> None:
    carried = market({"XLK": CALM}, vix=[*[15.0] * 5, nan, nan, nan])
    (finding,) = look(carried)
    assert codes([finding]) == [("warn", "vix_carried", "VIX")]
    assert "15.00 of 2020-01-10, 3 sessions old" in finding.message
    missing = market({"XLK": CALM}, vix=[*[15.0] * 4, nan, nan, nan, nan])
    (finding,) = look(missing)
    assert codes([finding]) == [("warn", "vix_missing", "VIX")]
    assert "since 2020-01-09" in finding.message
    never = look(market({"XLK": CALM}, vix=nan))
    assert codes(never) == [("warn", "vix_missing", "VIX")]
    assert "no value at all" in never[0].message


def test_gaps_of_the_vix_are_counted_inside_the_lookback() -> None:
    made = market({"XLK": CALM}, vix=[nan, 15.0, 0.0, 15.0, nan, 15.0, 15.0, 15.0])
    (finding,) = vix_findings(made, as_of=made.last_session, lookback_sessions=6)
    assert codes([finding]) == [("info", "vix_gaps", "VIX")]
    assert "2 sessions of the last 6; the last on 2020-01-10" in finding.message
    assert vix_findings(made, as_of=made.last_session, lookback_sessions=3) == ()


# laws


def test_blocks_come_first() -> None:
    made = market({"XLK": [*CALM, nan], "TLT": [nan] * 9})
    found = look(made, used=["XLK", "TLT"])
    assert [f.severity for f in found] == [Severity.BLOCK, Severity.WARN]


PRICES = st.lists(
    st.sampled_from([nan, 0.0, -1.0, inf, 10.0, 11.0, 20.0, 100.0, 5.0]), min_size=6, max_size=12
)


@settings(max_examples=80)
@given(prices=PRICES, vix=PRICES, row=st.integers(0, 5), noise=st.sampled_from([nan, 1.0, 1e9]))
def test_findings_know_nothing_of_later_rows(
    prices: list[float], vix: list[float], row: int, noise: float
) -> None:
    later = max(0, len(prices) - row - 1)
    vix = (vix * 2)[: len(prices)]

    def seen_adjusted(values: list[float]) -> tuple[Finding, ...]:
        made = market({"XLK": prices}, adjusted={"XLK": values}, vix=vix)
        return look(made, as_of=SESSIONS[row])

    cut = [*prices[: row + 1], *[noise] * later]
    made = market({"XLK": prices}, vix=vix)
    noisy = market({"XLK": cut}, vix=[*vix[: row + 1], *[noise] * later])
    assert look(made, as_of=SESSIONS[row]) == look(noisy, as_of=SESSIONS[row])
    assert seen_adjusted(prices) == seen_adjusted(cut)


def test_a_line_without_an_adjusted_close_is_said_and_the_market_ticker_is_not() -> None:
    gap = [*CALM[:-1], nan]
    made = market({"XLK": CALM, "SPY": CALM}, adjusted={"XLK": gap, "SPY": gap})
    (finding,) = look(made)
    assert codes([finding]) == [("warn", "no_adjusted_close", "XLK")]
    assert "what is held of it is kept" in finding.message
