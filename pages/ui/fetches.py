"""Fetches of market data under way: outside the page script, one per portfolio, seen by all.

A fetch takes minutes and any click ends a page's script, so it runs in a thread of its own; the
pages only watch. The thread ends with the process: what a fetch writes is whole or not there.

Nothing here knows Streamlit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from quantetf_core import desk
from quantetf_core.errors import QuantEtfError


@dataclass(slots=True, eq=False)
class Fetch:
    """One fetch: how far it is, and what came of it.

    Parameters
    ----------
    done, total, said
        Tickers done of how many (0 while not known), and what is going on.
    outcome
        What it came to; None while it runs and when it failed.
    failure
        Why it failed, in a sentence; empty when it did not.
    """

    done: int = 0
    total: int = 0
    said: str = ""
    outcome: desk.Refreshed | None = None
    failure: str = ""
    finished: bool = False
    stop: threading.Event = field(default_factory=threading.Event)

    def report(self, progress: desk.Progress) -> None:
        """Take note of how far it is."""
        self.said = progress.said
        if progress.total:
            self.done, self.total = progress.done, progress.total

    @property
    def fraction(self) -> float:
        """How much of it is done, from 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0


_Work = Callable[[Fetch], desk.Refreshed]

_LOCK = threading.Lock()
_FETCHES: dict[tuple[str, str], Fetch] = {}


def start(portfolio: desk.Portfolio, *, now: datetime) -> Fetch:
    """Begin a fetch, unless one of this portfolio runs: that one is returned then."""
    return begin(
        portfolio,
        lambda one: desk.fetch_data(portfolio, now=now, progress=one.report, stop=one.stop),
    )


def begin(portfolio: desk.Portfolio, work: _Work) -> Fetch:
    """`start` with other work."""
    key = (str(portfolio.root), portfolio.name)
    with _LOCK:
        running = _FETCHES.get(key)
        if running is not None and not running.finished:
            return running
        fetch = _FETCHES[key] = Fetch()
    threading.Thread(target=_run, args=(fetch, work), name="fetch", daemon=True).start()
    return fetch


def latest(portfolio: desk.Portfolio) -> Fetch | None:
    """The fetch under way, or the last one of this process; None before the first."""
    with _LOCK:
        return _FETCHES.get((str(portfolio.root), portfolio.name))


def forget(portfolio: desk.Portfolio) -> None:
    """Put away what came of the last fetch; one that runs is not touched."""
    key = (str(portfolio.root), portfolio.name)
    with _LOCK:
        if key in _FETCHES and _FETCHES[key].finished:
            del _FETCHES[key]


def _run(fetch: Fetch, work: _Work) -> None:
    """Do the work; a defect in it ends the thread, whose traceback goes to the log."""
    fetch.failure = "The fetch came to an unexpected end; the log says why. Try again."
    try:
        fetch.outcome = work(fetch)
        fetch.failure = ""
    except QuantEtfError as error:
        fetch.failure = str(error)
    finally:
        fetch.finished = True
