"""What a paper fill costs: commissions, and prices worse than the one on the tape."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from quantetf_core.errors import InvalidValueError
from quantetf_core.units import BPS


class Commission(Protocol):
    """What the broker charges for a fill."""

    @property
    def bps(self) -> float:
        """The part that is proportional, in basis points of notional: what a plan can expect."""

    def usd(self, quantity: float, notional: float) -> float:
        """USD for a fill of ``quantity`` shares (unsigned) worth ``notional`` USD."""


class Slippage(Protocol):
    """How much worse than the tape a fill is."""

    @property
    def bps(self) -> float:
        """The part that does not depend on size, in basis points: what a plan can expect."""

    @property
    def needs_volume(self) -> bool:
        """Whether `price` must be told the session's volume."""

    def price(self, price: float, *, side: int, quantity: float, volume: float) -> float:
        """USD per share paid (side +1) or received (side −1) for ``quantity`` shares."""


def _check(name: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0.0):
        raise InvalidValueError(name, value, "a finite number, 0 or more")


@dataclass(frozen=True, slots=True)
class BpsCommission:
    r"""Commission in basis points of traded notional.

    .. math:: c = N \cdot b / 10\,000

    with :math:`c` the commission and :math:`N` the notional of the fill, both in USD, and
    :math:`b` = ``bps``. The broker rounds to cents. Source: house rule.

    Examples
    --------
    >>> BpsCommission(5.0).usd(100, 10_000.0)
    5.0
    """

    bps: float = 0.0

    def __post_init__(self) -> None:
        _check("bps", self.bps)

    def usd(self, quantity: float, notional: float) -> float:  # noqa: ARG002 # one signature for all
        """USD for one fill."""
        return notional * self.bps / 10_000.0


@dataclass(frozen=True, slots=True)
class PerShareCommission:
    r"""Commission per share, with a minimum per fill.

    .. math:: c = \max(m,\; q \cdot a)

    with :math:`q` the shares of the fill, :math:`a` = ``per_share`` (USD a share), :math:`m` =
    ``minimum`` (USD a fill). Source: the form of the fixed tariffs of US brokers; the numbers are
    the user's.

    Examples
    --------
    >>> PerShareCommission(0.005, minimum=1.0).usd(100, 5_000.0)
    1.0
    >>> PerShareCommission(0.005, minimum=1.0).usd(1_000, 50_000.0)
    5.0
    """

    per_share: float
    minimum: float = 0.0

    def __post_init__(self) -> None:
        _check("per_share", self.per_share)
        _check("minimum", self.minimum)

    @property
    def bps(self) -> float:
        """0: it depends on the price of a share, which a plan in basis points cannot say."""
        return 0.0

    def usd(self, quantity: float, notional: float) -> float:  # noqa: ARG002 # one signature for all
        """USD for one fill."""
        return max(self.minimum, quantity * self.per_share)


@dataclass(frozen=True, slots=True)
class BpsSlippage:
    r"""A fixed distance from the tape.

    .. math:: p' = p\,(1 + s \cdot b / 10\,000)

    with :math:`p` the price on the tape and :math:`p'` the fill (USD a share), :math:`s` = +1 for
    a buy and −1 for a sell, :math:`b` = ``bps`` below 10,000. Source: house rule.

    Examples
    --------
    >>> BpsSlippage(10.0).price(100.0, side=-1, quantity=5, volume=0.0)
    99.9
    """

    bps: float = 0.0

    def __post_init__(self) -> None:
        _check("bps", self.bps)
        if self.bps >= 10_000.0:
            raise InvalidValueError("bps", self.bps, "a number below 10000")

    @property
    def needs_volume(self) -> bool:
        """False: size plays no part."""
        return False

    def price(
        self,
        price: float,
        *,
        side: int,
        quantity: float,  # noqa: ARG002 # one signature for all
        volume: float,  # noqa: ARG002
    ) -> float:
        """USD per share of the fill."""
        return price * (1.0 + side * self.bps / 10_000.0)


@dataclass(frozen=True, slots=True)
class SpreadAndImpact:
    r"""Half the spread, and impact by the square root of the share of volume.

    .. math:: p' = p\,\bigl(1 + s\,(\tfrac{1}{2}\,\delta / 10\,000
              + Y\,\sigma \sqrt{q / V})\bigr)

    with :math:`p` the price on the tape and :math:`p'` the fill (USD a share), :math:`s` = +1 for
    a buy and −1 for a sell, :math:`\delta` = ``spread_bps`` (basis points, ask less bid over
    mid), :math:`Y` = ``impact`` (a number near 1), :math:`\sigma` = ``daily_volatility``
    (standard deviation of one session's return, a fraction), :math:`q` the shares of the fill and
    :math:`V` the session's volume in shares. A sell is never below 0.01 % of the tape. Source:
    Tóth et al. (2011), "Anomalous price impact and the critical nature of liquidity in financial
    markets", Physical Review X 1, 021006, equation 1; Grinold and Kahn (2000), "Active Portfolio
    Management", chapter 16.

    Examples
    --------
    >>> model = SpreadAndImpact(spread_bps=4.0, impact=1.0, daily_volatility=0.01)
    >>> round(model.price(100.0, side=1, quantity=10_000, volume=1_000_000.0), 4)
    100.12
    """

    spread_bps: float
    impact: float = 1.0
    daily_volatility: float = 0.01

    def __post_init__(self) -> None:
        for name in ("spread_bps", "impact", "daily_volatility"):
            _check(name, getattr(self, name))

    @property
    def bps(self) -> float:
        """Half the spread."""
        return self.spread_bps / 2.0

    @property
    def needs_volume(self) -> bool:
        """True: impact is relative to it."""
        return True

    def price(self, price: float, *, side: int, quantity: float, volume: float) -> float:
        """USD per share of the fill."""
        worse = self.bps * BPS + self.impact * self.daily_volatility * math.sqrt(quantity / volume)
        return price * max(1.0 + side * worse, BPS)
