"""What a broker says of itself, read once and checked by name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quantetf_core.errors import InvalidValueError
from quantetf_core.execution.broker import Bars, Broker, HeldPosition

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The answers of a broker that do not depend on an asset.

    Parameters
    ----------
    value
        USD of cash and positions, by the broker's own prices.
    cash, buying_power
        USD; None where the broker has no such answer.
    margin
        Whether it may borrow and be short; None where it does not say.
    fractional
        Whether it trades fractions of a share.
    cost_bps
        Basis points of traded notional.
    """

    value: float
    cash: float | None
    buying_power: float | None
    margin: bool | None
    fractional: bool
    cost_bps: float


def read_account(broker: Broker) -> Account:
    """Ask a broker about itself.

    Raises
    ------
    InvalidValueError
        Where an answer is not a finite number, by its name.
    """
    kind = getattr(broker, "account_type", None)
    return Account(
        value=_usd("get_account_value", broker.get_account_value()),
        cash=optional_usd(broker, "get_cash"),
        buying_power=optional_usd(broker, "get_buying_power"),
        margin=None if kind is None else word(kind) != "cash",
        fractional=word(getattr(broker, "share_type", None)) == "fractional",
        cost_bps=float(getattr(broker, "cost_bps", 0.0)),
    )


def optional_usd(broker: Broker, name: str) -> float | None:
    """The answer of a method that a broker need not have; None without it."""
    method = getattr(broker, name, None)
    answer = None if method is None else method()
    return None if answer is None else _usd(name, answer)


def _usd(name: str, answer: object) -> float:
    try:
        value = float(answer)  # type: ignore[arg-type] # whatever a broker answers
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise InvalidValueError(f"broker.{name}()", answer, "a finite number of USD")
    return value


def word(value: object) -> str:
    """An enum member or text as a lower-case word; empty for None.

    Examples
    --------
    >>> word("Cash"), word(None)
    ('cash', '')
    """
    return "" if value is None else str(getattr(value, "value", value)).lower()


def quantities_held(
    positions: Mapping[str, HeldPosition], assets: Sequence[str]
) -> npt.NDArray[np.float64]:
    """Shares of each asset, 0 where there is no position.

    Raises
    ------
    InvalidValueError
        For a quantity that is not a finite number, by its asset.
    """
    found = [
        0.0 if (position := positions.get(asset)) is None else position.quantity for asset in assets
    ]
    shares = np.array(found, dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(shares))
    if bad.size:
        at = int(bad[0])
        raise InvalidValueError(f"quantity of {assets[at]}", found[at], "a finite number of shares")
    return shares


def closes(data: Bars, assets: Sequence[str]) -> Floats:
    """USD per share; NaN where there is no positive finite close.

    Raises
    ------
    InvalidValueError
        For a close that is not a number, by its asset.
    """
    try:
        found = [data[asset]["close"] for asset in assets]
    except KeyError:  # slower, and only where something is missing
        found = [data.get(asset, {}).get("close") for asset in assets]
    try:
        price = np.array(found, dtype=np.float64)
    except (TypeError, ValueError):
        at = next(i for i, close in enumerate(found) if not _is_number(close))
        raise InvalidValueError(
            f"close of {assets[at]}", found[at], "a number of USD per share"
        ) from None
    price[~(np.isfinite(price) & (price > 0.0))] = np.nan
    return price


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, int | float)


def multipliers(broker: Broker, assets: Sequence[str]) -> Floats | None:
    """Contract multipliers; None where the broker has none.

    Raises
    ------
    InvalidValueError
        For one that is not a finite number above 0.
    """
    get = getattr(broker, "get_multiplier", None)
    if get is None:
        return None
    found = np.array([get(asset) for asset in assets], dtype=np.float64)
    bad = np.flatnonzero(~(np.isfinite(found) & (found > 0.0)))
    if bad.size:
        asset = assets[int(bad[0])]
        raise InvalidValueError(
            f"get_multiplier({asset!r})", float(found[bad[0]]), "a number above 0"
        )
    return found


def reserve_price(broker: Broker, asset: str) -> float:
    """USD per share at which a holding without a close is carried; NaN without any.

    The broker's own price of it, or what was paid: a price that was once true, used only so that
    nobody else gets its part of the portfolio. Nothing trades at it.
    """
    position = broker.get_position(asset)
    for name in ("current_price", "entry_price"):
        price = getattr(position, name, None)
        if isinstance(price, int | float) and math.isfinite(price) and price > 0.0:
            return float(price)
    return math.nan
