"""What each pre-trade check said of a plan, the ones that passed included.

`quantetf_core.decision.checks` yields findings only; a PM who signs wants to see as well what was
looked at and found in order, and what could not be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from quantetf_core.config import ChecksConfig
from quantetf_core.decision.result import RebalanceResult
from quantetf_core.decision.trust import SIGNAL_MISSING, SIGNALS
from quantetf_core.findings import Finding, Severity

DATA_CODES = frozenset(
    {
        "adjustment_mismatch",
        "adjustment_move",
        "carried_price",
        "flat_line",
        "invalid_close",
        "jump_reversed",
        "large_move",
        "never_priced",
        "no_adjusted_close",
        "stale_price",
        "suspect_split",
        "vix_carried",
        "vix_missing",
    }
)
"""Codes of `quantetf_core.data.quality` that make the data check fail."""


PRICE_CODES = frozenset({"adjusted_jump", "flat_line", "unadjusted_split", "unit_slip"})
"""Codes that make a line's price history untrusted."""

SIGNAL_CODES = frozenset({*PRICE_CODES, "vix_flat_line", "vix_out_of_step", "vix_scale"})
"""Codes that make SPY or the VIX untrusted."""


class Outcome(StrEnum):
    """How one check ended."""

    PASSED = "passed"
    FOUND = "found"
    EXEMPT = "exempt"
    NOT_JUDGED = "not judged"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """One check and how it ended.

    Parameters
    ----------
    code
        Its name in ``configs/checks.yaml``, or that of a rule no configuration may relax.
    rule
        What it asks for, in words with its limit.
    outcome
        How it ended; ``found`` means that its findings are among the result's.
    why
        Why it was exempt or not judged; empty otherwise.
    """

    code: str
    rule: str
    outcome: Outcome
    why: str = ""


def outcomes(result: RebalanceResult) -> tuple[CheckOutcome, ...]:
    """Every rule and configured check with its outcome, in the order of the configuration.

    Examples
    --------
    See ``tests/decision/test_outcomes.py``; a result needs a market to be made from.
    """
    limits = result.used.settings.checks
    grave = {f.code for f in result.findings if f.severity is not Severity.INFO}
    ended = [_rule("past_session", "the session is the latest", grave)]
    for code, words in _RULES.items():
        ended.append(_ended(result, code, words(limits), grave))
    return tuple(ended)


def _rule(code: str, words: str, grave: set[str]) -> CheckOutcome:
    return CheckOutcome(code, words, Outcome.FOUND if code in grave else Outcome.PASSED)


def _ended(result: RebalanceResult, code: str, words: str, grave: set[str]) -> CheckOutcome:
    codes = grave if code not in _ABOUT else {f.code for f in _serious(result, _ABOUT[code])}
    if _CODES.get(code, frozenset({code})) & codes:
        return CheckOutcome(code, words, Outcome.FOUND)
    if getattr(result.used.settings.checks, code).action == "off":
        return CheckOutcome(code, words, Outcome.OFF)
    why = _EXEMPTIONS.get(code, _never)(result)
    if why:
        return CheckOutcome(code, words, Outcome.EXEMPT, why)
    why = _no_volume(result) if code == "volume_share" else ""
    if why:
        return CheckOutcome(code, words, Outcome.NOT_JUDGED, why)
    return CheckOutcome(code, words, Outcome.PASSED)


def _serious(
    result: RebalanceResult, about: Callable[[RebalanceResult, str], bool]
) -> Iterator[Finding]:
    """Findings that are no notes, on the subjects asked for."""
    for finding in result.findings:
        if finding.severity is not Severity.INFO and about(result, finding.subject):
            yield finding


def _is_line(result: RebalanceResult, subject: str) -> bool:
    return any(line.ticker == subject for line in result.trades)


def _is_signal(result: RebalanceResult, subject: str) -> bool:  # noqa: ARG001 - one signature
    return subject in SIGNALS


_CODES = {
    "data_findings": DATA_CODES,
    "price_quality": PRICE_CODES,
    "signal_quality": SIGNAL_CODES,
    "signal_missing": SIGNAL_MISSING,
}
_ABOUT = {"price_quality": _is_line, "signal_quality": _is_signal, "signal_missing": _is_signal}

_RULES: dict[str, Callable[[ChecksConfig], str]] = {
    "freshness": lambda c: (
        "prices are of the latest session"
        if c.freshness.max_age_sessions == 0
        else f"prices are at most {_sessions(c.freshness.max_age_sessions)} old"
    ),
    "data_findings": lambda _: "prices of what is held or bought look right",
    "price_quality": lambda c: (
        "no fault in the price history of what is held or bought, "
        f"{_sessions(c.price_quality.lookback_sessions)} back"
    ),
    "signal_quality": lambda _: "SPY and the VIX can be trusted",
    "signal_missing": lambda _: "SPY and the VIX are there",
    "unknown_regime": lambda _: "the regime is known",
    "turnover": lambda c: f"turnover is at most {c.turnover.max_turnover:.0%}",
    "position_size": lambda c: f"no position above {c.position_size.max_weight:.0%}",
    "asset_class": lambda c: f"no asset class above {c.asset_class.max_weight:.0%}",
    "volume_share": lambda c: (
        f"no trade above {c.volume_share.max_share:.1%} of average daily volume"
    ),
    "cash_floor": lambda _: "cash stays at or above its floor",
    "off_schedule": lambda _: "a rebalance is due at this session",
    "universe_coverage": lambda c: (
        f"at least {c.universe_coverage.min_coverage:.0%} of the universe has a close"
    ),
    "before_last_commit": lambda _: "the session is not before the newest commit's",
}


def _first_funding(result: RebalanceResult) -> str:
    return "first funding" if result.used.situation.holdings is None else ""


def _unscheduled(result: RebalanceResult) -> str:
    if result.used.settings.config.schedule.frequency == "none":
        return "no schedule is set"
    return _first_funding(result)


def _never(result: RebalanceResult) -> str:  # noqa: ARG001 - one signature for all
    return ""


_EXEMPTIONS: dict[str, Callable[[RebalanceResult], str]] = {
    "turnover": _first_funding,
    "off_schedule": _unscheduled,
}


def _no_volume(result: RebalanceResult) -> str:
    missing = [line.ticker for line in result.orders if line.ticker not in result.used.volume_share]
    if not missing:
        return ""
    if len(missing) == len(result.orders):
        return "the data has no volume"
    return f"no volume for {', '.join(missing)}"


def _sessions(count: int) -> str:
    return f"{count} session" if count == 1 else f"{count} sessions"
