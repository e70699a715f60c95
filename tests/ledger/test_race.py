"""Two processes confirming at the same moment give one commit."""

from __future__ import annotations

import pytest

from tests.ledger.books import Ledger
from tests.ledger.test_killed import run

ROUNDS = 6


def test_the_same_plan_is_one_commit_and_two_receipts(ledger):
    ledger.begin(cash=100_000.0, SPY=100.0)

    for number, result in enumerate(run("race", ledger.root, ROUNDS, "same"), start=2):
        (one, first), (two, second) = result["said"]
        assert result["codes"] == [0, 0]
        assert one == two == f"20240131-{number}"
        assert {first, second} == {True, False}
    assert len(ledger.history.entries) == ROUNDS + 1
    assert ledger.verify().ok


def test_two_plans_are_one_commit_and_a_refusal_with_the_difference(ledger):
    ledger.begin(cash=100_000.0, SPY=100.0)

    for result in run("race", ledger.root, ROUNDS, "different"):
        said = dict(result["said"])
        assert result["codes"] == [0, 0]
        assert "shares" in said.pop("StaleHoldingsError")
        assert list(said.values()) == [False]
    assert len(ledger.history.entries) == ROUNDS + 1
    assert ledger.verify().ok


@pytest.mark.parametrize("kind", ["same", "different"])
def test_the_very_first_commit_is_raced_too_folders_and_locks_included(tmp_path, kind):
    for number in range(3):
        ledger = Ledger(tmp_path / str(number))
        ledger.root.mkdir()
        (result,) = run("race", ledger.root, 1, kind)
        said = dict(result["said"])

        assert result["codes"] == [0, 0]
        assert set(said) == {"20240131"} | (
            {"StaleHoldingsError"} if kind == "different" else set()
        )
        assert len(ledger.history.entries) == 1
        assert ledger.verify().ok
