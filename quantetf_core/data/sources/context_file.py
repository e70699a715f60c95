"""``context.parquet`` of a snapshot: series beside the market, which no decision reads."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from quantetf_core.data.sources.snapshot_manifest import CONTEXT, Snapshot
from quantetf_core.errors import SnapshotError

Context = Mapping[str, "pd.Series[float]"]
"""Series by id, each by date (naive midnights, ascending), without NaN."""


def context_files(context: Context) -> dict[str, bytes]:
    """The file, if there is any series: date, series and value, by series and then date."""
    if not context:
        return {}
    names = sorted(context)
    days = [context[name].index.to_numpy().astype("datetime64[D]") for name in names]
    values = [context[name].to_numpy(dtype=np.float64) for name in names]
    labels = [name for name in names for _ in range(len(context[name]))]
    columns = {
        "date": pa.array(np.concatenate(days)),
        "series": pa.array(labels, type=pa.string()),
        "value": pa.array(np.concatenate(values), from_pandas=False),
    }
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content, compression="none", write_statistics=False)
    return {CONTEXT: content.getvalue()}


def open_context(folder: Path, snapshot: Snapshot) -> dict[str, pd.Series[float]]:
    """The series of a snapshot by id; empty for one without any, as all older ones are.

    Raises
    ------
    SnapshotError
        When the file is there and cannot be read.
    """
    if CONTEXT not in snapshot.files:
        return {}
    try:
        with pq.ParquetFile(folder / snapshot.id / CONTEXT) as file:
            table = file.read(columns=["date", "series", "value"])
        days = table.column("date").to_numpy().astype("datetime64[us]")
        names = np.array(table.column("series").to_pylist(), dtype=object)
        values = table.column("value").to_numpy()
    except (OSError, KeyError, pa.ArrowException) as error:
        problem = f"{CONTEXT} cannot be read: {(str(error).splitlines() or ['empty'])[0]}"
        raise SnapshotError(snapshot.id, problem, "Fetch the data again") from None
    return {
        name: pd.Series(
            values[names == name], index=pd.DatetimeIndex(days[names == name], name="date")
        )
        for name in sorted(set(names))
    }
