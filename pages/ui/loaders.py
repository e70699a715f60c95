"""What the pages load once and share, and where it lives: the only file with ``st.cache_*``.

Cached values are shared by all users and sessions. Nothing here may depend on who asks, and no
frame is ever an argument of a cached function: keys are paths, stamps, ids and frozen settings.
"""

from __future__ import annotations

import gc
import os
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from quantetf_core.errors import InvalidValueError

APP_FOLDER = Path(__file__).resolve().parents[2]
"""The folder of `app.py`: the workspace unless ``QUANTETF_ROOT`` names another."""


def workspace_root() -> Path:
    """Folder with ``configs/``, ``artifacts/`` and ``data/``; ``QUANTETF_ROOT`` overrides it.

    Raises
    ------
    InvalidValueError
        When ``QUANTETF_ROOT`` is set and is not a folder.
    """
    given = os.environ.get("QUANTETF_ROOT")
    if not given:
        return APP_FOLDER
    root = Path(given).resolve()
    if not root.is_dir():
        raise InvalidValueError("QUANTETF_ROOT", given, "an existing folder")
    return root


def cache_root() -> Path:
    """Folder for what can be computed again; ``QUANTETF_CACHE`` overrides ``data/cache``."""
    given = os.environ.get("QUANTETF_CACHE")
    return Path(given).resolve() if given else workspace_root() / "data" / "cache"


def now() -> datetime:
    """Return the time, with its zone; ``QUANTETF_NOW`` (ISO 8601 with an offset) fixes it.

    Raises
    ------
    InvalidValueError
        When ``QUANTETF_NOW`` is not a time, or has no UTC offset.
    """
    given = os.environ.get("QUANTETF_NOW")
    if not given:
        return datetime.now(UTC)
    accepted = "an ISO 8601 time with its UTC offset, such as 2024-01-02T08:00:00-05:00"
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise InvalidValueError("QUANTETF_NOW", given, accepted) from None
    if moment.tzinfo is None:
        raise InvalidValueError("QUANTETF_NOW", given, accepted)
    return moment


@st.cache_resource(show_spinner=False)
def freeze_once() -> None:
    """Move what the imports left behind out of the garbage collector's sight, once a process.

    Streamlit collects after every rerun; without this each collection walks every object of
    pandas, plotly and the market data, which is about half of the time from slider to repaint.
    """
    gc.collect()
    gc.freeze()
