"""What became of each decision: committed, sent, filled, reconciled or reverted.

Everything is read from the heads of the commits, newest first: a commit that was undone counts
for nothing, and neither does an undoing that was itself undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from quantetf_core.ledger.book_history import last_rebalance
from quantetf_core.ledger.chain import CommitEntry
from quantetf_core.ledger.history import History
from quantetf_core.ledger.record import Kind


class DecisionState(StrEnum):
    """How far a rebalance has come."""

    COMMITTED = "committed"
    SENT = "sent"
    PARTLY_FILLED = "partly_filled"
    RECONCILED = "reconciled"
    REVERTED = "reverted"

    @property
    def label(self) -> str:
        """The words a PM reads."""
        return self.value.replace("_", " ")


def standing(found: History, *, undoing: str | None = None) -> Iterator[CommitEntry]:
    """Commits that are in force, newest first; those that undo others are left out.

    Parameters
    ----------
    undoing
        As if this commit were undone, too.
    """
    undone: set[object] = {undoing}
    for entry in found.entries:
        if entry.id in undone:
            continue
        if entry.kind is Kind.REVERT:
            undone.add(entry.summary.get("reverts"))
        else:
            yield entry


def decision_of(entry: CommitEntry) -> str | None:
    """The rebalance that a commit of its orders or fills is about; None for any other commit."""
    decision = entry.summary.get("decision")
    about = entry.kind in (Kind.SENT, Kind.RECONCILE)
    return decision if about and isinstance(decision, str) else None


def is_fills(entry: CommitEntry) -> bool:
    """Whether a commit books fills."""
    return entry.kind is Kind.RECONCILE and decision_of(entry) is not None


def is_count(entry: CommitEntry) -> bool:
    """Whether a commit states the whole book anew, so that no earlier fill is missing in it."""
    if entry.kind is Kind.IMPORT:
        return True
    partial = {"decision", "disputed", "resolved"} & set(entry.summary)
    return entry.kind is Kind.RECONCILE and not partial


def decision_states(found: History) -> dict[str, DecisionState]:
    """The state of every rebalance, by its id, newest first.

    A rebalance is reconciled when its fills are complete or its rest was closed, and also when
    the whole book was counted since.
    """
    states = {
        entry.id: DecisionState.REVERTED for entry in found.entries if entry.kind is Kind.REBALANCE
    }
    fills: dict[str, CommitEntry] = {}
    sent: set[str] = set()
    counted = False
    for entry in standing(found):
        decision = decision_of(entry)
        if entry.kind is Kind.REBALANCE:
            states[entry.id] = _state(fills.get(entry.id), entry.id in sent, counted=counted)
        elif decision is not None and entry.kind is Kind.SENT:
            sent.add(decision)
        elif decision is not None:
            fills.setdefault(decision, entry)
        counted = counted or is_count(entry)
    return states


def _state(fills: CommitEntry | None, sent: bool, *, counted: bool) -> DecisionState:
    if counted:
        return DecisionState.RECONCILED
    if fills is not None:
        complete = fills.summary.get("complete") is True
        return DecisionState.RECONCILED if complete else DecisionState.PARTLY_FILLED
    return DecisionState.SENT if sent else DecisionState.COMMITTED


def fills_commit(found: History, decision_id: str) -> CommitEntry | None:
    """The commit that has every fill recorded of a decision so far; None before the first."""
    for entry in standing(found):
        if entry.id == decision_id:
            return None
        if is_fills(entry) and decision_of(entry) == decision_id:
            return entry
    return None


def sent_problem(found: History, decision_id: str) -> str:
    """Why a decision cannot be marked as sent; empty when it can.

    Raises
    ------
    CommitNotFoundError
        When no commit has this id.
    """
    problem = _closed(found, decision_id)
    if problem:
        return problem
    state = decision_states(found)[decision_id]
    if state is DecisionState.COMMITTED:
        return ""
    return f"is {state.label} already"


def fills_problem(found: History, decision_id: str) -> str:
    """Why no fills can be recorded of a decision; empty when they can. Raises as `sent_problem`."""
    problem = _closed(found, decision_id)
    if problem:
        return problem
    for entry in standing(found):
        if entry.id == decision_id:
            break
        if is_count(entry):
            return (
                f"was followed by a count of the whole book, {entry.id}: what was filled before "
                "it is in that count"
            )
    return ""


def _closed(found: History, decision_id: str) -> str:
    """Why nothing more happens to a decision, in words that follow its id."""
    entry = found.entry(decision_id)
    if entry.kind is not Kind.REBALANCE:
        return f"is no rebalance but a commit of the kind {entry.kind}"
    if decision_states(found)[decision_id] is DecisionState.REVERTED:
        return "was reverted"
    newest = last_rebalance(found)
    if newest is not None and newest.id != decision_id:
        return (
            f"was followed by another rebalance, {newest.id}, which takes its trades as filled; "
            "a difference from the broker shows when the book is held against a position file"
        )
    return ""


def settled_since(found: History, decision_id: str) -> dict[str, str]:
    """Tickers whose share count was restated after a decision, and by which commit.

    A split, a cash-out, or the broker's count taken over: fills of such a ticker can no longer be
    told from what was restated.
    """
    settled: dict[str, str] = {}
    for entry in standing(found):
        if entry.id == decision_id:
            break
        for row in _rows(entry, "actions"):
            if "split" in row or "cash_out" in row:
                settled.setdefault(str(row.get("ticker")), entry.id)
        for row in _rows(entry, "resolved"):
            if row.get("keep") == "broker":
                settled.setdefault(str(row.get("ticker")), entry.id)
    return settled


def _rows(entry: CommitEntry, key: str) -> list[dict[str, object]]:
    value = entry.summary.get(key)
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def revert_problem(found: History, commit_id: str) -> str:
    """Why a commit cannot be undone because of what was recorded of a decision; empty if it can.

    What a broker did is not undone by a record: a rebalance with fills, or confirmed by a count,
    stays until those are undone, and fills are undone newest first.
    """
    entry = found.by_id.get(commit_id)
    if entry is None:
        return ""
    if entry.kind is Kind.REBALANCE or is_fills(entry):
        counted = _counted_since(found, commit_id)
        if counted:
            return f"The book was counted since, by {counted}: undo that first."
    return _fills_left_without(found, commit_id)


def _counted_since(found: History, commit_id: str) -> str:
    """Id of the newest count after a commit that is in force; empty when there is none."""
    later: list[CommitEntry] = []
    for entry in standing(found):
        if entry.id == commit_id:
            return next((e.id for e in later if is_count(e)), "")
        later.append(entry)
    return ""


def _fills_left_without(found: History, commit_id: str) -> str:
    """The fills that undoing a commit would leave without what they were booked on."""
    left = list(standing(found, undoing=commit_id))
    decisions = {entry.id for entry in left if entry.kind is Kind.REBALANCE}
    fills = [(entry, str(decision_of(entry))) for entry in left if is_fills(entry)]
    for entry, decision in fills:
        if decision not in decisions:
            return (
                f"Fills of it are recorded, by {entry.id}: what the broker did is not undone by "
                "a record. Trade back instead; or, if the fills were recorded by mistake, undo "
                "that first."
            )
    latest: dict[str, str] = {}
    for entry, decision in reversed(fills):
        if entry.summary.get("previous") != latest.get(decision):
            return f"The fills of {decision} recorded by {entry.id} stand on it: undo that first."
        latest[decision] = entry.id
    return ""
