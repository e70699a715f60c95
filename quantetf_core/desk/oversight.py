"""Standing watch: the regime of a session with its record, and a portfolio at one glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from quantetf_core.data.market import MarketData
from quantetf_core.data.schedule import is_due
from quantetf_core.desk.entries import holdings
from quantetf_core.desk.portfolio import MarketStatus, Portfolio, config_problems, market_status
from quantetf_core.desk.records import history
from quantetf_core.errors import ConfigProblem, PlanRefusedError, RegimeRecordError
from quantetf_core.findings import Finding, Severity, in_order
from quantetf_core.ledger import CommitEntry, History, Kind
from quantetf_core.portfolio import book_value
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.production.regime_record import read_current, record_regime
from quantetf_core.regime import RegimeConfig, RegimeState, days_in_regime, replay, state_at
from quantetf_core.regime.analysis import FlipDistance, flip_distance


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeReading:
    """The regime of one session, replayed from the market alone, and what was on record.

    Parameters
    ----------
    session, requested
        The session it is of, and the date asked for.
    state
        The regime and its indicators.
    days
        Sessions it has lasted, this one included.
    previous
        The regime before it; None when it began with the data.
    distance
        How far each indicator is from flipping its component.
    thresholds
        The rules it was read by.
    on_record
        What ``current_regime.json`` said before; None when nothing, or nothing readable.
    recorded
        Whether this reading was written down now.
    simulated
        Whether the prices are simulated.
    """

    session: date
    requested: date
    state: RegimeState
    days: int
    previous: str | None
    distance: FlipDistance
    thresholds: RegimeConfig
    on_record: RegimeState | None
    recorded: bool
    simulated: bool

    @property
    def flipped(self) -> bool:
        """Whether the session before had another regime."""
        return self.days == 1 and self.previous is not None

    @property
    def newer_on_record(self) -> bool:
        """Whether a later session is on record; a past reading never replaces it."""
        known = self.on_record
        return known is not None and known.as_of is not None and known.as_of.date() > self.session

    @property
    def changed(self) -> bool:
        """Whether the regime on record, of this session or an earlier one, was another."""
        on_record = self.on_record
        return on_record is not None and not self.newer_on_record and on_record.name != self.name

    @property
    def name(self) -> str:
        """One of the four regimes, or ``unknown``."""
        return self.state.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A portfolio at one glance, at its newest session.

    Parameters
    ----------
    market
        How the data stands against the clock.
    fresh
        Whether its age is within the portfolio's own limit (``configs/checks.yaml``).
    regime
        The regime of the newest session; nothing is recorded.
    book, value
        What is held and its worth in USD; None without a book, or where no value can be given.
    newest
        The last commit; None before the first.
    due
        Whether the schedule asks for a rebalance at the newest session and none is recorded.
    findings
        About the book and the history.
    problems
        Everything wrong in the workspace's configuration.
    """

    market: MarketStatus
    fresh: bool
    regime: RegimeReading
    book: Holdings | None
    value: float | None
    newest: CommitEntry | None
    commits: int
    due: bool
    findings: tuple[Finding, ...]
    problems: tuple[ConfigProblem, ...]


def monitor(
    portfolio: Portfolio,
    market: MarketData,
    *,
    now: datetime,
    as_of: date | None = None,
    record: bool = True,
) -> RegimeReading:
    """The regime of a session, recorded in the portfolio's state folder unless told otherwise.

    Parameters
    ----------
    as_of
        A date; one without a session means the session before. None: the newest session.
    record
        False looks without writing.

    Raises
    ------
    UnknownTickerError
        When the market has no SPY.
    SessionError
        When the date lies before the first session.
    RegimeRecordError
        When it cannot be recorded.
    """
    session = market.last_session if as_of is None else market.resolve(as_of)
    thresholds = portfolio.settings.thresholds
    labels = replay(market.as_of(session), thresholds)
    state, days = state_at(labels, session), days_in_regime(labels)
    before = labels.index[: len(labels) - days]
    on_record = _on_record(portfolio)
    if record:
        flipped = days == 1 and bool(len(before))
        record_regime(portfolio.state_dir, state, regime_changed=flipped, now=now)
    return RegimeReading(
        session=session.date(),
        requested=as_of or session.date(),
        state=state,
        days=days,
        previous=state_at(labels, before[-1]).name if len(before) else None,
        distance=flip_distance(state, thresholds),
        thresholds=thresholds,
        on_record=on_record,
        recorded=record,
        simulated=market.simulated,
    )


def overview(portfolio: Portfolio, market: MarketData, *, now: datetime) -> Overview:
    """Everything worth knowing of a portfolio without opening it; writes nothing.

    Raises
    ------
    QuantEtfError
        When the data has no regime, or the holdings file cannot be read.
    """
    status = market_status(portfolio, market, now=now)
    found = history(portfolio)
    book, about_book = holdings(portfolio)
    value, unpriced = _value(book, market, status.latest)
    limit = portfolio.settings.checks.freshness.max_age_sessions
    asked = is_due(portfolio.settings.config.schedule, status.latest)
    return Overview(
        market=status,
        fresh=status.age <= limit,
        regime=monitor(portfolio, market, now=now, record=False),
        book=book,
        value=value,
        newest=found.newest,
        commits=len(found.entries),
        due=asked and not _rebalanced(found, status.latest),
        findings=in_order({*found.findings, *about_book, *unpriced}),
        problems=config_problems(portfolio.root),
    )


def _on_record(portfolio: Portfolio) -> RegimeState | None:
    try:
        return read_current(portfolio.state_dir)
    except RegimeRecordError:
        return None  # recording replaces a damaged record, and says so in the log


def _rebalanced(found: History, session: pd.Timestamp) -> bool:
    """Whether a rebalance of this session, or a later one, is recorded and was not undone."""
    undone = {entry.summary.get("reverts") for entry in found.entries}
    return any(
        entry.kind is Kind.REBALANCE and entry.as_of >= session.date() and entry.id not in undone
        for entry in found.entries
    )


def _value(
    book: Holdings | None, market: MarketData, session: pd.Timestamp
) -> tuple[float | None, tuple[Finding, ...]]:
    if book is None:
        return None, ()
    try:
        return book_value(book, market, session), ()
    except PlanRefusedError as error:
        return None, (Finding(Severity.WARN, "never_priced", "portfolio", str(error)),)
