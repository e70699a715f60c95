"""A decision as the tables a PM reads on one screen: weights, ranking, cash step by step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from quantetf_core.decision.frames import trades_frame
from quantetf_core.decision.result import RebalanceResult
from quantetf_core.execution.plan import TradePlan
from quantetf_core.execution.trade import Action
from quantetf_core.portfolio.weighting import WeightingReport
from quantetf_core.units import CASH

NEAR_MISSES = 5
"""Names shown below the cut of a ranking."""


WEIGHT_GIVEN, NO_WEIGHT, TOO_YOUNG = "weight given", "no weight given", "too little history"
"""What became of a name that an optimizer considered, or could not."""


class CashStep(NamedTuple):
    """One line of the cash identity: what moved, in words, and USD with its sign."""

    label: str
    usd: float


def weights_table(result: RebalanceResult) -> pd.DataFrame:
    """What is held now beside what is held after the listed trades, cash last.

    Returns
    -------
    DataFrame
        One row a ticker: ``ticker, label, name, asset_class, weight_now, weight_after,
        weight_wanted, shares_after, price, value_after``. ``label`` is the ticker, and the word
        for cash. Weights are fractions of the portfolio value before, after, and as the strategy
        wants them; each column sums to 1. ``price`` and ``value_after`` are USD, NaN for a line
        without a price. Rows are by wanted weight, largest first, then ticker: an order that the
        value being sized does not change.
    """
    used = result.used
    plan, universe = used.plan, used.settings.universe
    order = np.lexsort((np.arange(len(plan.tickers)), -plan.ideal_weight))
    tickers = [plan.tickers[at] for at in order]
    names, classes = universe.names, universe.asset_classes
    return pd.DataFrame(
        {
            "ticker": [*tickers, CASH],
            "label": [*tickers, "Cash"],
            "name": [*(names.get(t, "") for t in tickers), "Cash"],
            "asset_class": [*(classes.get(t, "") for t in tickers), "Cash"],
            "weight_now": [*plan.current_weight[order], plan.cash_weight_current],
            "weight_after": [*plan.target_weight[order], plan.cash_weight_target],
            "weight_wanted": [*plan.ideal_weight[order], plan.cash_weight_ideal],
            "shares_after": [*plan.target_shares[order], np.nan],
            "price": [*plan.price[order], np.nan],
            "value_after": [
                *np.round((plan.target_shares * plan.price)[order], 2),
                plan.cash_after,
            ],
        }
    )


def trades_view(result: RebalanceResult) -> pd.DataFrame:
    """Every line of a plan as `quantetf_core.decision.frames.trades_frame`, for reading.

    Where a line does not trade, its change, notional, cost and share of volume are NaN rather
    than 0, so that what does trade stands out.
    """
    used = result.used
    frame = trades_frame(
        result.trades, universe=used.settings.universe, volume_share=used.volume_share
    )
    held = np.array([line.action == Action.HOLD for line in result.trades], dtype=np.bool_)
    for column in ("shares_delta", "notional_value", "volume_share", "cost"):
        values = frame[column].to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
        values[held] = np.nan
        frame[column] = values
    return frame


def ranking_view(result: RebalanceResult, *, near_misses: int = NEAR_MISSES) -> pd.DataFrame:
    """The names a strategy chose, and the first that it did not.

    Where an optimizer gives the weights, the ranking decides who is considered, and the optimizer
    who is held.

    Parameters
    ----------
    near_misses
        How many names below the last one chosen.

    Returns
    -------
    DataFrame
        ``rank, ticker, name, score, gap, choice``, best first; ``gap`` is the score less that
        of the last name chosen: negative is what a name missed the cut by. ``choice`` says
        ``chosen`` or ``missed``; with an optimizer `WEIGHT_GIVEN`, `NO_WEIGHT`, `TOO_YOUNG` or
        ``missed``, and ``gap`` is NaN where it considers every name. Empty when no ETF could be
        scored.
    """
    used = result.used
    ranking, names = used.ranking, used.settings.universe.names
    chosen = np.flatnonzero(ranking["selected"].to_numpy())
    last = int(chosen[-1]) + 1 if len(chosen) else 0
    shown = ranking.iloc[: last + near_misses].reset_index()
    shown.insert(1, "name", [names.get(ticker, "") for ticker in shown["ticker"]])
    shown["choice"] = np.where(shown["selected"], "chosen", "missed")
    if used.weighting is not None:
        shown["choice"] = _considered(shown, used.plan, used.weighting)
        if used.strategy.construction.top_n is None:
            shown["gap"] = np.nan
    return shown[["rank", "ticker", "name", "score", "gap", "choice"]]


def _considered(shown: pd.DataFrame, plan: TradePlan, report: WeightingReport) -> list[str]:
    """What became of each name that was ranked for an optimizer."""
    wanted = dict(zip(plan.tickers, plan.ideal_weight.tolist(), strict=True))
    chosen = [WEIGHT_GIVEN if wanted.get(t, 0.0) > 0.0 else NO_WEIGHT for t in shown["ticker"]]
    against = [TOO_YOUNG if t in report.excluded else "missed" for t in shown["ticker"]]
    return [
        yes if one else no for one, yes, no in zip(shown["selected"], chosen, against, strict=True)
    ]


def cash_steps(plan: TradePlan) -> tuple[CashStep, ...]:
    """The cash identity of a plan, line by line; always six lines.

    The last is the sum of the others.
    """
    return (
        CashStep("Cash before", plan.cash_before),
        CashStep("Withdrawal" if plan.cash_flow < 0 else "Deposit", plan.cash_flow),
        CashStep("Sells", plan.sells),
        CashStep("Buys", -plan.buys),
        CashStep("Costs", -plan.costs),
        CashStep("Cash after", plan.cash_after),
    )
