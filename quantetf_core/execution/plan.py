"""`TradePlan`: every line with its reason, and the cash before and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from quantetf_core.execution.trade import Action, Reason, Trade
from quantetf_core.findings import Finding

_ACTIONS = {-1: Action.SELL, 0: Action.HOLD, 1: Action.BUY}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TradePlan:
    """The answer of `plan_trades`, in columns of one entry per ticker (read-only arrays).

    Amounts are USD that are exact cents; ``cash_after = cash_before + cash_flow + sells − buys −
    costs`` holds to the cent.

    Parameters
    ----------
    tickers
        Sorted.
    side
        −1 sell, 0 hold, +1 buy.
    current_shares, target_shares, ideal_shares
        Before; after the listed trade; the unrounded wish (NaN without a price).
    current_weight, target_weight, ideal_weight
        Fractions of ``portfolio_value``; of ``value_after``; of ``sizing_value``. Each column and
        its cash weight sum to 1.
    price, price_date
        USD per share used (NaN: none) and its session.
    notional_value, cost
        USD, unsigned.
    reasons
        One code or more per line; the first says what the line does, the others what limited it.
    portfolio_value
        USD after the cash flow, before trades and costs.
    sizing_value
        USD that the ideal weights are fractions of: ``portfolio_value − costs``.
    value_after
        USD of cash and positions after the trades and costs.
    cash_before, cash_flow, sells, buys, costs, cash_after
        USD.
    cash_floor
        USD below which this plan may not end.
    scale
        Cash there was for buys ÷ cash that they wished for; 1.0 when cash did not bind.
    turnover
        ½ Σ|Δ value| over lines and cash net of the flow ÷ ``portfolio_value``.
    unplaced_weight
        Weight above ``max_single_weight`` that no other line could take; it stays cash.
    cash_weight_current, cash_weight_target, cash_weight_ideal
        The `$CASH$` row of each column of weights. The current one is after the flow.
    findings
        What to know about the plan as a whole.
    """

    tickers: tuple[str, ...]
    side: npt.NDArray[np.int8]
    current_shares: npt.NDArray[np.float64]
    target_shares: npt.NDArray[np.float64]
    ideal_shares: npt.NDArray[np.float64]
    current_weight: npt.NDArray[np.float64]
    target_weight: npt.NDArray[np.float64]
    ideal_weight: npt.NDArray[np.float64]
    price: npt.NDArray[np.float64]
    price_date: tuple[date | None, ...]
    notional_value: npt.NDArray[np.float64]
    cost: npt.NDArray[np.float64]
    reasons: tuple[tuple[Reason, ...], ...]
    portfolio_value: float
    sizing_value: float
    value_after: float
    cash_before: float
    cash_flow: float
    sells: float
    buys: float
    costs: float
    cash_after: float
    cash_floor: float
    scale: float
    turnover: float
    unplaced_weight: float
    cash_weight_current: float
    cash_weight_target: float
    cash_weight_ideal: float
    findings: tuple[Finding, ...]

    @property
    def order(self) -> npt.NDArray[np.intp]:
        """Positions of the lines: sells, then buys, largest first then ticker; holds by ticker.

        Source: house rule.
        """
        sells, buys = (self._largest_first(self.side == side) for side in (-1, 1))
        return np.concatenate([sells, buys, np.flatnonzero(self.side == 0)])

    def _largest_first(self, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
        at = np.flatnonzero(chosen)
        # Stable: ties stay by ticker.
        return at[np.argsort(-self.notional_value[at], kind="stable")]

    @property
    def n_trades(self) -> int:
        """Number of lines that trade."""
        return int(np.count_nonzero(self.side))

    @property
    def trades(self) -> tuple[Trade, ...]:
        """The lines that trade, in `order`."""
        return self._lines(self.order[: self.n_trades])

    def lines(self) -> tuple[Trade, ...]:
        """Every line, in `order`."""
        return self._lines(self.order)

    def _lines(self, which: npt.NDArray[np.intp]) -> tuple[Trade, ...]:
        columns = (
            self.side,
            self.current_shares,
            self.target_shares,
            self.current_weight,
            self.target_weight,
            self.notional_value,
            self.ideal_shares,
            self.ideal_weight,
            self.price,
            self.cost,
        )
        rows = zip(which.tolist(), *(column[which].tolist() for column in columns), strict=True)
        return tuple(
            Trade(
                ticker=self.tickers[at],
                action=_ACTIONS[side],
                current_shares=shares,
                target_shares=shares_after,
                current_weight=weight,
                target_weight=weight_after,
                notional_value=notional,
                ideal_shares=_known(ideal_shares),
                ideal_weight=ideal_weight,
                price=_known(price),
                price_date=self.price_date[at],
                cost=cost,
                reasons=self.reasons[at],
            )
            for (
                at,
                side,
                shares,
                shares_after,
                weight,
                weight_after,
                notional,
                ideal_shares,
                ideal_weight,
                price,
                cost,
            ) in rows
        )


def _known(value: float) -> float | None:
    """None for NaN: a line without a price has no ideal shares to show."""
    return None if value != value else value
