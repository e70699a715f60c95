"""Series of FRED kept beside the market: fetched, kept, and never part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from quantetf_core.config import YahooSource
from quantetf_core.data.context import CONTEXT_SERIES
from quantetf_core.data.sessions import sessions_between
from quantetf_core.data.sources.context_fetch import fetch_context
from quantetf_core.data.sources.context_file import open_context
from quantetf_core.data.sources.refresh import Refreshed, refresh
from quantetf_core.data.sources.refresh_run import Wanted
from quantetf_core.data.sources.registry import Line, live
from quantetf_core.data.sources.snapshot_manifest import CONTEXT, MANIFEST
from quantetf_core.data.sources.snapshot_store import write_snapshot
from quantetf_core.data.sources.snapshots import open_snapshot, snapshot_names, verify_snapshot
from quantetf_core.data.sources.vendors import Answer, Patience
from quantetf_core.errors import SnapshotError
from quantetf_core.findings import Severity
from tests.builders import random_market
from tests.data.vendor_server import Vendors, table, vendors

DAYS = sessions_between("2023-10-02", "2023-12-29")
FIRST = datetime(2023, 12, 27, 23, tzinfo=UTC)
SECOND = datetime(2023, 12, 29, 23, tzinfo=UTC)
CURVE, CREDIT = "T10Y2Y", "BAMLH0A0HYM2"
CLOSES = pd.Series(np.linspace(100.0, 130.0, len(DAYS)), index=DAYS)
NOW = datetime(2024, 1, 2, 14, 30, 15, tzinfo=UTC)
MARKET = random_market(("TLT", "GLD"), n_sessions=30, seed=4)
SERIES = {
    CURVE: pd.Series([-0.35, 0.0], index=pd.DatetimeIndex(["2023-12-27", "2023-12-28"])),
    CREDIT: pd.Series([3.4], index=pd.DatetimeIndex(["2023-12-28"])),
}

Refresh = Callable[..., Refreshed]


@pytest.fixture
def server() -> Iterator[Vendors]:
    with vendors() as served:
        served.charts = {ticker: table(CLOSES) for ticker in ("SPY", "^VIX")}
        served.series = {
            CURVE: pd.Series(np.linspace(-0.5, 0.25, len(DAYS)), index=DAYS),
            CREDIT: pd.Series(np.linspace(4.5, 3.5, len(DAYS)), index=DAYS),
        }
        yield served


@pytest.fixture
def fetch(server: Vendors, tmp_path: Path) -> Refresh:
    """``fetch(now, context)`` refreshes SPY and the series through the real clients."""

    def refreshed(now: datetime, context: tuple[str, ...] = (CURVE, CREDIT)) -> Refreshed:
        line = Line(
            keep=tmp_path / "kept",
            patience=Patience(wait=lambda _: None),
            route=server.route,
            timeout=2.0,
        )
        whom = live(YahooSource(type="yahoo", context=context), line)
        return refresh(
            Wanted(portfolio="mine", tickers=("SPY",), start=date(2023, 10, 2), context=context),
            vendor=whom.vendor,
            vix=whom.vix,
            vix_name=whom.vix_name,
            context=whom.context,
            folder=tmp_path / "snapshots",
            now=now,
        )

    return refreshed


def kept(tmp_path: Path, done: Refreshed) -> dict[str, pd.Series]:
    assert done.snapshot is not None
    return open_context(tmp_path / "snapshots", done.snapshot)


def test_what_may_be_configured_is_what_is_described():
    (listed, _) = get_args(YahooSource.model_fields["context"].annotation)
    assert set(get_args(listed)) == set(CONTEXT_SERIES)


# --- fetching -------------------------------------------------------------------------------


def test_the_series_come_with_the_refresh_up_to_the_last_completed_session(fetch, server, tmp_path):
    server.series[CURVE].loc["2023-11-23":"2023-11-24"] = np.nan
    done = fetch(FIRST)
    found = kept(tmp_path, done)
    assert list(found) == [CREDIT, CURVE]
    for name, values in found.items():
        expected = server.series[name].loc[:"2023-12-27"].dropna()
        assert values.tolist() == expected.tolist()
        assert list(values.index) == list(expected.index)
    assert (done.failed, done.findings) == ({}, ())


def test_nobody_is_asked_when_no_series_is_listed(fetch, server):
    done = fetch(FIRST, ())
    assert not [address for address in server.asked if "fred" in address]
    assert CONTEXT not in done.snapshot.files


def test_a_series_that_does_not_come_keeps_its_values_and_fails_nothing(fetch, server, tmp_path):
    before = kept(tmp_path, fetch(FIRST))
    server.faults = {CURVE: "html"}
    done = fetch(SECOND)
    after = kept(tmp_path, done)
    pd.testing.assert_series_equal(after[CURVE], before[CURVE])
    assert after[CREDIT].index[-1] == pd.Timestamp("2023-12-29")
    (finding,) = done.findings
    assert (finding.severity, finding.code) == (Severity.INFO, "context_not_refreshed")
    assert finding.subject == CURVE
    assert "is kept, up to 2023-12-27 (2 sessions old)" in finding.message
    assert (done.written, done.failed) == (True, {})
    assert done.snapshot.findings == ()  # so that no check of a decision can meet it


def test_a_network_that_is_away_for_one_series_is_not_asked_for_the_next(fetch, server):
    server.faults = {CURVE: "broken"}
    done = fetch(FIRST)
    assert len([address for address in server.asked if "fred" in address]) == 1
    assert [finding.subject for finding in done.findings] == [CURVE, CREDIT]
    assert all("there is no value yet" in finding.message for finding in done.findings)
    assert done.written
    assert CONTEXT not in done.snapshot.files


def test_a_shortened_history_loses_nothing_and_a_revision_is_taken(fetch, server, tmp_path):
    fetch(FIRST)
    server.series[CREDIT] = server.series[CREDIT].loc["2023-12-01":] + 1.0
    values = kept(tmp_path, fetch(SECOND))[CREDIT]
    assert values.index[0] == DAYS[0]
    assert values.iloc[0] == 4.5
    assert values.iloc[-1] == 4.5  # 3.5 and the revision of 1


def test_infinite_and_repeated_values_are_no_values():
    days = pd.DatetimeIndex(["2023-12-04", "2023-12-05", "2023-12-05"])
    sent = pd.DataFrame({"Close": [np.inf, 1.0, 2.0]}, index=days)
    found, findings = fetch_context(
        (CURVE,),
        lambda *_: Answer(sent),
        start=DAYS[0],
        end=DAYS[-1],
        before={},
        cancelled=lambda: False,
    )
    assert found[CURVE].to_dict() == {pd.Timestamp("2023-12-05"): 2.0}
    assert findings == ()


def test_a_cancelled_fetch_asks_for_no_series():
    def nobody(*_: object) -> Answer:
        raise AssertionError("asked")

    how = {"start": DAYS[0], "end": DAYS[-1], "before": {}, "cancelled": lambda: True}
    assert fetch_context((CURVE,), nobody, **how) == ({}, ())


# --- keeping --------------------------------------------------------------------------------


def test_a_snapshot_gives_back_its_series_and_proves_them(tmp_path):
    snapshot = write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW, context=SERIES)
    found = open_context(tmp_path, snapshot)
    assert {name: s.to_dict() for name, s in found.items()} == {
        name: s.to_dict() for name, s in SERIES.items()
    }
    assert verify_snapshot(tmp_path, snapshot) == ()
    path = tmp_path / snapshot.id / CONTEXT
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    (finding,) = verify_snapshot(tmp_path, snapshot)
    assert finding.message == f"{CONTEXT} was changed after it was written"
    path.write_bytes(b"not parquet")
    with pytest.raises(SnapshotError, match="cannot be read"):
        open_context(tmp_path, snapshot)


def test_the_series_are_no_part_of_the_market(tmp_path):
    snapshot = write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW, context=SERIES)
    assert snapshot.fingerprint == MARKET.fingerprint
    assert open_snapshot(tmp_path, snapshot).fingerprint == MARKET.fingerprint


def test_only_new_values_make_a_new_snapshot_of_the_same_market(tmp_path):
    def write(context):
        return write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW, context=context).id

    first = write(SERIES)
    assert write(SERIES) == first
    assert write({CREDIT: SERIES[CREDIT]}) != first
    assert len(snapshot_names(tmp_path)) == 2


def test_a_snapshot_without_series_is_what_it_was_before_there_were_any(tmp_path):
    snapshot = write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW)
    files = {path.name for path in (tmp_path / snapshot.id).iterdir()}
    assert files == {"prices.parquet", "vix.parquet", MANIFEST}
    assert open_context(tmp_path, snapshot) == {}
