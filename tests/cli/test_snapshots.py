"""``fetch``, ``snapshots``, ``replay`` and ``prune`` on the command line."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from quantetf_core.cli.snapshots import _interruptible
from quantetf_core.data.sources import vendors as vendor_module
from tests.cli.conftest import Run
from tests.data.vendor_server import Vendors, table, vendors
from tests.desk.test_snapshots import DAYS, closes, decide, opened, put_files

FILES = ("--portfolio", "files_example")
LIVE = ("--portfolio", "live_example")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendors]:
    """Vendors that answer on this machine, and nobody waits."""
    with vendors() as served:
        prices = closes()
        served.charts = {ticker: table(prices[ticker], factor=0.9) for ticker in prices}
        served.charts["^VIX"] = table(pd.Series(15.0, index=DAYS))
        monkeypatch.setenv("QUANTETF_VENDORS", served.url)
        yield served


@pytest.fixture
def files(workspace: Path) -> Path:
    put_files(workspace, closes())
    return workspace


def test_a_live_portfolio_is_fetched_in_one_line(run: Run, server: Vendors) -> None:
    said = run("fetch", *LIVE)
    assert said.code == 1  # most tickers of its universe are not served here
    assert "Yahoo Finance: 6 tickers, 2022-10-20 to 2023-12-29" in said.out
    assert "is in use" in said.out
    assert "Did not come: EEM: Yahoo Finance does not know this ticker" in said.out
    assert run("status", *LIVE, "--json").json["last_session"] == "2023-12-29"


def test_what_was_fetched_is_one_json_document(run: Run, server: Vendors) -> None:
    said = run("fetch", *LIVE, "--json").json
    assert said["ok"] is False
    assert said["written"] is True
    assert said["updated"] == ["AGG", "BIL", "GLD", "QQQ", "SPY", "TLT"]
    assert said["failed"]["EEM"] == "Yahoo Finance does not know this ticker"
    assert said["snapshot"]["last_session"] == "2023-12-29"
    assert run("fetch", *LIVE, "--json").json["written"] is False


def test_without_a_network_it_says_so_and_what_stays_in_use(
    run: Run, server: Vendors, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("fetch", *LIVE)
    monkeypatch.setenv("QUANTETF_VENDORS", "http://127.0.0.1:9")
    patience = vendor_module.Patience(pauses=(), limited=())
    monkeypatch.setattr("quantetf_core.desk.data.Patience", lambda **_: patience)
    said = run("fetch", *LIVE)
    assert said.code == 1
    assert "cannot be reached" in said.err
    assert "the data up to 2023-12-29" in said.err
    assert "stays in use" in said.err


def test_before_a_first_fetch_every_command_says_how_to(run: Run) -> None:
    said = run("status", *LIVE)
    assert said.code == 1
    assert "python -m quantetf_core fetch --portfolio live_example" in said.err
    assert "No snapshot yet" in run("snapshots", *LIVE).out


def test_the_sample_cannot_be_fetched(run: Run) -> None:
    said = run("fetch")
    assert said.code == 1
    assert "made on this machine" in said.err


def test_files_are_kept_as_they_are_and_compared(run: Run, files: Path) -> None:
    assert run("fetch", *FILES).code == 0
    assert "Nothing has changed" in run("fetch", *FILES).out
    prices = closes()
    prices.loc["2023-06-01", "TLT"] *= 1.07
    put_files(files, prices)
    assert "restated_close (TLT)" in run("fetch", *FILES).out

    newest, oldest = (one["id"] for one in run("snapshots", *FILES, "--json").json["snapshots"])
    listed = run("snapshots", *FILES).out
    assert "2 snapshots" in listed
    assert newest in listed
    said = run("snapshots", oldest, "latest", *FILES)
    assert f"{newest} against {oldest}" in said.out
    assert "restated_close (TLT)" in said.out
    assert run("snapshots", newest, *FILES).code == 2
    assert "there is no such snapshot" in run("snapshots", newest, "20000101T000000Z-0", *FILES).err


def test_every_byte_is_checked_when_asked_for(run: Run, files: Path) -> None:
    run("fetch", *FILES)
    assert run("snapshots", "--verify", *FILES).code == 0
    path = next((files / "data" / "snapshots").glob("*/prices.parquet"))
    content = bytearray(path.read_bytes())
    content[50] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    assert run("snapshots", *FILES).code == 0
    said = run("snapshots", "--verify", *FILES)
    assert said.code == 1
    assert "was changed after it was written" in said.out


def test_a_decision_is_made_again(run: Run, files: Path) -> None:
    commit_id = decide(opened(files))
    assert run("sent", "latest", "--how", "x", "--approver", "Ada", "--yes", *FILES).code == 0
    said = run("replay", "latest", *FILES)  # the newest rebalance, whatever was recorded since
    assert said.code == 0, said.err
    assert f"{commit_id}: all 7 files came out byte for byte" in said.out
    assert run("replay", commit_id, *FILES, "--json").json["replay"]["verdict"] == "same"
    snapshot = next((files / "data" / "snapshots").glob("2*"))
    snapshot.rename(files / "elsewhere")
    said = run("replay", "latest", *FILES)
    assert said.code == 1
    assert "it cannot be made again" in said.out


def test_only_yes_removes_what_nobody_needs(run: Run, files: Path) -> None:
    run("fetch", *FILES)
    put_files(files, closes(seed=6))
    run("fetch", *FILES)
    said = run("prune", "--keep", "1")
    assert "Would remove 1 snapshot" in said.out
    assert "--yes removes them" in said.out
    assert len(run("snapshots", *FILES, "--json").json["snapshots"]) == 2
    assert "Removed 1 snapshot" in run("prune", "--keep", "1", "--yes").out
    assert len(run("snapshots", *FILES, "--json").json["snapshots"]) == 1
    assert "Nothing to remove" in run("prune").out


def test_ctrl_c_ends_a_fetch_and_a_second_one_at_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before: Callable[..., object] = signal.getsignal(signal.SIGINT)
    with _interruptible() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
        assert "nothing will be written" in capsys.readouterr().err
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_ended_fetch_says_that_nothing_was_written(
    run: Run, server: Vendors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quantetf_core.cli.snapshots.Event", _Ended)
    said = run("fetch", *LIVE)
    assert said.code == 130
    assert "nothing was written, and there is no market data yet" in said.out


class _Ended:
    """An event somebody has set already."""

    def is_set(self) -> bool:
        return True

    def set(self) -> None: ...

    def wait(self, _: float) -> bool:
        return True
