"""The same target weights give the same trades, whoever asks, on real prices.

A year of month-ends, the crash of 2008 among them: what Review shows, what `preview` says, what
`execute` sends to a broker, and what a backtest that lives on that broker's fills ends with.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from quantetf_core import TargetWeightExecutor, desk
from quantetf_core.data.schedule import due_sessions
from quantetf_core.execution import CostModel
from quantetf_core.execution.paper import PaperBroker
from quantetf_core.execution.paper_costs import BpsCommission
from tests.acceptance.conftest import NOW, RealDesk

pytestmark = pytest.mark.real_data

SIGN = {"BUY": 1, "SELL": -1}


def test_review_preview_execute_and_backtest_trade_the_same(real_desk: RealDesk) -> None:
    portfolio, market = real_desk.portfolio, real_desk.market
    settings = portfolio.settings
    costs = CostModel(settings.costs.cost_bps)
    executor = TargetWeightExecutor(settings.config.rebalance, costs=costs)
    backtest = PaperBroker(
        1_000_000.0, fill_at="close", commission=BpsCommission(settings.costs.cost_bps)
    )
    traded = 0
    for session in due_sessions(settings.config.schedule, date(2008, 1, 1), date(2008, 12, 31)):
        plan = desk.propose(portfolio, market, now=NOW, as_of=session.date())
        reviewed = {line.ticker: line.shares_delta for line in plan.trades}
        weights = {line.ticker: line.ideal_weight for line in plan.trades}
        bars = {ticker: {"close": price} for ticker, price in plan.used.closes.items()}
        backtest.advance(session, bars)

        previewed = executor.preview(weights, bars, backtest)
        assert {row["asset"]: row["shares"] for row in previewed} == reviewed
        ordered = executor.execute(weights, bars, backtest)
        assert {order.asset: SIGN[order.side] * order.quantity for order in ordered} == {
            ticker: delta for ticker, delta in reviewed.items() if delta
        }
        backtest.process_orders()

        notes = {finding.code: "seen and accepted" for finding in plan.warnings}
        desk.commit(portfolio, plan, approver="A. Manager", notes=notes, now=NOW)
        book, _ = desk.holdings(portfolio)
        assert book is not None
        assert {a: position.quantity for a, position in backtest.positions.items()} == book.shares
        assert Decimal(str(backtest.get_cash())) == Decimal(str(book.cash))
        traded += len(ordered)
    assert traded >= 40
