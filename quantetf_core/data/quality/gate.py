"""The part of the catalogue that one decision rests on: its lines, SPY and the VIX, for a year.

Looks at rows up to the session only, and at the columns asked for, so it costs a decision little;
asked the same again (a slider moved), it remembers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from quantetf_core.config import AcceptedFinding, PriceQualityCheck
from quantetf_core.data.market import MarketData
from quantetf_core.data.quality.history import events, with_accepted
from quantetf_core.data.quality.record import QualityFinding, in_order
from quantetf_core.data.quality.scan import scan_of
from quantetf_core.findings import Severity
from quantetf_core.units import MARKET_TICKER

_TOLD_BY_AGE = ("invalid_close",)
"""Codes that `data_findings` tells already, by their consequence at the session."""


def gate_findings(
    market: MarketData,
    *,
    as_of: object,
    tickers: Iterable[str],
    limits: PriceQualityCheck,
    accepted: Sequence[AcceptedFinding] = (),
) -> tuple[QualityFinding, ...]:
    """Faults that the lines of a decision, or its regime, rest on.

    Parameters
    ----------
    market
        Rows after ``as_of`` are not looked at.
    as_of
        The session decided on; a date that is not a session is the session before.
    tickers
        Held or wanted; SPY and the VIX are looked at always.
    limits
        Thresholds; ``lookback_sessions`` is how far back a fault still counts.
    accepted
        Findings a person has accepted; they are returned as notes.

    Returns
    -------
    tuple of QualityFinding
        Blocks, warnings, and accepted ones; gravest first. Other notes are left out.

    Raises
    ------
    SessionError
        When ``as_of`` is not a date, or lies before the market.
    """
    end = int(market.sessions.searchsorted(market.resolve(as_of)))
    names = tuple(sorted({*tickers, MARKET_TICKER}))

    def look() -> tuple[QualityFinding, ...]:
        scan = scan_of(market, end=end, tickers=names, sessions=limits.lookback_sessions)
        grave = [
            found
            for found in events(scan, limits)
            if found.severity is not Severity.INFO and found.code not in _TOLD_BY_AGE
        ]
        return in_order(grave)

    found = market.memory.of(("gate", end, names, limits), look)
    return in_order(with_accepted(found, accepted)) if accepted else found
