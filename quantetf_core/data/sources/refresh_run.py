"""One refresh of a live source, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from quantetf_core.data.market import MarketData
from quantetf_core.data.on_session import count_of
from quantetf_core.data.restated import restatements
from quantetf_core.data.sessions import session_age, sessions_between
from quantetf_core.data.sources.merging import (
    MOST_LOST,
    Received,
    continues,
    lost,
    merge,
    receive,
)
from quantetf_core.data.sources.vendors import Answer, Cancelled, OnProgress, Progress, Vendor
from quantetf_core.data.vix import vix_from_series
from quantetf_core.errors import SourceError
from quantetf_core.findings import Finding, Severity

RECHECKED = 10
"""Sessions before the newest that are asked for again: vendors restate recent ones."""

VixReader = Callable[[date, date], Answer]
"""Gives the VIX between two dates, both included, in a column ``Close``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to fetch: for which portfolio, which tickers, from which date on; series beside them."""

    portfolio: str
    tickers: tuple[str, ...]
    start: date
    context: tuple[str, ...] = ()


class Run:
    """One refresh, step by step."""

    def __init__(
        self,
        wanted: Wanted,
        vendor: Vendor,
        end: pd.Timestamp,
        old: MarketData | None,
        progress: OnProgress,
        cancelled: Cancelled,
    ) -> None:
        self.wanted, self.vendor, self.end, self.old = wanted, vendor, end, old
        self.report, self.cancelled = progress, cancelled
        self.start = sessions_between(wanted.start, end)[0]
        self.whole, self.part = Received(), Received()
        self.failed: dict[str, str] = {}
        self.vix: pd.Series[float] = pd.Series(dtype="float64")
        self.vix_findings: tuple[Finding, ...] = ()
        self._done, self._total = 0, len(wanted.tickers) + 1

    def prices(self) -> None:
        """Recent rows of what is there already; the whole of what is not, or was restated."""
        recent = dict(self._recent())
        anew = [ticker for ticker in self.wanted.tickers if ticker not in recent]
        tables: dict[str, pd.DataFrame] = {}
        for since in sorted(set(recent.values())):
            tables |= self._fetch([t for t, first in recent.items() if first == since], since)
        self.part = receive(tables, origin=self.vendor.name)
        again = self._restated()
        self._total += len(again)
        tables = self._fetch([*anew, *again], self.start.date())
        self.whole = receive(tables, origin=self.vendor.name)
        self._set_aside()

    def the_vix(self, read: VixReader) -> None:
        """The whole series: one request; what it lacks is kept from before."""
        answer = read(self.start.date(), self.end.date())
        old = pd.Series(dtype="float64") if self.old is None else self.old.vix.dropna()
        new, said = old.iloc[:0], answer.said
        if answer.prices is not None:
            try:
                series = answer.prices["Close"].dropna()
                new, self.vix_findings = vix_from_series(series, origin="VIX")
            except SourceError as error:
                said = f"the VIX that came cannot be used ({error.problem})"
        self.vix = new.loc[: self.end].combine_first(old)
        if new.empty:
            self.failed["VIX"] = said
        self._step("VIX")

    def market(self, source: str) -> MarketData:
        """Everything together, with what was noticed."""
        panels = merge(
            self.old,
            whole=self.whole,
            part=self.part,
            tickers=self.wanted.tickers,
            start=self.start,
            end=self.end,
        )
        market = MarketData.from_panels(panels, self.vix, source=source)
        restated = () if self.old is None else restatements(self.old, market)
        said = (*self.part.findings, *self.whole.findings, *self.vix_findings)
        findings = dict.fromkeys((*said, *self._missing(market), *restated))
        return replace(market, findings=tuple(findings))

    def _recent(self) -> Iterator[tuple[str, date]]:
        """Tickers that are there already, each with the first session to ask for again."""
        old = self.old
        if old is None or old.sessions[0] > sessions_between(self.start, self.end)[:RECHECKED][-1]:
            return  # it starts later than is wanted now: everything is fetched whole
        for ticker in self.wanted.tickers:
            if ticker in old.tickers and (last := old.close[ticker].last_valid_index()) is not None:
                place = int(old.sessions.get_indexer(pd.DatetimeIndex([last]))[0])
                yield ticker, old.sessions[max(0, place - RECHECKED + 1)].date()

    def _fetch(self, tickers: Sequence[str], since: date) -> dict[str, pd.DataFrame]:
        if not tickers or self.cancelled():
            return {}
        base = self._done

        def passed_on(one: Progress) -> None:
            self._done = max(self._done, base + one.done)
            self.report(Progress(self._done, self._total, one.said))

        fetched = self.vendor.fetch(
            tickers, since, self.end.date(), progress=passed_on, cancelled=self.cancelled
        )
        self.failed |= {ticker: answer.said for ticker, answer in fetched.failed.items()}
        return dict(fetched.prices)

    def _restated(self) -> list[str]:
        """Tickers whose recent rows do not go on from those there are."""
        assert self.old is not None or not self.part.tickers
        old, part = self.old, self.part
        again = [t for t in part.tickers if old is not None and not continues(old, part, t)]
        self.part = _without(part, again)
        return again

    def _set_aside(self) -> None:
        """A new history that lacks much of the one there is would lose it: it is not used."""
        self.failed |= {**self.part.unusable, **self.whole.unusable}
        short = []
        for ticker in self.whole.tickers if self.old is not None else ():
            assert self.old is not None
            if ticker in self.old.tickers and lost(self.old, self.whole, ticker) > MOST_LOST:
                short.append(ticker)
                said = f"{self.vendor.name} sent less history than there is already"
                self.failed[ticker] = said
        self.whole = _without(self.whole, short)

    def _missing(self, market: MarketData) -> Iterator[Finding]:
        for ticker, said in sorted(self.failed.items()):
            values = market.vix if ticker == "VIX" else market.close.get(ticker)
            last = None if values is None else values.last_valid_index()
            code = "vix_not_refreshed"
            if ticker != "VIX":
                code = "never_fetched" if last is None else "not_refreshed"
            kept = "there is no value at all"
            if isinstance(last, pd.Timestamp):
                age = session_age(last, self.end)
                old = f"{count_of(age, 'session')} old" if age else "the latest session"
                kept = f"what there was is kept, up to {last.date()} ({old})"
            yield Finding(Severity.WARN, code, ticker, f"{said}; {kept}")

    def _step(self, said: str) -> None:
        self._done += 1
        self.report(Progress(self._done, self._total, said))


def _without(received: Received, tickers: Sequence[str]) -> Received:
    if not tickers:
        return received
    kept = [ticker for ticker in received.tickers if ticker not in set(tickers)]
    panels = {name: panel[kept] for name, panel in received.panels.items()} if kept else {}
    findings = tuple(said for said in received.findings if said.subject not in set(tickers))
    return Received(panels, findings, received.unusable)
