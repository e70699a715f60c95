"""What the executor asks of a broker, and of whatever produces target weights.

Both are structural: any engine's broker that has these members fits without an adapter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Bars = Mapping[str, Mapping[str, Any]]
"""``{asset: {"close": USD per share, …}}``: the prices known when the rebalance is decided."""


class HeldPosition(Protocol):
    """One position.

    Where ``data`` has no price for a holding, its value is reserved at ``current_price``, if the
    object has that, or else at ``entry_price``.
    """

    @property
    def quantity(self) -> float:
        """Shares or contracts; negative is short."""

    @property
    def entry_price(self) -> float:
        """USD per share paid."""


class PendingOrder(Protocol):
    """One order that is not done.

    Respected where the object has them: ``filled_quantity`` (shares of it already filled),
    ``order_type`` (``"market"``, ``"limit"``, ``"stop"``, ``"stop_limit"`` …), ``stop_price``
    (makes it a stop where there is no ``order_type``), ``triggered`` (a stop that was reached).
    """

    @property
    def order_id(self) -> Any:
        """What `Broker.cancel_order` takes."""

    @property
    def asset(self) -> str:
        """What is traded."""

    @property
    def side(self) -> Any:
        """``"buy"`` or ``"sell"`` in any case, or an enum whose value or name is; or None."""

    @property
    def quantity(self) -> float:
        """Shares ordered, signed or not; the sign is the side where ``side`` is None."""

    @property
    def limit_price(self) -> float | None:
        """USD per share, or None."""


class Broker(Protocol):
    """An account that can be asked and told.

    Notes
    -----
    Used where the object has them:

    ``get_cash()``
        USD of settled cash. Without it, cash is the account value less the positions.
    ``account_type``
        ``"cash"`` or ``"margin"`` (text, or an enum with such a value). Without it, an account is
        taken for a cash account unless it holds shorts, or the targets ask for shorts or for more
        than the portfolio.
    ``get_buying_power()``
        USD a margin account may still spend. Without it, a margin account is not limited here.
    ``share_type``
        ``"fractional"`` allows fractions of a share where the configuration leaves it open.
    ``get_multiplier(asset)``
        USD per USD of price and contract; 1.0 where there is none.
    ``cost_bps``
        What trading costs, in basis points of traded notional, as far as it is proportional.
    ``process_orders()``
        Fills what can be filled now. The two sequential modes need it.

    An order that the broker refuses is None, or an object whose ``status`` is ``"rejected"``.
    """

    @property
    def positions(self) -> Mapping[str, HeldPosition]:
        """What is held, by asset."""

    @property
    def pending_orders(self) -> Sequence[PendingOrder]:
        """Orders that are not done."""

    def get_account_value(self) -> float:
        """USD of cash and positions."""

    def get_position(self, asset: str) -> HeldPosition | None:
        """The position, or None."""

    def submit_order(self, asset: str, quantity: float) -> Any | None:
        """Order at the market; a positive quantity buys, a negative one sells."""

    def cancel_order(self, order_id: Any) -> Any:
        """Withdraw an order."""

    def close_position(self, asset: str) -> Any | None:
        """Order that the whole position be closed."""


class WeightProvider(Protocol):
    """Anything that produces target weights."""

    def get_weights(self, data: Bars, broker: Broker) -> dict[str, float]:
        """Fractions of the account value by asset; what they leave below 1 stays cash."""
