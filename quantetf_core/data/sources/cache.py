"""A copy of what a files source held, in the form that is fastest to open.

A cache is only ever a copy: one that is missing, damaged, of other files or of another version of
the readers is read as absent, and one that cannot be written costs time and nothing else.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from quantetf_core.data.market import MarketData
from quantetf_core.encoding import canonical_json, plain, sha256
from quantetf_core.findings import Finding, Severity

CACHE_VERSION = "1"
"""Changes with every change of what the readers make of a file, so that no older cache is read."""

_META = b"quantetf.files"

logger = logging.getLogger(__name__)


def read_cache(path: Path, stamp: str) -> MarketData | None:
    """The market kept under a stamp, equal to the one written; None where there is none."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            meta = _verified((file.schema_arrow.metadata or {}).get(_META, b""), stamp)
            return None if meta is None else _market(file.read(), meta)
    except (OSError, pa.ArrowException):
        return None


def write_cache(path: Path, stamp: str, market: MarketData) -> None:
    """Keep a market under a stamp, in place of what was there; a failure is only logged."""
    meta = canonical_json(
        {
            "version": CACHE_VERSION,
            "stamp": stamp,
            "source": market.source,
            "fields": _kept_fields(market),
            "tickers": market.tickers,
            "findings": [plain(finding) for finding in market.findings],
        }
    )
    sealed = sha256(meta).encode() + meta
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        try:
            pq.write_table(
                _table(market).replace_schema_metadata({_META: sealed}),
                name,
                compression="none",
                use_dictionary=False,
                write_statistics=False,
                write_page_checksum=True,
            )
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        logger.warning("the files cannot be kept in %s: %s", path, error)


def _verified(sealed: bytes, stamp: str) -> dict[str, Any] | None:
    """What the file says it holds; None where it is damaged, or of other files or readers."""
    digest, meta = sealed[:64], sealed[64:]
    if not meta or sha256(meta).encode() != digest:
        return None
    found: dict[str, Any] = json.loads(meta)
    same = found["version"] == CACHE_VERSION and found["stamp"] == stamp
    return found if same else None


def _kept_fields(market: MarketData) -> list[str]:
    return [name for name in market.fields if name != "adj_close" or not market.single_close]


def _table(market: MarketData) -> pa.Table:
    """One column per field and ticker, then the VIX and the sessions."""
    panels = [market.panel(name).to_numpy() for name in _kept_fields(market)]
    columns = [pa.array(column) for panel in panels for column in np.ascontiguousarray(panel.T)]
    columns.append(pa.array(market.vix.to_numpy()))
    columns.append(pa.array(market.sessions.to_numpy().astype("datetime64[D]")))
    return pa.Table.from_arrays(columns, names=[str(number) for number in range(len(columns))])


def _market(table: pa.Table, meta: dict[str, Any]) -> MarketData:
    tickers = pd.Index(meta["tickers"], name="ticker")
    days = table.column(table.num_columns - 1).to_numpy().astype("datetime64[us]")
    sessions = pd.DatetimeIndex(days, name="session")
    columns = [column.to_numpy() for column in table.columns[:-1]]
    width = len(tickers)
    panels = {
        name: pd.DataFrame(
            np.column_stack(columns[place * width : (place + 1) * width]),
            index=sessions,
            columns=tickers,
            copy=False,
        )
        for place, name in enumerate(meta["fields"])
    }
    return MarketData.from_panels(
        panels,
        pd.Series(columns[-1], index=sessions, copy=False),
        source=meta["source"],
        findings=[
            Finding(Severity(f["severity"]), f["code"], f["subject"], f["message"])
            for f in meta["findings"]
        ],
    )
