"""The pre-trade checks: a list of functions, each from the facts of a plan to findings.

Adding a check is a function, its limits in `quantetf_core.config.schema.ChecksConfig`, and a line
in `CHECKS`. A check set to ``off`` is not run; otherwise its findings carry the severity the
configuration names. Rules that no configuration may relax are in `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from quantetf_core.config import ChecksConfig, PortfolioSettings
from quantetf_core.data.market import MarketData
from quantetf_core.data.quality import data_findings
from quantetf_core.data.schedule import is_due, next_due
from quantetf_core.decision.result import Situation
from quantetf_core.decision.trust import Trust, signal_findings
from quantetf_core.execution.plan import TradePlan
from quantetf_core.execution.trade import Action, Trade
from quantetf_core.findings import Finding, Severity
from quantetf_core.regime.types import RegimeState

Said = Iterator[tuple[str, str]]
"""What a check says: ``(subject, message)``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Facts:
    """What the checks look at; the market holds nothing after ``situation.as_of``."""

    situation: Situation
    settings: PortfolioSettings
    market: MarketData
    plan: TradePlan
    lines: tuple[Trade, ...]
    regime_state: RegimeState
    trust: Trust
    volume_share: Mapping[str, float]
    what_if: bool

    @property
    def first_funding(self) -> bool:
        """Whether there is no book yet, so that everything is bought from the first deposit."""
        return self.situation.holdings is None

    @property
    def limits(self) -> ChecksConfig:
        """The configured checks."""
        return self.settings.checks


def check(facts: Facts) -> tuple[Finding, ...]:
    """Every finding the rules and the configured checks have on a plan, in no order."""
    found = [
        Finding(Severity.BLOCK, code, subject, message)
        for code, rule in RULES.items()
        for subject, message in rule(facts)
    ]
    for code, rule in CHECKS.items():
        action = _action(facts, code)
        if action != "off":
            found += [Finding(Severity(action), code, *said) for said in rule(facts)]
    return (*found, *facts.trust.findings, *_data(facts))


def _action(facts: Facts, code: str) -> str:
    """What the configuration makes of a check; a replay never goes back, whatever it says."""
    if code == "before_last_commit" and facts.settings.config.clock == "replay":
        return "block"
    action: str = getattr(facts.limits, code).action
    return action


def _data(facts: Facts) -> tuple[Finding, ...]:
    """Data findings on what the plan uses; the configuration decides how much they weigh."""
    limits = facts.limits.data_findings
    if limits.action == "off":
        return ()
    used = {line.ticker for line in facts.lines if line.target_shares or line.current_shares}
    found = data_findings(
        facts.market,
        as_of=facts.situation.as_of,
        used=used,
        max_one_session_move=limits.max_one_session_move,
        lookback_sessions=limits.lookback_sessions,
        told=facts.trust.told,
        accepted=facts.settings.accepted,
    )
    weighed = tuple(
        Finding(Severity(limits.action), f.code, f.subject, f.message)
        if f.severity is Severity.WARN
        else f
        for f in found
    )
    return signal_findings(weighed, facts.settings)


def freshness(facts: Facts) -> Said:
    """The newest session of the data is older than the limit, at the portfolio's clock."""
    age, limit = facts.situation.data_age, facts.limits.freshness.max_age_sessions
    if age > limit:
        yield (
            "market data",
            f"the newest close is of {_day(facts.market.last_session)}, {_sessions(age)} behind "
            f"the last completed session; at most {_sessions(limit)} accepted",
        )


def unknown_regime(facts: Facts) -> Said:
    """The regime is unknown, so the mapping's fallback strategy was used."""
    if facts.regime_state.name == "unknown":
        entry = facts.settings.mapping.fallback
        yield (
            "regime",
            f"the regime is unknown at {_day(facts.situation.as_of)}, so the fallback strategy "
            f"{entry.strategy} is used: {entry.rationale}",
        )


def turnover(facts: Facts) -> Said:
    """One-way turnover above the limit; the first funding is exempt."""
    found, limit = facts.plan.turnover, facts.limits.turnover.max_turnover
    if not facts.first_funding and found > limit:
        yield "portfolio", f"turnover is {found:.1%} of the portfolio; the limit is {limit:.1%}"


def position_size(facts: Facts) -> Said:
    """One position above the largest weight allowed."""
    limit = facts.limits.position_size.max_weight
    for line in facts.lines:
        if line.target_weight > limit:
            yield (
                line.ticker,
                f"would be {line.target_weight:.1%} of the portfolio; the limit is {limit:.1%}",
            )


def asset_class(facts: Facts) -> Said:
    """One asset class above the largest sum of weights allowed."""
    limits = facts.limits.asset_class
    classes = facts.settings.universe.asset_classes
    totals: dict[str, float] = {}
    for line in facts.lines:
        name = classes.get(line.ticker, "outside the universe")
        totals[name] = totals.get(name, 0.0) + line.target_weight
    for name, total in sorted(totals.items()):
        if name not in limits.exempt and total > limits.max_weight:
            yield (
                name,
                f"would be {total:.1%} of the portfolio; the limit is {limits.max_weight:.1%}",
            )


