"""Canonical JSON and SHA-256: the same facts are the same bytes on any machine."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd


def plain(value: Any) -> Any:
    """Turn domain values into JSON's own types; NaN, NaT and infinities become ``None``.

    Dates and session timestamps become ``YYYY-MM-DD``; times keep their UTC offset.
    Anything unknown is a ``TypeError``, so no object is ever written as its ``repr``.

    Examples
    --------
    >>> plain({"as_of": pd.Timestamp("2023-12-29"), "w": (0.5, float("nan"))})
    {'as_of': '2023-12-29', 'w': [0.5, None]}
    """
    if value is None or (isinstance(value, bool | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, datetime):
        return _plain_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _plain_time(value: datetime) -> str | None:
    if pd.isna(value):
        return None
    if value.tzinfo is None and value.time() == datetime.min.time():
        return value.date().isoformat()
    return value.isoformat()


def canonical_json(value: Any) -> bytes:
    """Encode as UTF-8 JSON with sorted keys and no spaces: the form that is hashed."""
    text = json.dumps(
        plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def readable_json(value: Any) -> bytes:
    """Encode as indented UTF-8 JSON in the order given: the form that is read by people."""
    return (json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def sha256(content: bytes) -> str:
    """SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
