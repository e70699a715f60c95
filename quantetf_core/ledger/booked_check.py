"""Whether the book of a commit of fills follows from the decision and its fills."""

from __future__ import annotations

from collections.abc import Iterator

from quantetf_core.errors import CommitNotFoundError, DamagedHistoryError
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger.booked import FillsSoFar, fills_problems
from quantetf_core.ledger.reading import Commit, read_commit
from quantetf_core.ledger.record import Kind


def fills_findings(commit: Commit) -> tuple[Finding, ...]:
    """A block for each way it does not; none for a commit that books no fills, or is damaged.

    Reads the decision and the fills it goes on from, beside it in the same folder.
    """
    head = commit.manifest.head
    if head.kind is not Kind.RECONCILE or "decision" not in head.summary or commit.findings:
        return ()
    return tuple(
        Finding(Severity.BLOCK, "fills_do_not_fold", commit.id, problem)
        for problem in _problems(commit)
    )


def _problems(commit: Commit) -> Iterator[str]:
    summary = commit.manifest.head.summary
    decision, previous = summary.get("decision"), summary.get("previous")
    try:
        so_far = FillsSoFar(
            decision=read_commit(commit.folder.parent, str(decision)),
            recorded=None if previous is None else read_commit(commit.folder.parent, str(previous)),
        )
        yield from _link_problems(so_far, decision)
        yield from fills_problems(commit, so_far)
    except CommitNotFoundError:
        yield f"the decision {decision}, or the fills {previous}, it goes on from are missing"
    except DamagedHistoryError as error:
        yield f"what it goes on from does not hold: {error.problem}"


def _link_problems(so_far: FillsSoFar, decision: object) -> Iterator[str]:
    if so_far.decision.manifest.head.kind is not Kind.REBALANCE:
        yield f"{decision} is no rebalance"
    recorded = so_far.recorded
    if recorded is not None and recorded.manifest.head.summary.get("decision") != decision:
        yield f"{recorded.id} has no fills of {decision}"
