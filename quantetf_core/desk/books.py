"""The book as it stood at a session: marked to its closes, and what became of it through time."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

from quantetf_core.csv_safe import csv_bytes, unguarded
from quantetf_core.data.market import MarketData
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.records import history
from quantetf_core.findings import Finding, Severity, in_order
from quantetf_core.ledger import (
    Commit,
    CommitEntry,
    History,
    book_after,
    book_steps,
    current_holdings,
    last_rebalance,
    read_commit,
)
from quantetf_core.portfolio.marking import MarkedBook, Target, mark
from quantetf_core.portfolio.performance import performance
from quantetf_core.units import MARKET_TICKER, TRADING_DAYS_PER_YEAR

_TARGET_FILE = "target_portfolio.csv"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BookAtSession:
    """What was held at a session.

    Parameters
    ----------
    book
        Marked to the session's closes; None when nothing was recorded by then.
    entry
        The commit it came from; None for a holdings file that no history claims.
    newest
        Whether that is the newest commit, so that the record goes on from here.
    findings
        On the prices, the shares, the holdings file and the history.
    """

    book: MarkedBook | None
    entry: CommitEntry | None
    newest: bool
    findings: tuple[Finding, ...]

    @property
    def unclaimed(self) -> bool:
        """Whether the book is a file from before the history, to be adopted first."""
        return any(finding.code == "not_in_history" for finding in self.findings)


def mark_book(
    portfolio: Portfolio,
    market: MarketData,
    *,
    as_of: pd.Timestamp,
    found: History | None = None,
) -> BookAtSession:
    """The book held at a session, marked to its closes.

    The book is that of the newest commit whose session is not after ``as_of``; for the newest
    commit of all, `quantetf_core.desk.entries.holdings` says what to know before trusting it.

    Parameters
    ----------
    as_of
        The session; later prices and later commits are not looked at.
    found
        The history when it is already read.

    Raises
    ------
    HoldingsFileError, DamagedHistoryError
        When the book cannot be read.
    """
    found = history(portfolio) if found is None else found
    entry = next((e for e in found.entries if e.as_of <= as_of.date()), None)
    newest = entry == found.newest
    if newest:
        held, findings = current_holdings(portfolio.artifacts_dir, portfolio.state_dir, found=found)
    else:
        held, findings = (book_after(entry) if entry else None), found.blocks
    if held is None:
        return BookAtSession(book=None, entry=None, newest=newest, findings=findings)
    target, problems = _target(portfolio, found, entry)
    universe = portfolio.settings.universe
    book = mark(held, market, as_of=as_of, universe=universe, target=target)
    every = in_order((*findings, *problems, *book.findings))
    return BookAtSession(book=book, entry=entry, newest=newest, findings=every)


def _target(
    portfolio: Portfolio, found: History, entry: CommitEntry | None
) -> tuple[Target | None, tuple[Finding, ...]]:
    """What the last rebalance in force wanted, or why that cannot be read."""
    rebalance = None if entry is None else last_rebalance(found, up_to=entry)
    if rebalance is None:
        return None, ()
    commit = read_commit(portfolio.artifacts_dir, rebalance.id)
    try:
        weights = target_weights(commit)
    except (KeyError, ValueError):
        message = f"{_TARGET_FILE} cannot be read, so no drift is shown"
        return None, (Finding(Severity.WARN, "target_unreadable", rebalance.id, message),)
    return Target(commit_id=rebalance.id, as_of=rebalance.as_of, weights=weights), commit.findings


def target_weights(commit: Commit) -> dict[str, float]:
    """Ticker → weight that a rebalance recorded as its target, ``$CASH$`` included.

    Raises
    ------
    KeyError, ValueError
        When the file is missing, or is not what the desk writes.
    """
    content = commit.files[_TARGET_FILE]
    frame = pd.read_csv(io.BytesIO(content), dtype={"ticker": str}, keep_default_na=False)
    weights = pd.to_numeric(frame["weight"]).to_numpy(dtype=np.float64)
    if not np.isfinite(weights).all():
        raise ValueError("a weight is missing")
    tickers = [unguarded(ticker) for ticker in frame["ticker"]]
    return dict(zip(tickers, weights.tolist(), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ValueHistory:
    """A book through time, beside the market.

    Parameters
    ----------
    frame
        By session: ``value`` (USD), ``growth`` (of 1, adjusted for flows), ``spy`` and
        ``spy_total`` (growth of 1 of SPY's close, and with dividends, from the same session). NaN
        where not known.
    events
        One row a commit: ``session, id, kind, flow`` (USD).
    """

    frame: pd.DataFrame
    events: pd.DataFrame

    def up_to(self, session: pd.Timestamp) -> ValueHistory:
        """The same as it was known at a session."""
        return ValueHistory(
            frame=self.frame[self.frame.index <= session],
            events=self.events[self.events["session"] <= session],
        )

    @property
    def begin(self) -> pd.Timestamp | None:
        """The session the growth is counted from; None when there is none."""
        known = self.frame["growth"].first_valid_index()
        return known if isinstance(known, pd.Timestamp) else None

    def total(self, column: str) -> float:
        """Growth of a column of the frame to its last session, less 1; NaN when not known."""
        values = self.frame[column].to_numpy()
        return float(values[-1]) - 1.0 if len(values) else np.nan

    def yearly(self, column: str) -> float | None:
        """`total` per year of 252 sessions, compounded; None for less than a year or unknown."""
        spanned = int(self.frame["growth"].notna().sum()) - 1
        growth = 1.0 + self.total(column)
        if spanned < TRADING_DAYS_PER_YEAR or not growth > 0.0:
            return None
        return float(growth ** (TRADING_DAYS_PER_YEAR / spanned)) - 1.0


def value_history(
    portfolio: Portfolio, market: MarketData, *, found: History | None = None
) -> ValueHistory:
    """Value and time-weighted growth of a portfolio since its first commit.

    Parameters
    ----------
    found
        The history when it is already read.

    Raises
    ------
    DamagedHistoryError
        When the history is not one sound chain, or a book cannot be read.
    """
    found = history(portfolio) if found is None else found
    frame = performance(book_steps(found), market)
    begin = frame["growth"].first_valid_index()
    for name, panel in (("spy", market.close), ("spy_total", market.adj_close)):
        frame[name] = _growth_of(panel, frame.index, begin)
    entries = list(reversed(found.entries))
    events = pd.DataFrame(
        {
            "session": pd.DatetimeIndex([pd.Timestamp(e.as_of) for e in entries]),
            "id": [e.id for e in entries],
            "kind": [str(e.kind) for e in entries],
            "flow": [float(e.summary.get("cash_flow") or 0.0) for e in entries],
        }
    )
    return ValueHistory(frame=frame, events=events)


def _growth_of(panel: pd.DataFrame, sessions: pd.Index, begin: object) -> pd.Series | float:
    """Growth of 1 of SPY from a session on; NaN before it, and without a close there."""
    if MARKET_TICKER not in panel.columns or not isinstance(begin, pd.Timestamp):
        return np.nan
    closes = panel[MARKET_TICKER]
    carried = closes.where(closes > 0).ffill().reindex(sessions)
    grown: pd.Series = (carried / carried[begin]).where(sessions >= begin)
    return grown


def holdings_csv(book: MarkedBook, *, simulated: bool) -> bytes:
    """A marked book as CSV that a spreadsheet opens as data, with its session on every row."""
    frame = book.frame.copy()
    frame["as_of"] = book.as_of.date()
    frame["basis"] = str(book.basis)
    frame["commit_id"] = book.holdings.commit_id or ""
    frame["prices"] = "simulated prices" if simulated else "market prices"
    return csv_bytes(frame)
