"""``rebalance``: the plan, and the commit of that very plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from quantetf_core import desk
from quantetf_core.cli import words
from quantetf_core.cli.asked import Plan, Signature
from quantetf_core.cli.screen import Column, Grid, Line, Part
from quantetf_core.cli.session import Session
from quantetf_core.cli.tables import (
    Shown,
    already_parts,
    entry_receipt,
    finding_parts,
    grid,
    indicators,
    overlay_parts,
    receipt_facts,
    receipt_parts,
    simulated_parts,
)
from quantetf_core.decision import RebalanceResult
from quantetf_core.decision.tables import cash_steps, ranking_view
from quantetf_core.errors import ApprovalError, ChecksBlockError
from quantetf_core.findings import override_key

TURNOVER = "Turnover is half of all changes in value, cash included, over the portfolio's value."


def rebalance(session: Session, wanted: Plan, sign: Signature) -> None:
    """Propose, show, and commit what was shown.

    Raises
    ------
    ChecksBlockError, ApprovalError
        When it may not be committed; nothing was written.
    """
    portfolio = session.open()
    market = session.market(portfolio)
    with session.working("Deciding ..."):
        plan = desk.propose(
            portfolio,
            market,
            now=session.now,
            as_of=wanted.as_of,
            portfolio_value=wanted.portfolio_value,
            cash_flow=wanted.cash_flow,
        )
    session.say(_plan_parts(portfolio, plan), dry_run=wanted.dry_run, plan=desk.plan_facts(plan))
    if wanted.dry_run:
        session.say([Line(""), Line("Dry run: nothing was written.")])
        return
    overrides = _overrides(plan, sign)
    _refuse_unconfirmable(plan, overrides)
    done = desk.already_committed(portfolio, plan)
    if done is not None:
        session.say(already_parts(done.id), receipt=entry_receipt(done))
        return
    session.say([Line("")])
    _commit(session, portfolio, plan, sign, overrides)


def _commit(
    session: Session,
    portfolio: desk.Portfolio,
    plan: RebalanceResult,
    sign: Signature,
    overrides: Mapping[str, str],
) -> None:
    approver = session.approver(sign)
    note, notes = session.acknowledge(plan.warnings, sign)
    trades = words.count(len(plan.orders), "trade")
    session.confirm(f"Commit {trades} of {plan.as_of.date()}?", sign)
    receipt = desk.commit(
        portfolio,
        plan,
        approver=approver,
        note=note,
        notes=notes,
        overrides=overrides,
        now=session.now,
    )
    session.say(receipt_parts(receipt), receipt=receipt_facts(receipt))


def _overrides(plan: RebalanceResult, sign: Signature) -> dict[str, str]:
    """The reasons given, by the block each overrides.

    Raises
    ------
    ApprovalError
        When one is no ``CODE:SUBJECT=REASON``, or names no block of the plan that can be.
    """
    open_to = {override_key(block) for block in plan.overridable}
    given = {}
    for text in sign.overrides:
        key, _, reason = text.partition("=")
        if not reason.strip():
            raise ApprovalError(f"--override {text!r} gives no reason: CODE:SUBJECT=REASON")
        if key not in open_to:
            listed = ", ".join(sorted(open_to)) or "no block of this plan can be overridden"
            raise ApprovalError(f"--override {key!r} names no block that can be: {listed}")
        given[key] = reason.strip()
    return given


def _refuse_unconfirmable(plan: RebalanceResult, overrides: Mapping[str, str]) -> None:
    if plan.what_if:
        raise ApprovalError(
            "the value is not the book's, so this is a what-if; give --dry-run to look only, or "
            "declare the difference as a deposit or withdrawal with --cash-flow"
        )
    left = [block for block in plan.blocks if override_key(block) not in overrides]
    if left:
        raise ChecksBlockError(left)


# --- the plan -------------------------------------------------------------------------------


def _plan_parts(portfolio: desk.Portfolio, plan: RebalanceResult) -> Iterator[Part]:
    used = plan.used
    yield from simulated_parts(used.simulated)
    yield Line(f"{portfolio.title}, {_session_of(plan)}", "bold")
    regime = f"{used.regime_state.label}, session {used.days_in_regime} of it"
    yield Line(f"Regime    {regime} ({indicators(used.regime_state)})")
    yield Line(f"Strategy  {plan.strategy_used}: {used.entry.rationale}")
    if used.weighting is not None:
        yield Line(f"Weights   {used.weighting.said}")
    yield Line(f"Plan      {_headline(plan)}", "bold")
    yield Line(f"          {TURNOVER}", "dim")
    ranked = ranking_view(plan)
    no_cut = ranked["gap"].isna().all()
    yield grid("Ranking", ranked, [one for one in _RANKING if one.name != "gap" or not no_cut])
    yield from overlay_parts(used.overlays)
    yield _trades(plan)
    yield _cash(plan)
    yield Line("")
    yield from finding_parts(plan.findings)
    yield Line(f"Plan id {plan.plan_id}", "dim")


def _session_of(plan: RebalanceResult) -> str:
    session, asked = plan.as_of.date(), plan.used.situation.requested
    return f"session {session}" + ("" if asked == session else f" (asked for {asked})")


def _headline(plan: RebalanceResult) -> str:
    numbers = plan.used.plan
    return ", ".join(
        (
            words.count(len(plan.orders), "trade"),
            f"{words.percent(numbers.turnover, places=1)} turnover",
            f"{words.usd(numbers.costs)} cost",
            words.count(len(plan.blocks), "block"),
            words.count(len(plan.warnings), "warning"),
            f"on {words.usd(numbers.portfolio_value)}" + (" (what-if)" if plan.what_if else ""),
        )
    )


_RANKING = (
    Shown("rank", "Rank", words.places(0)),
    Shown("ticker", "Ticker"),
    Shown("name", "Name", wraps=True),
    Shown("score", "Score", words.places(4)),
    Shown("gap", "To the cut", words.places(4, signed=True)),
    Shown("choice", "Choice"),
)


def _trades(plan: RebalanceResult) -> Grid:
    columns = [
        Column("Action"),
        Column("Ticker"),
        Column("Shares now", right=True),
        Column("Change", right=True),
        Column("After", right=True),
        Column("Price", right=True),
        Column("Of"),
        Column("Notional", right=True),
        Column("Weight now", right=True),
        Column("After", right=True),
        Column("Cost", right=True),
        Column("Reason", wraps=True),
    ]
    rows = [
        (
            str(line.action),
            line.ticker,
            words.shares(line.current_shares),
            words.shares(line.shares_delta, signed=True),
            words.shares(line.target_shares),
            words.usd(line.price),
            str(line.price_date or words.MISSING),
            words.usd(line.notional_value),
            words.percent(line.current_weight),
            words.percent(line.target_weight),
            words.usd(line.cost),
            line.reason,
        )
        for line in plan.trades
    ]
    return Grid("Trades", columns, rows)


def _cash(plan: RebalanceResult) -> Grid:
    steps = cash_steps(plan.used.plan)
    rows = [
        (step.label, words.usd(step.usd, signed=0 < place < len(steps) - 1))
        for place, step in enumerate(steps)
    ]
    return Grid(
        "Cash (the last line is the sum)", [Column("Step"), Column("USD", right=True)], rows
    )
