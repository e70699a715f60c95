"""FRED, the database of the Federal Reserve Bank of St. Louis: series as CSV, without a key."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from quantetf_core.data.sources.tables import csv_frame
from quantetf_core.data.sources.vendors import Answer, Patience, Trouble
from quantetf_core.errors import SourceError

VIX_SERIES = "VIXCLS"
"""Closes of the VIX, index points; published the morning after."""

ADDRESS = "https://fred.stlouisfed.org/graph/fredgraph.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fred:
    """Series of FRED by name; parameters as of `quantetf_core.data.sources.yahoo.Yahoo`."""

    patience: Patience = field(default_factory=Patience)
    route: Callable[[str], str] = str
    timeout: float = 15.0
    name: str = "FRED"

    def series(self, series: str, start: date, end: date) -> Answer:
        """One series by date, as a table with one column ``Close``; blanks are left out."""
        query = urllib.parse.urlencode({"id": series, "cosd": start, "coed": end})
        address = self.route(f"{ADDRESS}?{query}")
        return self.patience.ask(
            lambda: self._ask(address, series), cancelled=lambda: False, notice=lambda _: None
        )

    def _ask(self, address: str, series: str) -> Answer:
        try:
            with urllib.request.urlopen(address, timeout=self.timeout) as answer:  # noqa: S310
                content = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return _refusal(error.code, series)
        except http.client.IncompleteRead:
            return Answer(None, Trouble.UNREADABLE, "FRED gave an answer that was cut off")
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            said = f"FRED cannot be reached ({str(reason) or type(reason).__name__})"
            return Answer(None, Trouble.UNREACHABLE, said)
        return _read(content, series)


def _refusal(code: int, series: str) -> Answer:
    if code == http.client.NOT_FOUND:
        return Answer(None, Trouble.REFUSED, f"FRED has no series {series}")
    if code == http.client.TOO_MANY_REQUESTS:
        return Answer(None, Trouble.LIMITED, "FRED limits how often one may ask; try again later")
    return Answer(None, Trouble.UNREACHABLE, f"FRED answered with the error {code}")


def _read(content: bytes, series: str) -> Answer:
    """The table, if it is one with this series."""
    try:
        frame = csv_frame(content, origin=f"FRED {series}")
    except SourceError:
        return Answer(None, Trouble.UNREADABLE, "FRED gave an answer that is not a table")
    if len(frame.columns) != 2 or frame.columns[1] != series:
        found = ", ".join(map(str, frame.columns))[:80]
        return Answer(None, Trouble.UNREADABLE, f"FRED answered with the columns {found}")
    days = pd.to_datetime(frame.iloc[:, 0].astype(str), format="%Y-%m-%d", errors="coerce")
    values = pd.to_numeric(frame.iloc[:, 1], errors="coerce")
    if days.isna().any():
        return Answer(None, Trouble.UNREADABLE, "FRED gave dates that cannot be read")
    index = pd.DatetimeIndex(days, name="date")
    closes = pd.DataFrame({"Close": values.to_numpy(dtype="float64")}, index=index).dropna()
    if closes.empty:
        return Answer(None, Trouble.REFUSED, f"FRED has no value of {series} in these years")
    return Answer(closes)
