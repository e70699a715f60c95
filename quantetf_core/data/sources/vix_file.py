"""The VIX from a file of its own."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from quantetf_core.data.rows import PriceRows
from quantetf_core.data.sources.tables import open_table
from quantetf_core.data.sources.wide_table import rows_from_wide
from quantetf_core.data.sources.yahoo_csv import has_level_rows, rows_from_levels
from quantetf_core.data.vix import ACCEPTED_VIX, vix_from_frame
from quantetf_core.errors import SourceError
from quantetf_core.findings import Finding


def read_vix(path: Path, *, origin: str) -> tuple[pd.Series[float], tuple[Finding, ...]]:
    """The VIX of a CSV or Parquet file with a date and a close column, or of a Yahoo download.

    Returns
    -------
    vix, findings
        As `quantetf_core.data.vix.vix_from_frame` gives them.

    Raises
    ------
    SourceError
        When the file is missing or unreadable, or does not hold the VIX.
    """
    if not path.is_file():
        raise SourceError(origin, "there is no such file", ACCEPTED_VIX)
    table = open_table(path, origin=origin)
    if not isinstance(table, pd.DataFrame):
        if has_level_rows(table):
            return vix_from_frame(_one_ticker(rows_from_levels(table), origin), origin=origin)
        table = table.frame(header_rows=1, names=list(table.head[0]))
    if table.columns.nlevels > 1:
        table = _one_ticker(rows_from_wide(table, origin=origin), origin)
    return vix_from_frame(table, origin=origin)


def _one_ticker(rows: PriceRows, origin: str) -> pd.DataFrame:
    if len(rows.tickers) > 1:
        found = ", ".join(rows.tickers[:3])
        raise SourceError(origin, f"several tickers ({found}) and not the VIX", ACCEPTED_VIX)
    days = rows.days.astype("datetime64[us]")
    return pd.DataFrame({"date": days, "close": rows.values["close"]})
