"""Books, requests and ledgers that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from quantetf_core.csv_safe import csv_bytes
from quantetf_core.encoding import canonical_json, sha256
from quantetf_core.findings import Finding
from quantetf_core.ledger import (
    Approval,
    CashMovement,
    CommitRequest,
    History,
    Kind,
    Receipt,
    Verification,
    cash_request,
    commit,
    current_holdings,
    history,
    import_request,
    verify,
)
from quantetf_core.ledger.fold import COLUMNS
from quantetf_core.portfolio.holdings import Holdings, Position

DAY = date(2024, 1, 31)
NOW = datetime(2024, 1, 31, 22, 0, tzinfo=UTC)
ADA = Approval(approver="Ada", note="as agreed")

Trades = Mapping[str, tuple[float, float]]
"""Ticker → (shares bought or sold, price)."""


def book(cash: float = 0.0, **shares: float) -> Holdings:
    """A book of these shares, each last priced at 100 USD."""
    positions = tuple(Position(ticker=t, shares=n, price=100.0) for t, n in sorted(shares.items()))
    return Holdings(positions=positions, cash=cash, as_of=DAY)


def rebalance(
    current: Holdings | None,
    trades: Trades,
    *,
    flow: float = 0.0,
    costs: float = 0.0,
    as_of: date = DAY,
    plan: object = "",
    **more: Any,
) -> CommitRequest:
    """A rebalance by these trades, with the book it leads to."""
    before = current or Holdings()
    old = before.shares
    rows, new = [], dict(old)
    for ticker in sorted({*old, *trades}):
        delta, price = trades.get(ticker, (0.0, 0.0))
        action = "BUY" if delta > 0 else "SELL" if delta < 0 else "HOLD"
        now = old.get(ticker, 0.0) + delta
        notional = round(abs(delta) * price, 2)
        rows.append((ticker, action, old.get(ticker, 0.0), now, delta, notional))
        new[ticker] = now
    cash = CashMovement(
        flow=flow,
        sells=round(sum(row[5] for row in rows if row[1] == "SELL"), 2),
        buys=round(sum(row[5] for row in rows if row[1] == "BUY"), 2),
        costs=costs,
    )
    prices = {position.ticker: position.price for position in before.positions}
    prices |= {ticker: price for ticker, (_, price) in trades.items()}
    after = Holdings(
        positions=tuple(
            Position(ticker=t, shares=n, price=prices[t]) for t, n in sorted(new.items()) if n
        ),
        cash=cash.after(before.cash),
        as_of=as_of,
        locks=before.locks,
    )
    table = csv_bytes(pd.DataFrame.from_records(rows, columns=list(COLUMNS)))
    parent = before.commit_id
    fields: dict[str, Any] = {
        "kind": Kind.REBALANCE,
        "as_of": as_of,
        "plan_id": sha256(canonical_json([parent, rows, flow, costs, as_of, plan])),
        "parent_id": parent,
        "holdings_before": current,
        "holdings_after": after,
        "cash": cash,
        "files": {"trades.csv": table, "inputs.json": b'{"closes": {}}\n'},
        "summary": {"regime": "uptrend_low_vol", "costs": costs, "turnover": 0.25},
        "approver": "Ada",
        "note": "month-end",
        "code_version": "0.1.0",
    }
    return CommitRequest(**{**fields, **more})


@dataclass(frozen=True)
class Ledger:
    """The two folders of a portfolio, and the calls on them."""

    root: Path

    @property
    def artifacts(self) -> Path:
        return self.root / "artifacts"

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def holdings_path(self) -> Path:
        return self.state / "current_holdings.json"

    def commit(self, request: CommitRequest, now: datetime = NOW, **more: Any) -> Receipt:
        return commit(request, artifacts_dir=self.artifacts, state_dir=self.state, now=now, **more)

    def trade(self, trades: Trades, **more: Any) -> Receipt:
        """Commit a rebalance of the current book."""
        return self.commit(rebalance(self.book, trades, **more))

    def pay(self, amount: float = 100.0) -> Receipt:
        """Commit a deposit."""
        request = cash_request(self.book, flow="deposit", amount=amount, as_of=DAY, approval=ADA)
        return self.commit(request)

    def begin(self, cash: float = 10_000.0, **shares: float) -> Receipt:
        """Commit an import of this book."""
        request = import_request(
            self.book,
            positions=book(**shares).positions,
            cash=cash,
            as_of=DAY,
            approval=ADA,
            source="typed in",
        )
        return self.commit(request)

    def chain(self, length: int) -> list[str]:
        """An import and then purchases, ``length`` commits in all; their ids, oldest first."""
        ids = [self.begin(cash=100_000.0, SPY=10.0).commit_id]
        for number in range(1, length):
            as_of = DAY + timedelta(days=number)
            trades = {"SPY": (1.0, 100.0), "TLT": (2.0, 90.5)}
            ids.append(self.trade(trades, costs=0.14, as_of=as_of).commit_id)
        return ids

    @property
    def book(self) -> Holdings | None:
        return current_holdings(self.artifacts, self.state)[0]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return current_holdings(self.artifacts, self.state)[1]

    @property
    def history(self) -> History:
        return history(self.artifacts)

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.history.findings]

    def verify(self) -> Verification:
        return verify(self.artifacts, self.state)

    def bytes_on_disk(self) -> dict[str, bytes]:
        """Everything written, by path; locks, which say nothing, left out."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and path.name != ".ledger.lock"
        }


def rewrite(path: Path, content: bytes) -> None:
    """Change a committed file, as no part of the desk does."""
    path.chmod(0o644)
    path.write_bytes(content)


def names(folder: Path) -> list[str]:
    """Names in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())
