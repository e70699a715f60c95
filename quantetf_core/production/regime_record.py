"""The two files that record the regime: what was last answered, and what was answered for each day.

Both are records of answers and never an input to one. Both are replaced whole under one
lock, so readers need none and two processes cannot lose each other's rows.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout
from pyarrow.lib import ArrowException

from quantetf_core.encoding import readable_json
from quantetf_core.errors import InvalidValueError, RegimeRecordError
from quantetf_core.ledger.files import ensure_folder, write_atomic
from quantetf_core.regime.types import RegimeState

CURRENT_FILE = "current_regime.json"
HISTORY_FILE = "regime_history.parquet"

HISTORY_DTYPES = {
    "date": "datetime64[us]",
    "regime": "str",
    "trend": "str",
    "vol": "str",
    "spy_price": "float64",
    "spy_200ma": "float64",
    "vix": "float64",
    "regime_changed": "bool",
    "recorded_at": "datetime64[us, UTC]",
}
"""Columns of the recorded history and their types."""

_LOCK_FILE = ".regime.lock"
_LOCK_SECONDS = 30.0

logger = logging.getLogger(__name__)


def record_regime(
    state_dir: Path, state: RegimeState, *, regime_changed: bool, now: datetime
) -> None:
    """Record an answer: one row in the history, and the current regime unless it is a past one.

    Parameters
    ----------
    state
        The replayed regime of a session.
    regime_changed
        Whether the replayed regime of the session before was another one.
    now
        Aware time of the recording.

    Raises
    ------
    InvalidValueError
        When the state has no date.
    RegimeRecordError
        When the history cannot be read, another process keeps the lock, or the file system
        refuses.

    Notes
    -----
    A current regime that differs from the one recorded before is logged as a warning,
    ``REGIME CHANGE: old -> new``.
    """
    day_of(state)
    with _locked(state_dir):
        _write_history(state_dir, state, regime_changed=regime_changed, now=now)
        _write_current(state_dir, state, now=now)


def record_current(state_dir: Path, state: RegimeState, *, now: datetime) -> None:
    """As `record_regime`, without the row in the history."""
    day_of(state)
    with _locked(state_dir):
        _write_current(state_dir, state, now=now)


@contextmanager
def logged_not_raised() -> Iterator[None]:
    """Log what keeps the regime from being recorded: the commit made just before stands.

    The record is never an input, and the next recording makes good the current one; an
    error here would tell the approver that nothing was committed.
    """
    try:
        yield
    except RegimeRecordError as error:
        logger.warning("the commit stands, its regime is not recorded: %s", error)


def read_current(state_dir: Path) -> RegimeState | None:
    """The regime recorded last, by session; None when none was.

    Raises
    ------
    RegimeRecordError
        When the file is damaged.
    """
    path = state_dir / CURRENT_FILE
    try:
        return RegimeState.from_dict(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (InvalidValueError, OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise RegimeRecordError(
            str(path), f"the recorded regime is damaged ({error})", "The next update replaces it"
        ) from error


def read_history(state_dir: Path) -> pd.DataFrame:
    """One row a recorded session, by date; the columns of `HISTORY_DTYPES`, perhaps no rows.

    Raises
    ------
    RegimeRecordError
        When the file is damaged.
    """
    path = state_dir / HISTORY_FILE
    try:
        found = pd.read_parquet(io.BytesIO(path.read_bytes()))
        return found[list(HISTORY_DTYPES)].astype(HISTORY_DTYPES)
    except FileNotFoundError:
        return pd.DataFrame({name: [] for name in HISTORY_DTYPES}).astype(HISTORY_DTYPES)
    except (ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        raise RegimeRecordError(
            str(path),
            f"the regime history is damaged ({error})",
            "Move the file away: nothing is decided from it, and updates start a new one",
        ) from error


def day_of(state: RegimeState) -> pd.Timestamp:
    """The session of a state, as a naive midnight.

    Raises
    ------
    InvalidValueError
        When it has none.
    """
    if state.as_of is None:
        raise InvalidValueError("as_of", None, "the session of the regime to record")
    return state.as_of.tz_localize(None).normalize()


def _write_current(state_dir: Path, state: RegimeState, *, now: datetime) -> None:
    try:
        recorded = read_current(state_dir)
    except RegimeRecordError as error:
        logger.warning("replacing a damaged record: %s", error)
        recorded = None
    if recorded is not None and recorded.as_of is not None and day_of(state) < day_of(recorded):
        return
    before = recorded.name if recorded else "none"
    content = readable_json({**state.to_dict(), "updated_at": now})
    write_atomic(state_dir / CURRENT_FILE, content)
    if before != state.name:
        logger.warning("REGIME CHANGE: %s -> %s (%s)", before, state.name, day_of(state).date())


def _write_history(
    state_dir: Path, state: RegimeState, *, regime_changed: bool, now: datetime
) -> None:
    before = read_history(state_dir)
    row = {
        "date": day_of(state),
        "regime": state.name,
        "trend": state.trend.value,
        "vol": state.vol.value,
        "spy_price": state.spy_price,
        "spy_200ma": state.spy_200ma,
        "vix": state.vix,
        "regime_changed": regime_changed,
        "recorded_at": pd.Timestamp(now).tz_convert("UTC"),
    }
    added = pd.DataFrame([row]).astype(HISTORY_DTYPES)
    others = before[before["date"] != row["date"]]
    after = added if others.empty else pd.concat([others, added], ignore_index=True)
    content = io.BytesIO()
    after.sort_values("date", ignore_index=True).to_parquet(content, index=False)
    write_atomic(state_dir / HISTORY_FILE, content.getvalue())


@contextmanager
def _locked(state_dir: Path) -> Iterator[None]:
    path = state_dir / _LOCK_FILE
    try:
        ensure_folder(state_dir)
        with FileLock(path, timeout=_LOCK_SECONDS):
            yield
    except Timeout as error:
        raise RegimeRecordError(
            str(path), "another process is recording the regime", "Try again when it has finished"
        ) from error
    except OSError as error:
        raise RegimeRecordError(
            str(state_dir), f"the regime cannot be recorded here ({error})", "Check the folder"
        ) from error
