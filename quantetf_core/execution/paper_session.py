"""One session at the paper broker: the orders of a decision, filled from the session's bars.

The orders are good for that session. What volume, cash or a missing price leaves unfilled lapses
when it ends, with the reason: no line is left out in silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pandas as pd

from quantetf_core.config.schema_paper import (
    BpsCommissionConfig,
    BpsSlippageConfig,
    CommissionConfig,
    PaperConfig,
    SlippageConfig,
)
from quantetf_core.csv_safe import csv_bytes
from quantetf_core.execution.fills import Fill, OrderedLine
from quantetf_core.execution.paper import PaperBroker
from quantetf_core.execution.paper_book import PaperPosition
from quantetf_core.execution.paper_costs import (
    BpsCommission,
    BpsSlippage,
    Commission,
    PerShareCommission,
    Slippage,
    SpreadAndImpact,
)
from quantetf_core.execution.paper_orders import BlotterEntry, RejectReason, positive
from quantetf_core.findings import Finding, Severity

Bars = Mapping[str, Mapping[str, Any]]

FILLED = ("filled", "partly_filled")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperAccount:
    """What the account has before the session: USD, shares by ticker, and how it trades.

    Parameters
    ----------
    cash, shares
        USD, below 0 where sells are to bring in what was taken out; counts above 0 by ticker.
    fractional
        Whether fractions of a share are traded.
    cost_bps
        Basis points of notional charged where ``rules`` names no commission.
    rules
        How orders are filled.
    """

    cash: float
    shares: Mapping[str, float]
    rules: PaperConfig
    fractional: bool = False
    cost_bps: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSession:
    """What became of the orders in one session.

    Parameters
    ----------
    fills
        In the order in which they happened: sells first.
    findings
        One note for each order that was not filled whole, with the reason.
    blotter
        Every event of every order.
    cash
        USD after it.
    """

    fills: tuple[Fill, ...]
    findings: tuple[Finding, ...]
    blotter: tuple[BlotterEntry, ...] = field(repr=False)
    cash: float


def fill_in_session(
    account: PaperAccount,
    orders: Sequence[OrderedLine],
    *,
    decided: date,
    session: date,
    at: datetime,
    bars: Bars,
    label: str,
) -> PaperSession:
    """Fill the orders of a decision in the session after it, as far as they can be.

    Parameters
    ----------
    orders
        One line per ticker. Sells are filled first; otherwise they are filled in this order, so
        that the last buys are cut where prices have risen beyond the cash there is.
    decided, session
        The session of the decision, and the later one whose bars fill it.
    at
        When the fills happen; aware.
    bars
        ``{ticker: {"open", "close", "volume"}}`` of ``session``; what is missing or no positive
        number is not known.
    label
        Begins the order ids of the fills.

    Examples
    --------
    >>> from datetime import UTC
    >>> done = fill_in_session(
    ...     PaperAccount(cash=1_000.0, shares={}, rules=PaperConfig()),
    ...     [OrderedLine(ticker="SPY", shares=10.0, price=100.0)],
    ...     decided=date(2024, 1, 31), session=date(2024, 2, 1),
    ...     at=datetime(2024, 2, 1, 21, tzinfo=UTC), bars={"SPY": {"close": 101.0}}, label="a")
    >>> [(fill.ticker, fill.shares, fill.price) for fill in done.fills], done.cash
    ([('SPY', 9, 101.0)], 91.0)
    >>> done.findings[0].message
    '9 of 10 shares bought: there was no cash for more'
    """
    broker = _broker(account)
    decision_bars = {order.ticker: {"close": order.price} for order in orders}
    broker.advance(decided, decision_bars)
    for order in orders:
        broker.submit_order(order.ticker, _count(order.shares))
    broker.advance(session, bars)
    for pending in broker.pending_orders:
        broker.cancel_order(pending.order_id)
    blotter = broker.blotter
    return PaperSession(
        fills=tuple(
            Fill(
                ticker=entry.asset,
                shares=entry.quantity,
                price=entry.price,
                fees=entry.commission,
                time=at,
                order_id=f"{label}-{entry.order_id}",
            )
            for entry in blotter
            if entry.event in FILLED
        ),
        findings=tuple(_shortfalls(account.rules, orders, blotter, bars=bars, session=session)),
        blotter=blotter,
        cash=broker.get_cash(),
    )


def _broker(account: PaperAccount) -> PaperBroker:
    rules = account.rules
    return PaperBroker(
        account.cash,
        fill_at=rules.fill_at,
        commission=_commission(rules.commission, account.cost_bps),
        slippage=_slippage(rules.slippage),
        max_volume_share=rules.max_volume_share,
        share_type="fractional" if account.fractional else "whole",
        positions={
            ticker: PaperPosition(quantity=_count(shares), entry_price=0.0, current_price=0.0)
            for ticker, shares in account.shares.items()
        },
    )


def _commission(config: CommissionConfig | None, cost_bps: float) -> Commission:
    if config is None:
        return BpsCommission(cost_bps)
    if isinstance(config, BpsCommissionConfig):
        return BpsCommission(config.bps)
    return PerShareCommission(config.per_share, minimum=config.minimum)


def _slippage(config: SlippageConfig | None) -> Slippage:
    if config is None:
        return BpsSlippage()
    if isinstance(config, BpsSlippageConfig):
        return BpsSlippage(config.bps)
    return SpreadAndImpact(config.spread_bps, config.impact, config.daily_volatility)


def _count(shares: float) -> float:
    """Shares as the broker counts them: an int where they are whole."""
    return int(shares) if shares == int(shares) else shares


def _shortfalls(
    rules: PaperConfig,
    orders: Sequence[OrderedLine],
    blotter: Sequence[BlotterEntry],
    *,
    bars: Bars,
    session: date,
) -> list[Finding]:
    """A note for each order that was not filled whole."""
    filled = {order.ticker: 0.0 for order in orders}
    refused: dict[str, RejectReason] = {}
    for entry in blotter:
        if entry.event in FILLED:
            filled[entry.asset] += entry.quantity
        elif entry.reason is not None:
            refused[entry.asset] = entry.reason
    found = []
    for order in orders:
        done = filled[order.ticker]
        if abs(order.shares - done) < 1e-9:
            continue
        bar = bars.get(order.ticker, {})
        reason = _because(rules, bar, refused.get(order.ticker), session)
        side = "bought" if order.shares > 0 else "sold"
        code = "paper_partly_filled" if done else "paper_not_filled"
        message = f"{abs(done):,.6g} of {abs(order.shares):,.6g} shares {side}: {reason}"
        found.append(Finding(Severity.INFO, code, order.ticker, message))
    return found


_REFUSED = {
    RejectReason.NOT_ENOUGH_CASH: "there was no cash for more",
    RejectReason.MORE_THAN_HELD: "no more was held",
    RejectReason.FRACTION_OF_A_SHARE: "only whole shares are traded",
}


def _because(
    rules: PaperConfig, bar: Mapping[str, Any], refused: RejectReason | None, session: date
) -> str:
    if refused is not None:
        return _REFUSED.get(refused, refused.replace("_", " "))
    price = "open" if rules.fill_at == "next_open" else "close"
    if positive(bar, price) is None:
        return f"no {price} is known for {session}"
    if positive(bar, "volume") is None:
        return f"no volume is known for {session}"
    most = f"{(rules.max_volume_share or 1.0) * 100.0:.4g}%"
    return f"no more than {most} of the volume of {session} is filled"


def blotter_csv(done: PaperSession) -> bytes:
    """Every event of every order as CSV, for the record."""
    frame = pd.DataFrame(list(done.blotter), columns=list(BlotterEntry._fields))
    return csv_bytes(frame.rename(columns={"asset": "ticker"}))
