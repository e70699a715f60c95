"""What was ordered against what was filled: what is missing, and what the difference cost.

Sums are made of the decimal numbers as written, and rounded once a line, so neither the order of
fills nor how an order was split into fills changes a cent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from quantetf_core.errors import InvalidValueError
from quantetf_core.execution.fill_lines import (
    Fill,
    FillLine,
    FillReport,
    LineStatus,
    OrderedLine,
    check_price,
)
from quantetf_core.findings import Finding, Severity, in_order
from quantetf_core.units import BPS, from_cents

__all__ = ["Fill", "FillLine", "FillReport", "LineStatus", "OrderedLine", "fill_report"]

SAME_SHARES = 1e-6
"""Shares below which a difference from the order is rounding, not an open remainder."""

PRICE_FAR = 0.10
"""How far an average price may be from the decision price before it is a warning (house rule)."""


def fill_report(
    ordered: Sequence[OrderedLine],
    fills: Iterable[Fill],
    *,
    later_prices: Mapping[str, float] | None = None,
) -> FillReport:
    """Hold fills against what was ordered, one line per ticker.

    The shortfall of a line is what the decision would have made on paper less what was made:
    ``filled × (fill price − decision price) + fees + (ordered − filled) × (later price − decision
    price)``, shares signed. The first two parts are always known; the last, the opportunity cost
    of what was not filled, only once there is a later price. It is counted for all lines or for
    none, so that the total has one meaning. Fills of a ticker that was not ordered have no decision
    price: their fees count, their prices do not.

    Parameters
    ----------
    ordered
        One line per ticker.
    fills
        All fills of the decision, in any order.
    later_prices
        USD per share by ticker, at the time to which the opportunity cost is reckoned. Used only
        when every line that is not filled as ordered has one.

    Raises
    ------
    InvalidValueError
        When a ticker is ordered twice, or a later price is not above 0.

    Notes
    -----
    Source: A. F. Perold, "The implementation shortfall: paper versus reality", Journal of
    Portfolio Management 14 (3), 1988.

    Examples
    --------
    >>> order = OrderedLine(ticker="SPY", shares=100, price=500.0)
    >>> fill = Fill(ticker="SPY", shares=60, price=501.0, fees=1.0)
    >>> report = fill_report([order], [fill])
    >>> line = report.lines[0]
    >>> line.status.label, line.missing_shares, line.price_difference_bps, line.shortfall
    ('partly filled', 40.0, 20.0, 61.0)
    >>> report.complete, report.cash_effect
    (False, -30061.0)
    """
    orders = {line.ticker: line for line in ordered}
    if len(orders) != len(ordered):
        listed = ", ".join(line.ticker for line in ordered)
        raise InvalidValueError("ordered tickers", listed, "each at most once")
    by_ticker: dict[str, list[Fill]] = {}
    for fill in fills:
        by_ticker.setdefault(fill.ticker, []).append(fill)
    later = dict(later_prices or {})
    for ticker, price in later.items():
        check_price(ticker, price)
    sides = {
        ticker: _Side.of(orders.get(ticker), by_ticker.get(ticker, []))
        for ticker in sorted({*orders, *by_ticker})
    }
    reckoned = bool(later) and all(t in later for t, side in sides.items() if side.differs)
    lines = tuple(
        _line(ticker, side, by_ticker.get(ticker, []), later if reckoned else None)
        for ticker, side in sides.items()
    )
    return FillReport(lines=lines, findings=in_order(_findings(lines, sides)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """The order and the exact sums of the fills of one ticker."""

    order: OrderedLine | None
    shares_bought: Fraction
    shares_sold: Fraction
    bought: Fraction
    sold: Fraction
    fees: Fraction

    @classmethod
    def of(cls, order: OrderedLine | None, fills: Sequence[Fill]) -> _Side:
        made = [(_exact(fill.shares), _exact(fill.price)) for fill in fills]
        return cls(
            order=order,
            shares_bought=sum((s for s, _ in made if s > 0), Fraction()),
            shares_sold=-sum((s for s, _ in made if s < 0), Fraction()),
            bought=sum((s * price for s, price in made if s > 0), Fraction()),
            sold=-sum((s * price for s, price in made if s < 0), Fraction()),
            fees=sum((_exact(fill.fees) for fill in fills), Fraction()),
        )

    @property
    def ordered(self) -> Fraction:
        return _exact(self.order.shares) if self.order else Fraction()

    @property
    def filled(self) -> Fraction:
        return self.shares_bought - self.shares_sold

    @property
    def open(self) -> Fraction:
        """Ordered less filled; exactly 0 when only rounding is left."""
        left = self.ordered - self.filled
        return left if abs(left) > _exact(SAME_SHARES) else Fraction()

    @property
    def differs(self) -> bool:
        return self.order is not None and self.open != 0

    @property
    def average(self) -> Fraction | None:
        """USD per share on the side of the net; None when nothing is left of the fills."""
        if self.filled == 0:
            return None
        if self.filled > 0:
            return self.bought / self.shares_bought
        return self.sold / self.shares_sold

    @property
    def status(self) -> LineStatus:
        if self.order is None:
            return LineStatus.NOT_ORDERED
        if self.filled * self.ordered < 0:
            return LineStatus.WRONG_SIDE
        if self.open == 0:
            return LineStatus.FILLED
        if self.open * self.ordered < 0:
            return LineStatus.OVERFILLED
        return LineStatus.PARTLY_FILLED if self.filled else LineStatus.MISSING


def _line(
    ticker: str, side: _Side, fills: Sequence[Fill], later: Mapping[str, float] | None
) -> FillLine:
    price = _exact(side.order.price) if side.order else None
    average, status = side.average, side.status
    times = sorted(fill.time for fill in fills if fill.time is not None)
    cost = opportunity = difference = None
    if price is not None:
        cost = _usd(side.bought - side.sold - side.filled * price)
        if average is not None:
            difference = float((average / price - 1) * (1 if side.filled > 0 else -1)) / BPS
        if later is not None:
            opportunity = _usd(side.open * (_exact(later[ticker]) - price)) if side.open else 0.0
    to_trade = side.open if side.open * side.ordered > 0 else Fraction()
    return FillLine(
        ticker=ticker,
        status=status,
        ordered_shares=float(side.ordered),
        filled_shares=float(side.filled),
        missing_shares=float(to_trade),
        decision_price=float(price) if price is not None else None,
        average_price=float(average) if average is not None else None,
        bought=_usd(side.bought),
        sold=_usd(side.sold),
        fees=_usd(side.fees),
        price_difference_bps=difference,
        decision_notional=_usd(abs(side.ordered) * (price or 0)),
        execution_cost=cost,
        opportunity_cost=opportunity,
        first_time=times[0] if times else None,
        last_time=times[-1] if times else None,
        n_fills=len(fills),
    )


def _findings(lines: Sequence[FillLine], sides: Mapping[str, _Side]) -> list[Finding]:
    found = []
    for line in lines:
        side = sides[line.ticker]
        said = _STATUS_SENTENCES.get(line.status)
        if said:
            code, sentence = (
                str(line.status),
                said.format(_shares(side.filled), _shares(side.ordered)),
            )
            found.append(Finding(Severity.WARN, code, line.ticker, sentence))
        if side.shares_bought and side.shares_sold:
            both = f"{_shares(side.shares_bought)} and {_shares(-side.shares_sold)}"
            message = f"{both}: only the net counts as filled"
            found.append(Finding(Severity.WARN, "both_sides", line.ticker, message))
        average, price = line.average_price, line.decision_price
        if average and price and abs(average / price - 1.0) > PRICE_FAR:
            message = (
                f"filled at {average:,.4f} on average, {abs(average / price - 1.0):.0%} from the "
                f"{price:,.4f} it was decided at: check the ticker, the price, and any split"
            )
            found.append(Finding(Severity.WARN, "fill_price_far", line.ticker, message))
    return found


_STATUS_SENTENCES = {
    LineStatus.NOT_ORDERED: "{0}, though this decision did not order it",
    LineStatus.WRONG_SIDE: "{0}, where {1} had been ordered",
    LineStatus.OVERFILLED: "{0}, more than the {1} that had been ordered",
}


def _shares(signed: Fraction) -> str:
    """Signed shares in words.

    Examples
    --------
    >>> _shares(Fraction("-1250.50"))
    '1,250.5 sold'
    """
    digits = f"{float(abs(signed)):,.6f}".rstrip("0").rstrip(".")
    return f"{digits} {'sold' if signed < 0 else 'bought'}"


def _exact(number: float) -> Fraction:
    """The decimal number as a person would write it, without an error."""
    return Fraction(repr(float(number)))


def _usd(exact: Fraction) -> float:
    """Rounded to cents by the rule of `units.to_cents`, half to even."""
    return from_cents(round(exact * 100))
