"""Series that may be shown beside a decision, and never enter one.

No rule reads them: they are in no market's fingerprint and in no plan's id.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextSeries:
    """A series by FRED's id, in percentage points: its name, and what it says in one sentence."""

    id: str
    name: str
    says: str


CONTEXT_SERIES = {
    one.id: one
    for one in (
        ContextSeries(
            id="T10Y2Y",
            name="10-year minus 2-year Treasury yield",
            says="Below 0 the yield curve is inverted: short money costs more than long.",
        ),
        ContextSeries(
            id="BAMLH0A0HYM2",
            name="US high-yield spread",
            says="What high-yield bonds pay above Treasuries; it widens when credit is doubted.",
        ),
    )
}
"""Every series that a live source may list under ``context``, by id."""
