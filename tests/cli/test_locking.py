"""``lock`` and ``unlock``."""

from __future__ import annotations

from tests.cli.conftest import Run

SIGNED = ("--approver", "Ann", "--yes", "--note", "as agreed")


def test_a_ticker_is_locked_left_alone_and_set_free_again(run: Run) -> None:
    run("rebalance", *SIGNED)
    first = run("holdings", "--json").json["book"]["lines"][0]["ticker"]
    words = ("lock", first.lower(), "--rule", "hold", "--reason", "pledged")
    said = run(*words, "--until", "2024-03-28", *SIGNED)
    assert said.code == 0
    assert f"{first}: locked, not traded (pledged; 2023-12-29 to 2024-03-28)" in said.out

    plan = run("rebalance", "--dry-run", "--cash-flow", "500000", "--json").json["plan"]
    lines = {line["ticker"]: line for line in plan["trades"]}
    assert lines[first]["action"] == "HOLD"
    assert "locked: not traded" in lines[first]["reason"]
    assert [f["subject"] for f in plan["findings"] if f["code"] == "locked"] == [first]

    assert f"{first}: lock lifted" in run("unlock", first, *SIGNED).out
    assert "none is locked" in run("unlock", first, *SIGNED).err
    assert run("lock", first, "--rule", "never", "--reason", "x", *SIGNED).code == 2
    assert run("verify").code == 0
