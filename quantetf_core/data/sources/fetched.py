"""The market of a live source: its newest snapshot, read without any network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from quantetf_core.data.market import MarketData
from quantetf_core.data.sources.snapshots import (
    damaged_since,
    newest_snapshot,
    open_snapshot,
)
from quantetf_core.errors import SourceError

HOW_TO_FETCH = (
    "a first download: press Refresh on the Data page, or run "
    "`python -m quantetf_core fetch --portfolio {portfolio}`"
)
"""What a live source needs before it can be read."""


def load_fetched(folder: Path, portfolio: str) -> MarketData:
    """The newest snapshot of a portfolio, and a finding on each newer one that is damaged.

    Raises
    ------
    SourceError
        When nothing has been fetched yet; says how to.
    SnapshotError
        When the snapshot's prices cannot be read.
    """
    newest = newest_snapshot(folder, portfolio)
    damaged = damaged_since(folder, "" if newest is None else newest.id)
    if newest is None:
        problem = "no market data has been fetched yet"
        if damaged:
            problem = f"no snapshot can be read ({damaged[0].subject}: {damaged[0].message})"
        raise SourceError(portfolio, problem, HOW_TO_FETCH.format(portfolio=portfolio))
    market = open_snapshot(folder, newest)
    return replace(market, findings=(*market.findings, *damaged)) if damaged else market
