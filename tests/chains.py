"""A workspace whose sample portfolio has a history of every common kind, for tests of screens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from quantetf_core import desk
from quantetf_core.ledger import Dividend
from quantetf_core.portfolio.holdings import Position
from tests import recorded

HOSTILE_NOTE = "=cmd()|' /C calc'!A0 <script>alert(1)</script> $x$ ![](http://evil.test/a.png)"
HOSTILE_NAME = "![x](http://evil.test/n.png)"

SESSIONS = (date(2023, 9, 29), date(2023, 10, 31), date(2023, 11, 30))

IDS = (
    *("20231229", "20231130-5", "20231130-4", "20231130-3", "20231130-2"),
    *("20231130", "20231031", "20230929"),
)
"""Newest first: a rebalance, a revert, an import, a dividend, a deposit, and three rebalances."""

NOW = datetime(2024, 1, 2, 13, 0, tzinfo=UTC)


def write_history(workspace: Path, cache: Path) -> desk.Portfolio:
    """Commit `IDS` to the sample portfolio of a workspace.

    Its clock becomes ``replay``, and its turnover limit so low that rebalances carry a warning.
    """
    configs = workspace / "configs"
    _change(configs / "portfolios" / "sample.yaml", "clock: exchange", "clock: replay")
    _change(configs / "checks.yaml", "max_turnover: 0.80", "max_turnover: 0.01")
    portfolio = desk.open_portfolio(workspace, "sample", cache_dir=cache)
    market = desk.load_market(portfolio, now=NOW)
    last = SESSIONS[-1]

    def rebalance(session: date, at: datetime, name: str = "Ada", note: str = "") -> None:
        plan = desk.propose(portfolio, market, now=NOW, as_of=session)
        notes = {warning.code: "seen and accepted" for warning in plan.warnings}
        desk.commit(portfolio, plan, approver=name, note=note, notes=notes, now=at)

    def approved(note: str = ""):
        return desk.approval(market, approver="Ben Ortiz", note=note)

    for session, note in zip(SESSIONS, ("month-end", "CPI is due tomorrow", ""), strict=True):
        at = datetime(session.year, session.month, session.day, 21, 30, tzinfo=UTC)
        rebalance(session, at, note=note)
    at += timedelta(minutes=1)
    common = {"as_of": last, "now": at}
    recorded.moved_cash(
        portfolio, market, flow="deposit", amount=5_000.0, approved=approved("gift"), **common
    )
    book, _ = desk.holdings(portfolio)
    paid = [Dividend(ticker=book.tickers[0], amount=12.5)]
    recorded.corporate_actions(portfolio, market, actions=paid, approved=approved(), **common)
    held = [Position(ticker=p.ticker, shares=p.shares + 1.0) for p in book.positions]
    recorded.imported_positions(
        portfolio,
        market,
        positions=held,
        cash=100.0,
        source="positions.csv",
        approved=approved(),
        **common,
    )
    desk.revert(portfolio, "20231130-4", approved=approved("the wrong file"), **common)
    rebalance(date(2023, 12, 29), NOW, HOSTILE_NAME, HOSTILE_NOTE)
    assert tuple(desk.history(portfolio).by_id) == IDS
    return portfolio


def _change(path: Path, found: str, wanted: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert found in text
    path.write_text(text.replace(found, wanted), encoding="utf-8")
