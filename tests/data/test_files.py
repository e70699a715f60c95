"""Reading the user's own files, layout by layout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from quantetf_core.data.market import MarketData
from quantetf_core.data.sources.files import load_files
from quantetf_core.errors import InvalidValueError
from quantetf_core.findings import Finding, Severity

CLASSIC = """Date,Open,High,Low,Close,Adj Close,Volume
2020-01-06,320.5,323.5,320.25,323.5,300.25,55653900
2020-01-07,322.5,323.25,321.5,322.75,299.5,40496400
"""
PLAIN = """Date,Open,High,Low,Close,Volume
2020-01-06,27.0,27.5,26.5,27.25,1000
2020-01-07,27.25,28.0,27.0,27.75,2000
"""
LEVELS = """Price,Adj Close,Close,High,Low,Open,Volume
Ticker,SPY,SPY,SPY,SPY,SPY,SPY
Date,,,,,,
2020-01-06,300.25,323.5,323.5,320.25,320.5,55653900
2020-01-07,299.5,322.75,323.25,321.5,322.5,40496400
"""
LEVELS_ONE_CLOSE = """Price,Close,High,Low,Open,Volume
Ticker,TLT,TLT,TLT,TLT,TLT
Date,,,,,
2020-01-06,138.0,139.0,137.5,138.5,9000
2020-01-07,137.25,138.0,137.0,137.75,8000
"""
STOOQ = """<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>
SPY.US,D,20200106,000000,320.5,323.5,320.25,323.5,55653900,0
SPY.US,D,20200107,000000,322.5,323.25,321.5,322.75,40496400,0
"""
LONG = """date,ticker,open,high,low,close,adj_close,volume
2020-01-06,SPY,320.5,323.5,320.25,323.5,300.25,55653900
2020-01-06,TLT,138.5,139.0,137.5,138.0,130.0,9000
2020-01-07,SPY,322.5,323.25,321.5,322.75,299.5,40496400
"""
VIX = """DATE,OPEN,HIGH,LOW,CLOSE
2020-01-06,15.45,16.39,13.54,13.85
2020-01-07,13.84,14.46,13.39,13.79
"""


class Desk:
    """A folder to write files in, and what they are read as."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("vix.csv", VIX)

    def write(self, name: str, content: str | bytes | pd.DataFrame) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, pd.DataFrame):
            content.to_parquet(path)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(self, *names: str, vix: str = "vix.csv") -> MarketData:
        return load_files([self.folder / name for name in names], self.folder / vix)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def closes(market: MarketData) -> dict[str, list[float]]:
    return market.close.to_dict("list")


def codes(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(f.code, f.subject) for f in findings]


def wide(*, levels: Sequence[str | None] = ("Ticker", "Price")) -> pd.DataFrame:
    tickers_first = levels[0] != "Price"
    pairs = [(ticker, field) for ticker in ("TLT", "SPY") for field in ("Close", "Adj Close")]
    columns = [pair if tickers_first else pair[::-1] for pair in pairs]
    return pd.DataFrame(
        [[138.0, 130.0, 323.5, 300.25], [np.nan, np.nan, 322.75, 299.5]],
        index=pd.DatetimeIndex(["2020-01-06", "2020-01-07"], name="Date"),
        columns=pd.MultiIndex.from_tuples(columns, names=levels),
    )


# one file


