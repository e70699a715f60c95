"""How old the last close of every ticker is, at a market's newest session."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import price_marks
from quantetf_core.data.on_session import count_of
from quantetf_core.data.quality.record import VIX, QualityFinding
from quantetf_core.data.quality.vix_at_session import vix_findings
from quantetf_core.findings import Severity
from quantetf_core.units import MAX_CARRY_SESSIONS


def last_closes(market: MarketData) -> Iterator[QualityFinding]:
    """Tickers, and the VIX, that end before the data does."""
    last = market.last_session.date()
    marks = price_marks(market, as_of=market.last_session, tickers=market.tickers)
    for place in np.flatnonzero(~marks.fresh).tolist():
        ticker, age, day = marks.tickers[place], int(marks.age[place]), marks.price_date[place]
        if day is None:
            code, severity = "never_priced", Severity.BLOCK
            message = "has no usable close at all"
        else:
            stale = age > MAX_CARRY_SESSIONS
            code = "stale_price" if stale else "carried_price"
            severity = Severity.BLOCK if stale else Severity.WARN
            message = (
                f"its last close is of {day}, {count_of(age, 'session')} before the data's last, "
                f"{last}; it does not trade"
            )
        yield QualityFinding(
            severity=severity,
            code=code,
            subject=ticker,
            session=last,
            first=day,
            message=message,
            evidence=() if day is None else (("sessions old", float(age)),),
        )
    for said in vix_findings(market, as_of=last, lookback_sessions=len(market.sessions)):
        yield QualityFinding(
            severity=said.severity,
            code=said.code,
            subject=VIX,
            session=last,
            first=last,
            message=said.message,
        )
