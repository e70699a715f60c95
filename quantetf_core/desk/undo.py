"""Whether a commit can be undone now, and as of which session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.errors import DamagedHistoryError
from quantetf_core.findings import Severity, of_severity
from quantetf_core.ledger import Commit, History, current_holdings
from quantetf_core.ledger.book import moved_since
from quantetf_core.ledger.decisions import revert_problem

_NAMED = 4  # differences listed before "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """What undoing a commit would take.

    Parameters
    ----------
    problem
        Why it cannot be undone now, in a sentence; empty when it can.
    as_of
        The session the undoing commit would be about.
    """

    problem: str
    as_of: date


def undo(portfolio: Portfolio, found: History, commit: Commit, *, session: date) -> Undo:
    """Say whether `revert` would accept a commit, and the session to give it.

    Parameters
    ----------
    found
        The portfolio's history.
    commit
        The commit to undo.
    session
        The session of the portfolio's clock; a book never goes back in time, so a later last
        commit wins.
    """
    newest = found.newest
    as_of = max(session, newest.as_of) if newest is not None else session
    return Undo(problem=_problem(portfolio, found, commit), as_of=as_of)


def _problem(portfolio: Portfolio, found: History, commit: Commit) -> str:
    if commit.findings:
        return "This commit is damaged, so the book it started from is not certain."
    followed = revert_problem(found, commit.id)
    if followed:
        return followed
    try:
        book, findings = current_holdings(portfolio.artifacts_dir, portfolio.state_dir, found=found)
    except DamagedHistoryError as error:
        return f"The book held now is not certain: {error}."
    blocks = of_severity(findings, Severity.BLOCK)
    if blocks:
        first = blocks[0]
        return (
            f"Nothing can be added to this history until what is wrong with it is settled: "
            f"{first.subject}: {first.message}."
        )
    since = moved_since(commit.manifest.head.kind, commit.holdings_after, book)
    if since:
        shown = "; ".join(since[:_NAMED]) + ("; …" if len(since) > _NAMED else "")
        return (
            f"The book has moved since ({shown}). A commit can be undone while the book is the "
            f"one it left: undo the later ones first, newest first."
        )
    return ""
