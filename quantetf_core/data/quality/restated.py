"""What a source says of the past now, held against what it said before.

Prices of the past change for good reasons: a split divides every close before it, a distribution
lowers every adjusted close before it by one factor. Anything else is a restatement.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from quantetf_core.data.dates import Days
from quantetf_core.data.market import MarketData
from quantetf_core.data.on_session import count_of
from quantetf_core.data.quality.record import VIX, WHOLE_MARKET, QualityFinding, in_order
from quantetf_core.data.quality.scan import Flags, Floats, Ints
from quantetf_core.data.splits import Split, nearest_split, split_words
from quantetf_core.findings import Severity

_SAME = 1e-6
"""Relative difference below which two prices are one: vendors round differently each day."""

_CENTS = 0.005
"""How far the ratios of closes divided for a split may spread: they are rounded to cents."""

_STEPS = 5e-4
"""The same of adjusted closes, which have more digits."""

_LEAST_ROWS = 2


def restated(before: MarketData, after: MarketData) -> tuple[QualityFinding, ...]:
    """Findings on the rows both markets have, and on rows and tickers that went.

    Parameters
    ----------
    before, after
        The same source at two times; ``after`` is the newer one.

    Returns
    -------
    tuple of QualityFinding
        Gravest first. ``restated_close`` and ``restated_vix`` (warn) are past values that are
        others now; ``restated_adjusted`` (warn) the same of adjusted closes when no
        distribution explains it; ``restated_split`` and ``readjusted`` (info) are what splits and
        distributions do; ``withdrawn`` (warn) are values and tickers that are gone; ``filled_in``
        (info) are past values that were not there. Nothing is said of tickers and sessions that
        were added.
    """
    return in_order([*_tickers(before, after), *_prices(before, after), *_vix(before, after)])


def _tickers(before: MarketData, after: MarketData) -> Iterator[QualityFinding]:
    gone = sorted(set(before.tickers) - set(after.tickers))
    for ticker in gone:
        message = "was in the data before and is not any more"
        yield _finding(Severity.WARN, "withdrawn", ticker, message)
    if after.last_session < before.last_session:
        message = (
            f"the data ends on {after.last_session.date()}; before it ended on "
            f"{before.last_session.date()}"
        )
        yield _finding(Severity.WARN, "withdrawn", WHOLE_MARKET, message)


def _prices(before: MarketData, after: MarketData) -> Iterator[QualityFinding]:
    tickers = sorted(set(before.tickers) & set(after.tickers))
    sessions = before.sessions.intersection(after.sessions)
    if not tickers or not len(sessions):
        return
    shared = [_cut(market, sessions, tickers) for market in (before, after)]
    (close_then, adjusted_then), (close_now, adjusted_now) = shared
    days = sessions.to_numpy().astype("datetime64[D]")
    yield from _gone_and_new(close_then, close_now, tickers, days)
    close_changed = _changed(close_then, close_now)
    adjusted_changed = _changed(adjusted_then, adjusted_now)
    for column in np.flatnonzero((close_changed | adjusted_changed).any(axis=0)).tolist():
        close, adjusted = close_changed[:, column], adjusted_changed[:, column]
        if close.any():
            ratio = close_now[:, column] / close_then[:, column]
            yield _of_close(tickers[column], ratio, close, days)
        if (adjusted & ~close).any() or (adjusted.any() and not close.any()):
            ratio = adjusted_now[:, column] / adjusted_then[:, column]
            yield _of_adjusted(tickers[column], ratio, adjusted, days)


def _cut(market: MarketData, sessions: object, tickers: list[str]) -> tuple[Floats, Floats]:
    rows = market.sessions.get_indexer(sessions)  # type: ignore[arg-type]
    columns = market.columns_of(tickers)
    panels = (market.close, market.adj_close)
    close, adjusted = (panel.to_numpy()[np.ix_(rows, columns)] for panel in panels)
    return close, adjusted


def _changed(then: Floats, now: Floats) -> Flags:
    with np.errstate(invalid="ignore", divide="ignore"):
        changed: Flags = np.abs(now / then - 1.0) > _SAME
    return changed


def _gone_and_new(
    then: Floats, now: Floats, tickers: list[str], days: Days
) -> Iterator[QualityFinding]:
    gone, new = ~np.isnan(then) & np.isnan(now), np.isnan(then) & ~np.isnan(now)
    for flags, severity, code, what in (
        (gone, Severity.WARN, "withdrawn", "went missing"),
        (new, Severity.INFO, "filled_in", "came in since"),
    ):
        for column in np.flatnonzero(flags.any(axis=0)).tolist():
            rows = np.flatnonzero(flags[:, column])
            message = f"{_values(rows, days)} {what}"
            yield _finding(severity, code, tickers[column], message, rows, days)


def _of_close(ticker: str, ratio: Floats, changed: Flags, days: Days) -> QualityFinding:
    rows = np.flatnonzero(changed)
    split = _one_split(ratio, rows)
    worst = float(np.abs(ratio[rows] - 1.0).max())
    if split is not None:
        message = f"{_values(rows, days)} were restated for a {split_words(split)}"
        return _finding(Severity.INFO, "restated_split", ticker, message, rows, days, worst)
    message = f"{_values(rows, days)} changed, by up to {worst:.2%}"
    return _finding(Severity.WARN, "restated_close", ticker, message, rows, days, worst)


def _of_adjusted(ticker: str, ratio: Floats, changed: Flags, days: Days) -> QualityFinding:
    rows = np.flatnonzero(changed)
    worst = float(np.abs(ratio[rows] - 1.0).max())
    if _one_split(ratio, rows) is not None or _distributions(ratio):
        message = (
            f"{_values(rows, days, 'adjusted close')} were adjusted again, by up to {worst:.2%}, "
            "as distributions and splits do"
        )
        return _finding(Severity.INFO, "readjusted", ticker, message, rows, days, worst)
    message = f"{_values(rows, days, 'adjusted close')} changed, by up to {worst:.2%}"
    return _finding(Severity.WARN, "restated_adjusted", ticker, message, rows, days, worst)


def _one_split(ratio: Floats, rows: Ints) -> Split | None:
    """The split by whose ratio every value up to the last changed one changed, or None."""
    early = ratio[: rows[-1] + 1]
    early = early[~np.isnan(early)]
    factor = float(np.median(early))
    if len(early) < _LEAST_ROWS or (np.abs(early / factor - 1.0) > _CENTS).any():
        return None
    return nearest_split(factor)


def _distributions(ratio: Floats) -> bool:
    """Whether the past was lowered in steps, the oldest most, as distributions do."""
    known = ratio[~np.isnan(ratio)]
    return bool(
        len(known) >= _LEAST_ROWS
        and (known <= 1.0 + _STEPS).all()
        and (np.diff(known) >= -_STEPS).all()
        and known[0] < 1.0 - _SAME
    )


def _vix(before: MarketData, after: MarketData) -> Iterator[QualityFinding]:
    sessions = before.sessions.intersection(after.sessions)
    then, now = (market.vix.reindex(sessions).to_numpy() for market in (before, after))
    days = sessions.to_numpy().astype("datetime64[D]")
    rows = np.flatnonzero(np.abs(now - then) > 1e-9)
    if len(rows):
        worst = float(np.abs(now[rows] - then[rows]).max())
        message = f"{_values(rows, days, 'value')} changed, by up to {worst:.2f} points"
        yield _finding(Severity.WARN, "restated_vix", VIX, message, rows, days, worst)
    gone = np.flatnonzero(~np.isnan(then) & np.isnan(now))
    if len(gone):
        message = f"{_values(gone, days, 'value')} went missing"
        yield _finding(Severity.WARN, "withdrawn", VIX, message, gone, days)


def _values(rows: Ints, days: Days, what: str = "close") -> str:
    """A number of past values and when they are of, in words."""
    if len(rows) == 1:
        return f"1 {what}, of {days[rows[0]]},"
    return f"{count_of(len(rows), what)}, {days[rows[0]]} to {days[rows[-1]]},"


def _finding(
    severity: Severity,
    code: str,
    subject: str,
    message: str,
    rows: Ints | None = None,
    days: Days | None = None,
    worst: float | None = None,
) -> QualityFinding:
    first = last = None
    numbers: list[tuple[str, float]] = []
    if rows is not None and days is not None:
        first, last = days[rows[0]].item(), days[rows[-1]].item()
        numbers.append(("values", float(len(rows))))
    if worst is not None:
        numbers.append(("largest difference", worst))
    return QualityFinding(
        severity=severity,
        code=code,
        subject=subject,
        session=last,
        first=first,
        message=message,
        evidence=tuple(numbers),
    )
