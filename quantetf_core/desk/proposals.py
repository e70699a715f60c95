"""Proposing a rebalance, and committing the one that was reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from quantetf_core.data.market import MarketData
from quantetf_core.decision import RebalanceResult, Situation, decide
from quantetf_core.desk.data import snapshot_of
from quantetf_core.desk.paper import send_committed, unfilled_findings
from quantetf_core.desk.portfolio import Portfolio, load_market, market_status
from quantetf_core.desk.reconciling import open_fills_findings
from quantetf_core.desk.records import history
from quantetf_core.errors import ApprovalError
from quantetf_core.ledger.artifacts import rebalance_request
from quantetf_core.ledger.commit import commit as commit_to_ledger
from quantetf_core.ledger.holdings_file import current_holdings
from quantetf_core.ledger.nav import nav_for_decision
from quantetf_core.ledger.record import Receipt
from quantetf_core.production.regime_record import logged_not_raised, record_regime


def propose(
    portfolio: Portfolio,
    market: MarketData,
    *,
    now: datetime,
    as_of: date | None = None,
    portfolio_value: float | None = None,
    cash_flow: float | None = None,
) -> RebalanceResult:
    """Decide as of a session; writes nothing.

    Parameters
    ----------
    portfolio, market
        From `open_portfolio` and `load_market`.
    now
        Aware time; judges freshness under the ``exchange`` clock.
    as_of
        Date to decide at; the latest session when None. A day without a session resolves to the
        session before.
    portfolio_value
        USD to size on; a value other than the book's, without ``cash_flow``, is a what-if.
    cash_flow
        Declared deposit (+) or withdrawal (−), USD.
    """
    session = market.resolve(as_of) if as_of is not None else market.last_session
    status = market_status(portfolio, market, now=now, as_of=as_of)
    found = history(portfolio)
    holdings, findings = current_holdings(portfolio.artifacts_dir, portfolio.state_dir, found=found)
    situation = Situation(
        as_of=session,
        requested=as_of or session.date(),
        latest=status.latest,
        data_age=status.age,
        holdings=holdings,
        holdings_findings=(
            *findings,
            *open_fills_findings(found),
            *unfilled_findings(portfolio, found),
        ),
        last_commit_as_of=found.newest.as_of if found.newest else None,
        portfolio_value=portfolio_value,
        cash_flow=cash_flow,
        nav=nav_for_decision(found, market.as_of(session), portfolio.settings),
    )
    return decide(market, portfolio.settings, situation)


def commit(
    portfolio: Portfolio,
    plan: RebalanceResult,
    *,
    approver: str,
    note: str = "",
    notes: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
    now: datetime,
) -> Receipt:
    """Commit the plan that was reviewed, once, whole; or refuse and record nothing.

    The data it was made on is kept as a snapshot first, unless it was read from one.

    Where the portfolio is on paper, its orders are then sent to the paper broker, in a commit of
    their own.

    Parameters
    ----------
    plan
        The very result that was shown; its ``plan_id`` is what is confirmed.
    approver
        Name of the person who approves.
    note
        A free note kept with the commit.
    notes
        Code of each warning → what the approver says to it.
    overrides
        ``CODE:SUBJECT`` of each block on data → why it is confirmed all the same; see
        ``plan.final_blocks`` for those that cannot be overridden.
    now
        Aware time of the confirmation.

    Raises
    ------
    ChecksBlockError, ApprovalError, StaleHoldingsError
        When it may not be committed; nothing was recorded.
    SnapshotError
        When the data it was made on cannot be kept.
    """
    _refuse_expired(portfolio, plan, now)
    with snapshot_of(portfolio, plan, now=now) as kept:
        request = rebalance_request(
            plan,
            approver=approver,
            note=note,
            notes=notes,
            overrides=overrides,
            snapshot=None if kept is None else {"id": kept.id, "fingerprint": kept.fingerprint},
        )
        receipt = commit_to_ledger(
            request, artifacts_dir=portfolio.artifacts_dir, state_dir=portfolio.state_dir, now=now
        )
    used = plan.used
    with logged_not_raised():
        record_regime(
            portfolio.state_dir, used.regime_state, regime_changed=used.days_in_regime == 1, now=now
        )
    send_committed(portfolio, plan, receipt, approver=approver, now=now)
    return receipt


def _refuse_expired(portfolio: Portfolio, plan: RebalanceResult, now: datetime) -> None:
    """A plan expires when its portfolio's clock moves past its session."""
    if portfolio.settings.config.clock == "replay":
        return
    latest = load_market(portfolio, now=now).last_session
    if latest > plan.as_of:
        raise ApprovalError(
            f"the plan is of {plan.as_of.date()} and a newer session, {latest.date()}, has "
            "closed since; review the plan again"
        )
