"""``orders``: the newest rebalance's orders as a file, or as bytes on standard output."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from quantetf_core import desk
from quantetf_core.encoding import sha256
from tests.cli.conftest import Run, written

Clock = Callable[[str], None]
SIGNED = ("--approver", "Ann", "--yes", "--note", "as planned")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


def test_the_newest_rebalance_is_written_under_a_name_of_its_own(
    run: Run, at: Clock, workspace: Path, folder: Path
) -> None:
    run("rebalance", *SIGNED)
    at("2024-01-12")
    run("cash", "deposit", "5000", *SIGNED)
    before = written(workspace)
    said = run("orders", "--layout", "ibkr", "--limit-bps", "20")

    [path] = folder.iterdir()
    assert path.name == "orders-sample-20231229-committed-simulated-ibkr.csv"
    portfolio = desk.open_portfolio(workspace, "sample")
    kept = desk.order_file(portfolio, "20231229", layout="ibkr", limit_bps=20)
    assert path.read_bytes() == kept.content
    assert said.code == 0
    assert "Simulated prices" in said.out
    assert "of 2023-12-29, record 20231229: committed." in said.out
    assert f"Written to {path.name}" in said.out
    assert written(workspace) == before
    assert run("orders", "latest", "--layout", "ibkr", "--limit-bps", "20").code == 0
    assert path.read_bytes() == kept.content
    assert "quantetf sent 20231229 --how" in said.out
    run("sent", "20231229", "--how", "IBKR basket", *SIGNED)
    assert "These orders went out already" in run("orders").out


def test_a_draft_says_that_nobody_has_confirmed_it(run: Run, folder: Path) -> None:
    said = run("orders", "--plan", "--out", str(folder))
    assert "a plan nobody has confirmed: not committed." in said.out
    assert "confirm it before any order goes out" in said.out
    assert [path.name for path in folder.iterdir()] == [
        "orders-sample-2023-12-29-not-committed-simulated.csv"
    ]


def test_json_says_where_the_file_is_and_what_is_in_it(run: Run, folder: Path) -> None:
    run("rebalance", *SIGNED)
    said = run("orders", "20231229", "--layout", "json", "--out", "to/broker.json", "--json").json

    content = (folder / "to" / "broker.json").read_bytes()
    assert said["sha256"] == sha256(content)
    assert (said["commit_id"], said["state"]) == ("20231229", "committed")
    orders = json.loads(content)["orders"]
    assert [(o["ticker"], o["price"]) for o in said["orders"]] == [
        (o["ticker"], o["close"]) for o in orders
    ]


def test_a_dash_is_standard_output_and_nothing_else_is_on_it(
    workspace: Path, folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    from quantetf_core.cli import main

    assert main(["orders", "--plan", "--out", "-"]) == 0
    rows = list(csv.DictReader(io.StringIO(capfdbinary.readouterr().out.decode())))
    assert {row["state"] for row in rows} == {"not committed"}
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ((), "no rebalance is recorded; --plan writes"),
        (("20231229",), "no commit has the id '20231229'"),
        (("20231229", "--plan"), "either an id or --plan"),
        (("--plan", "--out", "-", "--json"), "as --json is on stdout"),
        (("--plan", "--limit-bps", "5000"), "basis points from -1,000 to 1,000"),
    ],
)
def test_what_cannot_be_written_is_a_sentence_and_no_file(
    run: Run, folder: Path, words: tuple[str, ...], about: str
) -> None:
    said = run("orders", *words)
    assert said.code == 1
    assert about in said.err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (("--layout", "ibrk"), "did you mean 'ibkr'?"),
        (("--limit-bps", "a lot"), "'a lot' is not a number"),
        (("--tif", "forever"), "is not one of DAY, GTC, OPG"),
    ],
)
def test_bad_usage_names_what_is_accepted(run: Run, words: tuple[str, ...], about: str) -> None:
    said = run("orders", *words)
    assert said.code == 2
    assert about in said.err


def test_a_place_that_cannot_be_written_is_named(run: Run, folder: Path) -> None:
    run("rebalance", *SIGNED)
    (folder / "taken").write_text("a file, not a folder")
    said = run("orders", "--out", "taken/x.csv")
    assert said.code == 1
    assert "taken/x.csv cannot be written" in said.err
