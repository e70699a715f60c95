"""Whether a portfolio's data can be trusted: every finding, what it touches, and accepting one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import pandas as pd
from filelock import FileLock, Timeout

from quantetf_core.atomic_files import write_atomic
from quantetf_core.config import AcceptedFinding
from quantetf_core.config.accepted import with_accepted_finding
from quantetf_core.data.market import MarketData
from quantetf_core.data.quality.history import quality_findings
from quantetf_core.data.quality.record import VIX, QualityFinding
from quantetf_core.desk.entries import holdings
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.proposals import propose
from quantetf_core.errors import (
    ApprovalError,
    ConfigError,
    ConfigProblem,
    PlanRefusedError,
    UnknownTickerError,
)
from quantetf_core.findings import Severity
from quantetf_core.units import MARKET_TICKER

_PATIENCE = 10.0
"""Seconds to wait for another person who is accepting a finding."""

_NOT_THERE = frozenset(
    {"carried_price", "never_priced", "stale_price", "vix_carried", "vix_gaps", "vix_missing"}
)
"""Findings that something is old or not there."""

_TOUCHES = ("held", "wanted", "regime", "universe", "not used")


def data_quality(portfolio: Portfolio, market: MarketData) -> tuple[QualityFinding, ...]:
    """Every finding on a market's history by the portfolio's limits, gravest first.

    Scans the whole history (a second for 400 ETFs over 20 years): keep the answer by the market's
    fingerprint and the settings.
    """
    settings = portfolio.settings
    return quality_findings(
        market, limits=settings.checks.price_quality, accepted=settings.accepted
    )


def touched(portfolio: Portfolio, market: MarketData, *, now: datetime) -> dict[str, str]:
    """What each ticker is to the portfolio at the market's newest session, most important first.

    ``held``, ``wanted`` (by the strategy in force, not held), ``regime`` (SPY, VIX) or
    ``universe``; a ticker that is none of them is left out.
    """
    known: dict[str, str] = dict.fromkeys(portfolio.settings.universe.symbols, "universe")
    known |= dict.fromkeys((MARKET_TICKER, VIX), "regime")
    try:
        plan = propose(portfolio, market, now=now)
    except (PlanRefusedError, UnknownTickerError):
        wanted: Collection[str] = ()
    else:
        wanted = [line.ticker for line in plan.trades if line.ideal_weight]
    known |= dict.fromkeys(wanted, "wanted")
    book, _ = holdings(portfolio)
    known |= dict.fromkeys(book.tickers if book else (), "held")
    return known


def quality_table(found: Iterable[QualityFinding], touches: dict[str, str]) -> pd.DataFrame:
    """The findings as a table, in the order given.

    Columns ``id, severity, subject, touches, code, first, last, message, accepted_by``; dates are
    ``datetime.date`` or None, ``first`` and ``last`` those of the stretch.
    """
    rows = [
        {
            "id": one.id,
            "severity": one.severity.value,
            "subject": one.subject,
            "touches": touches.get(one.subject, _TOUCHES[-1]),
            "code": one.code,
            "first": one.first,
            "last": one.session,
            "message": one.message,
            "accepted_by": one.accepted_by,
        }
        for one in found
    ]
    columns = ["id", "severity", "subject", "touches", "code"]
    columns += ["first", "last", "message", "accepted_by"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def accept_finding(
    portfolio: Portfolio, found: QualityFinding, *, note: str, by: str
) -> AcceptedFinding:
    """Write into the portfolio's file that a person has looked at a finding: it is all right.

    From then on it is a note, on the Data page and in every plan, and stops no trade. The file is
    part of the configuration, so plans made before are other plans.

    Raises
    ------
    ApprovalError
        When name or note is missing, or the finding has no date to accept it by.
    ConfigError
        When the file cannot be read or written, or holds the finding already.
    """
    missing = [what for what, said in (("a name", by), ("a note", note)) if not said.strip()]
    if found.first is None:
        missing.append("a finding of one date (this one speaks of the whole source)")
    elif not acceptable(found):
        missing.append("a finding that can be accepted: a fault of a price that is there")
    if missing or found.first is None:
        raise ApprovalError(f"to accept a finding it needs {' and '.join(missing)}")
    entry = AcceptedFinding(
        ticker=found.subject, date=found.first, code=found.code, note=note.strip(), by=by.strip()
    )
    file = portfolio.settings.config.accepted_findings
    path = portfolio.root / file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=_PATIENCE):
            text = path.read_text(encoding="utf-8") if path.is_file() else None
            write_atomic(path, with_accepted_finding(file, text, entry).encode())
    except (OSError, Timeout) as error:
        reason = getattr(error, "strerror", None) or str(error)
        problem = f"a file that cannot be written now ({reason})"
        raise ConfigError(
            [ConfigProblem(file=file, line=0, key="", found=problem, accepted="one to add to")]
        ) from error
    return entry


def acceptable(found: QualityFinding) -> bool:
    """Whether a finding can be accepted: it has a date, is no mere note, and is about a price.

    That a price is old or not there stays so, whoever accepts it.
    """
    graver = found.severity is not Severity.INFO and not found.accepted_by
    return graver and found.first is not None and found.code not in _NOT_THERE


def event_window(market: MarketData, found: QualityFinding, *, sessions: int = 30) -> pd.DataFrame:
    """Prices around a finding: its stretch and so many sessions before and after.

    Columns ``close, adj_close, volume`` (index = session), or ``vix`` for the VIX. Empty for a
    finding without a date or a ticker the market does not have.
    """
    if found.session is None or found.first is None:
        return pd.DataFrame()
    index = market.sessions
    start = max(0, int(index.searchsorted(pd.Timestamp(found.first))) - sessions)
    end = int(index.searchsorted(pd.Timestamp(found.session), side="right")) + sessions
    if found.subject == VIX:
        return market.vix.iloc[start:end].to_frame()
    if found.subject not in market.tickers:
        return pd.DataFrame()
    fields = [name for name in ("close", "adj_close", "volume") if name in market.fields]
    return pd.DataFrame(
        {name: market.panel(name)[found.subject].iloc[start:end] for name in fields}
    )


def coverage(market: MarketData) -> pd.DataFrame:
    """How much of each quarter has a usable close, by ticker.

    Shape ``(n_tickers, n_quarters)``: index = ticker, columns = first day of the quarter; share of
    the data's sessions with a close, from the ticker's first one on; NaN before.
    """
    close = market.close
    valid = close.gt(0.0) & close.lt(float("inf"))
    quarters = market.sessions.to_period("Q")
    started = valid.cummax()
    counted = started.groupby(quarters).sum()
    shown = (valid.groupby(quarters).sum() / counted.where(counted > 0)).T
    shown.columns = pd.Index([day.date() for day in quarters.unique().to_timestamp()])
    return shown
