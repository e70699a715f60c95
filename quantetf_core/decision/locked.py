"""What to know about the tickers a person locked: a note on each, with what it did."""

from __future__ import annotations

from quantetf_core.decision.result import Situation
from quantetf_core.decision.targets import locked_out
from quantetf_core.execution.plan import TradePlan
from quantetf_core.execution.trade import Reason
from quantetf_core.findings import Finding, Severity
from quantetf_core.portfolio.locks import locks_in_force

_LOCKED = (Reason.LOCKED_HOLD, Reason.LOCKED_NO_BUY, Reason.LOCKED_NO_SELL)


def lock_findings(situation: Situation, plan: TradePlan) -> tuple[Finding, ...]:
    """A note on each lock in force, with what became of its ticker in the plan."""
    locks = locks_in_force(situation.holdings, situation.as_of.date())
    out = locked_out(situation)
    effects = _effects(plan)
    return tuple(
        Finding(
            Severity.INFO,
            "locked",
            ticker,
            f"locked by a person: {lock.words}"
            + ("; it is not held, so it was not ranked" if ticker in out else "")
            + effects.get(ticker, ""),
        )
        for ticker, lock in locks.items()
    )


def _effects(plan: TradePlan) -> dict[str, str]:
    """What a lock did to a line that would have traded otherwise."""
    columns = zip(
        plan.tickers, plan.reasons, plan.ideal_weight.tolist(), plan.target_weight, strict=True
    )
    return {
        ticker: (
            f"; its target is {ideal:.2%} and it stays at {after:.2%} of the portfolio: "
            + (
                "what is not bought of it stays in cash"
                if ideal > after
                else "what is not sold of it is not there for other lines"
            )
        )
        for ticker, reasons, ideal, after in columns
        if reasons[0] in _LOCKED and ideal != after
    }
