"""Fills held against what was ordered."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.errors import InvalidValueError
from quantetf_core.execution.fill_tables import fills_table
from quantetf_core.execution.fills import Fill, LineStatus, OrderedLine, fill_report
from quantetf_core.units import to_cents

NOON = datetime(2024, 1, 2, 17, tzinfo=UTC)


def order(shares, price=100.0, ticker="SPY"):
    return OrderedLine(ticker=ticker, shares=shares, price=price)


def fill(shares, price=100.0, ticker="SPY", fees=0.0, time=None):
    return Fill(ticker=ticker, shares=shares, price=price, fees=fees, time=time)


def only(ordered, fills, **more):
    (line,) = fill_report(ordered, fills, **more).lines
    return line


def codes(report):
    return [(finding.code, finding.subject) for finding in report.findings]


def test_a_buy_filled_dearer_and_a_sell_filled_cheaper_both_cost():
    bought = only([order(100)], [fill(100, 100.1, fees=1.0)])
    sold = only([order(-100)], [fill(-100, 99.9, fees=1.0)])

    for line in (bought, sold):
        assert line.price_difference_bps == pytest.approx(10.0)
        assert (line.execution_cost, line.shortfall, line.shortfall_bps) == (10.0, 11.0, 11.0)
    assert (bought.cash_effect, sold.cash_effect) == (-10_011.0, 9_989.0)


def test_better_prices_are_below_zero():
    assert only([order(100)], [fill(100, 99.9)]).shortfall == -10.0
    assert only([order(-100)], [fill(-100, 100.1)]).price_difference_bps == pytest.approx(-10.0)


def test_what_is_missing_costs_nothing_until_there_is_a_later_price():
    ordered, fills = [order(100)], [fill(60, 101.0)]
    known, later = only(ordered, fills), only(ordered, fills, later_prices={"SPY": 103.0})

    assert (known.missing_shares, known.shortfall, known.opportunity_cost) == (40.0, 60.0, None)
    assert (later.opportunity_cost, later.shortfall) == (120.0, 180.0)


def test_opportunity_is_counted_for_all_lines_or_for_none():
    ordered = [order(10), order(-10, ticker="TLT"), order(5, ticker="AGG")]
    fills = [fill(4), fill(-3, ticker="TLT"), fill(5, ticker="AGG")]

    some = fill_report(ordered, fills, later_prices={"SPY": 101.0})
    every = fill_report(ordered, fills, later_prices={"SPY": 101.0, "TLT": 99.0})

    assert some.opportunity_cost is None
    assert every.opportunity_cost == 6.0 + 7.0
    assert [line.opportunity_cost for line in every.lines] == [0.0, 6.0, 7.0]


def test_every_way_a_line_may_differ_from_the_order_has_its_status():
    report = fill_report(
        [order(10, ticker=t) for t in ("AGG", "BIL", "EFA", "GLD", "QQQ")],
        [
            fill(10, ticker="AGG"),
            fill(4, ticker="BIL"),
            fill(12, ticker="GLD"),
            fill(-3, ticker="QQQ"),
            fill(1, ticker="TLT"),
        ],
    )

    assert {line.ticker: line.status for line in report.lines} == {
        "AGG": LineStatus.FILLED,
        "BIL": LineStatus.PARTLY_FILLED,
        "EFA": LineStatus.MISSING,
        "GLD": LineStatus.OVERFILLED,
        "QQQ": LineStatus.WRONG_SIDE,
        "TLT": LineStatus.NOT_ORDERED,
    }
    assert [line.missing_shares for line in report.lines] == [0.0, 6.0, 10.0, 0.0, 13.0, 0.0]
    assert codes(report) == [("not_ordered", "TLT"), ("overfilled", "GLD"), ("wrong_side", "QQQ")]
    assert [finding.message for finding in report.findings] == [
        "1 bought, though this decision did not order it",
        "12 bought, more than the 10 bought that had been ordered",
        "3 sold, where 10 bought had been ordered",
    ]
    assert not report.complete
    table = fills_table(report)
    assert table["ticker"].tolist() == ["QQQ", "TLT", "GLD", "EFA", "BIL", "AGG"]
    assert table["shortfall"].isna().tolist() == [False] * 3 + [True] + [False] * 2


def test_fills_of_a_ticker_that_was_not_ordered_count_their_fees_and_no_price():
    line = only([], [fill(10, 50.0, fees=2.5)])

    assert (line.execution_cost, line.price_difference_bps, line.shortfall_bps) == (None,) * 3
    assert (line.shortfall, line.cash_effect) == (2.5, -502.5)


def test_both_sides_of_one_ticker_net_and_are_said():
    report = fill_report([order(10)], [fill(15, 100.0), fill(-5, 101.0)])
    line = report.lines[0]

    assert (line.status, line.filled_shares, line.average_price) == (LineStatus.FILLED, 10.0, 100.0)
    assert line.execution_cost == -5.0  # five more bought at 100.0 and sold at 101.0
    assert codes(report) == [("both_sides", "SPY")]
    undone = only([order(10)], [fill(5), fill(-5, 99.0)])
    assert (undone.average_price, undone.status) == (None, LineStatus.MISSING)


def test_a_price_far_from_the_decision_is_a_warning():
    assert codes(fill_report([order(10)], [fill(10, 89.0)])) == [("fill_price_far", "SPY")]
    assert codes(fill_report([order(10)], [fill(10, 91.0)])) == []


def test_a_remainder_that_is_only_rounding_is_no_remainder():
    line = only([order(0.1 + 0.2)], [fill(0.3)])

    assert (line.status, line.missing_shares) == (LineStatus.FILLED, 0.0)


def test_times_span_the_fills_that_have_one():
    line = only([order(3)], [fill(1), fill(1, time=NOON), fill(1, time=NOON.replace(hour=15))])

    assert (line.first_time, line.last_time, line.n_fills) == (NOON.replace(hour=15), NOON, 3)


def test_nothing_ordered_and_nothing_filled_is_an_empty_report():
    report = fill_report([], [])

    assert (report.lines, report.complete, report.shortfall) == ((), True, 0.0)
    assert (report.shortfall_bps, report.opportunity_cost) == (None, None)


@pytest.mark.parametrize(
    "made",
    [
        lambda: fill(0),
        lambda: fill(float("nan")),
        lambda: fill(1, 0.0),
        lambda: fill(1, fees=float("inf")),
        lambda: fill(1, time=datetime(2024, 1, 2)),  # noqa: DTZ001 - what is refused
        lambda: order(0),
        lambda: order(1, -5.0),
        lambda: fill_report([order(1), order(2)], []),
        lambda: fill_report([order(1)], [], later_prices={"SPY": 0.0}),
    ],
)
def test_what_cannot_be_is_refused(made):
    with pytest.raises(InvalidValueError):
        made()


# --- laws -----------------------------------------------------------------------------------

TICKERS = ["AGG", "SPY", "TLT"]
shares = st.integers(-500, 500).filter(bool).map(lambda n: n / 4)
prices = st.integers(1_000, 90_000).map(lambda n: n / 100)
orders = st.lists(
    st.builds(OrderedLine, ticker=st.sampled_from(TICKERS), shares=shares, price=prices),
    unique_by=lambda line: line.ticker,
    max_size=3,
)
some_fills = st.lists(
    st.builds(
        Fill,
        ticker=st.sampled_from([*TICKERS, "XLK"]),
        shares=shares,
        price=prices,
        fees=st.integers(-100, 500).map(lambda n: n / 100),
    ),
    max_size=6,
)


@settings(max_examples=60)
@given(orders, some_fills)
def test_totals_are_the_sums_of_the_lines_to_the_cent(ordered, fills):
    report = fill_report(ordered, fills)

    for name in ("bought", "sold", "fees", "cash_effect", "decision_notional", "shortfall"):
        parts = sum(to_cents(getattr(line, name)) for line in report.lines)
        assert to_cents(getattr(report, name)) == parts
    assert to_cents(report.shortfall) == to_cents(report.execution_cost) + to_cents(report.fees)


@settings(max_examples=60)
@given(orders, some_fills, st.randoms(use_true_random=False))
def test_the_order_of_orders_and_fills_changes_nothing(ordered, fills, random):
    shuffled, mixed = list(ordered), list(fills)
    random.shuffle(shuffled)
    random.shuffle(mixed)

    assert fill_report(shuffled, mixed) == fill_report(ordered, fills)


@settings(max_examples=60)
@given(orders, some_fills, st.integers(1, 7))
def test_splitting_a_fill_into_two_changes_nothing_but_their_number(ordered, fills, eighths):
    halves = []
    for made in fills:
        part = made.shares * eighths / 8  # exact: shares are quarters
        halves += [
            Fill(ticker=made.ticker, shares=part, price=made.price, fees=made.fees),
            Fill(ticker=made.ticker, shares=made.shares - part, price=made.price),
        ]
    whole, split = fill_report(ordered, fills), fill_report(ordered, halves)

    assert split.cash_effect == whole.cash_effect
    for one, two in zip(whole.lines, split.lines, strict=True):
        same = ("status", "filled_shares", "missing_shares", "average_price", "shortfall")
        assert [getattr(one, name) for name in same] == [getattr(two, name) for name in same]


@settings(max_examples=60)
@given(orders, some_fills, st.lists(prices, min_size=3, max_size=3))
def test_the_shortfall_is_what_paper_made_less_what_was_made(ordered, fills, later):
    """Perold's own definition, line by line, in exact decimals."""
    now = dict(zip(TICKERS, later, strict=True))
    fills = [made for made in fills if made.ticker in {line.ticker for line in ordered}]
    report = fill_report(ordered, fills, later_prices=now)

    for line, wanted in zip(report.lines, sorted(ordered, key=lambda x: x.ticker), strict=True):
        price = Decimal(str(now[line.ticker]))
        mine = [made for made in fills if made.ticker == line.ticker]
        paper = Decimal(str(wanted.shares)) * (price - Decimal(str(wanted.price)))
        real = sum(
            Decimal(str(m.shares)) * (price - Decimal(str(m.price))) - Decimal(str(m.fees))
            for m in mine
        )
        assert line.shortfall == pytest.approx(float(paper - real), abs=0.0151)


@settings(max_examples=40)
@given(orders)
def test_fills_as_ordered_at_the_prices_of_the_decision_cost_nothing(ordered):
    report = fill_report(ordered, [fill(line.shares, line.price, line.ticker) for line in ordered])

    assert report.complete
    assert report.shortfall == 0.0
    assert all(line.price_difference_bps == 0.0 for line in report.lines)
    assert report.findings == ()
