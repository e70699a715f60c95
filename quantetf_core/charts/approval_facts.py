"""What an approval sheet says, read from a plan or from the record of one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from quantetf_core.decision.frames import trades_frame
from quantetf_core.decision.outcomes import CheckOutcome, outcomes
from quantetf_core.decision.result import RebalanceResult
from quantetf_core.decision.tables import cash_steps
from quantetf_core.findings import Finding
from quantetf_core.ledger.contents import contents
from quantetf_core.ledger.reading import Commit
from quantetf_core.portfolio.overlays import OverlayStep

NOT_CONFIRMED = "not confirmed"
"""What a sheet of a plan is marked with."""

_CASH = {
    "cash_before": "Cash before",
    "flow": "Deposit or withdrawal",
    "sells": "Sells",
    "buys": "Buys",
    "costs": "Costs",
    "adjustment": "Adjustment",
    "cash_after": "Cash after",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recorded:
    """The commit that records a decision, and who approved it.

    ``parent`` is the id of the commit it was made on, "" for the first, and ``parent_sha256``
    what that one's manifest hashed to.
    """

    commit_id: str
    manifest_sha256: str
    parent: str
    parent_sha256: str
    approver: str
    time: datetime
    note: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ApprovalFacts:
    """Everything on an approval sheet, as plain values.

    Parameters
    ----------
    portfolio
        Its title.
    as_of, requested
        Session of the decision, and the date that was asked for.
    simulated, replay
        Whether the prices are simulated, and whether the clock was the date chosen.
    source
        Of the prices.
    state
        `NOT_CONFIRMED`, or how far the recorded decision has come.
    warning
        What must not be overlooked, in a sentence; empty for nothing.
    regime, days_in_regime, indicators
        Name, sessions (None: not recorded), and ``spy_price, spy_200ma, vix``.
    strategy, rationale, weighting, overlays
        Which, why, what an optimizer did (""), and what each overlay did.
    value, turnover, costs
        USD before trades; fraction; USD.
    cash
        The cash identity: label and USD.
    lines
        Every line of the plan, in its order: see `quantetf_core.decision.frames.trades_frame`.
    findings
        Each with the approver's note on it, "" for none.
    checks
        How each check ended; empty where that is not recorded.
    plan_id, data_fingerprint, code_version
        What the decision is known by and was made from.
    recorded
        None for a plan.
    """

    portfolio: str
    as_of: date
    requested: str
    simulated: bool
    replay: bool
    source: str
    state: str
    warning: str
    regime: str
    days_in_regime: int | None
    indicators: Mapping[str, float]
    strategy: str
    rationale: str
    weighting: str
    overlays: tuple[OverlayStep, ...]
    value: float
    turnover: float
    costs: float
    cash: tuple[tuple[str, float], ...]
    lines: pd.DataFrame
    findings: tuple[tuple[Finding, str], ...]
    checks: tuple[CheckOutcome, ...]
    plan_id: str
    data_fingerprint: str
    code_version: str
    recorded: Recorded | None = None

    @property
    def traded(self) -> pd.DataFrame:
        """The lines that trade."""
        return self.lines[self.lines["action"] != "HOLD"]

    @property
    def held(self) -> pd.DataFrame:
        """The lines that do not."""
        return self.lines[self.lines["action"] == "HOLD"]


def plan_facts(plan: RebalanceResult, *, portfolio: str) -> ApprovalFacts:
    """The facts of a plan that nobody has confirmed; ``portfolio`` is its title."""
    used = plan.used
    return ApprovalFacts(
        portfolio=portfolio,
        as_of=plan.as_of.date(),
        requested=used.situation.requested.isoformat(),
        simulated=used.simulated,
        replay=used.settings.config.clock == "replay",
        source=used.source,
        state=NOT_CONFIRMED,
        warning=_against(plan),
        regime=plan.regime,
        days_in_regime=used.days_in_regime,
        indicators=_numbers(plan.metadata["regime_indicators"]),
        strategy=plan.strategy_used,
        rationale=used.entry.rationale,
        weighting="" if used.weighting is None else used.weighting.said,
        overlays=used.overlays,
        value=used.plan.portfolio_value,
        turnover=used.plan.turnover,
        costs=used.plan.costs,
        cash=cash_steps(used.plan),
        lines=trades_frame(
            plan.trades, universe=used.settings.universe, volume_share=used.volume_share
        ),
        findings=tuple((finding, "") for finding in plan.findings),
        checks=outcomes(plan),
        plan_id=plan.plan_id,
        data_fingerprint=used.data_fingerprint,
        code_version=used.code_version,
    )


def commit_facts(commit: Commit, *, portfolio: str, state: str) -> ApprovalFacts:
    """The facts of a recorded rebalance, as they were when it was confirmed.

    Parameters
    ----------
    portfolio
        Its title.
    state
        How far the decision has come, in words.
    """
    said, head = contents(commit), commit.manifest.head
    notes = {entry.finding: entry.note for entry in commit.manifest.acknowledged}
    money = dict(said.money)
    value = head.summary.get("portfolio_value")
    return ApprovalFacts(
        portfolio=portfolio,
        as_of=head.as_of,
        requested=said.requested_date or head.as_of.isoformat(),
        simulated=head.simulated,
        replay=head.summary.get("clock") == "replay",
        source=said.inputs["source"],
        state=state,
        warning="This decision was reverted." if state == "reverted" else "",
        regime=said.regime,
        days_in_regime=said.days_in_regime,
        indicators=said.indicators,
        strategy=said.strategy,
        rationale=said.rationale,
        weighting=said.weighting,
        overlays=said.overlays,
        value=float(value) if isinstance(value, int | float) else math.nan,
        turnover=said.turnover,
        costs=commit.manifest.cash.costs,
        cash=tuple(
            (label, money[code])
            for code, label in _CASH.items()
            if code != "adjustment" or money[code]
        ),
        lines=said.trades,
        findings=tuple((finding, notes.get(finding, "")) for finding in said.findings),
        checks=(),
        plan_id=head.plan_id,
        data_fingerprint=said.inputs["data_fingerprint"],
        code_version=said.inputs["code_version"],
        recorded=Recorded(
            commit_id=head.id,
            manifest_sha256=commit.manifest_sha256,
            parent=head.parent.id if head.parent else "",
            parent_sha256=head.parent.manifest_sha256 if head.parent else "",
            approver=head.approver,
            time=head.committed_at,
            note=head.note,
        ),
    )


def _against(plan: RebalanceResult) -> str:
    """Why a plan cannot be confirmed as it is."""
    if plan.what_if:
        return "A what-if: sized on a value the portfolio does not have. It cannot be confirmed."
    if plan.blocks:
        first = plan.blocks[0]
        return f"A check blocks this plan: {first.subject}: {first.message}."
    return ""


def _numbers(indicators: Mapping[str, float | None]) -> dict[str, float]:
    return {name: math.nan if x is None else x for name, x in indicators.items()}
