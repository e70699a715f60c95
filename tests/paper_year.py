"""Paper mode month by month through the desk, held against plain arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from quantetf_core import desk
from quantetf_core.data.market import MarketData

Closes = Mapping[str, Mapping[date, float]]
"""Ticker → session → USD per share."""

SLIPPAGE_BPS, PER_SHARE, LEAST = 2, 0.005, 1.0
"""As in ``configs/portfolios/paper_example.yaml``; USD."""


@dataclass
class PlainAccount:
    """Cash in cents and whole shares, moved by what the orders and the closes say."""

    cash: int = 0
    shares: dict[str, int] = field(default_factory=dict)
    cut: list[str] = field(default_factory=list)

    def fill(self, orders: Sequence[tuple[str, int]], closes: Mapping[str, float]) -> None:
        """Sells first, then buys as listed, each as far as the cash goes; the rest lapses."""
        for ticker, wanted in sorted(orders, key=lambda order: order[1] > 0):
            left = wanted
            while left and self.cash + self._moved(left, closes[ticker]) < 0:
                left -= 1
            if left != wanted:
                self.cut.append(ticker)
            if left:
                self.cash += self._moved(left, closes[ticker])
                self.shares[ticker] = self.shares.get(ticker, 0) + left
        self.shares = {ticker: count for ticker, count in self.shares.items() if count}

    @staticmethod
    def _moved(shares: int, close: float) -> int:
        """Cents that a fill brings: proceeds or price paid with slippage, less the commission."""
        side = 1 if shares > 0 else -1
        price = Fraction(repr(close)) * (1 + Fraction(side * SLIPPAGE_BPS, 10_000))
        fee = round(max(LEAST, PER_SHARE * abs(shares)) * 100)  # half a cent as floats have it
        return -round(shares * price * 100) - fee


def run(
    portfolio: desk.Portfolio,
    market: MarketData,
    sessions: Sequence[date],
    closes: Closes,
    *,
    now: datetime,
) -> PlainAccount:
    """Commit, send, fill and reconcile at each session; the book must be the plain account's.

    Returns
    -------
    The plain account at the end.
    """
    plain = PlainAccount()
    for session in sessions:
        plan = desk.propose(portfolio, market, now=now, as_of=session)
        plain.cash += round((plan.used.plan.cash_flow or 0.0) * 100)
        notes = dict.fromkeys((w.code for w in plan.warnings), "seen")
        receipt = desk.commit(portfolio, plan, approver="Ada", notes=notes, now=now)
        decision = receipt.commit_id
        orders = desk.paper_orders(portfolio, market)
        if not plan.orders:
            assert orders is None
            continue
        assert orders is not None
        assert (orders.decision, orders.sent, orders.ready) == (decision, True, True)
        assert desk.decision_states(portfolio)[decision] is desk.DecisionState.SENT
        lines = desk.ordered_lines(portfolio, decision)
        plain.fill(
            [(line.ticker, int(line.shares)) for line in lines],
            {line.ticker: closes[line.ticker][orders.session] for line in lines},
        )
        entry = desk.propose_paper_fills(portfolio, market)
        assert entry is not None
        approved = desk.approval(
            market, approver="Ada", notes=dict.fromkeys((w.code for w in entry.warnings), "seen")
        )
        desk.record(portfolio, entry, approved=approved, now=now)
        book, _ = desk.holdings(portfolio)
        assert book is not None
        assert (book.shares, round(book.cash * 100)) == (plain.shares, plain.cash)
        assert book.basis is desk.Basis.RECONCILED
        assert desk.decision_states(portfolio)[decision] is desk.DecisionState.RECONCILED
        assert desk.paper_orders(portfolio, market) is None
    entries = desk.history(portfolio).entries
    assert [e.as_of for e in entries] == sorted((e.as_of for e in entries), reverse=True)
    assert desk.verify(portfolio).ok
    return plain
