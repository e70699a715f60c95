"""What a command was asked for, in types that cost nothing to import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """The options every command has."""

    portfolio: str | None = None
    root: str | None = None
    json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who approves, in what words, and whether nobody is to be asked (``--yes``).

    ``overrides`` are blocks on data confirmed all the same, as ``CODE:SUBJECT=reason``.
    """

    approver: str | None = None
    note: str | None = None
    unasked: bool = False
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What plan to make; USD."""

    as_of: date | None
    dry_run: bool
    portfolio_value: float | None
    cash_flow: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What to import, and as of when; ``cash`` in USD."""

    file: str
    as_of: date | None
    cash: float | None
    reconcile: bool
    dry_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Which orders to write, and how; ``limit_bps`` None for market orders."""

    commit_id: str | None
    plan: bool
    layout: str
    limit_bps: float | None
    time_in_force: str
    out: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Which decision's approval sheet to write, and where to."""

    commit_id: str | None
    plan: bool
    out: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fills:
    """What was filled, of which decision; each column as ``NAME=HEADER``."""

    commit_id: str
    file: str | None
    columns: tuple[str, ...]
    close_rest: bool
    as_of: date | None
    dry_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What a broker says is held; ``cash`` in USD."""

    file: str
    as_of: date | None
    cash: float | None
    dry_run: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Which findings on the data to list; notes are listed for one ticker, or when asked for."""

    ticker: str | None
    since: date | None
    notes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which commits to list."""

    limit: int
    kind: str | None
    since: date | None
    regime: str | None
