"""`QualityFinding`: one fault in prices, when it happened, its evidence, and what it means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from quantetf_core.findings import Finding, Severity

VIX = "VIX"
"""Subject of findings on the VIX."""

WHOLE_MARKET = "market data"
"""Subject of findings on every ticker at once."""

OVERRIDABLE = frozenset(
    {
        "adjusted_jump",
        "flat_line",
        "stale_price",
        "unadjusted_split",
        "unit_slip",
        "vix_flat_line",
        "vix_missing",
        "vix_out_of_step",
        "vix_scale",
    }
)
"""Codes of blocks on data. A person who gives name and reason may confirm the rest of a plan
despite them: a line they stand on is not traded either way. Every other block is final."""

Evidence = tuple[tuple[str, float], ...]
"""Named numbers, in the order they are shown."""

_RANK = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityFinding:
    """One fault, or oddity, of one ticker (or the VIX, or the whole market).

    Parameters
    ----------
    severity
        What it weighs for a decision that uses this price: ``block`` for a price, or a score made
        from it, that is wrong; ``warn`` for one that may be; ``info`` for what is worth knowing.
    code
        One of `quantetf_core.data.quality`'s.
    subject
        Ticker, ``VIX``, ``market data``, or the name of a source.
    session
        When it happened: for a stretch its last session so far; for something that shows only
        later (a jump that reverses) when it happened all the same. None when it has no date.
    first
        First session of a stretch; equal to ``session`` for a single one.
    message
        One sentence for the PM.
    evidence
        The numbers it was judged by.
    accepted_by
        Name of the person who accepted it, with the reason in the message; empty when nobody has.
    """

    severity: Severity
    code: str
    subject: str
    session: date | None
    first: date | None
    message: str
    evidence: Evidence = ()
    accepted_by: str = ""

    @property
    def finding(self) -> Finding:
        """The same as a plan's finding."""
        return Finding(self.severity, self.code, self.subject, self.message)

    @property
    def id(self) -> str:
        """A name for it that stays the same while the rows it speaks of do.

        Examples
        --------
        >>> day = date(2020, 3, 2)
        >>> QualityFinding(severity=Severity.INFO, code="gap", subject="XLK", session=day,
        ...                first=day, message="").id
        'gap XLK 2020-03-02'
        """
        return f"{self.code} {self.subject} {self.first or ''}".rstrip()

    def accepted(self, by: str, note: str) -> QualityFinding:
        """The finding as a note, once a person has said why it is all right."""
        said = accepted_finding(self.finding, by, note)
        return replace(self, severity=said.severity, message=said.message, accepted_by=by)


def accepted_finding(finding: Finding, by: str, note: str) -> Finding:
    """A finding as a note, once a person has said why it is all right."""
    said = f"{finding.message}. Accepted by {by}: {note}"
    return replace(finding, severity=Severity.INFO, message=said)


def in_order(found: Iterable[QualityFinding]) -> tuple[QualityFinding, ...]:
    """Gravest first, then newest first, then by subject and code."""
    return tuple(sorted(set(found), key=_place))


def _place(found: QualityFinding) -> tuple[int, int, str, str, str]:
    age = -found.session.toordinal() if found.session else 0
    return (_RANK[found.severity], age, found.subject, found.code, found.message)
