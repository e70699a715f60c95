"""``fills.csv``: what was written is read back, whatever the broker's words were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.execution.fills import Fill, OrderedLine, fill_report
from quantetf_core.ledger.booked import Booked, shares_after
from quantetf_core.ledger.fields import MalformedError
from quantetf_core.ledger.fills_file import fills_csv, not_recorded, read_fills, report_csv, twice

TIMES = st.integers(10**9, 2 * 10**9).map(lambda second: datetime.fromtimestamp(second, UTC))
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=8)
FILLS = st.builds(
    Fill,
    ticker=st.sampled_from(["SPY", "TLT", "BRK.B"]),
    shares=st.floats(-1e6, 1e6).filter(bool),
    price=st.floats(0.01, 1e5),
    fees=st.floats(-10, 10),
    time=st.none() | TIMES,
    order_id=WORDS | st.sampled_from(["=1+1", "'=1+1", "-5", "@x", "a,b", 'say "x"']),
)


@settings(max_examples=40)
@given(st.lists(FILLS, max_size=5))
def test_fills_are_read_back_as_they_were_in_whatever_order_they_came(fills: list[Fill]) -> None:
    content = fills_csv(fills)
    assert fills_csv(reversed(fills)) == content
    read = read_fills(content)
    assert sorted(map(repr, read)) == sorted(map(repr, fills))
    assert not_recorded(read, fills) == ((), read)


def test_a_time_is_the_same_in_whatever_zone_it_is_told() -> None:
    east = timezone(timedelta(hours=-5))
    told = datetime(2024, 1, 31, 9, 30, tzinfo=east)
    one, same = (
        Fill(ticker="SPY", shares=1.0, price=5.0, time=time)
        for time in (told, told.astimezone(UTC))
    )
    assert fills_csv([one]) == fills_csv([same])
    assert not_recorded([one], [same]) == ((), (one,))
    assert twice([one, same]) == (same,)


@pytest.mark.parametrize(
    ("content", "about"),
    [
        (b"ticker,side\nSPY,BUY\n", "other columns"),
        (b"ticker,side,shares,price,fees,time,order_id\nSPY,HOLD,1,1,0,,\n", "line 2"),
        (b"ticker,side,shares,price,fees,time,order_id\nSPY,BUY,one,1,0,,\n", "line 2"),
        (b"ticker,side,shares,price,fees,time,order_id\nSPY,BUY,1,-1,0,,\n", "line 2"),
        (b"ticker,side,shares,price,fees,time,order_id\nSPY,BUY,1,1,0,2024-01-31,\n", "line 2"),
        (b"\xff", "not a CSV file"),
    ],
)
def test_anything_else_is_malformed_and_says_where(content: bytes, about: str) -> None:
    with pytest.raises(MalformedError, match=about):
        read_fills(content)


def test_the_report_has_a_row_a_ticker_with_what_it_cost() -> None:
    order = OrderedLine(ticker="SPY", shares=100.0, price=500.0)
    made = Fill(
        ticker="SPY", shares=60.0, price=501.0, fees=1.0, time=datetime(2024, 1, 1, tzinfo=UTC)
    )
    header, row = report_csv(fill_report([order], [made])).decode().splitlines()
    said = dict(zip(header.split(","), row.split(","), strict=True))
    assert (said["ticker"], said["status"], said["missing_shares"]) == (
        "SPY",
        "partly_filled",
        "40.0",
    )
    assert (said["cash_effect"], said["shortfall"]) == ("-30061.0", "61.0")
    assert said["first_time"] == "2024-01-01T00:00:00+00:00"


WHOLE = st.dictionaries(st.sampled_from("ABC"), st.integers(-50, 50))


@given(WHOLE, WHOLE, WHOLE)
def test_booking_in_the_place_of_the_assumed_is_adding_the_difference(
    held: dict[str, int], was: dict[str, int], now: dict[str, int]
) -> None:
    after, moved = shares_after(
        _floats(held), was=Booked(_floats(was), 0), now=Booked(_floats(now), 0)
    )
    change = {t: now.get(t, 0) - was.get(t, 0) for t in {*was, *now}}
    assert moved == {t: float(n) for t, n in change.items() if n}
    total = {t: held.get(t, 0) + change.get(t, 0) for t in {*held, *change}}
    assert after == {t: float(n) for t, n in total.items() if n}


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_tenths_of_a_share_add_up_without_an_error(tenths: list[int]) -> None:
    held: dict[str, float] = {}
    for part in tenths:
        held, _ = shares_after(held, was=Booked({}, 0), now=Booked({"SPY": part / 10}, 0))
    assert held == {"SPY": sum(tenths) / 10}


def _floats(counts: dict[str, int]) -> dict[str, float]:
    return {ticker: float(count) for ticker, count in counts.items()}
