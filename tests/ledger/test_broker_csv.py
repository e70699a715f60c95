"""Brokers' position files, in the shapes brokers give them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantetf_core.errors import ImportFileError
from quantetf_core.findings import Severity
from quantetf_core.ledger import parse_positions
from quantetf_core.ledger.broker_numbers import decimal_sign_of, read_number
from quantetf_core.portfolio.holdings import Position


def parse(text, encoding="utf-8"):
    content = text if isinstance(text, bytes) else text.encode(encoding)
    return parse_positions(content, source_name="positions.csv")


def problems(text):
    with pytest.raises(ImportFileError) as refused:
        parse(text)
    assert refused.value.source == "positions.csv"
    return refused.value.problems


def shares(read):
    return {position.ticker: position.shares for position in read.positions}


def test_the_plainest_file_is_read():
    read = parse("ticker,shares\nTLT,5\nSPY,10.5\n")

    assert read.positions == (
        Position(ticker="SPY", shares=10.5),
        Position(ticker="TLT", shares=5.0),
    )
    assert read.cash is None
    assert [(f.severity, f.code) for f in read.findings] == [(Severity.WARN, "cash_not_stated")]


def test_one_broker_quotes_everything_and_frames_the_table():
    read = parse(
        '"Positions for account Individual ...123 as of 04:00 PM ET, 2024/01/31"\n'
        "\n"
        '"Symbol","Description","Qty (Quantity)","Price","Mkt Val (Market Value)","Cost Basis"\n'
        '"SPY","SPDR S&P 500 ETF","1,250","$482.88","$603,600.00","$500,000.00"\n'
        '"TLT","ISHARES 20+ YEAR","40","$96.33","$3,853.20","--"\n'
        '"Cash & Cash Investments","--","--","--","$12,345.67","--"\n'
        '"Account Total","--","--","--","$619,798.87","$500,000.00"\n'
    )

    assert read.positions == (
        Position(ticker="SPY", shares=1250.0, price=482.88, cost=400.0),
        Position(ticker="TLT", shares=40.0, price=96.33),
    )
    assert read.cash == 12_345.67
    assert [(f.severity, f.message) for f in read.findings] == [
        (Severity.INFO, "left out, as no position or cash: line 1, line 7")
    ]


def test_another_marks_its_sweep_fund_and_ends_with_a_disclaimer():
    read = parse(
        "\ufeffAccount Number,Symbol,Description,Quantity,Last Price,Current Value,"
        "Cost Basis Total,Average Cost Basis\r\n"
        "X1,SPAXX**,HELD IN MONEY MARKET,,,$500.25,,\r\n"
        "X1,IVV,ISHARES CORE,12.345,$484.10,$5976.21,$4938.00,$400.00\r\n"
        "\r\n"
        '"The data and information in this spreadsheet is provided to you solely for your use."\r\n'
    )

    assert read.positions == (Position(ticker="IVV", shares=12.345, price=484.1, cost=400.0),)
    assert read.cash == 500.25


def test_a_european_one_uses_semicolons_and_decimal_commas():
    read = parse("Ticker;Qty;Avg Cost\nSPY;1.250,5;412,35\nEFA;10;70\nUSD;2.000,75;\n")

    assert shares(read) == {"SPY": 1250.5, "EFA": 10.0}
    assert read.positions[1].cost == 412.35
    assert read.cash == 2000.75


def test_semicolons_with_decimal_points_are_read_too():
    assert shares(parse("Ticker;Qty\nSPY;1250.5\n")) == {"SPY": 1250.5}


def test_a_number_that_can_be_two_is_refused_rather_than_guessed():
    assert "can be read in two ways" in problems("Ticker;Qty\nSPY;1.250\n")[0]


def test_tabs_and_other_encodings_are_read():
    assert shares(parse("Symbol\tQuantity\nSPY\t3\n", "utf-16")) == {"SPY": 3.0}
    assert shares(parse("Symbol,Quantity,Name\nSPY,3,Fonds indiciel \xe9l\xe9\n", "cp1252")) == {
        "SPY": 3.0
    }


CASH_NAMES = """
CASH, cash, $CASH$, USD, Cash & Cash Investments, Cash and Cash Equivalents, Cash Balance,
Settled Cash, Cash (USD), US Dollar, U.S. Dollars
"""


@pytest.mark.parametrize("name", [name.strip() for name in CASH_NAMES.split(",")])
def test_cash_has_many_names(name):
    assert parse(f"Symbol,Quantity\nSPY,1\n{name},250.50\n").cash == 250.5


def test_cash_may_be_named_in_another_column_when_there_is_no_ticker():
    read = parse("Symbol,Name,Quantity,Market Value\nSPY,x,1,5\n--,Cash,1,99.99\n")

    assert (shares(read), read.cash) == ({"SPY": 1.0}, 99.99)


def test_cash_lines_of_different_names_are_summed():
    assert parse("Symbol,Quantity\nCASH,100.10\nUSD,0.20\n").cash == 100.3


def test_cash_below_zero_is_a_warning():
    read = parse("Symbol,Quantity\nSPY,1\nCASH,(12.50)\n")

    assert read.cash == -12.5
    assert [f.code for f in read.findings] == ["cash_below_zero"]


def test_positions_without_shares_are_left_out_by_name():
    read = parse("Symbol,Quantity\nSPY,1\nTLT,0\nCASH,0\n")

    assert shares(read) == {"SPY": 1.0}
    assert read.findings[0].message.endswith("line 3 (TLT: no shares)")


def test_every_problem_is_told_at_once_with_its_line():
    assert problems(
        "Symbol,Quantity,Price,Cost Basis\n"
        "SPY,10,1,1\n"
        "spy,5,,\n"
        "TLT,-3,,\n"
        "EFA,many,,\n"
        "GLD,,,\n"
        "XLK,nan,,\n"
        "XLF,inf,,\n"
        "=HYPERLINK(1),3,,\n"
        "IWM,1,cheap,-5\n"
        ",7,,\n"
        "CASH,lots,,\n"
        "USD,1,,\n"
        "USD,2,,\n"
    ) == (
        "line 3: SPY is on line 2 already",
        "line 4: TLT: -3 shares; a short position cannot be imported",
        "line 5: EFA: 'many' is not a number of shares",
        "line 6: GLD: '' is not a number of shares",
        "line 7: XLK: 'nan' is not a number of shares",
        "line 8: XLF: 'inf' is not a number of shares",
        "line 9: '=HYPERLINK(1)' is not a ticker",
        "line 10: 'cheap' is not a price or cost",
        "line 10: '-5' is not a price or cost",
        "line 11: 7 shares of no ticker",
        "line 12: CASH: 'lots' is not an amount of cash",
        "line 14: USD is on line 13 already",
    )


@pytest.mark.parametrize("ticker", ["=1+1", "+SPY", "-SPY", "@SPY", "<b>", "S PY", "A" * 21, "SPÝ"])
def test_what_is_no_ticker_is_refused(ticker):
    assert "is not a ticker" in problems(f"Symbol,Quantity\n{ticker},1\n")[0]


@pytest.mark.parametrize("ticker", ["BRK.B", "BRK/B", "BF-B", "^GSPC", "7203"])
def test_tickers_have_many_shapes(ticker):
    if ticker.startswith("^"):
        assert "is not a ticker" in problems(f"Symbol,Quantity\n{ticker},1\n")[0]
    else:
        assert shares(parse(f"Symbol,Quantity\n{ticker},1\n")) == {ticker: 1.0}


def test_rows_without_a_ticker_or_shares_are_left_out():
    read = parse("Symbol,Name,Quantity\nSPY,x,1\n,Section,--\n,Subtotal,5\nGrand Total,,6\n")

    assert shares(read) == {"SPY": 1.0}
    assert "line 3, line 4, line 5" in read.findings[0].message


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no header row"),
        (b"a,b\n1,2\n", "no header row"),
        (b"Symbol,Quantity\n", "neither a position nor cash"),
        (b"Symbol,Quantity\nSPY,1\nSymbol,Shares\nTLT,2\n", r"headers on lines 1, 3"),
        (b"PK\x03\x04\x00\x00", "not a text file"),
        (b"x" * 5_000_001, "larger than"),
        (b'Symbol,Quantity\nSPY,"' + b"1" * 200_000, "line 2"),
    ],
)
def test_a_file_that_is_no_position_file_is_refused(content, problem):
    with pytest.raises(ImportFileError, match=problem):
        parse(content)


def test_a_short_row_is_read_as_far_as_it_goes():
    assert shares(parse("Symbol,Quantity,Price\nSPY,3\n")) == {"SPY": 3.0}


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(content):
    for framed in (content, b"Symbol,Quantity\n" + content, b"Symbol;Qty;Price\n" + content):
        with contextlib.suppress(ImportFileError):
            parse(framed)


@given(st.dictionaries(st.from_regex(r"[A-Z]{1,5}", fullmatch=True), st.floats(1e-3, 1e6)))
def test_what_is_written_is_what_is_read(held):
    held = {t: n for t, n in held.items() if t not in ("CASH", "USD", "TOTAL")}
    lines = "".join(f"{ticker},{count!r}\n" for ticker, count in held.items())

    assert shares(parse("Symbol,Quantity\nCASH,1\n" + lines)) == held


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12.0),
        ("1,234.50", 1234.5),
        ("$1,234", 1234.0),
        ("-$5", -5.0),
        ("$-5", -5.0),
        ("\u22125", -5.0),
        ("(5)", -5.0),
        ("+5.", 5.0),
        (".5", 0.5),
        ("5 USD", 5.0),
        ("12,34", None),
        ("1,2345", None),
        ("--5", None),
        ("(-5)", None),
        ("-", None),
        ("", None),
        (".", None),
        ("1e5", None),
        ("0x10", None),
        ("٣", None),
        ("²", None),
        ("1" * 400, None),
    ],
)
def test_numbers_are_read_or_refused_never_guessed(cell, value):
    assert read_number(cell) == value


@given(st.integers(-(10**12), 10**12).map(lambda cents: cents / 100))
def test_a_number_reads_back_in_both_writings(value):
    american = f"{value:,.2f}"
    european = american.translate(str.maketrans(",.", ".,"))

    assert read_number(american) == value
    assert read_number(european, ",") == value
    assert decimal_sign_of([american]) == "."
    assert decimal_sign_of([european]) == ","
