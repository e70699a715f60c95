"""Whether share counts are still what they were: splits since a book was stated."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from quantetf_core.data.market import MarketData
from quantetf_core.data.quality import restated_splits, suspect_splits
from quantetf_core.findings import Finding, Severity
from quantetf_core.portfolio.holdings import Holdings


def splits_since_stated(
    holdings: Holdings | None, market: MarketData, *, as_of: pd.Timestamp
) -> dict[str, float]:
    """Held tickers whose closes show a split since the book's date, and its ratio.

    Parameters
    ----------
    holdings
        The book; its ``as_of`` says when the share counts were right, and the prices recorded
        with it are those of that session. Nothing is found for a book without a date.
    market
        Prices; rows after ``as_of`` are not looked at.
    as_of
        The session looked at.

    Returns
    -------
    dict
        Ticker → new shares per old share.
    """
    if holdings is None or holdings.as_of is None:
        return {}
    since = pd.Timestamp(holdings.as_of)
    if since < market.sessions[0]:
        return {}
    jumped = suspect_splits(market, since=since, as_of=as_of, tickers=holdings.tickers)
    if since > as_of:
        return jumped
    priced = {p.ticker: p.price for p in holdings.positions if p.price and p.price > 0}
    return {**restated_splits(market, on=since, recorded=priced), **jumped}


def split_findings(splits: Mapping[str, float], holdings: Holdings | None) -> tuple[Finding, ...]:
    """A block on each ticker of `splits_since_stated`."""
    stated = "" if holdings is None else f" {holdings.as_of}"
    return tuple(
        Finding(
            Severity.BLOCK,
            "split_since_holdings",
            ticker,
            f"its closes look like a split with a ratio of {ratio:g} since the holdings' date"
            f"{stated}; record the split (or that there was none) before rebalancing",
        )
        for ticker, ratio in splits.items()
    )
