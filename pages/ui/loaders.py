"""What the pages load once and share, and where it lives: the only file with ``st.cache_*``.

Cached values are shared by all users and sessions. Nothing here may depend on who asks, and no
frame is ever an argument of a cached function: keys are paths, stamps, ids and frozen settings.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from quantetf_core import desk
from quantetf_core.config import (
    AcceptedFinding,
    PortfolioConfig,
    PriceQualityCheck,
    RegimeConfig,
)
from quantetf_core.data.market import MarketData
from quantetf_core.encoding import canonical_json, sha256
from quantetf_core.errors import SourceError

if TYPE_CHECKING:
    from quantetf_core.ledger import History


APP_FOLDER = Path(__file__).resolve().parents[2]
"""The folder of `app.py`: the workspace unless ``QUANTETF_ROOT`` names another."""


def workspace_root() -> Path:
    """Folder with ``configs/``, ``artifacts/`` and ``data/``; ``QUANTETF_ROOT`` overrides it.

    Raises
    ------
    InvalidValueError
        When ``QUANTETF_ROOT`` is set and is not a folder.
    """
    return desk.workspace_folder(APP_FOLDER)


def cache_root() -> Path:
    """Folder for what can be computed again; ``QUANTETF_CACHE`` overrides ``data/cache``."""
    return desk.cache_folder(workspace_root())


def now() -> datetime:
    """Return the time, with its zone; ``QUANTETF_NOW`` (ISO 8601 with an offset) fixes it.

    Raises
    ------
    InvalidValueError
        When ``QUANTETF_NOW`` is not a time, or has no UTC offset.
    """
    return desk.current_time()


@st.cache_resource(show_spinner=False)
def freeze_once() -> None:
    """Move what the imports left behind out of the garbage collector's sight, once a process.

    Streamlit collects after every rerun; without this each collection walks every object of
    pandas, plotly and the market data, which is about half of the time from slider to repaint.
    """
    gc.collect()
    gc.freeze()


def portfolio_names() -> tuple[str, ...]:
    """Names of the configured portfolios; the sample first, then by name.

    Raises
    ------
    SourceError
        When the workspace has no portfolio.
    """
    names = desk.portfolios(workspace_root())
    if not names:
        raise SourceError(
            str(workspace_root() / "configs" / "portfolios"),
            "no portfolio is configured",
            "at least one YAML file there",
        )
    return tuple(sorted(names, key=lambda name: (name != "sample", name)))


def portfolio(name: str) -> desk.Portfolio:
    """One portfolio; read again as soon as a configuration file changes."""
    root = workspace_root()
    return _portfolio(str(root), name, str(cache_root()), _configs_stamp(root))


def market(portfolio: desk.Portfolio, *, now: datetime) -> MarketData:
    """The portfolio's market; loaded again when its source changed or a session completed."""
    stamp = desk.market_stamp(portfolio, now=now)
    return _market(str(portfolio.root), portfolio.settings.config, stamp, portfolio, now)


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """A portfolio's history as it was listed: shared by all users, never changed."""

    history: History
    table: pd.DataFrame
    stamp: str


def past(portfolio: desk.Portfolio) -> Past:
    """The portfolio's history; read again as soon as a commit is added, changed or removed."""
    try:
        changed = portfolio.artifacts_dir.stat().st_mtime_ns  # with every commit
    except OSError:
        changed = 0
    artifacts, state = str(portfolio.artifacts_dir), str(portfolio.state_dir)
    return _past(artifacts, state, _past_stamp(artifacts, changed, portfolio), portfolio)


def value_history(portfolio: desk.Portfolio, market: MarketData, past: Past) -> desk.ValueHistory:
    """Value and return through time; computed again after a commit and when prices change.

    Raises
    ------
    DamagedHistoryError
        When the history is not one sound chain.
    """
    return _value_history(
        str(portfolio.artifacts_dir), past.stamp, market.fingerprint, portfolio, market, past
    )


def quality(portfolio: desk.Portfolio, market: MarketData) -> tuple[desk.QualityFinding, ...]:
    """Every finding on a market's history; scanned again when prices, limits or accepted change."""
    settings = portfolio.settings
    limits, accepted = settings.checks.price_quality, settings.accepted
    said = sha256(canonical_json(market.findings))  # of the source: no part of the fingerprint
    return _quality(market.fingerprint, said, limits, accepted, portfolio, market)


def snapshot_difference(
    portfolio: desk.Portfolio, first: str, second: str
) -> desk.SnapshotDifference:
    """What differs between two snapshots; they never change.

    Raises
    ------
    SnapshotError
        When one is missing or cannot be read.
    """
    return _difference(str(portfolio.snapshots_dir), first, second, portfolio)


