"""Two commits side by side: regime, strategy, weights, trades, money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd

from quantetf_core.findings import Finding
from quantetf_core.ledger.contents import Contents, MoneyStep, contents
from quantetf_core.ledger.reading import Commit
from quantetf_core.ledger.record import Kind
from quantetf_core.units import BPS, CASH


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One side of a comparison; words it does not have are empty, figures NaN.

    ``value`` is USD after the commit, ``turnover`` one-way as a fraction, ``costs`` USD.
    """

    id: str
    kind: Kind
    as_of: date
    committed_at: datetime
    approver: str
    note: str
    simulated: bool
    regime: str
    strategy: str
    rationale: str
    days_in_regime: int | None
    indicators: Mapping[str, float]
    value: float
    num_trades: float
    turnover: float
    costs: float
    money: tuple[MoneyStep, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Two commits side by side, in the order asked for.

    Parameters
    ----------
    first, second
        What each says.
    weights
        One row a ticker held after either, cash last: ``ticker, name, first, second`` (fractions
        of the portfolio value after the commit; 0 when not held, NaN when that book has no
        weights) and ``difference_bps`` (second less first,
        basis points).
    trades
        One row a ticker traded in either: ``ticker, name``, and for each side ``action, shares``
        (signed) and ``notional`` (USD, unsigned), as ``first_action`` …; "" and NaN for no trade.
    money
        ``code, first, second, difference`` in USD, line by line of the cash identity.
    """

    first: Facts
    second: Facts
    weights: pd.DataFrame
    trades: pd.DataFrame
    money: pd.DataFrame


def compare(first: Commit, second: Commit) -> Comparison:
    """Set two commits side by side; damage in either leaves gaps, and its findings say so."""
    left, right = contents(first), contents(second)
    names = {**_names(left), **_names(right)}
    facts = _facts(first, left), _facts(second, right)
    return Comparison(
        first=facts[0],
        second=facts[1],
        weights=_weights(left, right, names),
        trades=_trades(left, right, names),
        money=_money(facts[0].money, facts[1].money),
    )


def _facts(commit: Commit, said: Contents) -> Facts:
    head = commit.manifest.head
    return Facts(
        id=head.id,
        kind=head.kind,
        as_of=head.as_of,
        committed_at=head.committed_at,
        approver=head.approver,
        note=head.note,
        simulated=head.simulated,
        regime=said.regime,
        strategy=said.strategy,
        rationale=said.rationale,
        days_in_regime=said.days_in_regime,
        indicators=said.indicators,
        value=said.value,
        num_trades=said.num_trades,
        turnover=said.turnover,
        costs=commit.manifest.cash.costs,
        money=said.money,
        findings=commit.findings,
    )


def _weights(left: Contents, right: Contents, names: Mapping[str, str]) -> pd.DataFrame:
    sides = [dict(zip(s.after["ticker"], s.after["weight"], strict=True)) for s in (left, right)]
    held = {ticker for side in sides for ticker in side} - {CASH}
    largest = {t: max(np.nan_to_num(side.get(t, 0.0)) for side in sides) for t in held}
    tickers = sorted(held, key=lambda ticker: (-largest[ticker], ticker))
    if any(sides):
        tickers.append(CASH)
    # A ticker that a readable book does not list is not held; of an unreadable book nothing is.
    first, second = (
        np.array([side.get(t, 0.0) if side else np.nan for t in tickers]) for side in sides
    )
    return pd.DataFrame(
        {
            "ticker": tickers,
            "name": ["Cash" if t == CASH else names.get(t, "") for t in tickers],
            "first": first,
            "second": second,
            "difference_bps": (second - first) / BPS,
        }
    )


def _trades(left: Contents, right: Contents, names: Mapping[str, str]) -> pd.DataFrame:
    sides = [_traded(left), _traded(right)]
    tickers = sorted({*sides[0], *sides[1]})
    columns: dict[str, list[object]] = {
        "ticker": list(tickers),
        "name": [names.get(t, "") for t in tickers],
    }
    for side, lines in zip(("first", "second"), sides, strict=True):
        rows = [lines.get(ticker, ("", np.nan, np.nan)) for ticker in tickers]
        for position, field in enumerate(("action", "shares", "notional")):
            columns[f"{side}_{field}"] = [row[position] for row in rows]
    return pd.DataFrame(columns)


def _traded(said: Contents) -> dict[str, tuple[str, float, float]]:
    lines = said.trades[said.trades["action"] != "HOLD"]
    parts = (lines[name] for name in ("ticker", "action", "shares_delta", "notional_value"))
    return {
        ticker: (action, float(delta), float(notional))
        for ticker, action, delta, notional in zip(*parts, strict=True)
    }


def _names(said: Contents) -> dict[str, str]:
    frames = (said.trades, said.target)
    return {
        ticker: name
        for frame in frames
        for ticker, name in zip(frame["ticker"], frame["name"], strict=True)
        if name
    }


def _money(first: tuple[MoneyStep, ...], second: tuple[MoneyStep, ...]) -> pd.DataFrame:
    a = np.array([step.usd for step in first])
    b = np.array([step.usd for step in second])
    return pd.DataFrame(
        {
            "code": [step.code for step in first],
            "first": a,
            "second": b,
            "difference": np.round(b - a, 2),
        }
    )
