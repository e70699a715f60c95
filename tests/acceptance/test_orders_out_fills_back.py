"""Half a year of decisions on real prices: orders sent, filled in parts, reconciled, decided anew.

The broker is a handful of lines of decimal arithmetic in this file, and knows nothing of the desk
but the orders and the files it gives back.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from quantetf_core import desk
from quantetf_core.portfolio.holdings import Basis
from tests.acceptance.conftest import NOW, PlainPrices, RealDesk

MONTH_ENDS = [
    *(date(2023, 1, 31), date(2023, 2, 28), date(2023, 3, 31)),
    *(date(2023, 4, 28), date(2023, 5, 31), date(2023, 6, 30)),
]


class Broker:
    """An account: whole shares and decimal dollars, and the list of fills it hands out."""

    def __init__(self, cash: str) -> None:
        self.shares: dict[str, int] = {}
        self.cash = Decimal(cash)
        self.rows: list[str] = []

    def fill(self, ticker: str, shares: int, close: float, number: int) -> None:
        """At a price a little worse than the close, for a dollar."""
        price = (Decimal(repr(close)) * (1 + Decimal(1 if shares > 0 else -1) / 1000)).quantize(
            Decimal("0.01")
        )
        self.shares[ticker] = self.shares.get(ticker, 0) + shares
        self.cash -= price * shares + 1
        side = "BOT" if shares > 0 else "SLD"
        self.rows.append(f"{ticker},{side},{abs(shares)},{price},1.00,order {number}")

    def file(self) -> bytes:
        """Everything filled since the last file."""
        rows, self.rows = self.rows, []
        return "\n".join(["Symbol,Action,Qty,Price,Commission,Order ID", *rows, ""]).encode()

    def positions(self) -> bytes:
        held = [f"{ticker},{count}" for ticker, count in self.shares.items() if count]
        return "\n".join(["Symbol,Quantity", *held, f"CASH,{self.cash}", ""]).encode()


def signed(real: RealDesk, warnings: object):
    notes = {warning.code: "seen" for warning in warnings}
    return desk.approval(real.market, approver="Ada", note="as agreed", notes=notes)


def import_fills(real: RealDesk, decision: str, content: bytes, day: date, **more: bool) -> None:
    read = desk.read_fills(content, source_name="fills.csv")
    entry = desk.propose_fills(
        real.portfolio,
        real.market,
        decision,
        fills=read.fills,
        as_of=day,
        source="fills.csv",
        files={"imported_fills.csv": content},
        findings=read.findings,
        **more,
    )
    desk.record(real.portfolio, entry, approved=signed(real, entry.warnings), now=NOW)


def agrees(real: RealDesk, broker: Broker) -> bool:
    book, _ = desk.holdings(real.portfolio)
    assert book is not None
    assert book.shares == {t: float(n) for t, n in broker.shares.items() if n}
    assert Decimal(repr(book.cash)) == broker.cash
    assert desk.verify(real.portfolio).ok
    return True


@pytest.mark.real_data
def test_half_a_year_of_orders_out_and_fills_back_ends_in_the_brokers_own_book(
    real_desk: RealDesk, plain_prices: PlainPrices
) -> None:
    portfolio, market = real_desk.portfolio, real_desk.market
    broker = Broker("1000000")
    for month, session in enumerate(MONTH_ENDS):
        plan = desk.propose(
            portfolio,
            market,
            now=NOW,
            as_of=session,
            cash_flow=1_000_000.0 if month == 0 else None,
        )
        held = {line.ticker: line.current_shares for line in plan.trades if line.current_shares}
        assert held == {t: float(n) for t, n in broker.shares.items() if n}
        notes = {warning.code: "seen" for warning in plan.warnings}
        decision = desk.commit(
            portfolio, plan, approver="Ada", note="month-end", notes=notes, now=NOW
        ).commit_id
        if not plan.orders:
            continue
        sent = desk.propose_sent(portfolio, market, decision, how="basket")
        desk.record(portfolio, sent, approved=signed(real_desk, sent.warnings), now=NOW)
        at = int(market.sessions.get_indexer(pd.DatetimeIndex([pd.Timestamp(session)]))[0])
        first, second = (market.sessions[at + ahead].date() for ahead in (1, 2))
        lines = desk.ordered_lines(portfolio, decision)
        for number, line in enumerate(lines):  # half of each, at the next session's close
            part = int(line.shares) // 2 if abs(line.shares) > 1 else int(line.shares)
            broker.fill(line.ticker, part, plain_prices.close[line.ticker][first], number)
        import_fills(real_desk, decision, broker.file(), first)
        assert agrees(real_desk, broker)
        missing = desk.recorded_fills(portfolio, decision)
        assert missing is not None
        left = [line for line in missing.lines if line.missing_shares]
        for number, line in enumerate(left[month % 2 :], start=100):  # every other month one not
            price = plain_prices.close[line.ticker][second]
            broker.fill(line.ticker, int(line.missing_shares), price, number)
        import_fills(real_desk, decision, broker.file(), second, close_rest=bool(month % 2))
        assert agrees(real_desk, broker)
        assert str(desk.decision_states(portfolio)[decision]) == "reconciled"
    states = desk.decision_states(portfolio)
    assert len(states) == len(MONTH_ENDS)
    book, _ = desk.holdings(portfolio)
    assert book is not None
    assert book.basis is Basis.RECONCILED
    counted = desk.read_positions(broker.positions(), source_name="positions.csv")
    last = desk.history(portfolio).entries[0].as_of
    entry = desk.propose_confirmation(
        portfolio, market, counted.positions, counted.cash, as_of=last, source="positions.csv"
    )
    assert (entry.differences, entry.warnings) == ((), ())
    desk.record(portfolio, entry, approved=signed(real_desk, entry.warnings), now=NOW)
    assert agrees(real_desk, broker)
