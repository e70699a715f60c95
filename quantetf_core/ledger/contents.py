"""What one commit says, as the tables and words of its record.

A commit may be damaged, and its files may hold anything: whatever cannot be read is empty here,
and the commit's own findings say why. Nothing is computed but values and weights of its books.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from quantetf_core.csv_safe import unguarded
from quantetf_core.encoding import sha256
from quantetf_core.errors import DamagedHistoryError
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger.listing import figure
from quantetf_core.ledger.reading import Commit
from quantetf_core.ledger.record import MANIFEST, TRADES
from quantetf_core.portfolio.holdings import Holdings
from quantetf_core.portfolio.overlays import OverlayStep, recorded_step
from quantetf_core.units import CASH

INDICATORS = ("spy_price", "spy_200ma", "vix")

_TRADE_TEXT = ("ticker", "name", "action", "price_date", "reason")
_TRADE_NUMBERS = (
    *("current_shares", "target_shares", "shares_delta", "notional_value", "price"),
    *("current_weight", "target_weight", "ideal_weight", "volume_share", "cost"),
)
_TARGET_TEXT = ("ticker", "name", "asset_class", "price_date")
_TARGET_NUMBERS = ("weight", "price", "notional", "shares", "ideal_weight")


class MoneyStep(NamedTuple):
    """One line of the cash identity: its code, and USD with its sign (NaN when not known)."""

    code: str
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contents:
    """Everything a commit says, read as far as it can be.

    Parameters
    ----------
    regime, strategy, rationale, requested_date
        Of a rebalance; empty for other kinds.
    days_in_regime
        Sessions, None where not recorded.
    num_trades, turnover, value
        Count, one-way fraction, USD after the commit; NaN where not recorded.
    indicators
        ``spy_price, spy_200ma`` (USD), ``vix`` (points), as far as recorded.
    reverts, reverted_kind
        Id and kind of the commit that a revert undid.
    flow
        ``deposit``, ``withdrawal`` or ``fee`` of a cash commit.
    actions
        Corporate actions: ``ticker, split`` (new shares for an old one), ``dividend``,
        ``cash_in_lieu`` (USD).
    findings
        What the checks said when it was confirmed.
    weighting
        What an optimizer did, in a line; "" where none was asked.
    overlays
        What each overlay did to the target weights, in order; empty where there were none.
    ranking
        ``rank, ticker, score, gap, selected``; empty for other kinds.
    target
        What was decided to hold: ``ticker, name, asset_class, weight, price, notional, shares,
        ideal_weight``, the ``$CASH$`` row included; empty for other kinds.
    trades
        Every line of ``trades.csv``, holds included; columns a kind does not have are NaN or "".
    before, after
        The books: ``ticker, shares, price, cost, value, weight``, cash last; empty when
        unreadable. Weights are NaN when a position was never priced.
    money
        Cash before, what moved it, cash after.
    inputs
        ``source, data_fingerprint, code_version``, as recorded; texts.
    configuration
        File name → its text at the time.
    files
        ``name, size`` (bytes), ``sha256`` (of the bytes on disk; "" when missing), ``holds``
        (whether that is what the manifest states), the manifest itself first.
    """

    regime: str
    strategy: str
    rationale: str
    requested_date: str
    days_in_regime: int | None
    num_trades: float
    turnover: float
    value: float
    indicators: Mapping[str, float]
    reverts: str
    reverted_kind: str
    flow: str
    actions: pd.DataFrame
    findings: tuple[Finding, ...]
    weighting: str
    overlays: tuple[OverlayStep, ...]
    ranking: pd.DataFrame
    target: pd.DataFrame
    trades: pd.DataFrame
    before: pd.DataFrame
    after: pd.DataFrame
    money: tuple[MoneyStep, ...]
    inputs: Mapping[str, str]
    configuration: Mapping[str, str]
    files: pd.DataFrame


def contents(commit: Commit) -> Contents:
    """Read a commit for its record; never raises because of what its files hold."""
    result = _object(commit.json("rebalance_result.json"))
    inputs = _object(commit.json("inputs.json"))
    summary = commit.manifest.head.summary
    before, after = _book(commit, "holdings_before"), _book(commit, "holdings_after")
    indicators = _object(_object(result.get("metadata")).get("regime_indicators"))
    days = figure(result.get("days_in_regime"))
    return Contents(
        regime=_text(summary.get("regime")),
        strategy=_text(summary.get("strategy_used")),
        rationale=_text(result.get("rationale")),
        requested_date=_text(result.get("requested_date")),
        days_in_regime=None if math.isnan(days) else int(days),
        num_trades=figure(summary.get("num_trades")),
        turnover=figure(summary.get("turnover")),
        value=figure(summary.get("value_after")),
        reverts=_text(summary.get("reverts")),
        reverted_kind=_text(summary.get("reverted_kind")),
        flow=_text(summary.get("flow")),
        actions=_actions(summary.get("actions")),
        indicators={name: figure(indicators[name]) for name in INDICATORS if name in indicators},
        findings=_findings(result.get("findings")),
        weighting=_text(_object(result.get("weighting")).get("said")),
        overlays=_overlays(result.get("overlays")),
        ranking=_ranking(result.get("ranking")),
        target=_table(commit.files.get("target_portfolio.csv"), _TARGET_TEXT, _TARGET_NUMBERS),
        trades=_table(commit.files.get(TRADES), _TRADE_TEXT, _TRADE_NUMBERS),
        before=book_table(before),
        after=book_table(after),
        money=_money(commit, before, after),
        inputs={
            "source": _text(inputs.get("source")) or _text(summary.get("source")),
            "data_fingerprint": _text(inputs.get("data_fingerprint")),
            "code_version": commit.manifest.code_version,
        },
        configuration=_texts(inputs.get("configuration")),
        files=_files(commit),
    )


def book_table(book: Holdings | None) -> pd.DataFrame:
    """A book valued at the prices it was recorded with, cash last; empty for None."""
    columns = ["ticker", "shares", "price", "cost", "value", "weight"]
    if book is None:
        return pd.DataFrame({name: [] for name in columns})
    rows = [
        (p.ticker, p.shares, _or_nan(p.price), _or_nan(p.cost), p.shares * _or_nan(p.price))
        for p in book.positions
    ]
    rows.append((CASH, math.nan, math.nan, math.nan, book.cash))
    total = math.fsum(row[4] for row in rows)
    weights = [row[4] / total if total > 0 else math.nan for row in rows]
    records = [(*row, weight) for row, weight in zip(rows, weights, strict=True)]
    return pd.DataFrame.from_records(records, columns=columns)


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _book(commit: Commit, name: str) -> Holdings | None:
    try:
        found = getattr(commit, name)
    except DamagedHistoryError:
        return None
    return found if isinstance(found, Holdings) else None


def _money(
    commit: Commit, before: Holdings | None, after: Holdings | None
) -> tuple[MoneyStep, ...]:
    cash = commit.manifest.cash
    return (
        MoneyStep("cash_before", math.nan if before is None else before.cash),
        MoneyStep("flow", cash.flow),
        MoneyStep("sells", cash.sells),
        MoneyStep("buys", -cash.buys),
        MoneyStep("costs", -cash.costs),
        MoneyStep("adjustment", cash.adjustment),
        MoneyStep("cash_after", math.nan if after is None else after.cash),
    )


def _files(commit: Commit) -> pd.DataFrame:
    stated = dict(commit.manifest.files)
    names = [MANIFEST, *sorted({*stated, *commit.files} - {MANIFEST})]
    rows = []
    for name in names:
        content = commit.files.get(name)
        digest = "" if content is None else sha256(content)
        holds = bool(digest) and (name == MANIFEST or stated.get(name) == digest)
        if name == MANIFEST:
            holds = not any(finding.code == "manifest_changed" for finding in commit.findings)
        rows.append((name, math.nan if content is None else float(len(content)), digest, holds))
    return pd.DataFrame.from_records(rows, columns=["name", "size", "sha256", "holds"])


def _table(content: bytes | None, texts: Sequence[str], numbers: Sequence[str]) -> pd.DataFrame:
    """A CSV of the ledger with exactly these columns; empty when it cannot be read."""
    try:
        read = pd.read_csv(io.BytesIO(content or b""), dtype=str, keep_default_na=False)
    except (ValueError, pd.errors.ParserError):
        read = pd.DataFrame()
    blank = pd.Series([""] * len(read), index=read.index, dtype="str")
    columns: dict[str, Any] = {}
    for name in texts:
        columns[name] = [unguarded(str(cell)) for cell in read.get(name, blank)]
    for name in numbers:
        columns[name] = pd.to_numeric(read.get(name, blank), errors="coerce").astype("float64")
    return pd.DataFrame(columns)


def _ranking(value: object) -> pd.DataFrame:
    rows = [row for row in _rows(value) if _text(row.get("ticker"))]
    return pd.DataFrame(
        {
            "rank": [figure(row.get("rank")) for row in rows],
            "ticker": [_text(row.get("ticker")) for row in rows],
            "score": [figure(row.get("score")) for row in rows],
            "gap": [figure(row.get("gap")) for row in rows],
            "selected": [row.get("selected") is True for row in rows],
        }
    )


def _actions(value: object) -> pd.DataFrame:
    rows = _rows(value)
    figures = {
        name: [figure(row.get(name)) for row in rows]
        for name in ("split", "dividend", "cash_in_lieu")
    }
    return pd.DataFrame({"ticker": [_text(row.get("ticker")) for row in rows], **figures})


def _findings(value: object) -> tuple[Finding, ...]:
    severities = {str(severity): severity for severity in Severity}
    return tuple(
        Finding(
            severities[_text(row.get("severity"))],
            _text(row.get("code")),
            _text(row.get("subject")),
            _text(row.get("message")),
        )
        for row in _rows(value)
        if _text(row.get("severity")) in severities
    )


def _overlays(value: object) -> tuple[OverlayStep, ...]:
    read = (recorded_step(row) for row in _rows(value))
    return tuple(step for step in read if step is not None)


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> dict[str, str]:
    return {name: text for name, text in _object(value).items() if isinstance(text, str)}
