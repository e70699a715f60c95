"""Findings: expected problems with the user's data or plan, returned beside the value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: shown, to be acknowledged, or forbidding a confirmation."""

    INFO = "info"
    WARN = "warn"
    BLOCK = "block"


_RANK = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth knowing before trusting a number.

    Parameters
    ----------
    severity
        ``info``, ``warn`` (needs acknowledgement before confirming) or ``block``.
    code
        Stable machine name, e.g. ``stale_price``.
    subject
        What it is about: a ticker, a date, ``VIX``, ``portfolio``.
    message
        One sentence for the PM.
    """

    severity: Severity
    code: str
    subject: str
    message: str


def override_key(finding: Finding) -> str:
    """How a person names the one block she overrides.

    Examples
    --------
    >>> override_key(Finding(Severity.BLOCK, "stale_price", "XLK", "three weeks old"))
    'stale_price:XLK'
    """
    return f"{finding.code}:{finding.subject}"


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Blocks first, then warnings, then notes; ties by code, subject and message.

    Examples
    --------
    >>> a, b = Finding(Severity.INFO, "x", "A", ""), Finding(Severity.BLOCK, "y", "B", "")
    >>> [f.code for f in in_order([a, b])]
    ['y', 'x']
    """
    return tuple(
        sorted(set(findings), key=lambda f: (_RANK[f.severity], f.code, f.subject, f.message))
    )


def of_severity(findings: Iterable[Finding], severity: Severity) -> tuple[Finding, ...]:
    """The findings of one severity, in the order given."""
    return tuple(finding for finding in findings if finding.severity is severity)
