"""Every fault of a market's price history up to its newest row: the one catalogue of detectors.

The Data page shows all of it; a decision takes the part that its own lines rest on (`gate`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quantetf_core.config import AcceptedFinding, PriceQualityCheck
from quantetf_core.data.market import MarketData
from quantetf_core.data.quality.adjusted import adjustments
from quantetf_core.data.quality.ages import last_closes
from quantetf_core.data.quality.jumps import jumps
from quantetf_core.data.quality.missing import empty_sessions, gaps, invalid_closes, starts
from quantetf_core.data.quality.record import QualityFinding, in_order
from quantetf_core.data.quality.scan import Scan, scan_of
from quantetf_core.data.quality.signals import vix_events
from quantetf_core.data.quality.still import flat_lines, no_volume

_DEFAULT = PriceQualityCheck()


def quality_findings(
    market: MarketData,
    *,
    limits: PriceQualityCheck = _DEFAULT,
    accepted: Iterable[AcceptedFinding] = (),
) -> tuple[QualityFinding, ...]:
    """Everything to know of a market before trusting it, at its newest session.

    Parameters
    ----------
    market
        All of it is scanned; give ``market.as_of(session)`` for what was known then.
    limits
        Thresholds; see ``configs/checks.yaml``. The ``action`` plays no part here.
    accepted
        Findings a person has accepted: they become notes that say by whom and why.

    Returns
    -------
    tuple of QualityFinding
        Gravest first, then newest. What was noticed while reading the source comes with them,
        without a date.
    """
    scan = scan_of(market, end=len(market.sessions) - 1, tickers=None, sessions=None)
    found = [
        *events(scan, limits),
        *gaps(scan, limits),
        *no_volume(scan, limits),
        *starts(scan),
        *empty_sessions(scan),
        *last_closes(market),
        *at_reading(market),
    ]
    return in_order(with_accepted(found, accepted))


def events(scan: Scan, limits: PriceQualityCheck) -> Iterator[QualityFinding]:
    """Faults that make a price, or what is computed from it, wrong."""
    told = set()
    for jump in jumps(scan, limits):
        told.add((jump.subject, jump.session))
        yield jump
    for one in adjustments(scan, limits):
        if (one.subject, one.session) not in told:
            yield one
    yield from flat_lines(scan, limits)
    yield from invalid_closes(scan)
    yield from vix_events(scan, limits)


def at_reading(market: MarketData) -> Iterator[QualityFinding]:
    """What was noticed while the source was read; it speaks of all its rows."""
    for said in market.findings:
        yield QualityFinding(
            severity=said.severity,
            code=said.code,
            subject=said.subject,
            session=None,
            first=None,
            message=said.message,
        )


def with_accepted(
    found: Iterable[QualityFinding], accepted: Iterable[AcceptedFinding]
) -> list[QualityFinding]:
    """The findings, those a person has accepted as notes."""
    said = {(entry.ticker, entry.date, entry.code): entry for entry in accepted}
    if not said:
        return list(found)
    judged = []
    for one in found:
        entry = said.get((one.subject, one.first, one.code)) if one.first else None
        judged.append(one if entry is None else one.accepted(entry.by, entry.note))
    return judged
