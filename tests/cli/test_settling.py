"""``sent``, ``fills``, ``positions`` and ``corporate-action``, on the sample market."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from quantetf_core import desk
from tests.cli.conftest import Run, written

Clock = Callable[[str], None]
SIGNED = ("--approver", "Ann", "--yes", "--note", "seen")


@pytest.fixture
def decision(run: Run, at: Clock) -> dict[str, float]:
    """A first rebalance of 29 December 2023; what it ordered. It is the evening of 3 January."""
    assert run("rebalance", *SIGNED).code == 0
    at("2024-01-03")
    return {o["ticker"]: o["shares"] for o in run("sent", "latest", *HOW, "--json").json["orders"]}


HOW = ("--how", "IBKR basket", *SIGNED)


def fills_file(folder: Path, **shares: float) -> Path:
    """A list of fills with headers nobody knows."""
    file = folder / "fills.csv"
    rows = [f"{ticker},{count},50,ref-{ticker}" for ticker, count in shares.items()]
    file.write_text("\n".join(["Ding,Menge,Preis,Nummer", *rows, ""]))
    return file


MAPPED = [
    word
    for pair in ("ticker=Ding", "shares=Menge", "price=Preis", "order_id=Nummer")
    for word in ("--map", pair)
]


def states(run: Run) -> dict[str, str]:
    lines = (line.split() for line in run("history").out.splitlines())
    return {words[0]: words[3] for words in lines if words and words[0].startswith("20")}


def test_from_orders_sent_to_fills_booked_and_the_rest_closed(
    run: Run, workspace: Path, decision: dict[str, float], tmp_path: Path
) -> None:
    assert states(run)["20231229"] == "sent"
    one, *_ = sorted(decision)
    file = fills_file(tmp_path, **{one: 5.0})
    before = written(workspace)
    looked = run("fills", "latest", str(file), *MAPPED, "--dry-run")
    assert (looked.code, written(workspace)) == (0, before)
    assert "Dry run: nothing was written." in looked.out
    assert "partly filled" in looked.out

    booked = run("fills", "latest", str(file), *MAPPED, *SIGNED, "--json")
    assert (booked.code, booked.json["complete"], booked.json["new_fills"]) == (0, False, 1)
    assert booked.json["after"]["cash"] == 1_000_000.0 - 250.0
    again = run("fills", "20231229", str(file), *MAPPED, *SIGNED)
    assert f"Already committed as {booked.json['receipt']['commit_id']}" in again.out
    plan = run("rebalance", "--dry-run").out
    assert "Warning: orders_open (20231229)" in plan
    assert states(run)["20231229"] == "partly"

    closed = run("fills", "latest", "--close-rest", *SIGNED)
    assert closed.code == 0
    assert f"Note: rest_closed ({one})" in closed.out
    assert states(run)["20231229"] == "reconciled"
    shown = run("show", "latest").out
    assert "Decision   20231229" in shown
    assert "orders_open" not in run("rebalance", "--dry-run").out
    assert run("verify").code == 0
    portfolio = desk.open_portfolio(workspace, "sample")
    kept = desk.read(portfolio, booked.json["receipt"]["commit_id"])
    assert kept.files["imported_fills.csv"] == file.read_bytes()


def test_what_cannot_be_recorded_is_refused_and_nothing_is_written(
    run: Run, workspace: Path, decision: dict[str, float], tmp_path: Path
) -> None:
    before = written(workspace)
    assert "is sent already" in run("sent", "latest", *HOW).err
    assert "at least one, or the closing of the rest" in run("fills", "latest", *SIGNED).err
    unread = run("fills", "latest", str(tmp_path / "none.csv"), *SIGNED)
    assert "it cannot be read" in unread.err
    file = fills_file(tmp_path, SPY=-1.0)
    sold = run("fills", "latest", str(file), *MAPPED, *SIGNED)
    assert sold.code == 1
    assert "it cannot hold less than none" in sold.err
    unapproved = run("fills", "latest", "--close-rest")
    assert (unapproved.code, "--approver" in unapproved.err) == (1, True)
    assert written(workspace) == before


def test_positions_are_checked_marked_resolved_and_confirmed(
    run: Run, workspace: Path, decision: dict[str, float], tmp_path: Path
) -> None:
    run("fills", "latest", "--close-rest", *SIGNED)
    run("import-holdings", str(positions(tmp_path, SPY=10, TLT=5)), *SIGNED)
    other = str(positions(tmp_path, SPY=12, TLT=5))
    before = written(workspace)
    looked = run("positions", "check", other, "--dry-run")
    assert "1 position differs" in looked.out
    assert written(workspace) == before
    marked = run("positions", "check", other, *SIGNED)
    assert "SPY: disputed, book 10, broker 12 shares" in marked.out
    assert "Warning: disputed_position (SPY)" in run("holdings").out
    plan = run("rebalance", "--dry-run", "--json").json["plan"]
    reasons = {line["ticker"]: line["reason"] for line in plan["trades"]}
    assert reasons["SPY"] == "blocked: the broker's file disagrees"
    kept = run("positions", "resolve", "spy", "--keep", "book", *SIGNED[:-2])
    assert "say something about book_kept_against_broker" in kept.err
    settled = run("positions", "resolve", "spy", "--keep", "broker", *SIGNED)
    assert (settled.code, "SPY: settled" in settled.out) == (0, True)
    confirmed = run("positions", "check", other, *SIGNED, "--json").json
    assert (confirmed["agrees"], confirmed["after"]["basis"]) == (True, "reconciled")
    assert run("verify").code == 0


def positions(folder: Path, **shares: int) -> Path:
    file = folder / "positions.csv"
    rows = [f"{ticker},{count}" for ticker, count in shares.items()]
    file.write_text("\n".join(["Symbol,Quantity", *rows, "CASH,1000", ""]))
    return file


def test_corporate_actions_have_commands(run: Run, workspace: Path, tmp_path: Path) -> None:
    run("import-holdings", str(positions(tmp_path, SPY=25, TLT=5, GLD=2)), *SIGNED)
    split = run(
        *("corporate-action", "split", "spy", "1:10", "--cash-in-lieu", "22.5"),
        *("--also", "GLD=2:1", *SIGNED, "--json"),
    )
    assert split.code == 0
    shares = {p["ticker"]: p["shares"] for p in split.json["after"]["positions"]}
    assert shares == {"SPY": 2.0, "TLT": 5.0, "GLD": 4.0}
    assert split.json["after"]["cash"] == 1022.5
    paid = run("corporate-action", "dividend", "TLT", "3.25", *SIGNED, "--json")
    assert paid.json["after"]["cash"] == 1025.75
    gone = run("corporate-action", "cash-out", "TLT", "0", *SIGNED, "--json")
    assert [p["ticker"] for p in gone.json["after"]["positions"]] == ["GLD", "SPY"]
    assert run("corporate-action", "dividend", "TLT", "3.25", *SIGNED).code == 1
    assert run("verify").code == 0


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (("corporate-action", "split", "SPY", "2"), "write new for old shares, such as 2:1"),
        (("corporate-action", "split", "SPY", "0:1"), "both numbers are above 0"),
        (("corporate-action", "cash-out", "SPY", "--", "-1"), "is below 0"),
        (("positions", "resolve", "SPY", "--keep", "brokr"), "did you mean 'broker'?"),
        (("fills", "latest", "--map", "ticker"), "is not NAME=VALUE"),
        (("sent", "latest"), "--how"),
    ],
)
def test_bad_usage_is_told_before_anything_is_read(
    run: Run, words: tuple[str, ...], about: str
) -> None:
    said = run(*words)
    assert said.code == 2
    assert about in said.err
