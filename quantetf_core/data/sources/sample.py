"""The sample market: simulated prices that ship with the desk and need no network.

It runs from 2005-01-03 to the last completed NYSE session; a later day appends rows and changes
none. The model is in `quantetf_core.data.sources.simulation`.
"""

from __future__ import annotations

import logging
import os
import tempfile
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from quantetf_core.data.market import MarketData
from quantetf_core.data.sessions import last_completed_session, sessions_between
from quantetf_core.data.sources.simulation import FUNDS, simulate
from quantetf_core.data.sources.simulation.distributions import Days
from quantetf_core.data.sources.simulation.draws import Floats
from quantetf_core.encoding import sha256
from quantetf_core.errors import SessionError

SOURCE_NAME = "Sample market (simulated prices)"
"""What screens, artifacts and exports call this source."""

FIRST_SESSION = "2005-01-03"
"""First session of the sample market."""

MODEL_VERSION = "1"
"""Changes with every change of the simulated numbers, so that no older cache is read."""

CACHE_FILE = "sample_market.parquet"
"""Name of the cache file in the cache folder."""

_TICKERS = [fund.ticker for fund in FUNDS]
_PANELS = ("close", "adj_close", "volume")
_COLUMNS = [*(f"{panel} {ticker}" for panel in _PANELS for ticker in _TICKERS), "vix"]
_SCHEMA = pa.schema([("session", pa.date32()), *((name, pa.float64()) for name in _COLUMNS)])
_STAMP = b"quantetf.sample"

logger = logging.getLogger(__name__)


def load_sample(*, now: datetime, cache_dir: Path | None) -> MarketData:
    """The sample market up to the last completed session.

    Parameters
    ----------
    now
        The moment of asking, with a time zone; decides which session is the last.
    cache_dir
        Folder that keeps the generated market between runs; None to generate without keeping.
        A cache that is damaged, or of another version, is replaced; one that cannot be written
        is logged and costs nothing but time. With or without a cache the result is the same.

    Returns
    -------
    MarketData
        ``close`` (USD, cents, without distributions), ``adj_close`` (USD, 4 decimals), ``volume``
        (whole shares) and ``vix`` (0.01 points), marked as simulated. NaN only before a fund's
        inception. ``adj_close`` is a total-return index that *starts* at the first close and
        grows, where a vendor's *ends* at the last close: the returns are those of the vendor's
        convention, and no past value ever changes.

    Raises
    ------
    InvalidValueError
        When ``now`` has no time zone.
    SessionError
        When the first session of the sample is not completed yet.

    Examples
    --------
    >>> from datetime import timezone
    >>> market = load_sample(now=datetime(2024, 3, 31, tzinfo=timezone.utc), cache_dir=None)
    >>> market.source, str(market.last_session.date()), len(market.tickers)
    ('Sample market (simulated prices)', '2024-03-28', 20)
    """
    last = last_completed_session(now)
    if last < pd.Timestamp(FIRST_SESSION):
        raise SessionError(last.date(), FIRST_SESSION, "today", of="the sample market")
    sessions = sessions_between(FIRST_SESSION, last)
    table = _read(cache_dir / CACHE_FILE, sessions) if cache_dir is not None else None
    if table is None:
        table = _generate(sessions)
        if cache_dir is not None:
            _write(cache_dir / CACHE_FILE, sessions, table)
    return _market(sessions, table)


def _generate(sessions: pd.DatetimeIndex) -> Floats:
    """The whole market as one table, columns `_COLUMNS`, C-ordered."""
    path = simulate(_days(sessions))
    return np.hstack([path.close, path.adj_close, path.volume, path.vix[:, None]])


def _days(sessions: pd.DatetimeIndex) -> Days:
    return np.asarray(sessions.to_numpy(), dtype="datetime64[D]")


def _market(sessions: pd.DatetimeIndex, table: Floats) -> MarketData:
    blocks = np.split(table[:, :-1], len(_PANELS), axis=1)
    panels = {
        name: pd.DataFrame(block, index=sessions, columns=_TICKERS)
        for name, block in zip(_PANELS, blocks, strict=True)
    }
    vix = pd.Series(table[:, -1], index=sessions)
    return MarketData.from_panels(panels, vix, source=SOURCE_NAME, simulated=True)


def _read(path: Path, sessions: pd.DatetimeIndex) -> Floats | None:
    """The cached rows of the sessions; None where the file is absent, unusable or too short."""
    try:
        cached = pq.read_table(path, memory_map=False)
    except (OSError, pa.ArrowException):
        return None
    if not cached.schema.equals(_SCHEMA) or cached.num_rows < len(sessions):
        return None
    days = cached.column("session").to_numpy()
    table = np.column_stack([cached.column(name).to_numpy() for name in _COLUMNS])
    stamp = (cached.schema.metadata or {}).get(_STAMP, b"")
    if stamp != _digest(days, table) or not np.array_equal(days[: len(sessions)], _days(sessions)):
        return None
    return table[: len(sessions)]


def _write(path: Path, sessions: pd.DatetimeIndex, table: Floats) -> None:
    """Put a complete file in place of the old one, or leave the old one."""
    days = _days(sessions)
    arrays = [pa.array(days), *(pa.array(column) for column in table.T)]
    stamped = _SCHEMA.with_metadata({_STAMP: _digest(days, table)})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        os.close(handle)
        try:
            pq.write_table(pa.Table.from_arrays(arrays, schema=stamped), name)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        logger.warning("the sample market cannot be kept in %s: %s", path, error)


def _digest(days: Days, table: Floats) -> bytes:
    """What a cache must match: the version of the model and every value, to the bit."""
    version = f"sample market {MODEL_VERSION}".encode()
    return sha256(b"\0".join([version, days.tobytes(), table.tobytes()])).encode()
