"""Brokers' lists of fills, in the shapes brokers give them."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.errors import ImportFileError, InvalidValueError
from quantetf_core.execution.fill_lines import Fill, OrderedLine
from quantetf_core.findings import Severity
from quantetf_core.ledger.fills_csv import fills_template, read_fills
from quantetf_core.ledger.fills_file import fills_csv
from quantetf_core.ledger.fills_layout import fills_layout

NEW_YORK = ZoneInfo("America/New_York")


def read(text, encoding="utf-8", **columns):
    content = text if isinstance(text, bytes) else text.encode(encoding)
    return read_fills(content, source_name="fills.csv", columns=columns or None)


def problems(text, **columns):
    with pytest.raises(ImportFileError) as refused:
        read(text, **columns)
    assert refused.value.source == "fills.csv"
    return refused.value.problems


def brief(found):
    return [(fill.ticker, fill.shares, fill.price, fill.fees) for fill in found.fills]


def codes(found):
    return [finding.code for finding in found.findings]


def left_out(found):
    return {entry.line: entry.reason for entry in found.ignored}


def at(*numbers, zone=NEW_YORK):
    return datetime(*numbers, tzinfo=zone)


# --- one file of each broker ----------------------------------------------------------------


def test_the_desks_own_list_is_read():
    found = read(
        "ticker,side,shares,price,fees,time,order_id\n"
        "SPY,BUY,10,475.5,0.35,2024-01-02T09:31:00-05:00,a1\n"
        "TLT,SELL,5.5,98.25,,,\n"
    )

    assert found.fills == (
        Fill(
            ticker="SPY",
            shares=10.0,
            price=475.5,
            fees=0.35,
            time=at(2024, 1, 2, 9, 31),
            order_id="a1",
        ),
        Fill(ticker="TLT", shares=-5.5, price=98.25),
    )
    assert codes(found) == ["no_times"]


IBKR_STATEMENT = """\
Statement,Header,Field Name,Field Value
Statement,Data,BrokerName,Interactive Brokers LLC
Open Positions,Header,DataDiscriminator,Asset Category,Currency,Symbol,Quantity,Mult,Cost Price
Open Positions,Data,Summary,Stocks,USD,SPY,1200,1,475.1
Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,\
C. Price,Proceeds,Comm/Fee,Basis,Realized P/L,MTM P/L,Code
Trades,Data,Order,Stocks,USD,SPY,"2024-01-02, 09:31:04","1,200",475.12,476.1,-570144,-6.01,0,0,0,O
Trades,Data,Order,Stocks,USD,TLT,"2024-01-02, 09:32:10",-40,98.25,98.1,3930,-1.02,0,0,0,C
Trades,Data,ClosedLot,Stocks,USD,TLT,2023-06-01,40,101,,,,,,,ST
Trades,SubTotal,,Stocks,USD,SPY,,"1,200",,,-570144,-6.01,0,0,0,
Trades,Total,,Stocks,USD,,,,,,-566214,-7.03,0,0,0,
Trades,Header,DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,,\
Proceeds,Comm in USD,,,MTM in USD,Code
Trades,Data,Order,Forex,USD,EUR.USD,"2024-01-02, 10:00:00",100,1.1,,-110,-2,,,0,
Dividends,Header,Currency,Date,Description,Amount
Dividends,Data,USD,2024-01-02,SPY cash dividend,12.5
"""


def test_an_activity_statement_is_read_from_its_table_of_trades():
    found = read(IBKR_STATEMENT)

    assert brief(found) == [("SPY", 1200.0, 475.12, 6.01), ("TLT", -40.0, 98.25, 1.02)]
    assert found.fills[0].time == at(2024, 1, 2, 9, 31, 4)
    assert found.columns["price"] == "T. Price"
    assert left_out(found) == {8: "a sum or a detail of other lines", 12: "not a fund or share"}
    assert codes(found).count("lines_left_out") == 3
    assert "exchange_time" in codes(found)


def test_where_a_statement_has_orders_and_their_executions_only_the_executions_count():
    header = IBKR_STATEMENT.splitlines()[4]
    found = read(
        f"{header}\n"
        'Trades,Data,Order,Stocks,USD,SPY,"2024-01-02, 10:00:00",100,50,50,-5000,-1,0,0,0,O\n'
        'Trades,Data,Trade,Stocks,USD,SPY,"2024-01-02, 10:00:00",60,49,50,-2940,-0.6,0,0,0,O\n'
        'Trades,Data,Trade,Stocks,USD,SPY,"2024-01-02, 10:30:00",40,51.5,50,-2060,-0.4,0,0,0,O\n'
    )

    assert brief(found) == [("SPY", 60.0, 49.0, 0.6), ("SPY", 40.0, 51.5, 0.4)]


def test_a_flex_query_is_read_with_its_section_codes_and_cancelled_executions():
    found = read(
        '"BOF","U1","Trades","1"\n'
        '"HEADER","TRNT","CurrencyPrimary","AssetClass","Symbol","TradeID","DateTime","TradeDate",'
        '"Quantity","TradePrice","TradeMoney","Taxes","IBCommission","IBCommissionCurrency",'
        '"NetCash","ClosePrice","Buy/Sell","IBExecID","LevelOfDetail"\n'
        '"DATA","TRNT","USD","STK","SPY","7","20240102;093104","20240102","100","475.12","47512",'
        '"0","-1.05","USD","-47513.05","476","BUY","e1","EXECUTION"\n'
        '"DATA","TRNT","USD","STK","TLT","8","20240102;093210","20240102","-40","98.25","-3930",'
        '"0","-1","USD","3929","98","SELL","e2","EXECUTION"\n'
        '"DATA","TRNT","USD","STK","TLT","9","20240102;093300","20240102","40","98.25","3930",'
        '"0","1","USD","-3929","98","SELL (Ca.)","e3","EXECUTION"\n'
        '"EOF","U1"\n'
    )

    assert brief(found) == [
        ("SPY", 100.0, 475.12, 1.05),
        ("TLT", -40.0, 98.25, 1.0),
        ("TLT", 40.0, 98.25, -1.0),
    ]
    assert [fill.order_id for fill in found.fills] == ["e1", "e2", "e3"]
    assert found.fills[0].time == at(2024, 1, 2, 9, 31, 4)
    assert "rebate" in codes(found)


def test_of_several_tables_in_one_file_only_the_fills_are_read():
    found = read(
        "ClientAccountID,Symbol,Quantity,TradePrice,IBCommission\n"
        "U1,SPY,10,475.1,-1\n"
        "ClientAccountID,Symbol,Quantity,MarkPrice,PositionValue\n"
        "U1,SPY,500,476,238000\n"
        "ClientAccountID,Symbol,Quantity,TradePrice,IBCommission\n"
        "U1,TLT,-5,98.2,-1\n"
    )

    assert brief(found) == [("SPY", 10.0, 475.1, 1.0), ("TLT", -5.0, 98.2, 1.0)]
    said = [f.message for f in found.findings if f.code == "lines_left_out"]
    assert said == ["left out: lines 3–5 (not of the table of fills)"]


def test_a_tradelog_is_read():
    found = read(
        "ACCOUNT_INFORMATION\n"
        "ACT_INF|U1|Some Fund|Organization|1 Main Street\n"
        "\n"
        "STOCK_TRANSACTIONS\n"
        "STK_TRD|64317112|SPY|SPDR S&P 500|ARCA|BUYTOOPEN|O|20240102|09:31:04|USD|100.00|1.00|"
        "475.12|47512.00|-1.05|1.00\n"
        "STK_TRD|64317113|TLT|ISHARES 20+|ARCA|SELLTOCLOSE|C|20240102|09:32:10|USD|-40.00|1.00|"
        "98.25|-3930.00|-1.00|1.00\n"
        "OPTION_TRANSACTIONS\n"
        "OPT_TRD|1|SPY C|x|CBOE|BUYTOOPEN|O|20240102|09:40:00|USD|1|100|3|300|-1|1.00\n"
        "EOF\n"
    )

    assert brief(found) == [("SPY", 100.0, 475.12, 1.05), ("TLT", -40.0, 98.25, 1.0)]
    assert found.fills[1].time == at(2024, 1, 2, 9, 32, 10)


def test_schwab_quotes_everything_and_mixes_in_what_is_no_trade():
    found = read(
        '"Transactions  for account Individual ...123 as of 01/03/2024 05:00:00 PM ET"\n'
        '"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"\n'
        '"01/03/2024","Buy","SPY","SPDR S&P 500 ETF","1,200","$475.12","","-$570144.00"\n'
        '"01/03/2024 as of 01/02/2024","Sell","TLT","ISHARES","40","$98.25","$0.03","$3929.97"\n'
        '"01/13/2024","Qualified Dividend","SPY","SPDR S&P 500 ETF","","","","$12.50"\n'
        '"01/03/2024","Reinvest Shares","SPY","SPDR S&P 500 ETF","0.026","$475.12","","-$12.50"\n'
        '"Transactions Total","","","","","","","-$566214.03"\n'
    )

    assert brief(found) == [("SPY", 1200.0, 475.12, 0.0), ("TLT", -40.0, 98.25, 0.03)]
    assert left_out(found) == {5: "no trade", 6: "no trade", 7: "a total"}
    assert codes(found).count("day_only") == 1


def test_fidelity_says_you_bought_and_rounds_its_prices():
    found = read(
        "\n\n"
        "Run Date,Action,Symbol,Description,Type,Quantity,Price ($),Commission ($),Fees ($),"
        "Accrued Interest ($),Amount ($),Cash Balance ($),Settlement Date\n"
        " 01/31/2024,YOU BOUGHT SPDR S&P 500 ETF (SPY) (Cash), SPY,SPDR,Cash,300,475.12,,,,"
        "-142536.90,0,02/02/2024\n"
        " 01/31/2024,YOU SOLD ISHARES 20+ (TLT) (Cash), TLT,ISHARES,Cash,-40,98.25,4.95,0.03,,"
        "3925.02,0,02/02/2024\n"
        " 01/31/2024,DIVIDEND RECEIVED SPAXX, SPAXX,FIDELITY,Cash,0,,,,,1.25,0,\n"
        '"The data and information in this spreadsheet is provided to you solely for your use"\n'
    )

    assert [(f.ticker, f.shares, f.fees) for f in found.fills] == [
        ("SPY", 300.0, 0.0),
        ("TLT", -40.0, 4.98),
    ]
    assert found.fills[0].price == pytest.approx(475.123)
    assert found.fills[1].price == 98.25
    assert "price_from_amount" in codes(found)


def test_alpacas_activities_carry_their_zone():
    found = read(
        "activity_type,cum_qty,id,leaves_qty,price,qty,side,symbol,transaction_time,order_id,type\n"
        "FILL,10,20240102::8e,0,475.5,10,buy,SPY,2024-01-02T14:31:06.977Z,904837e3,fill\n"
        "FILL,2.5,20240102::8f,1,98.1,2.5,sell_short,TLT,2024-01-02T14:32:00Z,904837e4,partial_fill\n"
    )

    assert brief(found) == [("SPY", 10.0, 475.5, 0.0), ("TLT", -2.5, 98.1, 0.0)]
    assert found.fills[0].time == datetime(2024, 1, 2, 14, 31, 6, 977000, tzinfo=UTC)
    assert "exchange_time" not in codes(found)


def test_webull_lists_orders_with_what_was_filled_of_them():
    found = read(
        "Name,Symbol,Side,Status,Filled,Total Qty,Price,Avg Price,Time-in-Force,Placed Time,"
        "Filled Time\n"
        "SPDR,SPY,Buy,Filled,2,3,@475.00,@474.98,DAY,01/02/2024 09:30:00 EST,"
        "01/02/2024 09:31:20 EST\n"
        "iShares,TLT,Sell,Cancelled,0,5,@99.00,,DAY,01/02/2024 09:30:00 EST,\n"
    )

    assert brief(found) == [("SPY", 2.0, 474.98, 0.0)]
    assert found.fills[0].time == at(2024, 1, 2, 9, 31, 20)
    assert left_out(found) == {3: "an order that was not filled"}


def test_etrade_writes_years_of_two_digits():
    found = read(
        "For Account:,####1234\n\n"
        "TransactionDate,TransactionType,SecurityType,Symbol,Quantity,Amount,Price,Commission,"
        "Description\n\n"
        "01/31/24,Sold,EQ,TLT,-2,196.49,98.25,0.01,ISHARES\n"
        "01/31/24,Bought,EQ,SPY,9,-4276.08,475.12,0,SPDR\n"
    )

    assert brief(found) == [("TLT", -2.0, 98.25, 0.01), ("SPY", 9.0, 475.12, 0.0)]
    assert found.fills[0].time == at(2024, 1, 31)


def test_robinhood_and_vanguard_and_tastytrade_are_understood_by_their_names():
    robinhood = read(
        '"Activity Date","Process Date","Settle Date","Instrument","Description","Trans Code",'
        '"Quantity","Price","Amount"\n'
        '"1/31/2024","1/31/2024","2/2/2024","SPY","SPDR","Buy","3","$475.12","($1425.36)"\n'
    )
    vanguard = read(
        "Account Number,Trade Date,Settlement Date,Transaction Type,Transaction Description,"
        "Investment Name,Symbol,Shares,Share Price,Principal Amount,Commissions and Fees,"
        "Net Amount,Accrued Interest,Account Type\n"
        "1,2024-01-31,2024-02-02,Sell,Sell,VANGUARD,VOO,-3.0,440.10,1320.30,0.02,1320.28,0,CASH\n"
    )
    tasty = read(
        "Date,Type,Sub Type,Action,Symbol,Instrument Type,Description,Value,Quantity,Average Price,"
        "Commissions,Fees,Multiplier,Order #,Currency\n"
        "2024-01-31T10:00:00-0500,Trade,Buy to Open,BUY_TO_OPEN,SPY,Equity,Bought,-475.12,1,"
        "475.12,--,-0.001,,1234,USD\n"
    )

    assert brief(robinhood) == [("SPY", 3.0, 475.12, 0.0)]
    assert brief(vanguard) == [("VOO", -3.0, 440.1, 0.02)]
    assert brief(tasty) == [("SPY", 1.0, 475.12, 0.001)]


def test_a_european_list_uses_semicolons_and_decimal_commas():
    found = read(
        "Ticker;Side;Qty;Price;Date\nSPY;B;1.250;475,12;31.01.2024\nTLT;S;40;98,5;02.01.2024\n"
    )

    assert brief(found) == [("SPY", 1250.0, 475.12, 0.0), ("TLT", -40.0, 98.5, 0.0)]
    assert found.fills[1].time == at(2024, 1, 2)


def test_tabs_and_other_encodings_are_read():
    text = "Symbol\tSide\tQuantity\tPrice\nSPY\tBOT\t3\t475.1\n"

    assert brief(read(text, "utf-16")) == [("SPY", 3.0, 475.1, 0.0)]
    assert brief(read(text.replace("SPY", "SPY").encode("cp1252") + b"\t\xe9\n"))


# --- columns that are not known -------------------------------------------------------------


FOREIGN = "Wertpapier,Kauf/Verkauf,St\u00fcck,Kurs,Datum\nSPY,Buy,10,475.5,2024-01-02\n"


def test_columns_with_other_names_are_listed_with_what_was_recognised():
    layout = fills_layout(FOREIGN.encode(), source_name="fills.csv")

    assert layout.headers == ("Wertpapier", "Kauf/Verkauf", "St\u00fcck", "Kurs", "Datum")
    assert layout.line == 1
    assert layout.guess == {}
    assert [column.value for column in layout.missing] == ["ticker", "shares", "price"]
    assert layout.examples["Kurs"] == "475.5"


def test_columns_with_other_names_are_read_once_it_is_said_which_they_are():
    assert "none of its columns is known as: Ticker, Shares filled" in problems(FOREIGN)[0]

    found = read(
        FOREIGN,
        ticker="Wertpapier",
        side="Kauf/Verkauf",
        shares="St\u00fcck",
        price="Kurs",
        date="Datum",
    )

    assert brief(found) == [("SPY", 10.0, 475.5, 0.0)]
    assert found.fills[0].time == at(2024, 1, 2)


def test_what_is_said_of_a_column_goes_before_what_is_guessed():
    text = "Symbol,Side,Quantity,Price,Paid,Fee\nSPY,BUY,10,500,475.5,1\n"

    assert brief(read(text, price="Paid")) == [("SPY", 10.0, 475.5, 1.0)]
    assert brief(read(text, price="Paid", fees="")) == [("SPY", 10.0, 475.5, 0.0)]


def test_a_column_that_is_not_there_or_said_twice_or_no_column_is_refused():
    text = "Symbol,Side,Quantity,Price\nSPY,BUY,10,500\n"

    assert problems(text, price="Kurs") == ("it has no column 'Kurs'",)
    with pytest.raises(InvalidValueError, match="at most once"):
        read(text, price="Price", fees="Price")
    with pytest.raises(InvalidValueError, match="did you mean 'price'"):
        read(text, prices="Price")


def test_headers_without_a_name_or_with_the_same_one_can_be_chosen():
    layout = fills_layout(b"what,,what,how much\nSPY,B,475.5,10\n", source_name="fills.csv")

    assert layout.headers == ("what", "column 2", "what (column 3)", "how much")
    found = read(
        "what,,what,how much\nSPY,B,475.5,10\n",
        ticker="what",
        side="column 2",
        price="what (column 3)",
        shares="how much",
    )
    assert brief(found) == [("SPY", 10.0, 475.5, 0.0)]


# --- sides, costs, amounts, times -----------------------------------------------------------


BOUGHT = "BUY, Buy, B, BOT, Bought, bought, YOU BOUGHT SPDR, Buy to Open, BUYTOOPEN, Purchase"
SOLD = "SELL, Sell, S, SLD, Sold, YOU SOLD SPDR, Sell to Close, SELLTOCLOSE, sell_short, Sale"


@pytest.mark.parametrize(
    ("word", "sign"),
    [(w.strip(), 1) for w in BOUGHT.split(",")] + [(w.strip(), -1) for w in SOLD.split(",")],
)
def test_sides_have_many_words(word, sign):
    assert read(f"Symbol,Side,Qty,Price\nSPY,{word},10,5\n").fills[0].shares == 10 * sign


def test_share_classes_come_back_as_they_went_out():
    found = read("Symbol,Side,Qty,Price\nBRK B,BUY,1,350\nbrk.b,BUY,1,350\n")

    assert [fill.ticker for fill in found.fills] == ["BRK.B", "BRK.B"]


def test_a_line_that_fills_nothing_is_left_out():
    found = read("Symbol,Side,Qty,Price\nSPY,BUY,10,5\nTLT,BUY,0,5\n")

    assert left_out(found) == {3: "nothing filled"}


def test_without_a_column_of_sides_the_sign_of_the_count_says_it():
    found = read("Symbol,Qty,Price\nSPY,10,5\nTLT,-3,5\n")

    assert [fill.shares for fill in found.fills] == [10.0, -3.0]
    assert "all_bought" not in codes(found)


def test_counts_that_are_all_above_zero_without_a_side_are_a_warning():
    found = read("Symbol,Qty,Price\nSPY,10,5\nTLT,3,5\n")

    warned = [f.code for f in found.findings if f.severity is Severity.WARN]
    assert warned == ["all_bought"]


@pytest.mark.parametrize(
    ("first", "second"), [("1.5", "0.5"), ("-1.5", "-0.5"), ("(1.5)", "($0.5)")]
)
def test_costs_may_be_above_or_below_zero(first, second):
    found = read(f"Symbol,Side,Qty,Price,Commission\nSPY,B,10,5,{first}\nTLT,S,1,5,{second}\n")

    assert [fill.fees for fill in found.fills] == [1.5, 0.5]


def test_commission_and_fees_are_summed():
    found = read("Symbol,Side,Qty,Price,Commission,Fees\nSPY,B,10,5,-1,0.25\nTLT,S,1,5,-1,\n")

    assert [fill.fees for fill in found.fills] == [1.25, 1.0]


def test_costs_of_both_signs_are_refused_where_no_broker_is_known_to_mean_a_rebate():
    found = problems("Symbol,Side,Qty,Price,Commission\nSPY,B,10,5,1\nTLT,S,1,5,-1\n")

    assert found == (
        "column Commission: above 0 on line 2, below 0 on line 3; accepted: one sign for all costs",
    )


def test_costs_above_zero_in_a_column_that_says_what_cash_did_are_a_warning():
    found = read("Symbol,Quantity,T. Price,Comm/Fee\nSPY,10,5,1\nTLT,-1,5,0.5\n")

    assert [fill.fees for fill in found.fills] == [1.0, 0.5]
    assert "cost_sign" in codes(found)


def test_an_amount_that_nothing_explains_is_a_warning_and_not_used():
    found = read("Symbol,Side,Qty,Price,Amount\nSPY,B,10,475.12,-9999\n")

    assert brief(found) == [("SPY", 10.0, 475.12, 0.0)]
    assert codes(found) == ["amount_disagrees", "no_times"]


def test_an_amount_before_costs_is_accepted_as_such():
    found = read("Symbol,Side,Qty,Price,Fee,Amount\nSPY,B,10,475.12,9.50,4751.20\n")

    assert (brief(found), codes(found)) == ([("SPY", 10.0, 475.12, 9.5)], ["no_times"])


TIMES = {
    "2024-01-31 15:59:07": at(2024, 1, 31, 15, 59, 7),
    "2024-01-31T20:59:07Z": datetime(2024, 1, 31, 20, 59, 7, tzinfo=UTC),
    "2024-01-31T15:59:07.123456789-05:00": datetime(
        2024, 1, 31, 15, 59, 7, 123456, tzinfo=timezone(timedelta(hours=-5))
    ),
    "20240131;155907": at(2024, 1, 31, 15, 59, 7),
    "20240131  15:59:07": at(2024, 1, 31, 15, 59, 7),
    "01/31/2024 3:59:07 PM": at(2024, 1, 31, 15, 59, 7),
    "1/31/24 12:05 AM ET": at(2024, 1, 31, 0, 5),
    "31-Jan-2024 15:59": at(2024, 1, 31, 15, 59),
    "Jan 31, 2024 15:59 EST": at(2024, 1, 31, 15, 59),
    "31.01.2024": at(2024, 1, 31),
    "2024-01-31 12:59:07 PST": at(2024, 1, 31, 15, 59, 7),
    "2024-07-31 15:59:07": datetime(2024, 7, 31, 19, 59, 7, tzinfo=UTC),
}


@pytest.mark.parametrize("written", TIMES)
def test_times_have_many_shapes(written):
    found = read(f'Symbol,Side,Qty,Price,Time\nSPY,B,1,5,"{written}"\n')

    assert found.fills[0].time == TIMES[written]


@pytest.mark.parametrize(
    "written",
    [
        "15:59:07",
        "2024-01-31 noon",
        "2024-01-31 13:05 PM",
        "yesterday",
        "2024-02-30",
        "13/13/2024",
        "2024-01-31 25:00",
        "2024-01-31 1:00 XYZ",
    ],
)
def test_a_time_that_cannot_be_read_is_a_sentence(written):
    (found,) = problems(f"Symbol,Side,Qty,Price,Time\nSPY,B,1,5,{written}\n")

    assert found.startswith(f"line 2, column Time: found '{written}'; accepted: a date with or")


def test_a_date_and_a_time_of_day_in_two_columns_are_one_time():
    found = read("Symbol,Side,Qty,Price,Date,Time\nSPY,B,1,5,2024-01-31,15:59:07\n")

    assert found.fills[0].time == at(2024, 1, 31, 15, 59, 7)


def test_one_date_shows_the_order_of_all_others():
    day_first = read("Symbol,Side,Qty,Price,Date\nSPY,B,1,5,3/1/2024\nSPY,B,1,5,31/1/2024\n")
    unclear = read("Symbol,Side,Qty,Price,Date\nSPY,B,1,5,3/1/2024\n")

    assert day_first.fills[0].time == at(2024, 1, 3)
    assert "month_first" not in codes(day_first)
    assert unclear.fills[0].time == at(2024, 3, 1)
    assert "month_first" in codes(unclear)
    dotted = read("Symbol,Side,Qty,Price,Date\nSPY,B,1,5,3.1.2024\n")
    assert dotted.fills[0].time == at(2024, 1, 3)
    assert codes(dotted) == ["day_first", "day_only"]


# --- what is wrong, all at once -------------------------------------------------------------


def test_every_problem_of_a_file_is_said_at_once_with_its_line_and_column():
    found = problems(
        "Symbol,Action,Quantity,Price,Fee,Date,Currency\n"
        "=1+1,BUY,10,475,1,2024-01-02,USD\n"
        "SPY,Halten,10,475,1,2024-01-02,USD\n"
        "SPY,BUY,ten,475,1,2024-01-02,USD\n"
        "SPY,BUY,10,-475,free,soon,USD\n"
        "SPY,BUY,10,475,1,2024-01-02,EUR\n"
        "SPY,BUY,-10,475,1,2024-01-02,USD\n"
        "SPY,BUY,10,,1,2024-01-02,USD\n"
    )

    assert [problem.split("; accepted")[0] for problem in found] == [
        "line 2, column Symbol: found '=1+1'",
        "line 3, column Action: found 'Halten'",
        "line 4, column Quantity: found 'ten'",
        "line 5, column Price: found '-475'",
        "line 5, column Fee: found 'free'",
        "line 5, column Date: found 'soon'",
        "line 6, column Currency: found 'EUR'",
        "line 7, column Quantity: found '-10'",
        "line 8, column Price: found nothing",
    ]


def test_a_file_with_thousands_of_problems_does_not_list_them_all():
    found = problems("Symbol,Side,Qty,Price\n" + "SPY,B,x,y\n" * 500)

    assert len(found) == 41
    assert found[-1] == "and 960 more like these"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "it has no header row"),
        ("1,2,3\n4,5,6\n", "it has no header row"),
        ("Symbol,Side,Qty,Price\n", "it holds no fill"),
        ("Symbol,Side,Qty,Price\nTotal,,10,\n", "it holds no fill"),
        (b"\x00\x01\x02", "it is not a text file"),
        (b"a" * 5_000_001, "it is larger than"),
        ("Ticker;Side;Qty;Price\nSPY;B;1.250;475\n", "can be read in two ways"),
        ('Symbol,Side,Qty,Price\n"' + "x" * 200_000, "line "),
    ],
)
def test_what_is_no_list_of_fills_is_refused_in_a_sentence(content, said):
    assert said in problems(content)[0]


@settings(max_examples=50)
@given(st.binary(max_size=100))
def test_no_bytes_crash_the_reader(content):
    with contextlib.suppress(ImportFileError):
        read(content)
    with contextlib.suppress(ImportFileError):
        fills_layout(content, source_name="fills.csv")


@settings(max_examples=80)
@given(st.data())
def test_no_damage_to_a_real_file_crashes_the_reader(data):
    text = data.draw(
        st.sampled_from([IBKR_STATEMENT, FOREIGN, "Symbol,Side,Qty,Price\nSPY,B,1,2\n"])
    )
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    put = data.draw(st.text(alphabet=',;"\n\t-$()0123456789.SPYBe\u0663\u00e9', max_size=12))
    with contextlib.suppress(ImportFileError):
        read(text[:start] + put + text[end:])


# --- the way back ---------------------------------------------------------------------------


def test_the_list_to_fill_in_holds_what_was_ordered():
    ordered = [
        OrderedLine(ticker="TLT", shares=-40.0, price=98.0),
        OrderedLine(ticker="SPY", shares=10.5, price=475.0),
    ]
    template = fills_template(ordered).decode()

    assert template == (
        "ticker,side,shares,price,fees,time,order_id\nTLT,SELL,40.0,,,,\nSPY,BUY,10.5,,,,\n"
    )
    assert [p.split(";")[0] for p in problems(template)] == [
        "line 2, column price: found nothing",
        "line 3, column price: found nothing",
    ]
    filled = template.replace("40.0,,", "40.0,98.1,").replace("10.5,,", "10.5,475.2,")
    assert brief(read(filled)) == [("TLT", -40.0, 98.1, 0.0), ("SPY", 10.5, 475.2, 0.0)]


moments = st.datetimes(
    timezones=st.just(UTC),
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
).map(lambda moment: moment.replace(fold=0))

fills = st.builds(
    Fill,
    ticker=st.sampled_from(["SPY", "TLT", "BRK.B"]),
    shares=st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-3).map(lambda x: round(x, 4)),
    price=st.floats(0.01, 1e5).map(lambda x: round(x, 4)),
    fees=st.floats(0, 100).map(lambda x: round(x, 2)),
    time=st.none() | moments,
    order_id=st.text("Az09=+.-", max_size=8).filter(lambda text: text not in ("-", "--")),
)


@settings(max_examples=40)
@given(st.lists(fills, min_size=1, max_size=5))
def test_what_a_commit_keeps_of_fills_is_read_back_as_it_was(made):
    assert sorted(map(repr, read(fills_csv(made)).fills)) == sorted(map(repr, made))
