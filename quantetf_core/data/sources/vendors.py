"""What a vendor of market data must do, and which vendors there are.

A vendor is one module of this folder: a class with `Vendor`'s two members, under a name in
`quantetf_core.data.sources.registry`. What it returns is not trusted: dates, numbers and tickers
are cleaned, and compared with the snapshot before, by `quantetf_core.data.sources.refresh`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Protocol

import pandas as pd


class Trouble(Enum):
    """Why a vendor gave nothing for a ticker."""

    UNREACHABLE = "unreachable"  # no connection, no answer in time, or an error of the server
    LIMITED = "limited"  # asked too often
    UNREADABLE = "unreadable"  # an answer that is cut off or makes no sense
    REFUSED = "refused"  # the vendor says that there are no such prices

    @property
    def passes(self) -> bool:
        """Whether asking again soon may help."""
        return self is not Trouble.REFUSED


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a vendor said for one ticker: a table by date, or why there is none.

    ``prices`` has the columns Open, High, Low, Close, Adj Close and Volume, or some of them.
    """

    prices: pd.DataFrame | None = None
    trouble: Trouble | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fetch is: tickers done of how many, and what is going on."""

    done: int
    total: int
    said: str


@dataclass(frozen=True, slots=True, eq=False)
class Fetched:
    """What came: a table by ticker, why others did not come, and whether it was cancelled."""

    prices: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    failed: Mapping[str, Answer] = field(default_factory=dict)
    cancelled: bool = False


OnProgress = Callable[[Progress], None]
Cancelled = Callable[[], bool]


class Vendor(Protocol):
    """A vendor of daily prices."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def fetch(
        self,
        tickers: Sequence[str],
        start: date,
        end: date,
        *,
        progress: OnProgress,
        cancelled: Cancelled,
    ) -> Fetched:
        """Daily prices of tickers, both dates included; never raises for what a vendor does."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How often one ticker is asked for, and how long to wait before each next time.

    ``pauses`` are seconds; those after being told to slow down are ``limited``. ``wait`` is what
    waits: tests do not.
    """

    pauses: tuple[float, ...] = (1.0, 4.0)
    limited: tuple[float, ...] = (15.0, 60.0)
    wait: Callable[[float], object] = time.sleep

    def ask(
        self, ask: Callable[[], Answer], *, cancelled: Cancelled, notice: Callable[[str], None]
    ) -> Answer:
        """Ask until there is an answer, or asking again is of no use; backs off in between."""
        answer = ask()
        for number in range(max(len(self.pauses), len(self.limited))):
            if answer.trouble is None or not answer.trouble.passes or cancelled():
                return answer
            limited = answer.trouble is Trouble.LIMITED
            pauses = self.limited if limited else self.pauses
            if number >= len(pauses):
                return answer
            if limited:
                notice(f"asked to slow down; waiting {pauses[number]:g} seconds")
            self.wait(pauses[number])
            answer = ask()
        return answer
