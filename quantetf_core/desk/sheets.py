"""Approval sheets: a plan as reviewed, or a recorded decision, to be printed and filed."""

from __future__ import annotations

from dataclasses import dataclass

from quantetf_core.charts.approval_facts import commit_facts, plan_facts
from quantetf_core.charts.approval_sheet import approval_sheet as lay_out
from quantetf_core.decision import RebalanceResult
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.records import history, read, verify_commit
from quantetf_core.errors import DamagedHistoryError, DecisionStateError
from quantetf_core.ledger import Kind
from quantetf_core.ledger.decisions import decision_states


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetFile:
    """A sheet as a file: its name, and one page of HTML that needs nothing else."""

    name: str
    content: bytes
    media_type: str = "text/html"


def approval_sheet(portfolio: Portfolio, decision: RebalanceResult | str) -> SheetFile:
    """The approval sheet of a plan, marked as not confirmed, or of the commit of this id.

    Writes nothing. A plan that is a what-if or blocked has a sheet, too, which says so.

    Raises
    ------
    CommitNotFoundError
        When there is no commit of this id.
    DecisionStateError
        When it is no rebalance.
    DamagedHistoryError
        When it does not hold: what cannot be relied upon is not put on paper.
    """
    if isinstance(decision, RebalanceResult):
        facts = plan_facts(decision, portfolio=portfolio.title)
    else:
        commit_id = _sound_rebalance(portfolio, decision)
        state = decision_states(history(portfolio))[commit_id]
        facts = commit_facts(
            read(portfolio, commit_id), portfolio=portfolio.title, state=state.label
        )
    name = sheet_name(portfolio, decision, simulated=facts.simulated)
    return SheetFile(name=name, content=lay_out(facts))


def sheet_name(
    portfolio: Portfolio, decision: RebalanceResult | str, *, simulated: bool | None = None
) -> str:
    """The name of a sheet's file: of a plan, or of the commit of this id.

    ``simulated`` says whether a commit's prices are; a plan knows it by itself.
    """
    mark = decision
    if isinstance(decision, RebalanceResult):
        mark, simulated = f"{decision.as_of.date()}-not-confirmed", decision.used.simulated
    return f"approval-{portfolio.name}-{mark}{'-simulated' if simulated else ''}.html"


def _sound_rebalance(portfolio: Portfolio, commit_id: str) -> str:
    head = history(portfolio).entry(commit_id).head
    if head.kind is not Kind.REBALANCE:
        raise DecisionStateError(commit_id, "is no rebalance, so it has no approval sheet")
    broken = verify_commit(portfolio, commit_id)
    if broken:
        raise DamagedHistoryError(commit_id, broken[0].message)
    return commit_id