def test_a_long_csv_is_read(desk: Desk) -> None:
    desk.write("prices.csv", LONG)
    market = desk.load("prices.csv")
    assert market.fields == ("open", "high", "low", "close", "adj_close", "volume")
    assert closes(market)["SPY"] == [323.5, 322.75]
    assert market.adj_close["TLT"].iloc[0] == 130.0
    assert market.vix.tolist() == [13.85, 13.79]
    assert market.source == "files: prices.csv, vix.csv"
    assert (market.simulated, market.single_close, market.findings) == (False, False, ())


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_and_a_byte_order_mark_are_read(desk: Desk, delimiter: str) -> None:
    desk.write("prices.csv", b"\xef\xbb\xbf" + LONG.replace(",", delimiter).encode())
    assert closes(desk.load("prices.csv"))["SPY"] == [323.5, 322.75]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_ends_of_lines_are_read(desk: Desk, end: str) -> None:
    desk.write("prices.csv", LONG.replace("\n", end))
    desk.write("SPY.csv", LEVELS.replace("\n", end))
    assert closes(desk.load("prices.csv"))["SPY"] == [323.5, 322.75]
    assert closes(desk.load("SPY.csv"))["SPY"] == [323.5, 322.75]


def test_a_long_parquet_equals_the_long_csv(desk: Desk) -> None:
    csv = desk.write("prices.csv", LONG)
    desk.write("prices.parquet", pd.read_csv(csv, parse_dates=["date"]))
    a, b = desk.load("prices.csv"), desk.load("prices.parquet")
    assert a.fingerprint == b.fingerprint


def test_a_parquet_with_date_and_ticker_as_its_index_is_read(desk: Desk) -> None:
    csv = desk.write("prices.csv", LONG)
    frame = pd.read_csv(csv, parse_dates=["date"]).set_index(["date", "ticker"])
    desk.write("prices.parquet", frame)
    assert closes(desk.load("prices.parquet"))["SPY"] == [323.5, 322.75]


def test_a_ticker_that_reads_as_a_blank_or_a_number_stays_a_ticker(desk: Desk) -> None:
    desk.write("prices.csv", "date,ticker,close\n2020-01-06,NA,1.5\n2020-01-06,500,2.5\n")
    assert closes(desk.load("prices.csv")) == {"500": [2.5], "NA": [1.5]}


def test_dates_with_a_zone_in_a_csv_are_not_moved_to_another_day(desk: Desk) -> None:
    desk.write("SPY.csv", "Date,Close\n2020-01-06 20:00:00-05:00,1.5\n")
    assert str(desk.load("SPY.csv").last_session.date()) == "2020-01-06"


@pytest.mark.parametrize(
    ("name", "content", "ticker", "close"),
    [
        ("SPY.csv", CLASSIC, "SPY", 323.5),
        ("spy.csv", CLASSIC, "SPY", 323.5),
        ("ewj.us.txt", PLAIN, "EWJ", 27.25),
        ("ewj_us_d.csv", PLAIN, "EWJ", 27.25),
        ("whatever.csv", LEVELS, "SPY", 323.5),
        ("whatever.csv", LEVELS_ONE_CLOSE, "TLT", 138.0),
        ("spy.us.txt", STOOQ, "SPY", 323.5),
    ],
)
def test_a_file_of_one_ticker_is_read(
    desk: Desk, name: str, content: str, ticker: str, close: float
) -> None:
    desk.write(name, content)
    market = desk.load(name)
    assert market.tickers == (ticker,)
    assert market.close[ticker].iloc[0] == close
    assert market.volume is not None
    has_adjusted = "Adj Close" in content
    assert market.single_close is not has_adjusted
    assert codes(market.findings) == ([] if has_adjusted else [("single_close", name)])


def test_a_download_of_several_tickers_is_read_whichever_level_comes_first(desk: Desk) -> None:
    body = "Date,,,\n2020-01-06,1.5,2.5,\n2020-01-07,,,3.5\n"
    desk.write("field_first.csv", "Price,Close,Close,Volume\nTicker,SPY,TLT,TLT\n" + body)
    desk.write("ticker_first.csv", "Ticker,SPY,TLT,TLT\nPrice,Close,Close,Volume\n" + body)
    first, second = desk.load("field_first.csv"), desk.load("ticker_first.csv")
    assert first.fingerprint == second.fingerprint
    assert first.close["TLT"].iloc[0] == 2.5
    assert first.volume is not None
    assert first.volume["TLT"].iloc[1] == 3.5


