"""A refresh: what is asked for, what is kept, what is said; the vendor is made up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from quantetf_core.data.sessions import sessions_between
from quantetf_core.data.sources.refresh import Refreshed, refresh
from quantetf_core.data.sources.refresh_run import RECHECKED, Wanted
from quantetf_core.data.sources.snapshot_manifest import PRICES
from quantetf_core.data.sources.snapshots import open_snapshot, snapshot_names
from quantetf_core.data.sources.vendors import Answer, Fetched, Progress, Trouble
from quantetf_core.errors import SnapshotError, SourceError
from tests.data.vendor_server import table

START = date(2023, 1, 3)
FIRST = datetime(2023, 11, 30, 23, tzinfo=UTC)
SECOND = datetime(2023, 12, 29, 23, tzinfo=UTC)
DAYS = sessions_between(START, "2024-01-31")
DOWN = Answer(None, Trouble.UNREACHABLE, "Made cannot be reached")
TICKERS = ("GLD", "SPY", "TLT")


@dataclass
class Made:
    """A vendor whose tables a test changes; ``asked`` has the tickers and dates asked for."""

    tables: dict[str, pd.DataFrame]
    failing: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[tuple[str, ...], date, date]] = field(default_factory=list)
    vix: pd.Series = field(default_factory=lambda: pd.Series(15.0, index=DAYS))
    vix_answer: Answer | None = None
    name: str = "Made"

    def fetch(self, tickers, start, end, *, progress, cancelled) -> Fetched:
        self.asked.append((tuple(tickers), start, end))
        for number, ticker in enumerate(tickers, start=1):
            progress(Progress(number, len(tickers), ticker))
        prices = {
            t: self.tables[t].loc[str(start) : str(end)] for t in tickers if t not in self.failing
        }
        failed = {t: self.failing[t] for t in tickers if t in self.failing}
        return Fetched(prices, failed)

    def the_vix(self, start: date, end: date) -> Answer:
        if self.vix_answer is not None:
            return self.vix_answer
        return Answer(self.vix.loc[str(start) : str(end)].to_frame("Close"))


@pytest.fixture
def made() -> Made:
    closes = {
        ticker: pd.Series(np.round(100 + np.arange(len(DAYS)) * slope, 2), index=DAYS)
        for ticker, slope in zip(TICKERS, (0.25, 0.5, -0.125), strict=True)
    }
    return Made({ticker: table(close, factor=0.9) for ticker, close in closes.items()})


@pytest.fixture
def run(made, tmp_path):
    """``run(now)`` refreshes the made vendor into a folder of its own."""

    def refreshed(now=FIRST, *, tickers=TICKERS, start=START, **how) -> Refreshed:
        wanted = Wanted(portfolio="mine", tickers=tickers, start=start)
        vix = {"vix": made.the_vix, "vix_name": "Made"}
        return refresh(wanted, vendor=made, folder=tmp_path, now=now, **vix, **how)

    return refreshed


@pytest.fixture
def market(tmp_path):
    return lambda done: open_snapshot(tmp_path, done.snapshot)


def codes(done: Refreshed) -> dict[str, str]:
    return {finding.subject: finding.code for finding in done.findings}


# --- the first time -------------------------------------------------------------------------


def test_the_first_time_everything_is_asked_for_from_the_start(run, made, market):
    done = run()
    assert made.asked == [(TICKERS, START, date(2023, 11, 30))]
    assert (done.written, done.updated, done.failed, done.findings) == (True, TICKERS, {}, ())
    got = market(done)
    expected = made.tables["SPY"].loc[:"2023-11-30"]
    assert got.close["SPY"].tolist() == expected["Close"].tolist()
    assert got.adj_close["SPY"].tolist() == expected["Adj Close"].tolist()
    assert got.panel("open")["SPY"].tolist() == expected["Open"].tolist()
    assert got.source == "Made"
    assert (got.vix == 15.0).all()


def test_a_session_that_is_not_completed_is_not_asked_for(run, made):
    during = datetime(2023, 11, 30, 17, tzinfo=UTC)
    run(during)
    assert made.asked[0][2] == date(2023, 11, 29)


def test_sessions_that_no_ticker_has_a_close_on_yet_are_not_in_the_data(run, made, market):
    made.tables = {t: prices.loc[:"2023-11-28"] for t, prices in made.tables.items()}
    got = market(run())
    assert got.last_session == pd.Timestamp("2023-11-28")
    assert got.vix.index[-1] == pd.Timestamp("2023-11-28")
    made.tables["SPY"] = table(pd.Series(1.0, index=DAYS))
    assert market(run()).last_session == pd.Timestamp("2023-11-30")


def test_a_ticker_that_never_came_is_named(run, made, market):
    made.failing = {"GLD": DOWN}
    done = run()
    assert codes(done) == {"GLD": "never_fetched"}
    assert done.failed == {"GLD": "Made cannot be reached"}
    assert market(done).tickers == ("SPY", "TLT")


def test_when_nothing_comes_it_is_said_and_nothing_is_written(run, made, tmp_path):
    made.failing = dict.fromkeys(TICKERS, DOWN)
    said = "^Made cannot be reached; there is no market data yet. Try again later$"
    with pytest.raises(SourceError, match=said):
        run()
    assert snapshot_names(tmp_path) == []


# --- the next time --------------------------------------------------------------------------


def test_the_next_time_only_new_sessions_and_the_last_ten_are_asked_for(run, made, market):
    before = run().snapshot
    made.asked.clear()
    done = run(SECOND)
    since = DAYS[DAYS <= "2023-11-30"][-RECHECKED]
    assert made.asked == [(TICKERS, since.date(), date(2023, 12, 29))]
    assert done.snapshot.parent == before.id
    assert market(done).close["TLT"].tolist() == made.tables["TLT"]["Close"][:"2023-12-29"].tolist()
    assert done.findings == ()


def test_asking_again_on_the_same_evening_writes_nothing(run, tmp_path):
    before = run()
    again = run()
    assert not again.written
    assert again.snapshot == before.snapshot
    assert len(snapshot_names(tmp_path)) == 1


def test_noise_in_the_last_digit_changes_nothing(run, made):
    before = run().snapshot
    for prices in made.tables.values():
        prices[["Close", "Adj Close"]] *= 1.0 + 1e-8
    assert run().snapshot == before


def test_a_new_ticker_is_fetched_whole_and_the_others_are_not(run, made):
    run(tickers=("GLD", "SPY"))
    made.asked.clear()
    run(SECOND)
    assert [asked[:1] for asked in made.asked] == [(("GLD", "SPY"),), (("TLT",),)]
    assert made.asked[1][1] == START


def test_a_ticker_nobody_wants_any_more_is_left_out(run, market):
    run()
    assert market(run(SECOND, tickers=("SPY", "TLT"))).tickers == ("SPY", "TLT")


def test_an_earlier_start_fetches_everything_again(run, made):
    run(start=date(2023, 6, 1))
    made.asked.clear()
    run(SECOND)
    assert made.asked == [(TICKERS, START, date(2023, 12, 29))]


# --- restated -------------------------------------------------------------------------------


def test_a_distribution_fetches_the_ticker_whole_and_is_a_note(run, made, market):
    run()
    made.asked.clear()
    made.tables["TLT"]["Adj Close"] *= 0.98
    done = run(SECOND)
    assert made.asked[1] == (("TLT",), START, date(2023, 12, 29))
    assert codes(done) == {"TLT": "restated_distribution"}
    expected = made.tables["TLT"].loc[:"2023-12-29", "Adj Close"]
    assert market(done).adj_close["TLT"].tolist() == expected.tolist()


def test_a_split_fetches_the_ticker_whole_and_is_a_note(run, made, market):
    run()
    prices = ["Open", "High", "Low", "Close", "Adj Close"]
    made.tables["TLT"][prices] /= 2.0
    done = run(SECOND)
    assert codes(done) == {"TLT": "restated_split"}
    assert "0.5 times" in done.findings[0].message
    assert market(done).close["TLT"].iloc[0] == made.tables["TLT"]["Close"].iloc[0]


def test_a_close_of_last_week_that_is_another_one_now_is_a_warning(run, made, market):
    run()
    made.tables["GLD"].loc["2023-11-27", ["Close", "Adj Close"]] *= 1.01
    done = run(SECOND)
    assert codes(done) == {"GLD": "restated_close"}
    assert "2023-11-27" in done.findings[0].message
    assert market(done).close["GLD"]["2023-11-27"] == made.tables["GLD"].loc["2023-11-27", "Close"]


def test_a_volume_that_was_restated_is_taken_and_fetches_nothing_more(run, made, market):
    run()
    made.asked.clear()
    made.tables["GLD"].loc["2023-11-27", "Volume"] = 77.0
    done = run(SECOND)
    assert len(made.asked) == 1
    assert done.findings == ()
    assert market(done).volume["GLD"]["2023-11-27"] == 77.0


def test_a_session_the_vendor_lost_lately_fetches_the_ticker_whole(run, made, market):
    run()
    made.tables["GLD"] = made.tables["GLD"].drop(pd.Timestamp("2023-11-27"))
    done = run(SECOND)
    assert codes(done) == {"GLD": "restated_gone"}
    assert np.isnan(market(done).close["GLD"]["2023-11-27"])


def test_a_history_that_came_back_short_is_not_taken(run, made, market):
    run()
    made.tables["GLD"] = made.tables["GLD"].loc["2023-11-28":]
    done = run(SECOND)
    assert done.failed == {"GLD": "Made sent less history than there is already"}
    got = market(done).close["GLD"]
    assert got.last_valid_index() == pd.Timestamp("2023-11-30")
    assert got.iloc[0] == 100.0


def test_a_restated_vix_is_a_warning(run, made):
    run()
    made.vix["2023-11-27"] = 31.0
    done = run(SECOND)
    assert codes(done) == {"VIX": "restated_close"}


# --- what does not come ---------------------------------------------------------------------


def test_a_ticker_that_did_not_come_keeps_its_rows_and_says_how_old_they_are(run, made, market):
    run()
    made.failing = {"TLT": DOWN}
    done = run(SECOND)
    assert codes(done) == {"TLT": "not_refreshed"}
    assert done.findings[0].message == (
        "Made cannot be reached; what there was is kept, up to 2023-11-30 (20 sessions old)"
    )
    got = market(done)
    assert got.close["TLT"].last_valid_index() == pd.Timestamp("2023-11-30")
    assert got.close["SPY"].last_valid_index() == pd.Timestamp("2023-12-29")


def test_a_restated_ticker_whose_whole_history_does_not_come_is_never_a_mixture(run, made, market):
    before = market(run())
    made.tables["TLT"]["Adj Close"] *= 0.98
    honest = made.fetch

    def only_recent(tickers, start, end, **how):
        answered = honest(tickers, start, end, **how)
        return answered if start > START else Fetched({}, dict.fromkeys(tickers, DOWN))

    made.fetch = only_recent
    done = run(SECOND)
    assert codes(done) == {"TLT": "not_refreshed"}
    after = market(done).adj_close["TLT"].dropna()
    assert after.tolist() == before.adj_close["TLT"].tolist()


def test_when_nothing_comes_the_snapshot_before_stays_and_its_age_is_said(run, made, tmp_path):
    before = run().snapshot
    made.failing = dict.fromkeys(TICKERS, DOWN)
    with pytest.raises(SourceError, match="up to 2023-11-30, fetched 2023-11-30 23:00 UTC, stays"):
        run(SECOND)
    assert snapshot_names(tmp_path) == [before.id]


@pytest.mark.parametrize(
    "answer",
    [DOWN, Answer(pd.DataFrame({"Close": ["fifteen"]}, index=DAYS[-30:-29]))],
)
def test_a_vix_that_did_not_come_keeps_what_it_had(run, made, market, answer):
    run()
    made.vix_answer = answer
    done = run(SECOND)
    assert codes(done) == {"VIX": "vix_not_refreshed"}
    assert market(done).vix.last_valid_index() == pd.Timestamp("2023-11-30")


def test_prices_that_make_no_sense_are_no_prices(run, made, market):
    run()
    made.tables["TLT"] = made.tables["TLT"].drop(columns="Close")
    done = run(SECOND)
    assert codes(done)["TLT"] == "not_refreshed"
    assert "cannot be used" in done.failed["TLT"]


def test_rows_on_no_session_are_dropped_and_named(run, made):
    saturday = pd.Timestamp("2023-11-25")
    made.tables["TLT"].loc[saturday] = 1.0
    made.tables["TLT"] = made.tables["TLT"].sort_index()
    assert codes(run()) == {"Made": "not_a_session"}


# --- how it goes ----------------------------------------------------------------------------


def test_progress_counts_every_ticker_and_the_vix(run):
    seen: list[Progress] = []
    run(progress=seen.append)
    assert [one.done for one in seen] == [1, 2, 3, 4]
    assert {one.total for one in seen} == {4}


def test_a_cancelled_refresh_writes_nothing(run, made, tmp_path):
    before = run().snapshot
    done = run(SECOND, cancelled=lambda: True)
    assert done.cancelled
    assert (done.snapshot, done.written) == (before, False)
    assert snapshot_names(tmp_path) == [before.id]


def test_a_damaged_snapshot_is_never_built_upon(run, tmp_path):
    path = tmp_path / run().snapshot.id / PRICES
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    with pytest.raises(SnapshotError, match="was changed after it was written"):
        run(SECOND)
