"""How target weights become trades: the rules shared by the desk and the executor."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from quantetf_core.config.strict import (
    Fraction,
    NonNegative,
    Positive,
    StrictModel,
    broken_rule,
)
from quantetf_core.config.words import accepted_by, either
from quantetf_core.errors import InvalidValueError, did_you_mean


class RebalanceMode(StrEnum):
    """When the portfolio value that weights are fractions of is read, and how orders go out.

    ``SNAPSHOT``: value and targets frozen, all orders submitted together. ``INCREMENTAL``: one
    order after the other, the value read anew after every fill. ``HYBRID``: targets frozen, one
    order after the other against live cash.
    """

    SNAPSHOT = "snapshot"
    INCREMENTAL = "incremental"
    HYBRID = "hybrid"


_SNAPSHOT = RebalanceMode.SNAPSHOT


class RebalanceConfig(StrictModel):
    """How target weights become trades.

    Parameters
    ----------
    min_trade_value
        USD; a smaller trade is skipped (exits are exempt).
    min_weight_change
        Fraction of portfolio value; a smaller change is held (entries and exits are exempt).
    allow_fractional
        Fractional shares; whole shares otherwise. None: what the broker's ``share_type`` says,
        whole shares if it says nothing, and on the desk.
    round_lots, lot_size
        Trade in multiples of ``lot_size`` shares.
    max_single_weight
        No target weight above this, short or long; the excess is redistributed, then left in
        cash. At most 1 on the desk.
    cash_floor
        USD that a plan never spends.
    allow_short
        Negative target weights; without it they count as 0, and say so. Executor only: the desk
        is a cash account.
    max_gross_leverage
        Largest sum of absolute target weights; a larger one is scaled down, all lines by one
        factor. None: no cap, the broker's buying power decides. Executor only.
    cancel_before_rebalance
        Cancel the pending orders that stand in the way of a trade or a target. Executor only.
    account_for_pending
        Count pending orders (those that stay) as if they were filled. Executor only.
    rebalance_mode
        See `RebalanceMode`. Executor only.

    Raises
    ------
    InvalidValueError
        For a name or value that is not accepted, when built in Python. In a configuration file
        the same mistakes are a `ConfigError` with their lines.

    Examples
    --------
    >>> RebalanceConfig(min_trade_value=-1.0)
    Traceback (most recent call last):
    quantetf_core.errors.InvalidValueError: min_trade_value: found -1.0; accepted: a number of \
at least 0
    """

    min_trade_value: NonNegative = 100.0
    min_weight_change: Fraction = 0.01
    allow_fractional: bool | None = None
    round_lots: bool = False
    lot_size: Annotated[int, Field(ge=1)] = 100
    max_single_weight: Positive = 1.0
    cash_floor: NonNegative = 0.0
    allow_short: bool = False
    max_gross_leverage: Positive | None = None
    cancel_before_rebalance: bool = True
    account_for_pending: bool = True
    rebalance_mode: Annotated[RebalanceMode, Field(strict=False)] = _SNAPSHOT

    if not TYPE_CHECKING:  # for a type checker the constructor takes the fields above, by name

        def __init__(self, **values: Any) -> None:
            try:
                super().__init__(**values)
            except ValidationError as error:
                raise _refusal(error.errors(include_url=False)[0]) from None

        # Pydantic calls an __init__ of one's own for nested models too, and would then lose the
        # lines of a configuration file. This mark keeps it to calls from Python.
        __init__.__pydantic_base_init__ = True

    @model_validator(mode="after")
    def _lots_are_whole(self) -> RebalanceConfig:
        if self.allow_fractional and self.round_lots:
            raise broken_rule("false, because allow_fractional is true", "round_lots")
        return self

    def check_cash_account(self) -> None:
        """Refuse what a cash account, such as the desk, could only ignore.

        Raises
        ------
        PydanticCustomError
            For use in a validator; names the key below ``rebalance``.
        """
        accepted = {
            "allow_short": "false" if self.allow_short else "",
            "max_gross_leverage": "nothing" if self.max_gross_leverage is not None else "",
            "rebalance_mode": "snapshot" if self.rebalance_mode is not _SNAPSHOT else "",
            "max_single_weight": "a number of at most 1" if self.max_single_weight > 1.0 else "",
        }
        for name, wanted in accepted.items():
            if wanted:
                reason = "because the desk is a cash account"
                raise broken_rule(f"{wanted}, {reason}", "rebalance", name)


def _refusal(details: ErrorDetails) -> InvalidValueError:
    """The first of pydantic's errors, in our words."""
    if details["type"] == "house_rule":
        context = details["ctx"]
        return InvalidValueError(context["key"][0], True, context["accepted"])
    name = str(details["loc"][0])
    if details["type"] == "extra_forbidden":
        names = tuple(RebalanceConfig.model_fields)
        return InvalidValueError(
            "RebalanceConfig", name, f"{either(names, 'and')}{did_you_mean(name, names)}"
        )
    return InvalidValueError(name, details["input"], accepted_by(RebalanceConfig, name))