def test_level_rows_without_a_row_of_their_own_for_the_date_are_read(desk: Desk) -> None:
    desk.write("spy.csv", LEVELS.replace("Date,,,,,,\n", ""))
    assert closes(desk.load("spy.csv")) == {"SPY": [323.5, 322.75]}


@pytest.mark.parametrize(
    "levels",
    [("Ticker", "Price"), ("Price", "Ticker"), (None, None), ("Symbols", None), (None, "Field")],
)
def test_a_wide_parquet_is_read_whichever_level_comes_first(
    desk: Desk, levels: tuple[str | None, str | None]
) -> None:
    desk.write("wide.parquet", wide(levels=levels))
    market = desk.load("wide.parquet")
    assert closes(market)["SPY"] == [323.5, 322.75]
    assert market.adj_close["TLT"].iloc[0] == 130.0
    assert market.close["TLT"].isna().tolist() == [False, True]
    assert market.findings == ()


def test_a_wide_parquet_with_unnamed_levels_and_fields_first_is_read(desk: Desk) -> None:
    frame = wide(levels=("Price", "Ticker"))
    frame.columns.names = [None, None]
    desk.write("wide.parquet", frame)
    assert closes(desk.load("wide.parquet"))["SPY"] == [323.5, 322.75]


def test_fields_of_a_wide_parquet_that_mean_nothing_here_are_named(desk: Desk) -> None:
    frame = wide()
    frame["SPY", "Dividends"] = 0.0
    desk.write("wide.parquet", frame)
    (finding,) = desk.load("wide.parquet").findings
    assert (finding.code, "Dividends" in finding.message) == ("extra_columns", True)


# folders


def test_a_folder_of_files_of_one_ticker_each_is_read(desk: Desk) -> None:
    desk.write("etfs/SPY.csv", CLASSIC)
    desk.write("etfs/tlt.CSV", LEVELS_ONE_CLOSE)
    desk.write("etfs/ewj.us.txt", PLAIN)
    desk.write("etfs/.hidden.csv", "x")
    desk.write("etfs/README.md", "not prices")
    market = desk.load("etfs")
    assert market.tickers == ("EWJ", "SPY", "TLT")
    assert market.single_close is False
    assert market.adj_close["EWJ"].tolist() == market.close["EWJ"].tolist()
    assert market.adj_close["SPY"].tolist() == [300.25, 299.5]
    (finding,) = market.findings
    assert (finding.code, finding.subject) == ("single_close", "etfs")
    assert "2 of 3 tickers" in finding.message


def test_one_bad_file_of_a_folder_is_named_with_the_reason(desk: Desk) -> None:
    desk.write("etfs/SPY.csv", CLASSIC)
    desk.write("etfs/bad.csv", "<html>Too many requests</html>")
    desk.write("etfs/empty.csv", "")
    market = desk.load("etfs")
    assert market.tickers == ("SPY",)
    bad, empty = market.findings
    assert (bad.severity, bad.code, bad.subject) == (
        Severity.WARN,
        "unreadable_file",
        "etfs/bad.csv",
    )
    assert "Too many requests" in bad.message
    assert "is empty" in empty.message


# several paths


def test_a_ticker_is_taken_wholly_from_the_first_path_that_has_it(desk: Desk) -> None:
    desk.write("first.csv", "date,ticker,close\n2020-01-07,SPY,100.0\n2020-01-07,GLD,50.0\n")
    desk.write("second.csv", LONG)
    market = desk.load("first.csv", "second.csv")
    assert market.close["SPY"].isna().tolist() == [True, False]
    assert market.close["SPY"].iloc[1] == 100.0
    assert market.adj_close["SPY"].iloc[1] == 100.0, "never adjusted by the other file"
    assert market.panel("open")["SPY"].isna().all()
    assert market.close["TLT"].iloc[0] == 138.0
    assert market.source == "files: first.csv, second.csv, vix.csv"
    assert market.single_close is False
    single, overlap = market.findings
    assert codes([single, overlap]) == [("single_close", "first.csv"), ("overlap", "second.csv")]
    assert "1 ticker also in first.csv" in overlap.message
    assert overlap.message.endswith("SPY")


