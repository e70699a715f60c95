"""`PaperBroker`: an account that exists on paper, for tests, backtests and rehearsals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from quantetf_core.errors import InvalidValueError
from quantetf_core.execution.paper_book import PaperBook, PaperPosition
from quantetf_core.execution.paper_costs import BpsCommission, BpsSlippage, Commission, Slippage
from quantetf_core.execution.paper_fills import Filler
from quantetf_core.execution.paper_orders import (
    BlotterEntry,
    FillAt,
    OrderStatus,
    PaperOrder,
    RejectReason,
    order_type,
)
from quantetf_core.units import from_cents, to_cents

_CHOICES = {"account_type": ("cash", "margin"), "share_type": ("whole", "fractional")}


class PaperBroker:
    """A broker that fills orders from bars it is given.

    Parameters
    ----------
    cash
        USD to begin with, rounded to cents; below 0 where sells are to bring in what was taken out.
    account_type
        ``"cash"``: no shorts, and no buy takes cash below 0. ``"margin"``: positions up to
        ``max_leverage`` times the account value, long and short added.
    fill_at
        See `FillAt`.
    commission, slippage
        What a fill costs; nothing unless told.
    max_volume_share
        The most of a session's volume that this account trades of an asset, a fraction; the rest
        of an order waits for the next session. None: no limit.
    share_type
        ``"whole"`` or ``"fractional"``.
    multipliers
        Contract multipliers by asset. Contracts are paid in full, as shares are; margin calls,
        interest and borrowing fees are not simulated.
    max_leverage, positions
        Of a margin account; what is held to begin with, copied.

    Raises
    ------
    InvalidValueError
        For a value outside of the above, by name.

    Notes
    -----
    It never looks ahead and never at a clock: `advance` tells it which session it is.

    Examples
    --------
    >>> broker = PaperBroker(1_000.0, fill_at="next_open", commission=BpsCommission(20.0))
    >>> broker.advance("2024-01-02", {"SPY": {"open": 99.0, "close": 100.0}})
    ()
    >>> order = broker.submit_order("SPY", 5)
    >>> fill, = broker.advance("2024-01-03", {"SPY": {"open": 101.0, "close": 102.0}})
    >>> fill.quantity, fill.price, broker.get_cash(), broker.get_account_value()
    (5, 101.0, 493.99, 1003.99)
    """

    def __init__(
        self,
        cash: float,
        *,
        account_type: str = "cash",
        fill_at: FillAt | str = FillAt.NEXT_CLOSE,
        commission: Commission | None = None,
        slippage: Slippage | None = None,
        max_volume_share: float | None = None,
        share_type: str = "whole",
        multipliers: Mapping[str, float] | None = None,
        max_leverage: float = 2.0,
        positions: Mapping[str, PaperPosition] | None = None,
    ) -> None:
        _check(cash, account_type, fill_at, max_volume_share, share_type, max_leverage)
        self.account_type, self.share_type = account_type, share_type
        self.multipliers = dict(multipliers or {})
        for asset, multiplier in self.multipliers.items():
            if not (math.isfinite(multiplier) and multiplier > 0.0):
                raise InvalidValueError(f"multiplier of {asset}", multiplier, "a number above 0")
        self._book = PaperBook(cash=to_cents(cash), multipliers=self.multipliers)
        self._book.take_over(positions or {})
        self._filler = Filler(
            book=self._book,
            fill_at=FillAt(fill_at),
            commission=commission or BpsCommission(),
            slippage=slippage or BpsSlippage(),
            max_volume_share=max_volume_share,
            unit=1e-6 if share_type == "fractional" else 1,
            max_leverage=max_leverage if account_type == "margin" else None,
        )
        self._working: dict[int, PaperOrder] = {}
        self._sent = 0

    @property
    def cost_bps(self) -> float:
        """What trading costs in basis points of notional, as far as it is proportional."""
        return self._filler.commission.bps + self._filler.slippage.bps

    @property
    def positions(self) -> dict[str, PaperPosition]:
        """Positions by asset; a copy, so that a loop over it may trade."""
        return dict(self._book.positions)

    @property
    def pending_orders(self) -> list[PaperOrder]:
        """Orders that are not done, in the order sent; a copy."""
        return list(self._working.values())

    @property
    def blotter(self) -> tuple[BlotterEntry, ...]:
        """Every event of every order, in order."""
        return tuple(map(BlotterEntry._make, self._filler.blotter))

    @property
    def session(self) -> Any:
        """The label of the session it is; None before the first."""
        return self._filler.session

    def get_cash(self) -> float:
        """USD."""
        return self._book.cash / 100

    def get_account_value(self) -> float:
        """USD of cash and positions at the last closes."""
        return self._book.value / 100

    def get_buying_power(self) -> float:
        """USD that may still be spent: the cash, or what margin leaves."""
        if self._filler.max_leverage is None:
            return from_cents(self._book.cash)
        return max(self._filler.max_leverage * self._book.value - self._book.gross, 0.0) / 100.0

    def get_multiplier(self, asset: str) -> float:
        """USD per USD of price and contract; 1.0 for shares."""
        return self.multipliers.get(asset, 1.0)

    def get_position(self, asset: str) -> PaperPosition | None:
        """The position, or None."""
        return self._book.positions.get(asset)

    def submit_order(
        self,
        asset: str,
        quantity: float,
        *,
        limit_price: float | None = None,
        stop_price: float | None = None,
    ) -> PaperOrder | None:
        """Send an order: a positive quantity buys, a negative one sells.

        Parameters
        ----------
        asset
            One that the current session's bars have, or that is held.
        quantity
            Shares, signed.
        limit_price
            USD per share: no worse than this.
        stop_price
            USD per share: only once the market is there (a buy at or above, a sell at or below).

        Returns
        -------
        The order, or None when it was refused; the blotter says why. Orders without a stop are
        refused in a cash account when they sell more than is held, those under way included.
        """
        filler = self._filler
        self._sent += 1
        order = PaperOrder(
            self._sent,
            asset,
            1 if quantity > 0 else -1,
            abs(quantity),
            order_type(limit_price, stop_price),
            limit_price,
            stop_price,
            filler.session_number,
        )
        held = self._book.quantity(asset)
        refused = self._refusal(order, held)
        if refused is None and order.sign < 0:
            refused = self._oversells(order, held)
        if refused is not None:
            filler.reject(order, refused)
            return None
        self._working[self._sent] = order
        if order.sign < 0:
            filler.count_sale(order, order.quantity)
        filler.record(order, "submitted", quantity)
        return order

    def _refusal(self, order: PaperOrder, held: float) -> RejectReason | None:
        quantity = order.quantity
        if not 0 < quantity < math.inf:
            return RejectReason.BAD_QUANTITY
        if order.order_type != "market":
            for price in (order.limit_price, order.stop_price):
                if price is not None and not 0.0 < price < math.inf:
                    return RejectReason.BAD_PRICE
        if not held and order.asset not in self._filler.bars:
            return RejectReason.UNKNOWN_ASSET
        if type(quantity) is int or self.share_type == "fractional":
            return None
        odd = quantity != int(quantity) and quantity != abs(held)
        return RejectReason.FRACTION_OF_A_SHARE if odd else None

    def _oversells(self, order: PaperOrder, held: float) -> RejectReason | None:
        """A sell of more than a cash account holds; a stop is judged when it is reached."""
        if order.stop_price is not None or self.account_type == "margin":
            return None
        left = held - self._filler.being_sold.get(order.asset, 0)
        return RejectReason.MORE_THAN_HELD if order.quantity > left else None

    def cancel_order(self, order_id: int) -> bool:
        """Withdraw an order; False when it is not under way."""
        order = self._working.pop(order_id, None)
        if order is None:
            return False
        order.status = OrderStatus.CANCELLED
        self._filler.count_sale(order, -order.left)
        self._filler.record(order, "cancelled", order.left * order.sign)
        return True

    def close_position(self, asset: str) -> PaperOrder | None:
        """Order all of a position away at the market; None when there is none."""
        held = self._book.quantity(asset)
        return self.submit_order(asset, -held) if held else None

    def process_orders(self) -> tuple[BlotterEntry, ...]:
        """Fill what can be filled in this session: sells first, then in the order sent.

        Returns
        -------
        The fills. With ``fill_at`` of a next session, orders sent in this one wait for `advance`.
        """
        return self._filler.process(self._working)

    def advance(
        self, session: Any, bars: Mapping[str, Mapping[str, Any]]
    ) -> tuple[BlotterEntry, ...]:
        """Begin the next session: fill orders under way, then value positions at its closes.

        Parameters
        ----------
        session
            Its label, later than the one before: a date, a timestamp, an ISO date.
        bars
            ``{asset: {"open", "high", "low", "close", "volume"}}``, USD per share and shares;
            what is missing or not a positive number is not known. Orders of an asset without the
            price they need wait; so do those that need a volume.

        Returns
        -------
        The fills.

        Raises
        ------
        InvalidValueError
            For a session that is not later.
        """
        if self._filler.session is not None and not session > self._filler.session:
            raise InvalidValueError("session", session, f"one after {self._filler.session}")
        self._filler.begin(session, bars)
        fills = self.process_orders()
        self._book.mark_all(bars)
        return fills


def _check(
    cash: float,
    account_type: str,
    fill_at: FillAt | str,
    max_volume_share: float | None,
    share_type: str,
    max_leverage: float,
) -> None:
    if not math.isfinite(cash):
        raise InvalidValueError("cash", cash, "a finite number of USD")
    for name, value in (("account_type", account_type), ("share_type", share_type)):
        if value not in _CHOICES[name]:
            raise InvalidValueError(name, value, " or ".join(_CHOICES[name]))
    if fill_at not in list(FillAt):
        raise InvalidValueError("fill_at", fill_at, ", ".join(FillAt))
    if max_volume_share is not None and not 0.0 < max_volume_share <= 1.0:
        raise InvalidValueError(
            "max_volume_share", max_volume_share, "a fraction above 0, at most 1"
        )
    if not (math.isfinite(max_leverage) and max_leverage >= 1.0):
        raise InvalidValueError("max_leverage", max_leverage, "a finite number, 1 or more")
