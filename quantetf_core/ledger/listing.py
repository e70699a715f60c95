"""The history as one table: what the list, its filters and its charts are made of."""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd

from quantetf_core.ledger.chain import CommitEntry
from quantetf_core.ledger.decisions import decision_states
from quantetf_core.ledger.history import History

WORDS = ("regime", "strategy", "approver", "kind", "state")
"""Columns that a `Wanted` can ask for by their values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which commits of a list to keep; what is empty or None asks for nothing.

    Parameters
    ----------
    since, until
        First and last session, both included.
    regimes, strategies, approvers, kinds, states
        Any of these values, as they stand in the table.
    text
        Words that must all occur, in any case, in id, kind, regime, strategy, approver, note, plan
        id, or what an undoing, an import or a commit of orders and fills is about.
    """

    since: date | None = None
    until: date | None = None
    regimes: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    text: str = ""


def history_table(found: History) -> pd.DataFrame:
    """Every commit as one row, newest first.

    Returns
    -------
    DataFrame
        ``id, as_of`` (session), ``committed_at`` (UTC), ``kind, state`` (how far a rebalance's
        orders have come), ``regime, strategy, num_trades, turnover`` (one-way, fraction),
        ``value`` (USD after the commit, where it recorded one), ``approver, note, simulated`` and
        ``text`` (what `matching` searches, lower case). Words that a commit does not have are
        empty, figures are NaN: nothing is taken from another one.
    """
    entries, states = found.entries, decision_states(found)
    words = {
        "regime": [_word(entry, "regime") for entry in entries],
        "strategy": [_word(entry, "strategy_used") for entry in entries],
    }
    columns: dict[str, Any] = {
        "id": [entry.id for entry in entries],
        "as_of": np.array([entry.as_of for entry in entries], dtype="datetime64[s]"),
        "committed_at": pd.DatetimeIndex(
            np.array([_utc(entry.committed_at) for entry in entries], dtype="datetime64[us]")
        ).tz_localize("UTC"),
        "kind": [str(entry.kind) for entry in entries],
        "state": [str(states.get(entry.id, "")) for entry in entries],
        **words,
        "num_trades": _figures(entries, "num_trades"),
        "turnover": _figures(entries, "turnover"),
        "value": _figures(entries, "value_after"),
        "approver": [entry.approver for entry in entries],
        "note": [entry.note for entry in entries],
        "simulated": np.array([entry.simulated for entry in entries], dtype=bool),
        "text": [_searched(entry) for entry in entries],
    }
    texts = dict.fromkeys(("id", *WORDS, "note", "text"), "str")
    return pd.DataFrame(columns).astype(texts)


def matching(table: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    """Rows of a `history_table` that are wanted, in the same order, counted from 0."""
    keep = np.ones(len(table), dtype=bool)
    if wanted.since is not None:
        keep &= (table["as_of"] >= pd.Timestamp(wanted.since)).to_numpy()
    if wanted.until is not None:
        keep &= (table["as_of"] <= pd.Timestamp(wanted.until)).to_numpy()
    asked = (wanted.regimes, wanted.strategies, wanted.approvers, wanted.kinds, wanted.states)
    for column, values in zip(WORDS, asked, strict=True):
        if values:
            keep &= table[column].isin(values).to_numpy()
    for word in wanted.text.lower().split():
        keep &= table["text"].str.contains(word, regex=False).to_numpy(dtype=bool)
    return table[keep].reset_index(drop=True)


def offered(table: pd.DataFrame, column: str) -> tuple[str, ...]:
    """Values of a column that a filter can ask for, sorted; "" (none) is not one."""
    return tuple(sorted(value for value in table[column].unique() if value))


def neighbours(found: History, commit_id: str) -> tuple[str | None, str | None]:
    """Ids of the commit before and after this one in the chain; None at either end.

    Raises
    ------
    CommitNotFoundError
        When no commit has this id.
    """
    found.entry(commit_id)
    ids = list(found.by_id)
    at = ids.index(commit_id)
    older = ids[at + 1] if at + 1 < len(ids) else None
    return older, ids[at - 1] if at else None


def nearest(found: History, commit_id: str, *, each_side: int = 2) -> tuple[str, ...]:
    """Ids next to one that does not exist, in order; ids begin with their session's date."""
    ids: Sequence[str] = sorted(found.by_id)
    at = bisect.bisect_left(ids, commit_id)
    return tuple(ids[max(0, at - each_side) : at + each_side])


def _word(entry: CommitEntry, key: str) -> str:
    value = entry.summary.get(key)
    return value if isinstance(value, str) else ""


def _figures(entries: Sequence[CommitEntry], key: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([figure(entry.summary.get(key)) for entry in entries], dtype=np.float64)


def figure(value: object) -> float:
    """A finite number of a JSON file as float; NaN for anything else.

    Examples
    --------
    >>> figure(2), figure("2"), figure(True)
    (2.0, nan, nan)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        number = float(value)
    except OverflowError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def _searched(entry: CommitEntry) -> str:
    parts = (
        *(entry.id, str(entry.kind).replace("_", " "), _word(entry, "regime")),
        *(_word(entry, "strategy_used"), entry.approver, entry.note, entry.plan_id),
        *(_word(entry, key) for key in ("reverts", "flow", "source", "decision", "how")),
    )
    return "\n".join(parts).lower()


def _utc(moment: datetime) -> datetime | None:
    try:
        return moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:  # the first or last day of the calendar, moved over its end
        return None
