"""Which prices a decision may rest on: the quality gate, weighed by the configuration."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

from quantetf_core.config import PortfolioSettings
from quantetf_core.data.market import MarketData
from quantetf_core.data.quality.gate import gate_findings
from quantetf_core.data.quality.record import VIX, QualityFinding
from quantetf_core.findings import Finding, Severity
from quantetf_core.units import MARKET_TICKER

SIGNALS = (MARKET_TICKER, VIX)
"""What the regime is read from."""

SIGNAL_MISSING = frozenset({"never_priced", "stale_price", "vix_missing"})
"""Codes that leave the regime without SPY or the VIX."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What the gate says of the lines of a plan, and of SPY and the VIX.

    ``untrusted`` are the lines that may not trade.
    """

    found: tuple[QualityFinding, ...]
    untrusted: frozenset[str]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The same as a plan's findings."""
        return tuple(one.finding for one in self.found)

    @property
    def told(self) -> frozenset[tuple[str, date]]:
        """Ticker and session of what is told here."""
        return frozenset((one.subject, one.session) for one in self.found if one.session)


def trust(known: MarketData, settings: PortfolioSettings, *, lines: Collection[str]) -> Trust:
    """Judge the prices of the lines of a plan, and of what the regime is read from.

    Parameters
    ----------
    known
        The market up to the session decided on.
    settings
        ``price_quality`` weighs faults of lines, ``signal_quality`` those of SPY and the VIX,
        ``data_findings`` what is only odd about a line.
    lines
        Tickers held or wanted.
    """
    seen = gate_findings(
        known,
        as_of=known.last_session,
        tickers=lines,
        limits=settings.checks.price_quality,
        accepted=settings.accepted,
    )
    if not seen:
        return Trust(found=(), untrusted=frozenset())
    faulty = {one.subject for one in seen if one.severity is Severity.BLOCK}
    blocks = settings.checks.price_quality.action == "block"
    return Trust(
        found=tuple(_weighed(seen, settings, lines)),
        untrusted=frozenset(faulty & set(lines)) if blocks else frozenset(),
    )


def _weighed(
    found: tuple[QualityFinding, ...], settings: PortfolioSettings, lines: Collection[str]
) -> Iterator[QualityFinding]:
    """What the configuration makes of each: SPY as a line and as a signal by the stricter."""
    checks = settings.checks
    for one in found:
        grave = one.severity is Severity.BLOCK
        actions = set()
        if one.subject in lines:
            actions.add((checks.price_quality if grave else checks.data_findings).action)
        if one.subject in SIGNALS:
            actions.add(checks.signal_quality.action if grave else "warn")
        if one.severity is Severity.INFO:
            yield one
        elif "block" in actions:
            what = _consequence(one.subject, lines) if grave else ""
            yield replace(one, severity=Severity.BLOCK, message=f"{one.message}{what}")
        elif "warn" in actions:
            yield replace(one, severity=Severity.WARN)


def _consequence(subject: str, lines: Collection[str]) -> str:
    """What a block touches, in words."""
    said = []
    if subject in lines:
        said.append("it does not trade")
    if subject in SIGNALS:
        said.append("the regime cannot be trusted")
    return f"; {', and '.join(said)}"


def signal_findings(found: tuple[Finding, ...], settings: PortfolioSettings) -> tuple[Finding, ...]:
    """Data findings, with the absence of SPY or the VIX weighed by ``signal_missing``."""
    if settings.checks.signal_missing.action != "block":
        return found
    return tuple(
        replace(said, severity=Severity.BLOCK)
        if said.subject in SIGNALS and said.code in SIGNAL_MISSING
        else said
        for said in found
    )
