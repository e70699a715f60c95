"""One session at the paper broker: what is filled of a decision, and why the rest is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.config.schema_paper import (
    BpsCommissionConfig,
    BpsSlippageConfig,
    PaperConfig,
    PerShareCommissionConfig,
    SpreadAndImpactConfig,
)
from quantetf_core.execution.fills import OrderedLine
from quantetf_core.execution.paper_session import (
    PaperAccount,
    PaperSession,
    blotter_csv,
    fill_in_session,
)

DECIDED, SESSION = date(2024, 1, 31), date(2024, 2, 1)
CLOSE = datetime(2024, 2, 1, 21, tzinfo=UTC)


def order(ticker: str, shares: float, price: float = 100.0) -> OrderedLine:
    return OrderedLine(ticker=ticker, shares=shares, price=price)


def fill(
    *orders: OrderedLine,
    bars: Mapping[str, Mapping[str, float]],
    cash: float = 0.0,
    held: Mapping[str, float] | None = None,
    fractional: bool = False,
    cost_bps: float = 0.0,
    **rules: object,
) -> PaperSession:
    account = PaperAccount(
        cash=cash,
        shares=held or {},
        rules=PaperConfig.model_validate(rules),
        fractional=fractional,
        cost_bps=cost_bps,
    )
    return fill_in_session(
        account, orders, decided=DECIDED, session=SESSION, at=CLOSE, bars=bars, label="x"
    )


def lines(done: PaperSession) -> list[tuple[str, float, float, float]]:
    return [(f.ticker, f.shares, f.price, f.fees) for f in done.fills]


def why(done: PaperSession) -> dict[str, tuple[str, str]]:
    return {f.subject: (f.code, f.message) for f in done.findings}


# --- examples -----------------------------------------------------------------------------------


def test_sells_pay_for_buys_whatever_their_order() -> None:
    done = fill(
        order("B", 20, 50.0),
        order("A", -10),
        held={"A": 10.0},
        bars={"A": {"close": 100.0}, "B": {"close": 50.0}},
    )
    assert lines(done) == [("A", -10, 100.0, 0.0), ("B", 20, 50.0, 0.0)]
    assert (done.cash, done.findings) == (0.0, ())
    assert {f.time for f in done.fills} == {CLOSE}
    assert [f.order_id for f in done.fills] == ["x-2", "x-1"]


def test_where_prices_rose_the_last_buy_is_cut_to_the_cash_there_is() -> None:
    done = fill(
        order("A", 5),
        order("B", 5),
        cash=1_000.0,
        bars={"A": {"close": 110.0}, "B": {"close": 110.0}},
    )
    assert lines(done) == [("A", 5, 110.0, 0.0), ("B", 4, 110.0, 0.0)]
    assert done.cash == 10.0
    assert why(done) == {
        "B": ("paper_partly_filled", "4 of 5 shares bought: there was no cash for more")
    }


@pytest.mark.parametrize("bar", [{}, {"close": float("nan")}, {"close": 0.0}, None])
def test_without_a_price_nothing_is_filled_and_that_is_said(
    bar: dict[str, float] | None,
) -> None:
    done = fill(order("A", 5), cash=1_000.0, bars={} if bar is None else {"A": bar})
    assert lines(done) == []
    assert done.cash == 1_000.0
    assert why(done) == {
        "A": ("paper_not_filled", "0 of 5 shares bought: no close is known for 2024-02-01")
    }


def test_no_more_is_filled_than_its_share_of_the_volume() -> None:
    bars = {"A": {"close": 100.0, "volume": 1_000.0}, "B": {"close": 100.0}}
    done = fill(
        order("A", -60), order("B", 5), held={"A": 60.0}, cash=1e5, bars=bars, max_volume_share=0.05
    )
    assert lines(done) == [("A", -50, 100.0, 0.0)]
    assert why(done) == {
        "A": (
            "paper_partly_filled",
            "50 of 60 shares sold: no more than 5% of the volume of 2024-02-01 is filled",
        ),
        "B": ("paper_not_filled", "0 of 5 shares bought: no volume is known for 2024-02-01"),
    }


def test_an_order_for_more_than_is_held_is_refused_with_its_reason() -> None:
    done = fill(order("A", -11), held={"A": 10.0}, bars={"A": {"close": 100.0}})
    assert lines(done) == []
    assert why(done)["A"] == ("paper_not_filled", "0 of 11 shares sold: no more was held")


def test_an_order_for_part_of_a_share_is_refused_where_shares_are_whole() -> None:
    bars = {"A": {"close": 100.0}}
    assert why(fill(order("A", 1.5), cash=1e4, bars=bars))["A"][1].endswith(
        "only whole shares are traded"
    )
    assert lines(fill(order("A", 1.5), cash=1e4, bars=bars, fractional=True)) == [
        ("A", 1.5, 100.0, 0.0)
    ]


def test_a_whole_position_with_a_fraction_is_sold_whole() -> None:
    done = fill(order("A", -10.25), held={"A": 10.25}, bars={"A": {"close": 100.0}})
    assert lines(done) == [("A", -10.25, 100.0, 0.0)]


def test_orders_for_the_open_are_filled_at_the_open() -> None:
    done = fill(
        order("A", 5),
        cash=1_000.0,
        bars={"A": {"open": 90.0, "close": 110.0}},
        fill_at="next_open",
    )
    assert lines(done) == [("A", 5, 90.0, 0.0)]
    missing = fill(order("A", 5), cash=1e3, bars={"A": {"close": 9.0}}, fill_at="next_open")
    assert "no open is known" in why(missing)["A"][1]


@pytest.mark.parametrize(
    ("commission", "fees"),
    [
        (None, 2.0),  # the portfolio's own 20 basis points of 1,000 USD
        (BpsCommissionConfig(type="bps", bps=50.0), 5.0),
        (PerShareCommissionConfig(type="per_share", per_share=0.1, minimum=0.5), 1.0),
        (PerShareCommissionConfig(type="per_share", per_share=0.01, minimum=3.0), 3.0),
    ],
)
def test_the_commission_is_the_configured_one_or_the_portfolios_own(
    commission: object, fees: float
) -> None:
    done = fill(
        order("A", -10),
        held={"A": 10.0},
        bars={"A": {"close": 100.0}},
        cost_bps=20.0,
        commission=commission,
    )
    assert lines(done) == [("A", -10, 100.0, fees)]
    assert done.cash == 1_000.0 - fees


@pytest.mark.parametrize(
    ("slippage", "price"),
    [
        (None, 100.0),
        (BpsSlippageConfig(type="bps", bps=10.0), 100.1),
        # half of 4 bps, and 1 × 2 % × √(100 / 10,000) = 20 bps
        (SpreadAndImpactConfig(type="spread_and_impact", spread_bps=4.0, daily_volatility=0.02),
         100.22),
    ],
)  # fmt: skip
def test_a_buy_pays_the_configured_slippage(slippage: object, price: float) -> None:
    done = fill(
        order("A", 100),
        cash=1e6,
        bars={"A": {"close": 100.0, "volume": 10_000.0}},
        slippage=slippage,
    )
    assert done.fills[0].price == pytest.approx(price, abs=1e-9)


def test_the_record_tells_every_event() -> None:
    done = fill(order("A", 5), order("B", 5), cash=600.0, bars={"A": {"close": 110.0}})
    text = blotter_csv(done).decode()
    assert text.splitlines()[0].startswith("session,order_id,ticker,event,quantity,price")
    events = [line.split(",")[2:4] for line in text.splitlines()[1:]]
    assert events == [
        ["A", "submitted"],
        ["B", "submitted"],
        ["A", "filled"],
        ["B", "cancelled"],
    ]


# --- laws ---------------------------------------------------------------------------------------

names = st.sampled_from("ABCD")
books = st.dictionaries(names, st.integers(1, 500), max_size=4)
prices = st.integers(100, 50_000).map(lambda cents: cents / 100)
orders = st.dictionaries(names, st.integers(-600, 600).filter(bool), min_size=1, max_size=4)
bars = st.dictionaries(
    names, st.fixed_dictionaries({"close": prices, "volume": st.integers(0, 20_000)}), max_size=4
)


@settings(max_examples=80)
@given(books, orders, bars, st.integers(0, 10_000_000), st.booleans())
def test_no_cent_and_no_share_appears_or_goes_below_none(
    held: dict[str, int],
    wanted: dict[str, int],
    there: dict[str, dict[str, float]],
    cents: int,
    limited: bool,
) -> None:
    """By other arithmetic: exact fractions, rounded to cents fill by fill."""
    done = fill(
        *(order(ticker, shares) for ticker, shares in wanted.items()),
        cash=cents / 100,
        held=held,
        bars=there,
        commission={"type": "per_share", "per_share": 0.013, "minimum": 0.5},
        max_volume_share=0.1 if limited else None,
    )
    shares, cash = dict(held), Fraction(cents)
    for one in done.fills:
        assert 0 < one.shares / wanted[one.ticker] <= 1
        shares[one.ticker] = shares.get(one.ticker, 0) + one.shares
        notional = Fraction(one.shares) * round(one.price * 100)  # whole cents: no tie to break
        cash -= notional + round(Fraction(repr(one.fees)) * 100)
    assert cash == round(done.cash * 100) >= 0
    assert min(shares.values(), default=0) >= 0
    filled = {one.ticker: one.shares for one in done.fills}
    short = {ticker for ticker, count in wanted.items() if filled.get(ticker, 0) != count}
    assert {finding.subject for finding in done.findings} == short
