"""The real clients of Yahoo Finance and FRED, against a server that answers as they do."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from quantetf_core.config import YahooSource
from quantetf_core.data.sessions import sessions_between
from quantetf_core.data.sources.fred import Fred
from quantetf_core.data.sources.registry import Line, live
from quantetf_core.data.sources.vendors import Answer, Patience, Progress, Trouble
from quantetf_core.data.sources.yahoo import Yahoo
from tests.data.vendor_server import Vendors, table, vendors

START, END = date(2023, 11, 1), date(2023, 12, 28)
DAYS = sessions_between("2023-10-02", "2023-12-29")
CLOSES = pd.Series(np.linspace(100.0, 130.0, len(DAYS)), index=DAYS)


@pytest.fixture(scope="module")
def served() -> Iterator[Vendors]:
    with vendors() as server:
        yield server


@pytest.fixture
def server(served: Vendors) -> Vendors:
    """Four tickers and the VIX, nothing asked for yet, everything answered well."""
    served.charts = {t: table(CLOSES, factor=0.98) for t in ("SPY", "TLT", "GLD", "BIL", "^VIX")}
    served.series = {"VIXCLS": pd.Series(15.25, index=DAYS)}
    served.faults = {}
    served.asked.clear()
    return served


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def patience(waits: list[float]) -> Patience:
    """Waits for nothing, and remembers how long it would have."""
    return Patience(wait=waits.append)


@pytest.fixture
def yahoo(server: Vendors, patience: Patience, tmp_path: Path) -> Yahoo:
    return Yahoo(keep=tmp_path, patience=patience, route=server.route, timeout=0.3)


def fetch(yahoo: Yahoo, *tickers: str, cancelled=lambda: False, progress=lambda _: None):
    return yahoo.fetch(tickers, START, END, progress=progress, cancelled=cancelled)


def said(answers: dict[str, Answer]) -> dict[str, Trouble | None]:
    return {ticker: answer.trouble for ticker, answer in answers.items()}


# --- Yahoo Finance --------------------------------------------------------------------------


def test_prices_come_as_they_were_sent_by_date_of_new_york(yahoo, server):
    fetched = fetch(yahoo, "SPY", "TLT")
    expected = server.charts["SPY"].loc[str(START) : str(END)]
    got = fetched.prices["SPY"]
    assert list(got.columns) == ["Open", "High", "Low", "Close", "Adj Close", "Volume"]
    pd.testing.assert_frame_equal(
        got.astype("float64"), expected, check_names=False, check_freq=False, check_index_type=False
    )
    assert not fetched.failed
    assert not fetched.cancelled


def test_one_request_a_ticker_asks_for_the_dates_wanted_and_unadjusted_prices(yahoo, server):
    fetch(yahoo, "SPY")
    (asked,) = server.charts_asked("SPY")
    midnight = pd.Timestamp(START, tz="America/New_York")
    assert int(asked["period1"]) == int(midnight.timestamp())
    assert asked["interval"] == "1d"


def test_every_ticker_is_reported_as_it_is_done(yahoo):
    seen: list[Progress] = []
    fetch(yahoo, "SPY", "TLT", "GLD", progress=seen.append)
    assert [(one.done, one.total) for one in seen] == [(1, 3), (2, 3), (3, 3)]
    assert seen[0].said == "Yahoo Finance: SPY"


@pytest.mark.parametrize(
    ("fault", "trouble", "words"),
    [
        ("broken", Trouble.UNREADABLE, "cannot be read"),
        ("html", Trouble.UNREADABLE, "cannot be read"),
        ("truncated", Trouble.UNREADABLE, "cannot be read"),
        ("other shape", Trouble.UNREADABLE, "cannot be read"),
        ("wrong ticker", Trouble.UNREADABLE, "answered with WRNG"),
        ("hangs", Trouble.UNREACHABLE, "cannot be reached"),
        ("closes", Trouble.UNREACHABLE, "cannot be reached"),
        ("unknown", Trouble.REFUSED, "may be delisted"),
        ("empty", Trouble.REFUSED, "no prices in these years"),
        ("pounds", Trouble.REFUSED, "GBP, not in USD"),
    ],
)
def test_a_ticker_that_does_not_come_says_why_and_the_others_come(
    yahoo, server, waits, fault, trouble, words
):
    server.faults = {"TLT": fault}
    fetched = fetch(yahoo, "SPY", "TLT", "GLD")
    assert sorted(fetched.prices) == ["GLD", "SPY"]
    assert said(fetched.failed) == {"TLT": trouble}
    assert words in fetched.failed["TLT"].said
    assert waits == ([] if trouble is Trouble.REFUSED else [1.0, 4.0])


def test_a_ticker_nobody_knows_is_not_asked_for_again(yahoo, waits):
    fetched = fetch(yahoo, "SPY", "NOPE")
    assert fetched.failed["NOPE"].said == "Yahoo Finance does not know this ticker"
    assert waits == []


@pytest.mark.parametrize("fault", ["broken", "truncated", "closes", "throttled"])
def test_a_fault_that_passes_costs_a_wait_and_nothing_else(yahoo, server, waits, fault):
    # two answers: yfinance asks a second time itself where the first has a bad status
    server.faults = {"SPY": [fault, fault] if fault in ("broken", "throttled") else [fault]}
    fetched = fetch(yahoo, "SPY")
    assert list(fetched.prices) == ["SPY"]
    assert waits == [15.0 if fault == "throttled" else 1.0]


def test_being_told_to_slow_down_is_waited_for_and_said(yahoo, server, waits):
    server.faults = {"SPY": "throttled"}
    seen: list[Progress] = []
    fetched = fetch(yahoo, "SPY", "TLT", "GLD", progress=seen.append)
    assert waits == [15.0, 60.0]
    assert any("asked to slow down; waiting 15 seconds" in one.said for one in seen)
    assert "limits how often one may ask" in fetched.failed["SPY"].said


def test_once_the_limit_is_reached_nothing_more_is_asked_for(yahoo, server):
    server.faults = {"SPY": "throttled"}
    fetched = fetch(yahoo, "SPY", "TLT", "GLD")
    assert said(fetched.failed) == dict.fromkeys(("SPY", "TLT", "GLD"), Trouble.LIMITED)
    assert server.charts_asked("TLT") == []


def test_without_a_network_the_first_ticker_is_asked_for_and_no_other(patience, tmp_path):
    asked: list[str] = []

    def nowhere(address: str) -> str:
        asked.append(address)
        return "http://127.0.0.1:9/"

    fetched = fetch(Yahoo(keep=tmp_path, patience=patience, route=nowhere), "SPY", "TLT", "GLD")
    assert said(fetched.failed) == dict.fromkeys(("SPY", "TLT", "GLD"), Trouble.UNREACHABLE)
    assert "cannot be reached" in fetched.failed["TLT"].said
    assert not [address for address in asked if "TLT" in address]


def test_a_first_answer_that_cannot_be_read_does_not_stop_the_others(yahoo, server):
    server.faults = {"SPY": "truncated"}
    assert sorted(fetch(yahoo, "SPY", "TLT").prices) == ["TLT"]


def test_it_ends_between_batches_when_told_to(yahoo, server):
    fetched = fetch(yahoo, "SPY", "TLT", cancelled=lambda: bool(server.charts_asked("SPY")))
    assert fetched.cancelled
    assert list(fetched.prices) == ["SPY"]
    assert server.charts_asked("TLT") == []


def test_who_is_told_to_end_does_not_ask_again(server, tmp_path, waits):
    server.faults = {"SPY": "broken"}
    yahoo = Yahoo(keep=tmp_path, patience=Patience(wait=waits.append), route=server.route)
    fetched = fetch(yahoo, "SPY", cancelled=lambda: bool(server.charts_asked("SPY")))
    assert fetched.cancelled
    assert waits == []


def test_prices_after_the_last_date_wanted_are_not_given(yahoo):
    assert fetch(yahoo, "SPY").prices["SPY"].index[-1] == pd.Timestamp(END)


def test_what_yfinance_says_in_its_own_words_is_not_shown(yahoo, server, capfd, caplog):
    server.faults = {"SPY": "unknown"}
    with caplog.at_level(logging.CRITICAL, logger="yfinance"):
        fetch(yahoo, "SPY")
    assert capfd.readouterr().err == ""


# --- FRED -----------------------------------------------------------------------------------


@pytest.fixture
def fred(server: Vendors, patience: Patience) -> Fred:
    return Fred(patience=patience, route=server.route, timeout=0.3)


def test_a_series_comes_by_date_without_its_blanks(fred, server):
    server.series["VIXCLS"].loc["2023-11-23":"2023-11-24"] = np.nan
    answer = fred.series("VIXCLS", START, END)
    expected = server.series["VIXCLS"].loc[str(START) : str(END)].dropna()
    assert answer.prices["Close"].tolist() == expected.tolist()
    assert list(answer.prices.index) == list(expected.index)


@pytest.mark.parametrize(
    ("fault", "trouble", "words"),
    [
        ("throttled", Trouble.LIMITED, "limits how often"),
        ("broken", Trouble.UNREACHABLE, "the error 500"),
        ("hangs", Trouble.UNREACHABLE, "timed out"),
        ("closes", Trouble.UNREACHABLE, "cannot be reached"),
        ("html", Trouble.UNREADABLE, "not a table"),
        ("truncated", Trouble.UNREADABLE, "cut off"),
    ],
)
def test_a_series_that_does_not_come_says_why(fred, server, waits, fault, trouble, words):
    server.faults = {"VIXCLS": fault}
    answer = fred.series("VIXCLS", START, END)
    assert (answer.prices, answer.trouble) == (None, trouble)
    assert words in answer.said
    assert len(waits) == 2


def test_a_series_nobody_knows_is_refused_at_once(fred, waits):
    answer = fred.series("NOPE", START, END)
    assert answer.said == "FRED has no series NOPE"
    assert waits == []


def test_a_series_without_a_value_in_these_years_is_refused(fred, server):
    server.series["VIXCLS"] = pd.Series(np.nan, index=DAYS)
    assert fred.series("VIXCLS", START, END).trouble is Trouble.REFUSED


def test_another_series_than_asked_for_is_not_taken(fred, server, monkeypatch):
    monkeypatch.setattr(
        server,
        "route",
        lambda address: server.url + "/fred/x?id=VIXCLS&cosd=2023-11-01&coed=2023-12-01",
    )
    answer = Fred(patience=fred.patience, route=server.route).series("DGS10", START, END)
    assert answer.said == "FRED answered with the columns observation_date, VIXCLS"


# --- which source asks whom -----------------------------------------------------------------


@pytest.mark.parametrize(("vix", "name"), [("yahoo", "Yahoo Finance"), ("fred", "FRED")])
def test_the_vix_comes_from_where_the_portfolio_says(server, patience, tmp_path, vix, name):
    line = Line(keep=tmp_path, patience=patience, route=server.route)
    source = live(YahooSource(type="yahoo", vix=vix), line)
    answer = source.vix(START, END)
    assert (source.vendor.name, source.vix_name) == ("Yahoo Finance", name)
    assert answer.prices.index[-1] == pd.Timestamp(END)
    asked = " ".join(server.asked)
    assert ("fred" in asked, "VIX?" in asked) == (vix == "fred", vix == "yahoo")


def test_a_vix_that_does_not_come_says_why(server, patience, tmp_path):
    server.faults = {"^VIX": "unknown"}
    line = Line(keep=tmp_path, patience=patience, route=server.route)
    answer = live(YahooSource(type="yahoo"), line).vix(START, END)
    assert answer.trouble is Trouble.REFUSED


def test_the_clients_are_not_imported_before_somebody_fetches():
    program = (
        "import sys, quantetf_core.desk; "
        "print([name for name in ('yfinance', 'curl_cffi') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
