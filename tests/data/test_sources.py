"""A configured source: what it gives, its cache, and the key that changes with it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from quantetf_core.config.schema import FilesSource, SampleSource
from quantetf_core.data.market import MarketData
from quantetf_core.data.sources import cache as cache_module
from quantetf_core.data.sources import load_source, source_stamp
from quantetf_core.errors import InvalidValueError, SessionError, SourceError

NOW = datetime(2020, 1, 9, 12, tzinfo=UTC)  # Thursday before the open: Wednesday is complete
FILES = FilesSource(type="files", paths=("etfs.csv", "folder"), vix="vix.csv")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with a long file, a folder and a VIX, Monday to Wednesday."""
    days = ("2020-01-06", "2020-01-07", "2020-01-08")
    rows = "".join(f"{day},SPY,{300 + n},{290 + n},x\n" for n, day in enumerate(days))
    (tmp_path / "etfs.csv").write_text("date,ticker,close,adj_close,note\n" + rows)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "TLT.csv").write_text("Date,Close\n2020-01-06,138.0\n")
    (tmp_path / "vix.csv").write_text("date,vix\n2020-01-06,14.0\n2020-01-08,13.5\n")
    return tmp_path


def load(root: Path, source: FilesSource = FILES, now: datetime = NOW) -> MarketData:
    return load_source(source, root=root, cache_dir=root / "cache", now=now)


def facts(market: MarketData) -> tuple[object, ...]:
    return (
        market.fingerprint,
        market.source,
        market.simulated,
        market.single_close,
        market.findings,
        market.fields,
    )


def forbid_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> MarketData:
        raise AssertionError("the files were read again")

    monkeypatch.setattr("quantetf_core.data.sources.load_files", refuse)


def kept(root: Path) -> Path:
    (path,) = (root / "cache").iterdir()
    return path


def test_relative_paths_start_at_the_workspace(root: Path) -> None:
    market = load(root)
    assert market.source == "files: etfs.csv, folder, vix.csv"
    assert market.close["SPY"].tolist() == [300.0, 301.0, 302.0]
    assert {f.code for f in market.findings} == {"extra_columns", "single_close"}


def test_a_second_reading_comes_from_the_cache_and_is_equal(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load(root)
    forbid_reading(monkeypatch)
    second = load(root)
    assert facts(second) == facts(first)
    for name in first.fields:
        pd.testing.assert_frame_equal(second.panel(name), first.panel(name))
    pd.testing.assert_series_equal(second.vix, first.vix)


def test_a_source_with_one_close_is_one_from_the_cache_too(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = FilesSource(type="files", paths=("folder",), vix="vix.csv")
    first = load(root, source)
    forbid_reading(monkeypatch)
    assert load(root, source).single_close is first.single_close is True


@pytest.mark.parametrize("changed", ["etfs.csv", "folder/TLT.csv", "vix.csv"])
def test_a_changed_file_is_read_again(root: Path, changed: str) -> None:
    before, stamp = load(root), source_stamp(FILES, root=root, now=NOW)
    path = root / changed
    path.write_text(path.read_text().replace("2020-01-06,1", "2020-01-06,2").replace("300", "333"))
    os.utime(path, ns=(1, 1))
    assert source_stamp(FILES, root=root, now=NOW) != stamp
    assert load(root).fingerprint != before.fingerprint
    assert len(list((root / "cache").iterdir())) == 1, "the old copy is replaced"


def test_a_file_added_to_a_folder_is_read(root: Path) -> None:
    stamp = source_stamp(FILES, root=root, now=NOW)
    load(root)
    (root / "folder" / "GLD.csv").write_text("Date,Close\n2020-01-06,148.0\n")
    assert source_stamp(FILES, root=root, now=NOW) != stamp
    assert load(root).tickers == ("GLD", "SPY", "TLT")


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "empty", "folder"])
def test_a_damaged_cache_is_rebuilt(root: Path, damage: str) -> None:
    first = load(root)
    path = kept(root)
    content = path.read_bytes()
    if damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        middle = content.index(b"\x00\x00\x00\x00\x00\xc0\x72\x40")  # 300.0 of SPY
        flipped = content[: middle + 7] + b"\x41" + content[middle + 8 :]
        path.write_bytes(
            {"cut": content[: len(content) // 2], "flipped": flipped, "text": b"x", "empty": b""}[
                damage
            ]
        )
    assert facts(load(root)) == facts(first)
    if damage != "folder":
        assert path.read_bytes() == content


@pytest.mark.parametrize("meta", [None, b"", b"short", b"extra_colmuns"])
def test_a_cache_whose_description_was_changed_is_rebuilt(root: Path, meta: bytes | None) -> None:
    first = load(root)
    table = pq.read_table(kept(root))
    (key, sealed) = next(iter(table.schema.metadata.items()))
    wrong = sealed.replace(b"extra_columns", b"extra_colmuns") if meta == b"extra_colmuns" else meta
    pq.write_table(table.replace_schema_metadata(wrong and {key: wrong}), kept(root))
    assert facts(load(root)) == facts(first)


def test_a_cache_of_another_version_of_the_readers_is_rebuilt(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load(root)
    content = kept(root).read_bytes()
    monkeypatch.setattr(cache_module, "CACHE_VERSION", "next")
    assert facts(load(root)) == facts(first)
    assert kept(root).read_bytes() != content


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (root / "cache").write_text("a file where the folder should be")
    assert load(root).tickers == ("SPY", "TLT")
    assert "cannot be kept" in caplog.text


def test_rows_of_a_session_that_is_not_completed_are_not_used(root: Path) -> None:
    tuesday_noon = datetime(2020, 1, 7, 17, tzinfo=UTC)
    market = load(root, now=tuesday_noon)
    assert str(market.last_session.date()) == "2020-01-06"
    finding = market.findings[-1]
    assert (finding.code, finding.subject) == ("not_completed", "market data")
    assert "2 sessions after 2020-01-06" in finding.message
    assert "up to 2020-01-08" in finding.message
    assert str(load(root).last_session.date()) == "2020-01-08", "the copy kept is whole"


def test_a_source_without_a_completed_session_is_refused(root: Path) -> None:
    with pytest.raises(SessionError):
        load(root, now=datetime(2019, 12, 31, 12, tzinfo=UTC))


def test_a_missing_file_has_a_stamp_and_fails_when_read(root: Path) -> None:
    gone = FilesSource(type="files", paths=("gone.csv",), vix="vix.csv")
    before = source_stamp(gone, root=root, now=NOW)
    with pytest.raises(SourceError, match=r"gone\.csv: there is no such file"):
        load(root, gone)
    (root / "gone.csv").write_text("x")
    assert source_stamp(gone, root=root, now=NOW) != before


def test_the_stamp_changes_with_the_last_completed_session(root: Path) -> None:
    for source in (FILES, SampleSource(type="sample")):
        stamps = [
            source_stamp(source, root=root, now=datetime(2020, 1, day, hour, tzinfo=UTC))
            for day, hour in ((9, 12), (9, 13), (9, 22))
        ]
        assert stamps[0] == stamps[1] != stamps[2]
    with pytest.raises(InvalidValueError, match="time zone"):
        source_stamp(FILES, root=root, now=datetime(2020, 1, 9))  # noqa: DTZ001


def test_the_sample_market_is_a_source(tmp_path: Path) -> None:
    market = load_source(
        SampleSource(type="sample"),
        root=tmp_path,
        cache_dir=tmp_path / "cache",
        now=datetime(2006, 1, 4, tzinfo=UTC),
    )
    assert market.simulated is True
    assert str(market.last_session.date()) == "2006-01-03"
