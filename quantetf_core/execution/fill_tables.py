"""Fills as a table for a screen: one row per line of a report, raw numbers."""

from __future__ import annotations

import math

import pandas as pd

from quantetf_core.execution.fill_lines import FillReport, LineStatus

_ORDER = (
    *(LineStatus.WRONG_SIDE, LineStatus.NOT_ORDERED, LineStatus.OVERFILLED),
    *(LineStatus.MISSING, LineStatus.PARTLY_FILLED, LineStatus.FILLED),
)


def fills_table(report: FillReport) -> pd.DataFrame:
    """The lines of a report, those that are not as ordered first, then by ticker.

    Returns
    -------
    DataFrame
        Columns ``ticker, status, ordered, filled, missing`` (signed shares), ``decision_price,
        average_price`` (USD per share), ``difference_bps`` (positive is worse for us), ``fees,
        shortfall`` (USD), ``shortfall_bps, cash_effect`` (USD), ``n_fills``; NaN where there is
        none.
    """
    lines = sorted(report.lines, key=lambda line: (_ORDER.index(line.status), line.ticker))
    return pd.DataFrame(
        {
            "ticker": [line.ticker for line in lines],
            "status": [line.status.label for line in lines],
            "ordered": [line.ordered_shares for line in lines],
            "filled": [line.filled_shares for line in lines],
            "missing": [line.missing_shares for line in lines],
            "decision_price": [_known(line.decision_price) for line in lines],
            "average_price": [_known(line.average_price) for line in lines],
            "difference_bps": [_known(line.price_difference_bps) for line in lines],
            "fees": [line.fees for line in lines],
            "shortfall": [line.shortfall if line.n_fills else math.nan for line in lines],
            "shortfall_bps": [_known(line.shortfall_bps, line.n_fills) for line in lines],
            "cash_effect": [line.cash_effect for line in lines],
            "n_fills": [line.n_fills for line in lines],
        }
    )


def _known(value: float | None, shown: int = 1) -> float:
    return math.nan if value is None or not shown else value
