"""Making a past decision again from what was kept of it, and comparing every byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from quantetf_core.alpha import AlphaFactory
from quantetf_core.config import PortfolioSettings, load_portfolio
from quantetf_core.config.portfolios import PORTFOLIOS
from quantetf_core.data.market import MarketData
from quantetf_core.data.sessions import session_close
from quantetf_core.data.sources import load_sample
from quantetf_core.data.sources.snapshots import open_snapshot, read_snapshot, verify_snapshot
from quantetf_core.decision import RebalanceResult, decide
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.records import read
from quantetf_core.errors import ConfigError, DataError, DecisionError
from quantetf_core.ledger import Commit, Kind
from quantetf_core.ledger.artifacts import holdings_after, rebalance_files
from quantetf_core.ledger.book import book_bytes
from quantetf_core.ledger.fields import MalformedError
from quantetf_core.ledger.first_difference import Difference, first_difference
from quantetf_core.ledger.record import HOLDINGS_AFTER, HOLDINGS_BEFORE
from quantetf_core.ledger.situations import read_situation
from quantetf_core.version import VERSION


class Verdict(StrEnum):
    """What came of replaying a decision."""

    SAME = "same"
    DIFFERENT = "different"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A past decision, made again.

    Parameters
    ----------
    commit_id, snapshot
        Of what, and from which snapshot; empty where the market is code.
    verdict
        Whether every file came out byte for byte.
    said
        The verdict in a sentence, with the reason where it is not ``same``.
    files
        The files compared.
    difference
        The first one, when there is any.
    """

    commit_id: str
    verdict: Verdict
    said: str
    snapshot: str = ""
    files: tuple[str, ...] = ()
    difference: Difference | None = None


class _CannotError(Exception):
    """Why a decision cannot be made again."""


def replay_decision(portfolio: Portfolio, commit_id: str) -> Replay:
    """Decide once more what a rebalance decided, from its own records; writes nothing.

    Market, configuration, book and situation are those the commit kept; nothing of the workspace
    as it is today is used, but the code.

    Raises
    ------
    CommitNotFoundError, DamagedHistoryError
        When there is no such commit, or its manifest cannot be read.
    """
    commit = read(portfolio, commit_id)
    kept = _object(commit.json("inputs.json"))
    snapshot = str(_object(kept.get("snapshot")).get("id", ""))
    try:
        _refuse_what_was_not_decided(commit, kept)
        market = _market(portfolio, commit, kept, snapshot)
        again = _decided(commit, kept, market)
    except _CannotError as cannot:
        said = f"it cannot be made again: {cannot}"
        return Replay(commit_id=commit.id, verdict=Verdict.IMPOSSIBLE, said=said, snapshot=snapshot)
    return _compared(commit, _files(again, kept), snapshot)


def _refuse_what_was_not_decided(commit: Commit, kept: Mapping[str, Any]) -> None:
    kind = commit.manifest.head.kind
    if kind is not Kind.REBALANCE:
        raise _CannotError(f"it is a record of kind {kind}; only a rebalance is decided")
    if commit.findings:
        raise _CannotError(f"the record itself does not hold ({commit.findings[0].message})")
    if "situation" not in kept:
        raise _CannotError("it was recorded before what it knew was kept with it")


def _market(
    portfolio: Portfolio, commit: Commit, kept: Mapping[str, Any], snapshot_id: str
) -> MarketData:
    """The market it was decided on, proved by its fingerprint."""
    as_of = pd.Timestamp(commit.manifest.head.as_of)
    try:
        if snapshot_id:
            snapshot = read_snapshot(portfolio.snapshots_dir, snapshot_id)
            broken = verify_snapshot(portfolio.snapshots_dir, snapshot)
            if broken:
                raise _CannotError(f"snapshot {snapshot_id}: {broken[0].message}")
            market = open_snapshot(portfolio.snapshots_dir, snapshot)
        elif kept.get("simulated") is True:
            market = load_sample(now=session_close(as_of), cache_dir=portfolio.cache_dir)
        else:
            raise _CannotError("no snapshot of its market data was kept")
        found = market.as_of(as_of).fingerprint
    except DataError as error:
        raise _CannotError(str(error)) from None
    if found != kept.get("data_fingerprint"):
        raise _CannotError(f"the market data is not what it was{_other_code(commit)}")
    return market


def _decided(commit: Commit, kept: Mapping[str, Any], market: MarketData) -> RebalanceResult:
    head = commit.manifest.head
    try:
        situation = read_situation(
            kept,
            as_of=pd.Timestamp(head.as_of),
            holdings=commit.holdings_before if head.parent else None,
        )
        return decide(market, _settings(commit, kept), situation)
    except (MalformedError, ConfigError, DecisionError) as error:
        why = str(error).splitlines()[0]
        raise _CannotError(f"{why}{_other_code(commit)}") from None


def _settings(commit: Commit, kept: Mapping[str, Any]) -> PortfolioSettings:
    """The configuration as it was, from the texts the commit kept."""
    texts = {str(path): str(text) for path, text in _object(kept.get("configuration")).items()}
    name = str(commit.manifest.head.summary.get("portfolio", ""))
    if f"{PORTFOLIOS}/{name}.yaml" not in texts:
        raise _CannotError("it was made by a program, not by a configured portfolio")
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for path, text in texts.items():
            place = (root / path).resolve()
            if not place.is_relative_to(root.resolve()):
                raise _CannotError(f"its configuration names {path}, outside the workspace")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode())
        return load_portfolio(root, name, models=AlphaFactory)


def _files(again: RebalanceResult, kept: Mapping[str, Any]) -> dict[str, bytes]:
    """Every file the commit would have, were it made of this decision."""
    return {
        **rebalance_files(again, snapshot=kept.get("snapshot")),
        HOLDINGS_BEFORE: book_bytes(again.used.situation.holdings),
        HOLDINGS_AFTER: book_bytes(holdings_after(again)),
    }


def _compared(commit: Commit, again: Mapping[str, bytes], snapshot: str) -> Replay:
    names = tuple(sorted(set(commit.manifest.files) | set(again)))
    for name in names:
        stored, made = commit.files.get(name), again.get(name)
        if stored == made:
            continue
        difference = first_difference(name, stored, made)
        return Replay(
            commit_id=commit.id,
            verdict=Verdict.DIFFERENT,
            said=f"{difference.words}{_other_code(commit)}",
            snapshot=snapshot,
            files=names,
            difference=difference,
        )
    said = f"all {len(names)} files came out byte for byte"
    return Replay(
        commit_id=commit.id, verdict=Verdict.SAME, said=said, snapshot=snapshot, files=names
    )


def _other_code(commit: Commit) -> str:
    then = commit.manifest.code_version
    return "" if then == VERSION else f" (decided by version {then}, this is {VERSION})"


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
