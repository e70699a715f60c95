"""``quality``: whether the prices can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from quantetf_core import desk
from quantetf_core.cli import words
from quantetf_core.cli.asked import Judged
from quantetf_core.cli.screen import Line, Part
from quantetf_core.cli.session import Session
from quantetf_core.cli.tables import NAMES, Shown, grid, simulated_parts
from quantetf_core.data.market import MarketData
from quantetf_core.data.quality.record import QualityFinding
from quantetf_core.findings import Severity


def quality(session: Session, wanted: Judged) -> None:
    """Every finding on the portfolio's data that is wanted, gravest first."""
    portfolio = session.open()
    market = session.market(portfolio)
    with session.working("Looking through the prices ..."):
        found = desk.data_quality(portfolio, market)
        touches = desk.touched(portfolio, market, now=session.now)
    shown = [one for one in found if _wanted(one, wanted)]
    session.say(
        _parts(portfolio, market, found, shown, touches, wanted),
        source=market.source,
        last_session=market.last_session.date(),
        counts={severity.value: _count(found, severity) for severity in Severity},
        findings=[_facts(one, touches) for one in shown],
    )


def _wanted(one: QualityFinding, wanted: Judged) -> bool:
    if wanted.ticker is not None and one.subject.upper() != wanted.ticker.upper():
        return False
    if wanted.since is not None and (one.session is None or one.session < wanted.since):
        return False
    return wanted.notes or wanted.ticker is not None or one.severity is not Severity.INFO


def _parts(
    portfolio: desk.Portfolio,
    market: MarketData,
    found: Sequence[QualityFinding],
    shown: Sequence[QualityFinding],
    touches: dict[str, str],
    wanted: Judged,
) -> Iterator[Part]:
    yield from simulated_parts(market.simulated)
    span = f"{market.sessions[0].date()} to {market.last_session.date()}"
    yield Line(f"{portfolio.title}: {market.source}, {span}", "bold")
    counts = Counter(one.severity for one in found)
    said = [words.count(counts[severity], NAMES[severity].lower()) for severity in NAMES]
    yield Line(f"{', '.join(said)} in {words.count(len(market.tickers), 'ticker')}")
    if shown:
        yield grid("Findings", desk.quality_table(shown, touches), _COLUMNS)
    else:
        yield Line("Nothing to show." if found else "Nothing was found.")
    hidden = counts[Severity.INFO]
    if hidden and not wanted.notes and wanted.ticker is None:
        yield Line(f"{words.count(hidden, 'note')} not listed; --notes lists them.", "dim")


def _severity(value: str) -> str:
    return NAMES[Severity(value)]


_COLUMNS = (
    Shown("severity", "Severity", _severity),
    Shown("subject", "Ticker"),
    Shown("touches", "It is"),
    Shown("first", "From", words.day),
    Shown("last", "To", words.day),
    Shown("code", "Code"),
    Shown("message", "What", wraps=True),
)


def _count(found: Sequence[QualityFinding], severity: Severity) -> int:
    return sum(one.severity is severity for one in found)


def _facts(one: QualityFinding, touches: dict[str, str]) -> dict[str, Any]:
    return {
        "id": one.id,
        "severity": one.severity,
        "code": one.code,
        "subject": one.subject,
        "touches": touches.get(one.subject, "not used"),
        "first": one.first,
        "last": one.session,
        "message": one.message,
        "evidence": dict(one.evidence),
        "accepted_by": one.accepted_by,
    }
