"""What a decision should know about the data it used, at the rows it may know.

Every finding here looks at rows at or before ``as_of`` only. What was dropped while reading a
source (duplicate or conflicting rows, closed days) is in ``MarketData.findings`` instead: it
speaks of the whole source, later rows included, and so never belongs to a decision.

=====================  =====  ================================================================
code                          subject, and what it says
=====================  =====  ================================================================
``invalid_close``      warn   ticker: a close that is zero, negative or infinite
``carried_price``      warn   ticker: no close at the session, one of 1–3 sessions before is used
``stale_price``        block  ticker: the last close is older; it only reserves a value
``never_priced``       block  ticker: no close up to the session
``no_adjusted_close``  warn   ticker: a close at the session and no adjusted one to score it by
``missing_closes``     info   ticker: sessions without a close inside the lookback
``suspect_split``      warn   ticker: a one-session move beyond the limit, near a split ratio
``large_move``         warn   ticker: a one-session move beyond the limit
``adjustment_move``    warn   ticker: the adjusted close moves beyond the limit, the close does not
``vix_carried``        warn   ``VIX``: none at the session, one of 1–3 sessions before is used
``vix_missing``        warn   ``VIX``: none within 3 sessions, so the regime is unknown
``vix_gaps``           info   ``VIX``: sessions without a value inside the lookback
=====================  =====  ================================================================
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.config import AcceptedFinding
from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import PriceMarks, price_marks, without_adjusted
from quantetf_core.data.moves import Moves, own_moves
from quantetf_core.data.on_session import count_of
from quantetf_core.data.quality.record import accepted_finding
from quantetf_core.data.quality.vix_at_session import vix_findings
from quantetf_core.data.splits import (
    has_adjusted,
    market_allowance,
    nearest_split,
    split_of_single,
    split_words,
)
from quantetf_core.findings import Finding, Severity, in_order
from quantetf_core.units import MARKET_TICKER, MAX_CARRY_SESSIONS

_ONE_CLOSE = "no adjusted close tells a split from a market move"

Floats = npt.NDArray[np.float64]


def data_findings(
    market: MarketData,
    *,
    as_of: object,
    used: Iterable[str],
    max_one_session_move: float,
    lookback_sessions: int,
    told: Collection[tuple[str, date]] = (),
    accepted: Iterable[AcceptedFinding] = (),
) -> tuple[Finding, ...]:
    """Findings on the data a decision used.

    Parameters
    ----------
    market
        Prices and VIX; rows after ``as_of`` are not looked at.
    as_of
        The session decided on; a date that is not a session is the session before.
    used
        Tickers targeted or held; SPY, which defines the trend, is looked at always.
    max_one_session_move
        Fraction of the close before; a larger move of close or adjusted close is a finding.
    lookback_sessions
        How many sessions, up to ``as_of``, are searched for moves, gaps and invalid closes.
    told
        Ticker and session of moves that another finding tells already.
    accepted
        Moves a person has accepted: they become notes.

    Returns
    -------
    tuple of Finding
        Blocks first, then by code and subject; see the module for the codes.

    Raises
    ------
    SessionError
        When ``as_of`` is not a date, or lies before the market.
    """
    session = market.resolve(as_of)
    row = int(market.sessions.searchsorted(session))
    lines = set(used)
    tickers = sorted({*lines, MARKET_TICKER})
    window = _window(market, tickers, start=max(0, row - lookback_sessions + 1), end=row)
    marks = price_marks(market, as_of=session, tickers=tickers)
    findings = [
        *_price_ages(marks, session, lines),
        *_unscorable(market.as_of(session), marks, lines),
        *_invalid_closes(window),
        *_missing_closes(window),
        *_moves_beside(_large_moves(window, max_one_session_move), told, accepted),
        *vix_findings(market, as_of=session, lookback_sessions=lookback_sessions),
    ]
    return in_order(findings)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Window:
    """The rows of the lookback, for the tickers the market has."""

    market: MarketData
    moves: Moves
    raw: Floats
    end: int

    @property
    def tickers(self) -> tuple[str, ...]:
        return self.moves.tickers

    def day(self, row: int) -> str:
        return str(self.date(row))

    def date(self, row: int) -> date:
        return self.market.sessions[self.moves.start + row].date()


def _window(market: MarketData, tickers: Sequence[str], *, start: int, end: int) -> _Window:
    moves = own_moves(market, tickers, start=start, end=end)
    raw = market.close.to_numpy()[start : end + 1, moves.columns]
    return _Window(market=market, moves=moves, raw=raw, end=end)


def _price_ages(
    marks: PriceMarks, session: pd.Timestamp, lines: Collection[str]
) -> Iterator[Finding]:
    """What is not priced at the session itself, and what is used instead.

    SPY blocks only where it is a line of the plan: as a signal, the unknown regime speaks for it.
    """
    for place in np.flatnonzero(~marks.fresh).tolist():
        ticker, age = marks.tickers[place], int(marks.age[place])
        grave = Severity.BLOCK if ticker in lines else Severity.WARN
        if age < 0:
            message = f"has no close at or before {session.date()}, so it has no value"
            yield Finding(grave, "never_priced", ticker, message)
            continue
        last = f"{marks.price[place]:,.2f} of {marks.price_date[place]}"
        old = f"{count_of(age, 'session')} old"
        if age <= MAX_CARRY_SESSIONS:
            message = (
                f"has no close at {session.date()}; the last one, {last}, {old}, values it, and "
                "it does not trade"
            )
            yield Finding(Severity.WARN, "carried_price", ticker, message)
        else:
            message = (
                f"has no close since {last}, {old}; that price only reserves its value, and it "
                "does not trade"
            )
            yield Finding(grave, "stale_price", ticker, message)


def _unscorable(known: MarketData, marks: PriceMarks, lines: Collection[str]) -> Iterator[Finding]:
    for place in np.flatnonzero(without_adjusted(known, marks)).tolist():
        if (ticker := marks.tickers[place]) in lines:
            message = (
                f"has a close at {known.last_session.date()} and no adjusted close to score it "
                "by; what is held of it is kept"
            )
            yield Finding(Severity.WARN, "no_adjusted_close", ticker, message)


def _invalid_closes(window: _Window) -> Iterator[Finding]:
    bad = ~np.isnan(window.raw) & np.isnan(window.moves.close)
    for column in np.flatnonzero(bad.any(axis=0)).tolist():
        rows = np.flatnonzero(bad[:, column])
        message = (
            f"{count_of(len(rows), 'close')} zero, negative or infinite, not used; the last on "
            f"{window.day(rows[-1])}"
        )
        yield Finding(Severity.WARN, "invalid_close", window.tickers[column], message)


def _missing_closes(window: _Window) -> Iterator[Finding]:
    """Gaps between two closes; what is missing after the last one is told by its age."""
    missing = np.isnan(window.raw)
    closes = ~np.isnan(window.moves.close)
    later = np.logical_or.accumulate(closes[::-1], axis=0)[::-1]
    gaps = missing & later & ~np.isnan(window.moves.before)
    for column in np.flatnonzero(gaps.any(axis=0)).tolist():
        rows = np.flatnonzero(gaps[:, column])
        message = (
            f"no close on {count_of(len(rows), 'session')} of the last "
            f"{len(window.raw)}; the last on {window.day(rows[-1])}"
        )
        yield Finding(Severity.INFO, "missing_closes", window.tickers[column], message)


def _moves_beside(
    found: Iterable[tuple[date, Finding]],
    told: Collection[tuple[str, date]],
    accepted: Iterable[AcceptedFinding],
) -> Iterator[Finding]:
    """Moves nobody has told yet; those a person has accepted as notes."""
    said = {(entry.ticker, entry.date, entry.code): entry for entry in accepted}
    for day, move in found:
        if (move.subject, day) in told:
            continue
        entry = said.get((move.subject, day, move.code))
        yield move if entry is None else accepted_finding(move, entry.by, entry.note)


def _large_moves(window: _Window, limit: float) -> Iterator[tuple[date, Finding]]:
    moves = window.moves
    allowance = market_allowance(window.market, start=moves.start, end=window.end)
    large = np.abs(moves.ratio - 1.0) > limit
    adjusted = has_adjusted(window.market, moves, window.end) if large.any() else large[:0]
    for row, column in np.argwhere(large).tolist():
        ratio = float(moves.ratio[row, column])
        net = ratio / float(moves.adjusted_ratio[row, column])
        split = nearest_split(net) or split_of_single(ratio, float(allowance[row]))
        happened = (
            f"the close {_direction(ratio)} on {window.day(row)}, from "
            f"{moves.before[row, column]:,.2f} to {moves.close[row, column]:,.2f}"
        )
        beside = _adjusted_words(moves, row, column) if adjusted[column] else _ONE_CLOSE
        code = "large_move" if split is None else "suspect_split"
        looks = "" if split is None else f"; this looks like a {split_words(split)}"
        message = f"{happened}{looks}; {beside}"
        yield window.date(row), Finding(Severity.WARN, code, window.tickers[column], message)
    alone = (np.abs(moves.adjusted_ratio - 1.0) > limit) & ~large
    for row, column in np.argwhere(alone).tolist():
        message = (
            f"the adjusted close {_direction(float(moves.adjusted_ratio[row, column]))} on "
            f"{window.day(row)}, the close {_direction(float(moves.ratio[row, column]))}; scores "
            "use the adjusted close"
        )
        ticker = window.tickers[column]
        yield window.date(row), Finding(Severity.WARN, "adjustment_move", ticker, message)


def _adjusted_words(moves: Moves, row: int, column: int) -> str:
    """Whether the adjusted close agrees with a large move of the close."""
    adjusted, ratio = float(moves.adjusted_ratio[row, column]), float(moves.ratio[row, column])
    if math.isnan(adjusted):
        return "there is no adjusted close to compare with"
    if adjusted == ratio:
        return "the adjusted close moves by the same"
    return f"the adjusted close {_direction(adjusted)}"


def _direction(ratio: float) -> str:
    """A price ratio in words.

    Examples
    --------
    >>> _direction(0.5), _direction(1.25)
    ('fell 50.0%', 'rose 25.0%')
    """
    return f"{'rose' if ratio >= 1.0 else 'fell'} {abs(ratio - 1.0):.1%}"
