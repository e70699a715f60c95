"""What a decision ordered, how it was filled, and the two side by side: data, no judgement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from quantetf_core.errors import InvalidValueError
from quantetf_core.findings import Finding
from quantetf_core.units import BPS, from_cents, is_finite_number, to_cents


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution.

    Parameters
    ----------
    ticker
        As the book has it.
    shares
        Bought (+) or sold (−); never 0.
    price
        USD per share, above 0.
    fees
        USD paid for it, commission included; a rebate is below 0.
    time
        When it was executed; aware. None where it is not known.
    order_id
        The broker's name of the order or the execution, where there is one.
    """

    ticker: str
    shares: float
    price: float
    fees: float = 0.0
    time: datetime | None = None
    order_id: str = ""

    def __post_init__(self) -> None:
        check_shares(self.ticker, self.shares)
        check_price(self.ticker, self.price)
        if not is_finite_number(self.fees):
            raise InvalidValueError(f"fees of {self.ticker}", self.fees, "a finite number of USD")
        if self.time is not None and self.time.utcoffset() is None:
            accepted = "a time with its zone"
            raise InvalidValueError(f"time of {self.ticker}", self.time.isoformat(), accepted)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedLine:
    """What a decision ordered of one ticker: signed shares, and the price it was decided at."""

    ticker: str
    shares: float
    price: float

    def __post_init__(self) -> None:
        check_shares(self.ticker, self.shares)
        check_price(self.ticker, self.price)


class LineStatus(StrEnum):
    """How what was filled of a ticker stands to what was ordered."""

    FILLED = "filled"
    PARTLY_FILLED = "partly_filled"
    MISSING = "missing"
    OVERFILLED = "overfilled"
    WRONG_SIDE = "wrong_side"
    NOT_ORDERED = "not_ordered"

    @property
    def label(self) -> str:
        """The words a PM reads."""
        return _LABELS[self]


_LABELS = {
    LineStatus.FILLED: "filled",
    LineStatus.PARTLY_FILLED: "partly filled",
    LineStatus.MISSING: "no fill",
    LineStatus.OVERFILLED: "more than ordered",
    LineStatus.WRONG_SIDE: "wrong side",
    LineStatus.NOT_ORDERED: "not ordered",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FillLine:
    """One ticker, all its fills together. Shares are signed; USD are whole cents.

    Parameters
    ----------
    ordered_shares, filled_shares
        What the decision ordered (0: nothing) and the net of the fills.
    missing_shares
        What is still to be traded, with the order's sign; 0 when nothing is.
    decision_price
        USD per share the order was sized at; None when it was not ordered.
    average_price
        USD per share over the fills on the side of ``filled_shares``; None when those net to 0.
    bought, sold, fees
        USD paid for shares, received for shares, and paid in fees (a rebate is below 0).
    price_difference_bps
        Average from decision price, in basis points of the latter; positive is worse for us:
        paid more on a buy, received less on a sell.
    decision_notional
        Ordered shares × decision price, USD, unsigned.
    execution_cost
        Filled shares × (their prices − decision price), USD; positive is a cost. None without a
        decision price.
    opportunity_cost
        (Ordered − filled shares) × (later price − decision price), USD; positive is a gain missed.
        None unless later prices were given.
    first_time, last_time
        Of the fills whose time is known.
    n_fills
        How many there are.
    """

    ticker: str
    status: LineStatus
    ordered_shares: float
    filled_shares: float
    missing_shares: float
    decision_price: float | None
    average_price: float | None
    bought: float
    sold: float
    fees: float
    price_difference_bps: float | None
    decision_notional: float
    execution_cost: float | None
    opportunity_cost: float | None
    first_time: datetime | None
    last_time: datetime | None
    n_fills: int

    @property
    def cash_effect(self) -> float:
        """What the fills did to cash, USD in whole cents: sold − bought − fees."""
        return _usd_sum(self.sold, -self.bought, -self.fees)

    @property
    def shortfall(self) -> float:
        """Implementation shortfall, USD: execution cost + fees, + opportunity cost where known."""
        return _usd_sum(self.execution_cost or 0.0, self.fees, self.opportunity_cost or 0.0)

    @property
    def shortfall_bps(self) -> float | None:
        """The shortfall in basis points of the decision notional; None without one."""
        return _bps_of(self.shortfall, self.decision_notional)


@dataclass(frozen=True, slots=True, kw_only=True)
class FillReport:
    """Every line ordered or filled, by ticker, with totals that are the sums of the lines.

    `findings` has a warning for each line that is not what was ordered: ``not_ordered``,
    ``wrong_side``, ``overfilled``, ``both_sides`` and ``fill_price_far``.
    """

    lines: tuple[FillLine, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing that was ordered is missing."""
        return not any(line.missing_shares for line in self.lines)

    @property
    def bought(self) -> float:
        """USD paid for shares."""
        return _usd_sum(*(line.bought for line in self.lines))

    @property
    def sold(self) -> float:
        """USD received for shares."""
        return _usd_sum(*(line.sold for line in self.lines))

    @property
    def fees(self) -> float:
        """USD paid in fees."""
        return _usd_sum(*(line.fees for line in self.lines))

    @property
    def cash_effect(self) -> float:
        """What all fills did to cash, USD in whole cents: sold − bought − fees."""
        return _usd_sum(*(line.cash_effect for line in self.lines))

    @property
    def decision_notional(self) -> float:
        """USD ordered at decision prices, unsigned."""
        return _usd_sum(*(line.decision_notional for line in self.lines))

    @property
    def execution_cost(self) -> float:
        """USD lost (+) or won (−) to prices other than the decision's, on what was filled."""
        return _usd_sum(*(line.execution_cost or 0.0 for line in self.lines))

    @property
    def opportunity_cost(self) -> float | None:
        """USD missed (+) or spared (−) on what was not filled; None without later prices."""
        known = [x.opportunity_cost for x in self.lines if x.opportunity_cost is not None]
        return _usd_sum(*known) if known else None

    @property
    def shortfall(self) -> float:
        """Implementation shortfall, USD; see `fill_report`."""
        return _usd_sum(*(line.shortfall for line in self.lines))

    @property
    def shortfall_bps(self) -> float | None:
        """The shortfall in basis points of `decision_notional`; None when nothing was ordered."""
        return _bps_of(self.shortfall, self.decision_notional)


def check_shares(ticker: str, shares: float) -> None:
    """Refuse a share count that trades nothing or is no number."""
    if not is_finite_number(shares) or shares == 0:
        raise InvalidValueError(f"shares of {ticker}", shares, "a number other than 0")


def check_price(ticker: str, price: float) -> None:
    """Refuse a price that nothing can be traded at."""
    if not is_finite_number(price) or price <= 0:
        raise InvalidValueError(f"price of {ticker}", price, "USD per share, above 0")


def _usd_sum(*amounts: float) -> float:
    return from_cents(sum(map(to_cents, amounts)))


def _bps_of(usd: float, notional: float) -> float | None:
    return usd / notional / BPS if notional else None