def volume_share(facts: Facts) -> Said:
    """A trade that is a large share of the average daily volume."""
    limits = facts.limits.volume_share
    for ticker, share in facts.volume_share.items():
        if share > limits.max_share:
            yield (
                ticker,
                f"the trade is {share:.1%} of the average daily volume of the last "
                f"{_sessions(limits.lookback_sessions)}; the limit is {limits.max_share:.1%}",
            )


def cash_floor(facts: Facts) -> Said:
    """Cash after the trades is below the floor: more is withdrawn than can be raised."""
    plan = facts.plan
    if plan.cash_after < plan.cash_floor:
        yield (
            "cash",
            f"{plan.cash_after:,.2f} USD would be left; the floor is {plan.cash_floor:,.2f} USD",
        )


def negative_cash(facts: Facts) -> Said:
    """Cash below zero, whatever the configuration says of the floor."""
    if facts.plan.cash_after < 0 and facts.limits.cash_floor.action != "block":
        yield "cash", f"{-facts.plan.cash_after:,.2f} USD would be missing; the desk never borrows"


def off_schedule(facts: Facts) -> Said:
    """The session is not one on which a rebalance is due; the first funding is exempt."""
    schedule, as_of = facts.settings.config.schedule, facts.situation.as_of
    if not facts.first_funding and schedule.frequency != "none" and not is_due(schedule, as_of):
        yield (
            _day(as_of),
            f"no rebalance is due; the next one is: {next_due(schedule, as_of).reason}",
        )


def universe_coverage(facts: Facts) -> Said:
    """Too few ETFs of the universe have a close at the session."""
    symbols = facts.settings.universe.symbols
    closes = facts.market.newest("close", symbols)
    absent = [symbol for symbol, close in zip(symbols, closes, strict=True) if np.isnan(close)]
    have, limit = len(symbols) - len(absent), facts.limits.universe_coverage.min_coverage
    if have < limit * len(symbols):
        missing = ", ".join(absent[:8])
        yield (
            "universe",
            f"{have} of {len(symbols)} ETFs have a close at {_day(facts.situation.as_of)} "
            f"(without one: {missing}{', …' if len(symbols) - have > 8 else ''}); "
            f"at least {limit:.0%} expected",
        )


def before_last_commit(facts: Facts) -> Said:
    """The session lies before the newest commit's."""
    last = facts.situation.last_commit_as_of
    if last is not None and facts.situation.as_of.date() < last:
        yield (
            _day(facts.situation.as_of),
            f"the newest commit is of {_day(pd.Timestamp(last))}; an earlier session can be "
            "looked at and not confirmed",
        )


def past_session(facts: Facts) -> Said:
    """An earlier session than the clock allows can be looked at, never confirmed."""
    situation = facts.situation
    if situation.as_of < situation.latest:
        yield (
            _day(situation.as_of),
            f"the latest session is {_day(situation.latest)}; an earlier one can be looked at "
            "and not confirmed",
        )


def what_if_only(facts: Facts) -> Said:
    """A sizing value that is neither the book's nor declared as a cash flow."""
    if facts.what_if:
        yield (
            "portfolio value",
            f"sized on {facts.plan.portfolio_value:,.2f} USD, which is not the book's value; "
            "declare the difference as a deposit or withdrawal to confirm",
        )


CHECKS: dict[str, Callable[[Facts], Said]] = {
    "freshness": freshness,
    "unknown_regime": unknown_regime,
    "turnover": turnover,
    "position_size": position_size,
    "asset_class": asset_class,
    "volume_share": volume_share,
    "cash_floor": cash_floor,
    "off_schedule": off_schedule,
    "universe_coverage": universe_coverage,
    "before_last_commit": before_last_commit,
}
"""Configured checks by the name they have in ``configs/checks.yaml``."""

RULES: dict[str, Callable[[Facts], Said]] = {
    "negative_cash": negative_cash,
    "past_session": past_session,
    "what_if": what_if_only,
}
"""Checks that always block."""


def volume_shares(
    market: MarketData, lines: tuple[Trade, ...], *, lookback_sessions: int
) -> dict[str, float]:
    """Each trade's shares ÷ the ticker's mean daily volume over the last sessions.

    Sessions without a volume are left out; a ticker without any volume has no entry.
    """
    if market.volume is None:
        return {}
    volume = market.volume.iloc[-lookback_sessions:]
    values, columns = volume.to_numpy(), volume.columns
    shares = {}
    for line in lines:
        if line.action == Action.HOLD or line.ticker not in columns:
            continue
        seen = values[:, columns.get_loc(line.ticker)]
        seen = seen[np.isfinite(seen)]
        if seen.size and seen.sum() > 0:
            shares[line.ticker] = abs(line.shares_delta) / float(seen.sum() / seen.size)
    return shares


def _day(session: pd.Timestamp) -> str:
    return f"{session:%a} {session.day} {session:%b %Y}"


def _sessions(count: int) -> str:
    return f"{count} session" if count == 1 else f"{count} sessions"
