"""The book after every commit, the money that moved with it, and the rebalance in force."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quantetf_core.errors import DamagedHistoryError
from quantetf_core.ledger import (
    Approval,
    book_steps,
    holdings_after,
    last_rebalance,
    read_commit,
)
from quantetf_core.ledger.requests import revert_request
from tests.ledger.books import DAY, Ledger, rewrite


def undo(ledger: Ledger, commit_id: str) -> str:
    done = read_commit(ledger.artifacts, commit_id)
    assert ledger.book is not None
    request = revert_request(
        reverted_id=commit_id,
        reverted_kind=done.manifest.head.kind,
        before=done.holdings_before,
        after=done.holdings_after,
        cash=done.manifest.cash,
        current=ledger.book,
        as_of=DAY + timedelta(days=60),
        approval=Approval(approver="Ada", note="a mistake"),
    )
    return ledger.commit(request).commit_id


def test_every_book_comes_in_order_with_its_flow(ledger: Ledger) -> None:
    ids = ledger.chain(3)
    ledger.pay(250.0)
    steps = book_steps(ledger.history)
    assert [step.session for step in steps[:3]] == [DAY + timedelta(days=n) for n in range(3)]
    assert [step.holdings for step in steps[:3]] == [
        holdings_after(ledger.artifacts, i) for i in ids
    ]
    assert [step.flow for step in steps] == [0.0, 0.0, 0.0, 250.0]
    assert [step.replaces for step in steps] == [True, False, False, False]
    assert steps[-1].holdings == ledger.book


def test_no_history_has_no_books(ledger: Ledger) -> None:
    assert book_steps(ledger.history) == ()
    assert last_rebalance(ledger.history) is None


def test_a_book_that_is_missing_or_unreadable_names_its_commit(ledger: Ledger) -> None:
    ids = ledger.chain(2)
    rewrite(ledger.artifacts / ids[0] / "holdings_after.json", b"{}")
    with pytest.raises(DamagedHistoryError, match=ids[0]):
        book_steps(ledger.history)
    (ledger.artifacts / ids[0] / "holdings_after.json").unlink()
    with pytest.raises(DamagedHistoryError, match=ids[0]):
        book_steps(ledger.history)


def test_a_chain_with_a_link_missing_is_not_walked(ledger: Ledger) -> None:
    ids = ledger.chain(3)
    (ledger.artifacts / ids[1]).rename(ledger.root / "elsewhere")
    with pytest.raises(DamagedHistoryError, match=ids[1]):
        book_steps(ledger.history)


def test_a_flow_that_is_no_number_is_not_guessed(ledger: Ledger) -> None:
    ledger.trade({}, flow=10.0, summary={"cash_flow": "ten"})
    with pytest.raises(DamagedHistoryError, match="cash_flow"):
        book_steps(ledger.history)


def test_the_rebalance_in_force_is_the_newest_that_was_not_undone(ledger: Ledger) -> None:
    ids = ledger.chain(3)
    ledger.pay()
    found = last_rebalance(ledger.history)
    assert found is not None
    assert found.id == ids[2]
    first = ledger.history.entry(ids[0])
    assert last_rebalance(ledger.history, up_to=first) is None
    second = ledger.history.entry(ids[1])
    assert last_rebalance(ledger.history, up_to=second) == second


def test_undoing_an_undo_puts_the_rebalance_in_force_again(ledger: Ledger) -> None:
    ids = ledger.chain(3)
    undone = undo(ledger, ids[2])
    found = last_rebalance(ledger.history)
    assert found is not None
    assert found.id == ids[1]
    undo(ledger, undone)
    found = last_rebalance(ledger.history)
    assert found is not None
    assert found.id == ids[2]
