"""A plan as the tables people read: the book before, the book after, and the trades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from quantetf_core.config import Universe
from quantetf_core.execution import Trade, TradePlan
from quantetf_core.units import CASH

TRADE_COLUMNS = (
    "ticker",
    "action",
    "current_shares",
    "target_shares",
    "shares_delta",
    "notional_value",
)
"""First columns of every trades table: programs read them by name."""


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
    ordered = sorted(rows, key=lambda row: (-row[1], row[0]))
    tickers = [ticker for ticker, *_ in ordered]
    notional = [
        np.nan if price is None else round(shares * price, 2) for _, _, price, shares, _ in ordered
    ]
    columns = {
        "weight": [*(weight for _, weight, *_ in ordered), cash_weight],
        "price": [*(np.nan if p is None else p for _, _, p, *_ in ordered), 1.0],
        "notional": [*notional, cash],
        "shares": [*(shares for *_, shares, _ in ordered), cash],
        "price_date": [*(line.price_date for *_, line in ordered), None],
        "ideal_weight": [*(line.ideal_weight for *_, line in ordered), np.nan],
        "name": [*(names.get(ticker, "") for ticker in tickers), "Cash"],
        "asset_class": [*(classes.get(ticker, "") for ticker in tickers), "Cash"],
    }
    return pd.DataFrame(columns, index=pd.Index([*tickers, CASH], name="ticker"))


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
