"""Snapshots: written whole or not at all, never changed, and proved when asked."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantetf_core.atomic_files import STAGING_PREFIX
from quantetf_core.data.market import MarketData
from quantetf_core.data.sources.snapshot_manifest import MANIFEST, PRICES, read_manifest
from quantetf_core.data.sources.snapshot_store import (
    keep_snapshot,
    refreshing,
    remove_snapshots,
    write_snapshot,
)
from quantetf_core.data.sources.snapshots import (
    find_snapshot,
    list_snapshots,
    newest_snapshot,
    open_snapshot,
    read_snapshot,
    snapshot_names,
    verify_snapshot,
)
from quantetf_core.errors import SnapshotError
from quantetf_core.findings import Finding, Severity
from tests.builders import random_market, sessions

NOW = datetime(2024, 1, 2, 14, 30, 15, tzinfo=UTC)
MARKET = random_market(("TLT", "GLD"), n_sessions=30, seed=4, holes=0.1)


def changed(market: MarketData, *, row: int = 3, by: float = 1.01) -> MarketData:
    close = market.close
    close.iloc[row] *= by
    panels = {"close": close, "adj_close": market.adj_close}
    return MarketData.from_panels(panels, market.vix, source=market.source)


def same(one: MarketData, other: MarketData) -> None:
    assert one.fields == other.fields
    for name in one.fields:
        pd.testing.assert_frame_equal(
            one.panel(name), other.panel(name), check_names=False, check_freq=False
        )
    pd.testing.assert_series_equal(one.vix, other.vix, check_names=False, check_freq=False)
    assert (one.source, one.single_close, one.findings) == (
        other.source,
        other.single_close,
        other.findings,
    )
    assert one.fingerprint == other.fingerprint


# --- what is kept ---------------------------------------------------------------------------


def test_a_snapshot_gives_back_the_market_it_was_made_of(tmp_path):
    findings = (Finding(Severity.WARN, "late", "TLT", "zwölf Tage"),)
    market = MarketData.from_panels(
        {name: MARKET.panel(name) for name in MARKET.fields},
        MARKET.vix,
        source="Börse",
        findings=findings,
    )
    snapshot = write_snapshot(tmp_path, market, portfolio="mine", now=NOW)
    opened = open_snapshot(tmp_path, snapshot)
    same(opened, market)
    assert opened.snapshot == snapshot.id
    assert opened.as_of(opened.sessions[5]).snapshot == snapshot.id


def test_a_source_with_one_close_stays_one(tmp_path):
    market = MarketData.from_panels({"close": MARKET.close}, MARKET.vix, source="one close")
    assert market.single_close
    snapshot = write_snapshot(tmp_path, market, portfolio="mine", now=NOW)
    assert snapshot.fields == ("close",)
    same(open_snapshot(tmp_path, snapshot), market)


@settings(max_examples=15)
@given(
    values=st.lists(
        st.floats(allow_infinity=False),
        min_size=12,
        max_size=12,
    ),
    tickers=st.lists(st.text("ABÄ ^.-", min_size=1, max_size=4), min_size=2, max_size=2).map(
        lambda names: sorted({f"T{name}" for name in names} | {"SPY"})[:2]
    ),
)
def test_every_number_and_name_comes_back_to_the_bit(tmp_path_factory, values, tickers):
    folder = tmp_path_factory.mktemp("bits")
    panel = np.array(values).reshape(6, 2)
    index = sessions(6)
    market = MarketData.from_panels(
        {"close": pd.DataFrame(panel, index, tickers)}, pd.Series(panel[:, 0], index), source="any"
    )
    snapshot = write_snapshot(folder, market, portfolio="mine", now=NOW)
    opened = open_snapshot(folder, snapshot)
    assert opened.close.to_numpy().tobytes() == panel.tobytes()
    assert opened.tickers == tuple(tickers)
    assert opened.fingerprint == snapshot.fingerprint


def test_the_manifest_says_what_is_in_it(tmp_path):
    snapshot = write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW)
    assert snapshot.id == f"20240102T143015Z-{MARKET.fingerprint[:12]}"
    assert snapshot.parent == ""
    assert snapshot.created_at == NOW
    closes = MARKET.close["TLT"].dropna()
    said = snapshot.tickers["TLT"]
    assert (said.first, said.last, said.rows) == (
        closes.index[0].date(),
        closes.index[-1].date(),
        len(closes),
    )
    assert snapshot.rows == int(MARKET.close.notna().sum().sum())
    assert read_manifest((tmp_path / snapshot.id / MANIFEST).read_bytes()) == snapshot


def test_anybody_can_read_the_prices_as_a_long_table(tmp_path):
    snapshot = write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW)
    table = pq.read_table(tmp_path / snapshot.id / PRICES).to_pandas()
    assert list(table.columns[:2]) == ["session", "ticker"]
    again = table.pivot(index="session", columns="ticker", values="close")
    assert np.array_equal(again.to_numpy(), MARKET.close.to_numpy(), equal_nan=True)


def test_what_was_opened_cannot_be_written_to(tmp_path):
    snapshot = write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW)
    market = open_snapshot(tmp_path, snapshot)
    with pytest.raises(ValueError, match="read-only"):
        market.close.to_numpy()[0, 0] = 1.0
    assert not market.panel("close").to_numpy().flags.writeable


# --- when a new one is written --------------------------------------------------------------


def test_the_same_data_twice_is_one_snapshot(tmp_path):
    first = write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW)
    again = write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW + timedelta(hours=1))
    assert again == first
    assert snapshot_names(tmp_path) == [first.id]


def test_data_that_goes_back_to_what_it_was_is_the_newest_again(tmp_path):
    first = write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW)
    second = write_snapshot(tmp_path, changed(MARKET), portfolio="mine", now=NOW)
    third = write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW)
    assert [second.parent, third.parent] == [first.id, second.id]
    assert newest_snapshot(tmp_path, "mine") == third
    assert third.fingerprint == first.fingerprint


def test_a_decision_keeps_no_second_copy_of_older_data(tmp_path):
    first = write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW)
    newest = write_snapshot(tmp_path, changed(MARKET), portfolio="mine", now=NOW)
    assert keep_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW) == first
    assert newest_snapshot(tmp_path, "mine") == newest
    kept = keep_snapshot(tmp_path, changed(MARKET, by=2.0), portfolio="mine", now=NOW)
    assert kept.parent == newest.id


def test_names_are_in_the_order_of_writing_also_when_the_clock_goes_back(tmp_path):
    early = NOW - timedelta(days=3)
    times = (NOW, NOW, early)
    written = [
        write_snapshot(tmp_path, changed(MARKET, row=row), portfolio="mine", now=now).id
        for row, now in enumerate(times)
    ]
    assert snapshot_names(tmp_path) == written[::-1]
    assert [name.split("-")[0] for name in written] == [
        "20240102T143015Z",
        "20240102T143016Z",
        "20240102T143017Z",
    ]
    assert newest_snapshot(tmp_path, "mine").created_at == early


def test_each_portfolio_has_its_own_newest(tmp_path):
    mine = write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW)
    yours = write_snapshot(tmp_path, MARKET, portfolio="yours", now=NOW)
    assert newest_snapshot(tmp_path, "mine") == mine
    assert newest_snapshot(tmp_path, "yours") == yours
    assert newest_snapshot(tmp_path, "nobody") is None
    assert find_snapshot(tmp_path, "yours", "another") is None


def test_where_nothing_was_fetched_there_is_no_snapshot(tmp_path):
    assert list_snapshots(tmp_path / "none") == ((), ())
    assert newest_snapshot(tmp_path / "none", "mine") is None


# --- what is damaged ------------------------------------------------------------------------


@pytest.fixture
def two(tmp_path) -> Path:
    """A folder with two snapshots; the newer one is to be damaged."""
    write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW)
    write_snapshot(tmp_path, changed(MARKET), portfolio="mine", now=NOW)
    for folder in tmp_path.iterdir():
        for path in folder.iterdir() if folder.is_dir() else ():
            path.chmod(0o644)
    return tmp_path


def rewritten(path: Path, key: str, value: object) -> None:
    content = json.loads(path.read_bytes())
    content[key] = value
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda p: (p / PRICES).write_bytes(b"short"), "has 5 bytes"),
        (lambda p: (p / PRICES).unlink(), "cannot be read"),
        (lambda p: (p / MANIFEST).write_bytes(b"{"), "cannot be read"),
        (lambda p: (p / MANIFEST).write_bytes(b"[1]"), "not a snapshot's manifest"),
        (lambda p: rewritten(p / MANIFEST, "rows", 1), "its seal is broken"),
        (lambda p: p.rename(p.parent / "29990101T000000Z-0"), "its manifest says it is"),
    ],
)
def test_a_damaged_snapshot_is_named_and_the_one_before_is_used(two, damage, said):
    older, newer = reversed(snapshot_names(two))
    damage(two / newer)
    found, findings = list_snapshots(two)
    assert [one.id for one in found] == [older]
    assert [finding.code for finding in findings] == ["snapshot_damaged"]
    assert said in findings[0].message
    assert newest_snapshot(two, "mine").id == older


def test_a_byte_that_was_changed_is_found_when_all_are_read(two):
    name = snapshot_names(two)[0]
    path = two / name / PRICES
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    snapshot = read_snapshot(two, name)
    assert [f.message for f in verify_snapshot(two, snapshot)] == [
        f"{PRICES} was changed after it was written"
    ]
    older = read_snapshot(two, snapshot_names(two)[1])
    assert verify_snapshot(two, older) == ()


def test_a_file_that_went_away_is_found_when_all_are_read(two):
    snapshot = read_snapshot(two, snapshot_names(two)[0])
    (two / snapshot.id / PRICES).unlink()
    assert "cannot be read" in verify_snapshot(two, snapshot)[0].message
    with pytest.raises(SnapshotError, match="cannot be read"):
        open_snapshot(two, snapshot)


@pytest.mark.parametrize("name", ["20240101T000000Z-0", "../mine", ""])
def test_a_name_that_is_no_snapshot_is_refused(tmp_path, name):
    with pytest.raises(SnapshotError, match="no such snapshot"):
        read_snapshot(tmp_path, name)


# --- one writer at a time -------------------------------------------------------------------


def test_what_a_killed_writer_left_is_cleared_away_by_the_next(tmp_path):
    left = tmp_path / f"{STAGING_PREFIX}dead"
    left.mkdir(parents=True)
    (left / PRICES).write_bytes(b"half")
    assert list_snapshots(tmp_path) == ((), ())
    snapshot = write_snapshot(tmp_path, MARKET, portfolio="mine", now=NOW)
    assert not left.exists()
    assert snapshot_names(tmp_path) == [snapshot.id]


def test_writers_at_the_same_time_leave_one_snapshot_of_the_same_data(tmp_path):
    markets = [MARKET, changed(MARKET)] * 3
    gate = threading.Barrier(len(markets))

    def write(market: MarketData) -> None:
        gate.wait()
        keep_snapshot(tmp_path, market, portfolio="mine", now=NOW)

    threads = [threading.Thread(target=write, args=(market,)) for market in markets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found, damaged = list_snapshots(tmp_path)
    assert damaged == ()
    assert sorted(one.fingerprint for one in found) == sorted(m.fingerprint for m in markets[:2])


def test_a_second_refresh_of_a_portfolio_is_refused_while_one_runs(tmp_path):
    refused = pytest.raises(SnapshotError, match="being refreshed already")
    with refreshing(tmp_path, "mine"), refreshing(tmp_path, "yours"), refused:
        refreshing(tmp_path, "mine").__enter__()
    with refreshing(tmp_path, "mine"):
        pass


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SnapshotError, match="cannot be written"):
        write_snapshot(tmp_path / "file" / "snapshots", MARKET, portfolio="mine", now=NOW)


def test_removed_snapshots_are_gone_whole_and_others_stay(two):
    newest, older = snapshot_names(two)
    assert remove_snapshots(two, [older, "unknown"]) == (older,)
    assert snapshot_names(two) == [newest]
    assert not [path for path in two.iterdir() if path.name.startswith(STAGING_PREFIX)]
