"""Eighteen years of month-ends, committed one after the other on real prices."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from quantetf_core import desk
from quantetf_core.data.schedule import due_sessions
from tests.acceptance.conftest import NOW, RealDesk

pytestmark = [pytest.mark.real_data, pytest.mark.slow]


def commit_month_ends(real_desk: RealDesk, first: date, last: date) -> list[Path]:
    """Propose and commit at every due session; the folders in the order committed."""
    portfolio, market = real_desk.portfolio, real_desk.market
    folders = []
    for session in due_sessions(portfolio.settings.config.schedule, first, last):
        plan = desk.propose(portfolio, market, now=NOW, as_of=session.date())
        notes = {finding.code: "seen and accepted" for finding in plan.warnings}
        receipt = desk.commit(portfolio, plan, approver="A. Manager", notes=notes, now=NOW)
        folders.append(receipt.folder)
    return folders


def folded(folders: list[Path]) -> tuple[dict[str, Decimal], Decimal]:
    """Shares and cash from the trade files and the declared flows alone."""
    shares: dict[str, Decimal] = {}
    cash = Decimal(0)
    for folder in folders:
        log = json.loads((folder / "execution_log.json").read_text(encoding="utf-8"))
        steps = {step["step"]: Decimal(str(step["usd"])) for step in log["steps"]}
        cash += steps["cash flow"] + steps["costs"]
        with (folder / "trades.csv").open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                delta = Decimal(row["shares_delta"])
                shares[row["ticker"]] = shares.get(row["ticker"], Decimal(0)) + delta
                notional = Decimal(row["notional_value"])
                cash += notional if row["action"] == "SELL" else -notional
    return {ticker: count for ticker, count in shares.items() if count}, cash


def test_216_month_ends_end_with_the_fold_of_their_trades_and_cash_to_the_cent(
    real_desk: RealDesk,
) -> None:
    folders = commit_month_ends(real_desk, date(2006, 1, 1), date(2023, 12, 31))
    assert len(folders) == 216
    shares, cash = folded(folders)
    held = json.loads(
        (real_desk.portfolio.state_dir / "current_holdings.json").read_text(encoding="utf-8")
    )
    assert {row["ticker"]: Decimal(str(row["shares"])) for row in held["holdings"]} == shares
    assert Decimal(str(held["cash"])) == cash
    verification = desk.verify(real_desk.portfolio)
    assert verification.ok
    assert verification.checked == 216
