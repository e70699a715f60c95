"""Cash and positions of the paper broker, in exact cents, with sums that are never recounted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(slots=True)
class PaperPosition:
    """One position.

    Parameters
    ----------
    quantity
        Shares, negative when short; an int where whole.
    entry_price
        USD per share: the mean of what was paid for what is held.
    current_price
        USD per share at the last session that had a close.
    """

    quantity: float
    entry_price: float
    current_price: float


@dataclass(slots=True)
class PaperBook:
    """Cash and positions.

    Parameters
    ----------
    cash
        Cents.
    multipliers
        USD per USD of price and contract, by asset; 1.0 where there is none.
    positions
        By asset; closed ones are removed.
    worth
        Cents by asset, at ``current_price``, signed.
    net, gross
        Cents: their sum, and the sum of their absolute values.
    """

    cash: int
    multipliers: Mapping[str, float]
    positions: dict[str, PaperPosition] = field(default_factory=dict)
    worth: dict[str, int] = field(default_factory=dict)
    net: int = 0
    gross: int = 0

    @property
    def value(self) -> int:
        """Cents of cash and positions."""
        return self.cash + self.net

    def take_over(self, positions: Mapping[str, PaperPosition]) -> None:
        """Begin with copies of these positions, at the prices they come with."""
        for asset, position in positions.items():
            self.positions[asset] = replace(position)
            self.mark(asset, position.current_price)

    def quantity(self, asset: str) -> float:
        """Shares held, 0 for none."""
        position = self.positions.get(asset)
        return 0 if position is None else position.quantity

    def notional(self, asset: str, quantity: float, price: float) -> int:
        """Cents that shares are worth, half to even."""
        return round(quantity * price * self.multipliers.get(asset, 1.0) * 100.0)

    def trade(self, asset: str, quantity: float, price: float, *, mark: float, cost: int) -> None:
        """Book a fill of ``quantity`` signed shares at ``price``, ``cost`` cents on top.

        The position is then valued at ``mark``, the price on the tape, so that slippage shows.
        """
        self.cash -= self.notional(asset, quantity, price) + cost
        position = self.positions.get(asset)
        if position is None:
            self.positions[asset] = PaperPosition(quantity, price, mark)
        else:
            _add(position, quantity, price)
        self.mark(asset, mark)
        if self.positions[asset].quantity == 0:
            del self.positions[asset], self.worth[asset]

    def mark(self, asset: str, price: float) -> None:
        """Value one position at a price."""
        position = self.positions[asset]
        position.current_price = price
        before = self.worth.get(asset, 0)
        after = self.notional(asset, position.quantity, price)
        self.worth[asset] = after
        self.net += after - before
        self.gross += abs(after) - abs(before)

    def mark_all(self, bars: Mapping[str, Mapping[str, Any]]) -> None:
        """Value positions at the closes there are; the others keep their last one."""
        for asset in self.positions:
            close = bars[asset].get("close") if asset in bars else None
            if close is not None and 0.0 < close < float("inf"):
                self.mark(asset, float(close))


def _add(position: PaperPosition, quantity: float, price: float) -> None:
    """Add signed shares; the entry price moves only when the position grows or changes side."""
    before = position.quantity
    after = before + quantity
    if not (isinstance(before, int) and isinstance(quantity, int)):
        after = round(after, 9)
    if before * quantity > 0:
        position.entry_price = (before * position.entry_price + quantity * price) / after
    elif before * after < 0:
        position.entry_price = price
    position.quantity = after
