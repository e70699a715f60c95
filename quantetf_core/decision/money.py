"""How much a plan is sized on, and where a difference from the book's value comes from."""

from __future__ import annotations

from dataclasses import dataclass

from quantetf_core.data.market import MarketData
from quantetf_core.decision.result import Situation
from quantetf_core.errors import InvalidValueError
from quantetf_core.portfolio import book_value
from quantetf_core.units import DEFAULT_PORTFOLIO_VALUE, from_cents, is_finite_number, to_cents


@dataclass(frozen=True, slots=True)
class Money:
    """Cash before and the flow that enters the cash identity; both exact cents, USD."""

    cash: float
    flow: float
    what_if: bool


def money_for(known: MarketData, situation: Situation) -> Money:
    """The three ways a value may differ from the book's: first funding, declared, what-if.

    Raises
    ------
    InvalidValueError
        When a value or a flow is not a finite number, or the two contradict each other.
    """
    holdings, value, flow = situation.holdings, situation.portfolio_value, situation.cash_flow
    _check_usd("portfolio_value", value)
    _check_usd("cash_flow", flow)
    if holdings is None:
        return _first_funding(value, flow)
    book = book_value(holdings, known, situation.as_of)
    if flow is not None:
        if value is not None and to_cents(value) != to_cents(book + flow):
            raise InvalidValueError(
                "portfolio_value",
                value,
                f"the book's {book:,.2f} USD plus the cash flow {flow:,.2f}",
            )
        return Money(holdings.cash, from_cents(to_cents(flow)), what_if=False)
    difference = 0 if value is None else to_cents(value) - to_cents(book)
    return Money(holdings.cash, from_cents(difference), what_if=difference != 0)


def _check_usd(name: str, given: object) -> None:
    if given is not None and not is_finite_number(given):
        raise InvalidValueError(name, given, "a finite number of USD")


def _first_funding(value: float | None, flow: float | None) -> Money:
    if value is not None and flow is not None and to_cents(value) != to_cents(flow):
        raise InvalidValueError(
            "cash_flow", flow, f"the portfolio value {value:,.2f} USD: there is no book yet"
        )
    start = next((x for x in (value, flow) if x is not None), DEFAULT_PORTFOLIO_VALUE)
    return Money(0.0, from_cents(to_cents(start)), what_if=False)
