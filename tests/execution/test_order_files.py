"""Order files: golden bytes written by hand, and what is read back is what was ordered."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.errors import InvalidValueError, OrderFileError
from quantetf_core.execution.fills import OrderedLine
from quantetf_core.execution.order_files import (
    FARTHEST_LIMIT,
    ibkr_symbol,
    limit_price,
    write_orders,
)
from quantetf_core.execution.order_ticket import Layout, OrderTicket, TimeInForce

PLAN = "12e5" + "0b" * 30

BUY_SPY = OrderedLine(ticker="SPY", shares=120.0, price=475.31)
SELL_TLT = OrderedLine(ticker="TLT", shares=-35.0, price=98.88)
BUY_BRK = OrderedLine(ticker="BRK.B", shares=2.5, price=356.66)

TICKET = OrderTicket(
    plan_id=PLAN,
    portfolio="core",
    as_of=date(2023, 12, 29),
    simulated=False,
    orders=(BUY_SPY, SELL_TLT, BUY_BRK),
    commit_id="20231229",
    state="committed",
)
DRAFT = replace(TICKET, simulated=True, commit_id=None, state="not committed")


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


# --- golden ---------------------------------------------------------------------------------


def test_a_basket_of_market_orders_is_these_bytes() -> None:
    file = write_orders(TICKET, layout="ibkr")
    assert file.name == "orders-core-20231229-committed-ibkr.csv"
    assert file.media_type == "text/csv"
    assert file.content == (
        b"Action,Quantity,Symbol,SecType,Exchange,Currency,TimeInForce,OrderType,LmtPrice,BasketTag\n"
        b"SELL,35,TLT,STK,SMART,USD,DAY,MKT,,QE12e50b0b0b0b0b0b\n"
        b"BUY,120,SPY,STK,SMART,USD,DAY,MKT,,QE12e50b0b0b0b0b0b\n"
        b"BUY,2.5,BRK B,STK,SMART,USD,DAY,MKT,,QE12e50b0b0b0b0b0b\n"
    )


def test_a_basket_of_limit_orders_of_a_draft_on_simulated_prices_says_both() -> None:
    # 98.88 × 0.998 = 98.68224, up; 475.31 × 1.002 = 476.26062 and 356.66 × 1.002 = 357.37332, down
    file = write_orders(DRAFT, layout="ibkr", limit_bps=20.0)
    assert file.name == "orders-core-2023-12-29-not-committed-simulated-ibkr.csv"
    assert file.content == (
        b"Action,Quantity,Symbol,SecType,Exchange,Currency,TimeInForce,OrderType,LmtPrice,BasketTag\n"
        b"SELL,35,TLT,STK,SMART,USD,DAY,LMT,98.69,QESIMDRAFT12e50b0b0b0b0b0b\n"
        b"BUY,120,SPY,STK,SMART,USD,DAY,LMT,476.26,QESIMDRAFT12e50b0b0b0b0b0b\n"
        b"BUY,2.5,BRK B,STK,SMART,USD,DAY,LMT,357.37,QESIMDRAFT12e50b0b0b0b0b0b\n"
    )


def test_the_plain_layout_is_these_bytes() -> None:
    file = write_orders(replace(TICKET, orders=(SELL_TLT,)), layout="csv", limit_bps=-10.0)
    assert file.name == "orders-core-20231229-committed.csv"
    assert file.content == (
        b"action,ticker,shares,order_type,limit_price,time_in_force,close,as_of,portfolio,state,"
        b"commit_id,prices,plan_id\n"  # 98.88 × 1.001 = 98.97888, up
        b"SELL,TLT,35,LMT,98.98,DAY,98.88,2023-12-29,core,committed,20231229,market prices,"
        + PLAN.encode()
        + b"\n"
    )


def test_the_json_layout_is_these_bytes() -> None:
    ticket = replace(DRAFT, orders=(BUY_BRK,))
    file = write_orders(ticket, layout=Layout.JSON, time_in_force="OPG")
    assert file.name == "orders-core-2023-12-29-not-committed-simulated.json"
    assert file.media_type == "application/json"
    assert file.content.decode() == (
        "{\n"
        '  "schema": "quantetf-orders/1",\n'
        f'  "plan_id": "{PLAN}",\n'
        '  "portfolio": "core",\n'
        '  "as_of": "2023-12-29",\n'
        '  "state": "not committed",\n'
        '  "commit_id": null,\n'
        '  "prices": "simulated prices",\n'
        '  "currency": "USD",\n'
        '  "orders": [\n'
        "    {\n"
        '      "action": "BUY",\n'
        '      "ticker": "BRK.B",\n'
        '      "shares": 2.5,\n'
        '      "order_type": "MKT",\n'
        '      "limit_price": null,\n'
        '      "time_in_force": "OPG",\n'
        '      "close": 356.66\n'
        "    }\n"
        "  ]\n"
        "}\n"
    )


# --- laws -----------------------------------------------------------------------------------

CENTS = st.integers(1, 5_000_000).map(lambda cents: cents / 100)
LINES = st.lists(
    st.builds(
        OrderedLine,
        ticker=st.from_regex(r"[A-Z]{1,4}", fullmatch=True),
        shares=st.one_of(
            st.integers(1, 10_000_000).map(float),
            st.integers(1, 10**9).map(lambda millionths: millionths / 1e6),
        ).flatmap(lambda n: st.sampled_from([n, -n])),
        price=CENTS,
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda line: line.ticker,
)


@settings(max_examples=50)
@given(lines=LINES, limit=st.one_of(st.none(), st.integers(0, 500)))
def test_every_layout_read_back_gives_the_orders_sells_first(
    lines: list[OrderedLine], limit: int | None
) -> None:
    ticket = replace(TICKET, orders=tuple(lines))
    files = {layout: write_orders(ticket, layout=layout, limit_bps=limit) for layout in Layout}
    basket = [
        (r["Action"], r["Symbol"], r["Quantity"], r["LmtPrice"])
        for r in rows(files[Layout.IBKR].content)
    ]
    plain = [
        (r["action"], r["ticker"], r["shares"], r["limit_price"])
        for r in rows(files[Layout.CSV].content)
    ]
    document = json.loads(files[Layout.JSON].content)["orders"]
    assert basket == plain
    assert [(r["action"], r["ticker"]) for r in document] == [row[:2] for row in plain]
    sells = [line for line in lines if line.shares < 0]
    ordered = [*sells, *(line for line in lines if line.shares > 0)]
    for line, (action, ticker, shares, price), said in zip(ordered, plain, document, strict=True):
        signed = float(shares) * (1 if action == "BUY" else -1)
        assert (ticker, signed) == (line.ticker, line.shares)
        assert said["shares"] == abs(line.shares)
        assert isinstance(said["shares"], int) is (line.shares == int(line.shares))
        assert ("." in shares) is (line.shares != int(line.shares))
        assert said["limit_price"] == (float(price) if price else None)


@given(close=CENTS, bps=st.integers(-500, 500), side=st.sampled_from([1.0, -1.0]))
def test_a_limit_is_within_a_cent_of_what_was_asked_and_never_worse(
    close: float, bps: int, side: float
) -> None:
    exact = Decimal(str(close)) * (10_000 + int(side) * bps) / 10_000
    limit = limit_price(close, side, bps)
    given_away = (limit - exact) * int(side)
    assert Decimal("-0.01") < given_away <= 0
    assert limit == round(limit, 2)


def test_the_noise_of_single_precision_does_not_move_a_limit() -> None:
    assert limit_price(22.040000915527344, -1.0, 0.0) == Decimal("22.04")
    assert limit_price(22.039999, 1.0, 0.0) == Decimal("22.04")


def test_prices_that_are_no_whole_cents_are_written_as_they_are_without_an_exponent() -> None:
    line = OrderedLine(ticker="SPY", shares=1e-05, price=47.619998931884766)
    [row] = rows(write_orders(replace(TICKET, orders=(line,)), layout="csv").content)
    assert (row["shares"], row["close"]) == ("0.00001", "47.619998931884766")


# --- names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ticker", "symbol"), [("SPY", "SPY"), ("BRK.B", "BRK B"), ("BF/A", "BF A"), ("BH-A", "BH A")]
)
def test_a_share_class_is_written_after_a_space(ticker: str, symbol: str) -> None:
    assert ibkr_symbol(ticker) == symbol


@pytest.mark.parametrize("ticker", ["SPY.L", "BAC-PL", "^GSPC", "spy", "=1+1", "A,B", "A\nB", "É"])
def test_a_ticker_that_ibkr_may_write_otherwise_is_refused_and_not_guessed(ticker: str) -> None:
    odd = replace(TICKET, orders=(replace(BUY_SPY, ticker=ticker),))
    with pytest.raises(OrderFileError, match="how IBKR writes"):
        write_orders(odd, layout="ibkr")


def test_two_tickers_that_ibkr_writes_the_same_way_are_refused() -> None:
    twins = (replace(BUY_SPY, ticker="BRK.B"), replace(BUY_SPY, ticker="BRK-B"))
    with pytest.raises(OrderFileError, match="more than one order is for BRK B"):
        write_orders(replace(TICKET, orders=twins), layout="ibkr")


def test_the_tag_is_letters_and_digits_that_no_spreadsheet_reads_as_a_number() -> None:
    for ticket in (TICKET, DRAFT, replace(TICKET, plan_id="9" * 64)):
        tag = ticket.tag
        assert tag.isalnum()
        assert tag.startswith("QE")
        assert tag.endswith(ticket.plan_id[:16])


def test_a_ticker_that_a_spreadsheet_would_run_is_marked_as_text() -> None:
    hostile = replace(TICKET, orders=(replace(BUY_SPY, ticker="=cmd()|' /C calc'!A0"),))
    [row] = rows(write_orders(hostile, layout="csv").content)
    assert row["ticker"] == "'=cmd()|' /C calc'!A0"


# --- refused --------------------------------------------------------------------------------


def test_a_plan_without_orders_has_no_file() -> None:
    with pytest.raises(OrderFileError, match="no line trades"):
        write_orders(replace(TICKET, orders=()), layout="csv")


def test_a_quantity_too_small_to_write_is_refused_by_name() -> None:
    dust = replace(BUY_SPY, shares=1e-7)
    with pytest.raises(OrderFileError, match="SPY: 1e-07 shares are too few"):
        write_orders(replace(TICKET, orders=(dust,)), layout="json")


def test_a_limit_of_nothing_is_refused() -> None:
    penny = replace(BUY_SPY, price=0.01)
    with pytest.raises(OrderFileError, match=r"SPY: a limit of 0\.00 USD is no price"):
        write_orders(replace(TICKET, orders=(penny,)), layout="csv", limit_bps=-5)


@pytest.mark.parametrize("bps", [FARTHEST_LIMIT + 1, -FARTHEST_LIMIT - 1, float("nan")])
def test_a_limit_far_from_the_close_is_a_slip(bps: float) -> None:
    with pytest.raises(InvalidValueError, match="limit_bps"):
        write_orders(TICKET, layout="csv", limit_bps=bps)


def test_an_unknown_layout_or_time_in_force_names_the_known_ones() -> None:
    with pytest.raises(InvalidValueError, match="one of csv, ibkr, json"):
        write_orders(TICKET, layout="fix")
    with pytest.raises(InvalidValueError, match="one of DAY, GTC, OPG"):
        write_orders(TICKET, layout="csv", time_in_force="IOC")
    assert [layout.label for layout in Layout] == ["CSV", "IBKR basket", "JSON"]
    assert TimeInForce.DAY == "DAY"
