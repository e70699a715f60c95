"""A plan as the tables people read: the book before, the book after, and the trades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from quantetf_core.config import Universe
from quantetf_core.execution import Trade, TradePlan
from quantetf_core.units import CASH

PORTFOLIO_COLUMNS = ("weight", "price", "notional", "shares")
"""First columns of every portfolio frame (DESIGN §7)."""

TRADE_COLUMNS = (
    "ticker",
    "action",
    "current_shares",
    "target_shares",
    "shares_delta",
    "notional_value",
)
"""First columns of every trades table (DESIGN §7)."""


def current_frame(plan: TradePlan, lines: Sequence[Trade], universe: Universe) -> pd.DataFrame:
    """What is held before the trades, any declared cash flow included in the cash row."""
    rows = [
        (line.ticker, line.current_weight, line.price, line.current_shares, line)
        for line in lines
        if line.current_shares
    ]
    cash = plan.cash_before + plan.cash_flow
    return _frame(rows, plan.cash_weight_current, cash, universe)


def target_frame(plan: TradePlan, lines: Sequence[Trade], universe: Universe) -> pd.DataFrame:
    """What is held after the listed trades and their costs."""
    rows = [
        (line.ticker, line.target_weight, line.price, line.target_shares, line)
        for line in lines
        if line.target_shares
    ]
    return _frame(rows, plan.cash_weight_target, plan.cash_after, universe)


def _frame(
    rows: Sequence[tuple[str, float, float | None, float, Trade]],
    cash_weight: float,
    cash: float,
    universe: Universe,
) -> pd.DataFrame:
    names, classes = universe.names, universe.asset_classes
    records = [
        {
            "ticker": ticker,
            "weight": weight,
            "price": price,
            "notional": None if price is None else round(shares * price, 2),
            "shares": shares,
            "price_date": line.price_date,
            "ideal_weight": line.ideal_weight,
            "name": names.get(ticker, ""),
            "asset_class": classes.get(ticker, ""),
        }
        for ticker, weight, price, shares, line in sorted(rows, key=lambda r: (-r[1], r[0]))
    ]
    records.append(
        {
            "ticker": CASH,
            "weight": cash_weight,
            "price": 1.0,
            "notional": cash,
            "shares": cash,
            "price_date": None,
            "ideal_weight": None,
            "name": "Cash",
            "asset_class": "Cash",
        }
    )
    return pd.DataFrame.from_records(records).set_index("ticker")


def trades_frame(
    lines: Sequence[Trade], *, universe: Universe, volume_share: Mapping[str, float]
) -> pd.DataFrame:
    """Every line of a plan, in its order; `TRADE_COLUMNS` first."""
    names = universe.names
    records = [
        {
            "ticker": line.ticker,
            "action": str(line.action),
            "current_shares": line.current_shares,
            "target_shares": line.target_shares,
            "shares_delta": line.shares_delta,
            "notional_value": line.notional_value,
            "name": names.get(line.ticker, ""),
            "price": line.price,
            "price_date": line.price_date,
            "current_weight": line.current_weight,
            "target_weight": line.target_weight,
            "ideal_weight": line.ideal_weight,
            "ideal_shares": line.ideal_shares,
            "volume_share": volume_share.get(line.ticker),
            "cost": line.cost,
            "reason": line.reason,
            "reason_codes": " ".join(line.reasons),
        }
        for line in lines
    ]
    columns = [*TRADE_COLUMNS, "name", "price", "price_date", "current_weight", "target_weight"]
    columns += ["ideal_weight", "ideal_shares", "volume_share", "cost", "reason", "reason_codes"]
    return pd.DataFrame.from_records(records, columns=columns)
