"""Whether history changed between two readings of a source: past values that are others now.

Findings, by ticker:

==========================  ====  ===========================================================
``restated_close``          warn  closes of some sessions are others now
``restated_adjusted``       warn  adjusted closes are, in a way no distribution or split explains
``restated_gone``           warn  sessions that had a close have none now
``restated_split``          info  all closes up to a session are the old ones times one ratio
``restated_distribution``   info  all adjusted closes up to a session are, as after a distribution
``restated_filled``         info  sessions that had no close have one now
==========================  ====  ===========================================================

Vendors give single precision and compute adjusted closes anew each time: differences below
`CLOSE_NOISE` and `ADJUSTED_NOISE`, relative to the value, are none.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from quantetf_core.data.market import Floats, MarketData
from quantetf_core.data.on_session import count_of, examples
from quantetf_core.findings import Finding, Severity

CLOSE_NOISE = 1e-6
ADJUSTED_NOISE = 2e-5

_Days = npt.NDArray[np.datetime64]


def restatements(before: MarketData, after: MarketData) -> tuple[Finding, ...]:
    """What the second reading says otherwise than the first, on what both cover.

    Sessions and tickers that only one of them has are no restatement. The VIX is compared like a
    close, under the subject ``VIX``.
    """
    days, old_rows, new_rows = np.intersect1d(
        _days(before), _days(after), assume_unique=True, return_indices=True
    )
    findings: list[Finding] = []
    tickers = sorted(set(before.tickers) & set(after.tickers))
    old_at, new_at = before.columns_of(tickers), after.columns_of(tickers)
    old_close, new_close = (
        market.panel("close").to_numpy()[np.ix_(rows, at)]
        for market, rows, at in ((before, old_rows, old_at), (after, new_rows, new_at))
    )
    old_adj, new_adj = (
        market.panel("adj_close").to_numpy()[np.ix_(rows, at)]
        for market, rows, at in ((before, old_rows, old_at), (after, new_rows, new_at))
    )
    for column, ticker in enumerate(tickers):
        close = list(_of_closes(ticker, days, old_close[:, column], new_close[:, column]))
        findings += close
        if not any(said.code != "restated_filled" for said in close):
            findings += _of_adjusted(ticker, days, old_adj[:, column], new_adj[:, column])
    old_vix = np.asarray(before.vix.to_numpy()[old_rows], dtype=np.float64)
    new_vix = np.asarray(after.vix.to_numpy()[new_rows], dtype=np.float64)
    findings += _of_closes("VIX", days, old_vix, new_vix)
    return tuple(findings)


def differing(before: Floats, after: Floats, *, noise: float) -> npt.NDArray[np.bool_]:
    """Where two readings of the same cells both have a value, and not the same one."""
    both = np.isfinite(before) & np.isfinite(after)
    return np.asarray(both & (np.abs(after - before) > noise * np.abs(before)), dtype=np.bool_)


def _days(market: MarketData) -> _Days:
    days: _Days = market.sessions.to_numpy().astype("datetime64[D]")
    return days


def _of_closes(ticker: str, days: _Days, before: Floats, after: Floats) -> Iterator[Finding]:
    changed = differing(before, after, noise=CLOSE_NOISE)
    ratio = _one_ratio(before, after, changed, noise=1e-4)
    if ratio is not None:
        last = days[np.flatnonzero(changed)[-1]]
        message = (
            f"its closes up to {last} are {ratio:g} times what they were, as after a split that "
            "the vendor took into its history"
        )
        yield Finding(Severity.INFO, "restated_split", ticker, message)
    elif changed.any():
        what = "values" if ticker == "VIX" else "closes"
        yield _restated("restated_close", ticker, what, days, changed, before, after)
    gone = np.isfinite(before) & ~np.isfinite(after)
    if gone.any():
        message = (
            f"{count_of(int(gone.sum()), 'session')} that had a close in the snapshot before have "
            f"none now: {examples(days[gone])}"
        )
        yield Finding(Severity.WARN, "restated_gone", ticker, message)
    past = np.flatnonzero(np.isfinite(before))
    filled = ~np.isfinite(before) & np.isfinite(after)
    filled[past[-1] + 1 if len(past) else 0 :] = False  # what was not known yet is no gap
    if filled.any():
        message = (
            f"{count_of(int(filled.sum()), 'session')} without a close in the snapshot before "
            f"have one now: {examples(days[filled])}"
        )
        yield Finding(Severity.INFO, "restated_filled", ticker, message)


def _of_adjusted(ticker: str, days: _Days, before: Floats, after: Floats) -> Iterator[Finding]:
    changed = differing(before, after, noise=ADJUSTED_NOISE)
    ratio = _one_ratio(before, after, changed, noise=1e-4)
    if ratio is not None:
        last = days[np.flatnonzero(changed)[-1]]
        message = (
            f"its adjusted closes up to {last} are {ratio:.6f} times what they were, as after a "
            "distribution"
        )
        yield Finding(Severity.INFO, "restated_distribution", ticker, message)
    elif changed.any():
        what = "adjusted closes"
        yield _restated("restated_adjusted", ticker, what, days, changed, before, after)


def _one_ratio(
    before: Floats, after: Floats, changed: npt.NDArray[np.bool_], *, noise: float
) -> float | None:
    """The ratio of new to old, if every value up to the last changed one has the same."""
    places = np.flatnonzero(changed)
    if len(places) < 2:
        return None
    old, new = before[: places[-1] + 1], after[: places[-1] + 1]
    both = np.isfinite(old) & np.isfinite(new)
    ratios = new[both] / old[both]
    middle = float(np.median(ratios))
    return middle if bool((np.abs(ratios / middle - 1.0) <= noise).all()) else None


def _restated(
    code: str,
    ticker: str,
    what: str,
    days: _Days,
    changed: npt.NDArray[np.bool_],
    before: Floats,
    after: Floats,
) -> Finding:
    """The number of sessions, and the largest change with its session and both values."""
    moves = np.where(changed, np.abs(after / before - 1.0), 0.0)
    worst = int(np.argmax(moves))
    message = (
        f"{what} of {count_of(int(changed.sum()), 'session')} are others than in the snapshot "
        f"before ({examples(days[changed])}); the largest change, {moves[worst]:.2%}: "
        f"{days[worst]} was {before[worst]:,.4f} and is {after[worst]:,.4f}"
    )
    return Finding(Severity.WARN, code, ticker, message)
