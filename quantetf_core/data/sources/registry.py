"""Which vendor serves which type of source.

A new vendor is a module with a `Vendor`, its settings in `quantetf_core.config.schema`, and one
entry in `VENDORS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

from quantetf_core.config.schema import YahooSource
from quantetf_core.data.sources.context_fetch import SeriesReader
from quantetf_core.data.sources.fred import VIX_SERIES, Fred
from quantetf_core.data.sources.refresh_run import VixReader
from quantetf_core.data.sources.vendors import Answer, Patience, Vendor
from quantetf_core.data.sources.yahoo import Yahoo

VIX_TICKER = "^VIX"
"""What Yahoo calls the VIX."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How a vendor is reached.

    Parameters
    ----------
    keep
        Folder for what a client keeps between runs and can get again.
    patience
        How often to ask again, and how long to wait before.
    route
        Given the address of a request, where to send it: a mirror, or a test's server.
    timeout
        Seconds to wait for one answer (house rule: a busy vendor takes two or three).
    """

    keep: Path
    patience: Patience = field(default_factory=Patience)
    route: Callable[[str], str] = str
    timeout: float = 15.0


@dataclass(frozen=True, slots=True)
class Live:
    """A live source: who gives prices, who the VIX, and who the series beside them."""

    vendor: Vendor
    vix: VixReader
    vix_name: str
    context: SeriesReader


def live(source: YahooSource, line: Line) -> Live:
    """The vendors of a configured live source."""
    return VENDORS[source.type](source, line)


def _yahoo(source: YahooSource, line: Line) -> Live:
    yahoo = Yahoo(
        keep=line.keep / "yahoo", patience=line.patience, route=line.route, timeout=line.timeout
    )
    fred = Fred(patience=line.patience, route=line.route, timeout=line.timeout)
    once = replace(line.patience, pauses=(), limited=())  # nobody waits for mere context
    beside = replace(fred, patience=once).series
    if source.vix == "fred":
        vix = partial(fred.series, VIX_SERIES)
        return Live(yahoo, vix, fred.name, beside)
    return Live(yahoo, partial(_only, yahoo), yahoo.name, beside)


def _only(vendor: Vendor, start: date, end: date) -> Answer:
    """The VIX as a ticker of the vendor of the prices."""
    fetched = vendor.fetch(
        [VIX_TICKER], start, end, progress=lambda _: None, cancelled=lambda: False
    )
    if VIX_TICKER in fetched.prices:
        return Answer(fetched.prices[VIX_TICKER])
    return fetched.failed[VIX_TICKER]


VENDORS: dict[str, Callable[[YahooSource, Line], Live]] = {"yahoo": _yahoo}
"""Type of source, as configured → its vendors."""
