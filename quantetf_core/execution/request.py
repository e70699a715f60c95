"""`PlanRequest`: everything the planner is told, aligned by ticker."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from quantetf_core.config.schema import RebalanceConfig
from quantetf_core.errors import InvalidValueError
from quantetf_core.execution.costs import CostModel
from quantetf_core.execution.trade import Reason

BLOCKS = (
    Reason.NO_PRICE,
    Reason.CARRIED_PRICE,
    Reason.STALE_PRICE,
    Reason.SUSPECT_SPLIT,
    Reason.NO_ADJUSTED_CLOSE,
    Reason.UNTRUSTED_PRICE,
    Reason.INVALID_WEIGHT,
    Reason.ORDER_REJECTED,
    Reason.DISPUTED,
    Reason.LOCKED_HOLD,
    Reason.LOCKED_NO_BUY,
    Reason.LOCKED_NO_SELL,
)
"""Reasons for which a line may not trade."""

_SUM_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanRequest:
    """What is held, what is wanted, at which prices, under which rules.

    All columns have one entry per ticker, in the order of ``tickers``; arrays are copied and
    read-only. There is one line for everything held or wanted.

    Parameters
    ----------
    tickers
        Sorted, each once.
    current_shares
        Shares held, those of orders under way included; finite, 0 or more (below 0 only with
        ``margin``).
    target_weights
        Wanted fraction of the portfolio value (after ``cash_flow``), 0 or more, at most 1 in sum
        (but see ``free_weights``); the remainder is cash and 0 closes a position. NaN is refused
        by name.
    price
        USD per share: the last valid close. NaN, infinite, zero or negative is *no price*.
    price_date
        Session of each price; None without one.
    tradable
        Whether a line may trade; a line without a price never does.
    block_reason
        Why a line may not trade (one of ``BLOCKS``); None on lines that may.
    cash
        USD before the plan.
    cash_flow
        USD that enters (+) or leaves (−) with the plan, declared or hypothetical.
    config, costs
        The rules, and what trading costs.
    multiplier
        USD that one USD of price is worth per share or contract; None: 1.0 everywhere.
    sellable
        The most shares each line may sell, below what is held where sells are under way; None:
        what is held. A line wanted short is not bound by it.
    spendable
        USD that buys may take beyond what this plan's sells bring; None: the cash, or with
        ``margin`` no limit.
    margin
        Whether the account may borrow and be short. False: a cash account, whose cash never ends
        below the floor.
    free_weights
        Whether negative weights, and sums above 1, are planned as far as the rules allow, with a
        finding. False: they are refused, as on the desk.

    Raises
    ------
    InvalidValueError
        For a value outside of the above; the sentence names the ticker.
    """

    tickers: tuple[str, ...]
    current_shares: npt.NDArray[np.float64]
    target_weights: npt.NDArray[np.float64]
    price: npt.NDArray[np.float64]
    price_date: tuple[date | None, ...]
    tradable: npt.NDArray[np.bool_]
    block_reason: tuple[Reason | None, ...]
    cash: float
    cash_flow: float
    config: RebalanceConfig
    costs: CostModel
    multiplier: npt.NDArray[np.float64] | None = None
    sellable: npt.NDArray[np.float64] | None = None
    spendable: float | None = None
    margin: bool = False
    free_weights: bool = False

    def __post_init__(self) -> None:
        if not all(map(operator.lt, self.tickers, self.tickers[1:])):
            raise InvalidValueError("tickers", self.tickers, "each ticker once, sorted")
        for name in ("current_shares", "target_weights", "price", "multiplier", "sellable"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _read_only(getattr(self, name), np.float64))
        object.__setattr__(self, "tradable", _read_only(self.tradable, np.bool_))
        self._check_lengths()
        self._check_columns()
        for name in ("cash", "cash_flow", "spendable"):
            if not np.isfinite(0.0 if getattr(self, name) is None else getattr(self, name)):
                raise InvalidValueError(name, getattr(self, name), "a finite number of USD")
        self._check_blocks()

    def _check_columns(self) -> None:
        shares, weights = self.current_shares, self.target_weights
        _check_column("current_shares", shares, self.tickers, signed=self.margin)
        _check_column("target_weights", weights, self.tickers, signed=self.free_weights)
        total = float(weights.sum())
        if total > 1.0 + _SUM_TOLERANCE and not self.free_weights:
            raise InvalidValueError("sum of target_weights", total, "at most 1: no borrowing")
        if self.sellable is not None:
            _check_column("sellable", self.sellable, self.tickers)
        if self.multiplier is not None:
            _check_column("multiplier", self.multiplier, self.tickers)
            if not self.multiplier.all():
                first = self.tickers[int(np.argmin(self.multiplier))]
                raise InvalidValueError(f"multiplier of {first}", 0.0, "a number above 0")

    def _check_lengths(self) -> None:
        columns = ("current_shares", "target_weights", "price", "tradable", "multiplier")
        for name in (*columns, "sellable", "price_date", "block_reason"):
            column = getattr(self, name)
            if column is not None and len(column) != len(self.tickers):
                raise InvalidValueError(
                    f"length of {name}", len(column), f"{len(self.tickers)} tickers"
                )

    def _check_blocks(self) -> None:
        if self.tradable.all() and self.block_reason.count(None) == len(self.tickers):
            return
        for ticker, tradable, reason in zip(
            self.tickers, self.tradable.tolist(), self.block_reason, strict=True
        ):
            if reason is not None and (tradable or reason not in BLOCKS):
                raise InvalidValueError(
                    f"block_reason of {ticker}", reason, "a price block, on a line not tradable"
                )
            if reason is None and not tradable:
                raise InvalidValueError(
                    f"block_reason of {ticker}", None, "why the line may not trade"
                )

    @classmethod
    def from_mappings(
        cls,
        *,
        shares: Mapping[str, float],
        weights: Mapping[str, float],
        prices: Mapping[str, float],
        cash: float,
        config: RebalanceConfig,
        costs: CostModel,
        cash_flow: float = 0.0,
        price_dates: Mapping[str, date] | None = None,
        blocked: Mapping[str, Reason] | None = None,
    ) -> PlanRequest:
        """Align by ticker: one line for everything held or wanted, sorted.

        A line without a price in ``prices`` is blocked as `Reason.NO_PRICE` unless ``blocked``
        says otherwise. A blocked ticker that is neither held nor wanted raises
        `InvalidValueError`; surplus prices are not used.

        Examples
        --------
        >>> request = PlanRequest.from_mappings(
        ...     shares={"TLT": 3.0}, weights={"SPY": 1.0}, prices={"SPY": 100.0}, cash=50.0,
        ...     config=RebalanceConfig(), costs=CostModel(5.0))
        >>> request.tickers, request.block_reason[1].value
        (('SPY', 'TLT'), 'no_price')
        """
        tickers = tuple(sorted({*shares, *weights}))
        given = dict(blocked or {})
        if strangers := set(given) - set(tickers):
            raise InvalidValueError("blocked", sorted(strangers), "tickers held or wanted")
        price = _column(tickers, prices, np.nan)
        for ticker, usable in zip(tickers, has_price(price).tolist(), strict=True):
            if not usable:
                given.setdefault(ticker, Reason.NO_PRICE)
        return cls(
            tickers=tickers,
            current_shares=_column(tickers, shares, 0.0),
            target_weights=_column(tickers, weights, 0.0),
            price=price,
            price_date=tuple((price_dates or {}).get(ticker) for ticker in tickers),
            tradable=np.array([ticker not in given for ticker in tickers], dtype=np.bool_),
            block_reason=tuple(given.get(ticker) for ticker in tickers),
            cash=cash,
            cash_flow=cash_flow,
            config=config,
            costs=costs,
        )


def has_price(price: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Where a price can value a line: finite and above 0.

    Examples
    --------
    >>> has_price(np.array([1.0, 0.0, np.nan, np.inf])).tolist()
    [True, False, False, False]
    """
    return np.isfinite(price) & (price > 0.0)


def _column(
    tickers: Sequence[str], values: Mapping[str, float], missing: float
) -> npt.NDArray[np.float64]:
    return np.array([values.get(ticker, missing) for ticker in tickers], dtype=np.float64)


def _read_only(values: npt.ArrayLike, dtype: type[np.generic]) -> npt.NDArray[np.generic]:
    copy = np.array(values, dtype=dtype)
    copy.flags.writeable = False
    return copy


def _check_column(
    name: str,
    values: npt.NDArray[np.float64],
    tickers: tuple[str, ...],
    *,
    signed: bool = False,
) -> None:
    """Refuse the first entry that is not a finite number of 0 or more, by its ticker."""
    bad = np.flatnonzero(~(np.isfinite(values) & ((values >= 0.0) | signed)))
    if bad.size:
        first = int(bad[0])
        accepted = "a finite number" if signed else "a finite number, 0 or more"
        raise InvalidValueError(f"{name} of {tickers[first]}", float(values[first]), accepted)