def regime_labels(portfolio: desk.Portfolio, market: MarketData) -> pd.DataFrame:
    """Every session's regime by the portfolio's thresholds."""
    return _labels(market.fingerprint, portfolio.settings.thresholds, market)


def context(portfolio: desk.Portfolio, market: MarketData) -> tuple[desk.ContextReading, ...]:
    """The configured series beside the market; a snapshot never changes.

    Raises
    ------
    SnapshotError
        When the snapshot's file cannot be read.
    """
    config = portfolio.settings.config
    return _context(str(portfolio.snapshots_dir), market.snapshot, config, portfolio, market)


@st.cache_resource(show_spinner=False, max_entries=8)
def _context(
    folder: str,  # noqa: ARG001 - part of the key
    snapshot: str,  # noqa: ARG001 - part of the key
    config: PortfolioConfig,  # noqa: ARG001 - part of the key
    _portfolio: desk.Portfolio,
    _market: MarketData,
) -> tuple[desk.ContextReading, ...]:
    return desk.context_readings(_portfolio, _market)


@st.cache_resource(show_spinner="Comparing …", max_entries=8)
def _difference(
    folder: str,  # noqa: ARG001 - part of the key
    first: str,
    second: str,
    _portfolio: desk.Portfolio,
) -> desk.SnapshotDifference:
    return desk.compare_snapshots(_portfolio, first, second)


@st.cache_resource(show_spinner=False, max_entries=16)
def _portfolio(root: str, name: str, cache_dir: str, stamp: str) -> desk.Portfolio:  # noqa: ARG001
    return desk.open_portfolio(Path(root), name, cache_dir=Path(cache_dir))


@st.cache_resource(show_spinner="Reading market data …", max_entries=4)
def _market(
    root: str,  # noqa: ARG001 - part of the key
    config: PortfolioConfig,  # noqa: ARG001 - part of the key
    stamp: str,  # noqa: ARG001 - part of the key
    _portfolio: desk.Portfolio,
    _now: datetime,
) -> MarketData:
    return desk.load_market(_portfolio, now=_now)


@st.cache_resource(show_spinner="Looking through the prices …", max_entries=8)
def _quality(
    fingerprint: str,  # noqa: ARG001 - part of the key
    said: str,  # noqa: ARG001 - part of the key
    limits: PriceQualityCheck,  # noqa: ARG001 - part of the key
    accepted: tuple[AcceptedFinding, ...],  # noqa: ARG001 - part of the key
    _portfolio: desk.Portfolio,
    _market: MarketData,
) -> tuple[desk.QualityFinding, ...]:
    return desk.data_quality(_portfolio, _market)


@st.cache_resource(show_spinner=False, max_entries=8)
def _labels(fingerprint: str, thresholds: RegimeConfig, _market: MarketData) -> pd.DataFrame:  # noqa: ARG001
    return desk.regime_history(_market, thresholds)


# Asking 10,000 manifests for their time takes 90 ms, too much for every letter of a search. A new
# commit changes the folder and is seen at once; a manifest changed in place, after these seconds.
@st.cache_resource(show_spinner=False, max_entries=16, ttl=2)
def _past_stamp(artifacts: str, changed: int, _portfolio: desk.Portfolio) -> str:  # noqa: ARG001
    return desk.history_stamp(_portfolio)


@st.cache_resource(show_spinner="Reading the history …", max_entries=4)
def _past(artifacts: str, state: str, stamp: str, _portfolio: desk.Portfolio) -> Past:  # noqa: ARG001
    found = desk.history(_portfolio)
    return Past(found, desk.history_table(found), stamp)


@st.cache_resource(show_spinner="Valuing the book through time …", max_entries=4)
def _value_history(
    artifacts: str,  # noqa: ARG001 - part of the key
    stamp: str,  # noqa: ARG001 - part of the key
    fingerprint: str,  # noqa: ARG001 - part of the key
    _portfolio: desk.Portfolio,
    _market: MarketData,
    _past: Past,
) -> desk.ValueHistory:
    return desk.value_history(_portfolio, _market, found=_past.history)


def _configs_stamp(root: Path) -> str:
    """Changes with the name, size or time of any configuration file."""
    files = sorted((root / "configs").rglob("*.yaml"))
    seen = [(str(f.relative_to(root)), f.stat().st_mtime_ns, f.stat().st_size) for f in files]
    return sha256(canonical_json(seen))
