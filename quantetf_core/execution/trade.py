"""`Trade`: one line of a plan, traded or not, with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Action(StrEnum):
    """What a line does."""

    BUY = "BUY"
    SELL = "SELL"
    HOLD = "HOLD"


class Reason(StrEnum):
    """Why a line is what it is: the one set of codes for screens, files and previews."""

    REBALANCE = "rebalance"
    ENTER = "enter"
    EXIT = "exit"
    AT_TARGET = "at_target"
    WITHIN_THRESHOLD = "weight_change_too_small"
    BELOW_MINIMUM = "trade_value_too_small"
    LESS_THAN_ONE_SHARE = "rounds_to_zero_shares"
    NO_PRICE = "no_price"
    CARRIED_PRICE = "carried_price"
    STALE_PRICE = "stale_price"
    SUSPECT_SPLIT = "suspect_split"
    NO_ADJUSTED_CLOSE = "no_adjusted_close"
    UNTRUSTED_PRICE = "untrusted_price"
    CAPPED = "capped"
    SCALED_TO_CASH = "scaled_to_cash"
    NO_CASH = "no_cash"
    RAISES_CASH = "raises_cash"
    INVALID_WEIGHT = "invalid_weight"
    SHORT_NOT_ALLOWED = "short_not_allowed"
    LEVERAGE_CAPPED = "gross_leverage_capped"
    PENDING_ORDER = "pending_order"
    ORDER_REJECTED = "order_rejected"
    DISPUTED = "disputed"
    LOCKED_HOLD = "locked_hold"
    LOCKED_NO_BUY = "locked_no_buy"
    LOCKED_NO_SELL = "locked_no_sell"

    @property
    def label(self) -> str:
        """The words a PM reads."""
        return _LABELS[self]


_LABELS = {
    Reason.REBALANCE: "rebalance",
    Reason.ENTER: "enter",
    Reason.EXIT: "exit",
    Reason.AT_TARGET: "hold: at target",
    Reason.WITHIN_THRESHOLD: "hold: within threshold",
    Reason.BELOW_MINIMUM: "skip: below minimum trade",
    Reason.LESS_THAN_ONE_SHARE: "hold: less than one share or lot",
    Reason.NO_PRICE: "blocked: no price",
    Reason.CARRIED_PRICE: "blocked: no close at this session, last one carried",
    Reason.STALE_PRICE: "blocked: price too old",
    Reason.SUSPECT_SPLIT: "blocked: looks like a split since the holdings' date",
    Reason.NO_ADJUSTED_CLOSE: "blocked: no adjusted close to score it by",
    Reason.UNTRUSTED_PRICE: "blocked: its prices cannot be trusted",
    Reason.CAPPED: "capped: max weight",
    Reason.SCALED_TO_CASH: "scaled: cash",
    Reason.NO_CASH: "skip: no cash left",
    Reason.RAISES_CASH: "raises cash: below the floor without it",
    Reason.INVALID_WEIGHT: "blocked: target weight is not a number",
    Reason.SHORT_NOT_ALLOWED: "capped: no short positions",
    Reason.LEVERAGE_CAPPED: "capped: gross leverage",
    Reason.PENDING_ORDER: "limited: an order for it is pending",
    Reason.ORDER_REJECTED: "blocked: the broker rejected its order",
    Reason.DISPUTED: "blocked: the broker's file disagrees",
    Reason.LOCKED_HOLD: "locked: not traded",
    Reason.LOCKED_NO_BUY: "locked: not bought",
    Reason.LOCKED_NO_SELL: "locked: not sold",
}


@dataclass(frozen=True, slots=True)
class Trade:
    """One line from what is held to what is wanted.

    Parameters
    ----------
    ticker, action
        What is traded and how; a HOLD is a line that is not traded.
    current_shares, target_shares
        Shares before, and *after the listed trade* (equal on HOLD).
    current_weight, target_weight
        Fractions of portfolio value before, and after the listed trades and their costs.
    notional_value
        USD traded, unsigned, in whole cents.
    ideal_shares, ideal_weight
        The unrounded wish, before thresholds, rounding and cash.
    price, price_date
        USD per share used for sizing, and the session it is from; None when there is none.
    cost
        USD, in whole cents.
    reasons
        One code or more; the first says what the line does, the others what limited it.
    """

    ticker: str
    action: str
    current_shares: float
    target_shares: float
    current_weight: float
    target_weight: float
    notional_value: float
    ideal_shares: float | None = None
    ideal_weight: float | None = None
    price: float | None = None
    price_date: date | None = None
    cost: float = 0.0
    reasons: tuple[Reason, ...] = ()

    @property
    def shares_delta(self) -> float:
        """Shares bought (+) or sold (−)."""
        return self.target_shares - self.current_shares

    @property
    def reason(self) -> str:
        """The reasons in words, ``; `` between them."""
        return "; ".join(reason.label for reason in self.reasons)