def test_what_is_wrong_with_a_ticker_not_taken_is_not_said(desk: Desk) -> None:
    desk.write("first.csv", LONG)
    desk.write(
        "second.csv", "date,ticker,close,adj_close\n2020-01-06,SPY,-1,1\n2020-01-06,EWJ,-1,1\n"
    )
    subjects = [f.subject for f in desk.load("first.csv", "second.csv").findings]
    assert "EWJ" in subjects
    assert "SPY" not in subjects


def test_many_overlapping_tickers_are_not_all_listed(desk: Desk) -> None:
    rows = "".join(f"2020-01-06,T{number},1.0\n" for number in range(12))
    for name in ("a.csv", "b.csv"):
        desk.write(name, "date,ticker,close\n" + rows)
    market = desk.load("a.csv", "b.csv")
    assert market.single_close is True
    assert market.findings[-1].message.endswith("T5, …")


def test_paths_that_end_alike_are_told_apart(desk: Desk) -> None:
    desk.write("a/prices.csv", LONG)
    desk.write("b/prices.csv", LONG.replace("SPY", "EWJ"))
    market = desk.load("a/prices.csv", "b/prices.csv")
    assert market.tickers == ("EWJ", "SPY", "TLT")
    assert market.findings[0].subject.endswith("b/prices.csv")


def test_no_path_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidValueError, match="one file or folder at least"):
        desk.load()


# the VIX


@pytest.mark.parametrize(
    "content",
    [
        "observation_date,VIXCLS\n2020-01-06,13.85\n2020-01-07,13.79\n",
        "DATE,VIXCLS\n2020-01-06,13.85\n2020-01-07,13.79\n2020-01-08,.\n",
        "Date,Open,High,Low,Close,Adj Close,Volume\n"
        "2020-01-06,1,1,1,13.85,13.85,0\n2020-01-07,1,1,1,13.79,13.79,0\n",
        "Price,Close\nTicker,^VIX\nDate,\n2020-01-06,13.85\n2020-01-07,13.79\n",
        "date;vix\n2020-01-07;13.79\n2020-01-06;13.85\n",
    ],
)
def test_the_vix_is_read_in_any_common_form(desk: Desk, content: str) -> None:
    desk.write("prices.csv", LONG)
    desk.write("other.csv", content)
    assert desk.load("prices.csv", vix="other.csv").vix.tolist() == [13.85, 13.79]


def test_the_vix_is_read_from_parquet_too(desk: Desk) -> None:
    desk.write("prices.csv", LONG)
    days = pd.DatetimeIndex(["2020-01-06", "2020-01-07"], name="Date")
    desk.write("vix.parquet", pd.DataFrame({"^VIX": [13.85, 13.79]}, index=days))
    columns = pd.MultiIndex.from_tuples([("^VIX", "Close")], names=["Ticker", "Price"])
    desk.write("wide.parquet", pd.DataFrame([[13.85], [13.79]], index=days, columns=columns))
    for name in ("vix.parquet", "wide.parquet"):
        assert desk.load("prices.csv", vix=name).vix.tolist() == [13.85, 13.79]


def test_findings_of_the_vix_are_among_those_of_the_market(desk: Desk) -> None:
    desk.write("prices.csv", LONG)
    desk.write("vix.csv", VIX + "2020-01-11,1,1,1,14.0\n")
    (finding,) = desk.load("prices.csv").findings
    assert (finding.code, finding.subject) == ("not_a_session", "VIX")
    assert finding.message.startswith("1 row on days")
