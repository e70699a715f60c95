"""States of decisions, from heads alone, against a slower reading of the same rules."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quantetf_core.ledger import History, Kind
from quantetf_core.ledger.chain import CommitEntry
from quantetf_core.ledger.decisions import (
    DecisionState,
    decision_states,
    fills_commit,
    fills_problem,
    revert_problem,
    sent_problem,
    settled_since,
)
from quantetf_core.ledger.manifest import Head, Parent
from tests.ledger.books import DAY, NOW

Step = tuple[Kind, dict[str, Any]]


def made(*steps: Step) -> History:
    """A history of these commits, oldest first, named 1, 2, 3 …, without any file."""
    entries = []
    for number, (kind, summary) in enumerate(steps, start=1):
        head = Head(
            id=str(number),
            kind=kind,
            as_of=DAY,
            committed_at=NOW + timedelta(minutes=number),
            plan_id=f"plan {number}",
            parent=Parent(str(number - 1), "") if number > 1 else None,
            simulated=False,
            approver="Ada",
            note="",
            summary=summary,
        )
        entries.append(CommitEntry(head=head, folder=Path(str(number)), manifest_sha256=""))
    return History(folder=Path(), entries=tuple(reversed(entries)), findings=())


def rebalance() -> Step:
    return (Kind.REBALANCE, {})


def sent(decision: int) -> Step:
    return (Kind.SENT, {"decision": str(decision), "how": "basket"})


def fills(decision: int, *, complete: bool = False, previous: int | None = None) -> Step:
    before = None if previous is None else str(previous)
    return (
        Kind.RECONCILE,
        {"decision": str(decision), "complete": complete, "previous": before},
    )


def revert(commit: int) -> Step:
    return (Kind.REVERT, {"reverts": str(commit)})


def count() -> Step:
    return (Kind.RECONCILE, {"source": "positions.csv", "differences": 0})


def dispute() -> Step:
    return (Kind.RECONCILE, {"disputed": ["SPY"], "source": "positions.csv"})


def resolved(keep: str) -> Step:
    return (Kind.RECONCILE, {"resolved": [{"ticker": "SPY", "keep": keep}]})


def states(*steps: Step) -> list[str]:
    """The state of every rebalance, oldest first."""
    return [str(state) for state in reversed(decision_states(made(*steps)).values())]


def test_a_decision_goes_from_committed_to_reconciled() -> None:
    steps = [rebalance(), sent(1), fills(1), fills(1, complete=True, previous=3)]
    assert [states(*steps[:n]) for n in range(1, 5)] == [
        ["committed"],
        ["sent"],
        ["partly_filled"],
        ["reconciled"],
    ]


def test_undoing_goes_back_a_step_and_undoing_that_comes_forward_again() -> None:
    steps = [rebalance(), sent(1), fills(1, complete=True)]
    assert states(*steps, revert(3)) == ["sent"]
    assert states(*steps, revert(3), revert(2)) == ["committed"]
    assert states(*steps, revert(3), revert(4)) == ["reconciled"]
    assert states(*steps, revert(3), revert(2), revert(1)) == ["reverted"]
    assert states(*steps, revert(3), revert(1), revert(5)) == ["sent"]


def test_fills_say_more_than_sending_in_whatever_order_they_stand() -> None:
    assert states(rebalance(), fills(1), sent(1)) == ["partly_filled"]


def test_a_count_of_the_whole_book_reconciles_what_was_decided_before_it() -> None:
    assert states(rebalance(), rebalance(), count(), rebalance()) == [
        "reconciled",
        "reconciled",
        "committed",
    ]
    assert states(rebalance(), count(), revert(2)) == ["committed"]
    assert states(rebalance(), (Kind.IMPORT, {"source": "x"})) == ["reconciled"]


def test_marking_and_settling_a_position_is_no_count() -> None:
    assert states(rebalance(), dispute(), resolved("book")) == ["committed"]


def test_labels_are_words() -> None:
    assert [state.label for state in DecisionState] == [
        *("committed", "sent", "partly filled", "reconciled", "reverted")
    ]


def test_only_the_newest_decision_in_force_can_be_sent_or_filled() -> None:
    both = made(rebalance(), rebalance())
    assert "another rebalance, 2" in fills_problem(both, "1")
    assert "another rebalance, 2" in sent_problem(both, "1")
    assert fills_problem(both, "2") == sent_problem(both, "2") == ""
    undone = made(rebalance(), rebalance(), revert(2))
    assert fills_problem(undone, "1") == ""
    assert fills_problem(undone, "2") == "was reverted"
    assert "no rebalance" in sent_problem(made(rebalance(), sent(1)), "2")


def test_what_is_sent_filled_or_reconciled_is_not_sent_again() -> None:
    assert sent_problem(made(rebalance(), sent(1)), "1") == "is sent already"
    assert sent_problem(made(rebalance(), fills(1)), "1") == "is partly filled already"
    assert sent_problem(made(rebalance(), sent(1), revert(2)), "1") == ""


def test_no_fills_after_a_count_which_has_them() -> None:
    found = made(rebalance(), count())
    assert "count of the whole book, 2" in fills_problem(found, "1")
    assert fills_problem(made(rebalance(), count(), revert(2)), "1") == ""
    assert fills_problem(made(count(), rebalance()), "2") == ""


def test_a_rebalance_with_fills_is_not_undone_before_they_are() -> None:
    steps = [rebalance(), fills(1), fills(1, previous=2)]
    assert "recorded, by 3:" in revert_problem(made(*steps), "1")
    assert "recorded by 3 stand on it" in revert_problem(made(*steps), "2")
    assert revert_problem(made(*steps), "3") == ""
    assert revert_problem(made(*steps, revert(3), revert(2)), "1") == ""


def test_fills_do_not_come_back_beside_others() -> None:
    steps = [rebalance(), fills(1), revert(2), fills(1)]
    assert "stand on it" in revert_problem(made(*steps), "3")
    assert revert_problem(made(*steps[:3]), "3") == ""


def test_what_a_count_confirmed_is_not_undone_before_it() -> None:
    steps = [rebalance(), fills(1, complete=True), count()]
    assert "counted since, by 3" in revert_problem(made(*steps), "1")
    assert "counted since, by 3" in revert_problem(made(*steps), "2")
    assert revert_problem(made(*steps), "3") == ""
    assert revert_problem(made(*steps, revert(3)), "2") == ""
    assert revert_problem(made(*steps), "no such commit") == ""
    assert revert_problem(made(*steps, revert(3), revert(2), count()), "2") == ""


def test_splits_and_counts_taken_over_settle_a_ticker() -> None:
    split = (Kind.CORPORATE_ACTION, {"actions": [{"ticker": "SPY", "split": 2.0}]})
    paid = (Kind.CORPORATE_ACTION, {"actions": [{"ticker": "SPY", "dividend": 2.0}]})
    gone = (Kind.CORPORATE_ACTION, {"actions": [{"ticker": "TLT", "cash_out": 0.0}]})
    assert settled_since(made(rebalance(), paid), "1") == {}
    assert settled_since(made(rebalance(), split, gone), "1") == {"SPY": "2", "TLT": "3"}
    assert settled_since(made(split, rebalance()), "2") == {}
    assert settled_since(made(rebalance(), resolved("broker")), "1") == {"SPY": "2"}
    assert settled_since(made(rebalance(), resolved("book")), "1") == {}
    assert settled_since(made(rebalance(), split, revert(2)), "1") == {}


def in_force(steps: list[Step], number: int) -> bool:
    """Whether no later undoing that is itself in force undoes this commit."""
    return not any(
        kind is Kind.REVERT and summary["reverts"] == str(number) and in_force(steps, later)
        for later, (kind, summary) in enumerate(steps, start=1)
        if later > number
    )


def expected(steps: list[Step], number: int) -> str:
    """The state of one rebalance, as the rules are told."""
    if not in_force(steps, number):
        return "reverted"
    after = [
        (kind, summary)
        for later, (kind, summary) in enumerate(steps, start=1)
        if later > number and in_force(steps, later)
    ]
    counted = any(
        kind is Kind.IMPORT or (kind is Kind.RECONCILE and "differences" in summary)
        for kind, summary in after
    )
    mine = [(kind, s) for kind, s in after if s.get("decision") == str(number)]
    filled = [summary["complete"] for kind, summary in mine if kind is Kind.RECONCILE]
    if counted or (filled and filled[-1]):
        return "reconciled"
    if filled:
        return "partly_filled"
    return "sent" if mine else "committed"


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    steps: list[Step] = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        earlier = st.integers(1, max(number - 1, 1))
        plain = st.sampled_from([rebalance(), rebalance(), count(), dispute(), (Kind.CASH, {})])
        about = st.one_of(
            earlier.map(sent),
            earlier.map(revert),
            earlier.map(revert),
            st.builds(lambda d, c: fills(d, complete=c), earlier, st.booleans()),
        )
        drawn = draw(st.one_of(plain, about) if number > 1 else plain)
        about_rebalance = drawn[0] is Kind.SENT or "complete" in drawn[1]
        if about_rebalance and steps[int(drawn[1]["decision"]) - 1][0] is not Kind.REBALANCE:
            drawn = rebalance()
        steps.append(drawn)
    return steps


@given(histories())
def test_states_are_those_of_the_rules_read_commit_by_commit(steps: list[Step]) -> None:
    found = made(*steps)
    told = decision_states(found)
    numbers = [n for n, (kind, _) in enumerate(steps, start=1) if kind is Kind.REBALANCE]
    assert {int(name): str(state) for name, state in told.items()} == {
        number: expected(steps, number) for number in numbers
    }
    for number in numbers:
        later = [
            str(n)
            for n, (kind, summary) in enumerate(steps, start=1)
            if kind is Kind.RECONCILE
            and summary.get("decision") == str(number)
            and in_force(steps, n)
        ]
        if in_force(steps, number):
            entry = fills_commit(found, str(number))
            assert (entry.id if entry else None) == (later[-1] if later else None)
