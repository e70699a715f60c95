"""Series shown beside the regime; no rule and no decision reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from quantetf_core.config import YahooSource
from quantetf_core.data.context import CONTEXT_SERIES, ContextSeries
from quantetf_core.data.market import MarketData
from quantetf_core.data.sources.context_file import open_context
from quantetf_core.data.sources.snapshots import read_snapshot
from quantetf_core.desk.portfolio import Portfolio


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ContextReading:
    """A configured series, and its values by date in percentage points; empty before a fetch."""

    about: ContextSeries
    values: pd.Series[float]

    def up_to(self, session: pd.Timestamp) -> ContextReading:
        """What it says of dates up to a session, that one included."""
        return replace(self, values=self.values.loc[:session])


def context_readings(portfolio: Portfolio, market: MarketData) -> tuple[ContextReading, ...]:
    """The series that the portfolio lists, as kept beside this market; none for other sources.

    Raises
    ------
    SnapshotError
        When the snapshot is gone, or its file cannot be read.
    """
    source = portfolio.settings.config.source
    if not isinstance(source, YahooSource) or not source.context:
        return ()
    folder = portfolio.snapshots_dir
    kept = open_context(folder, read_snapshot(folder, market.snapshot)) if market.snapshot else {}
    nothing = pd.Series(dtype="float64", index=pd.DatetimeIndex([], name="date"))
    return tuple(
        ContextReading(about=CONTEXT_SERIES[name], values=kept.get(name, nothing))
        for name in source.context
    )
