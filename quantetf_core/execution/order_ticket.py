"""The orders of one decision with what they must say of themselves, and a file of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from quantetf_core.execution.fills import OrderedLine

NOT_COMMITTED = "not committed"
"""State of a plan that nobody has confirmed."""

REST = "rest of a partly filled decision"
"""State of orders that are what the fills recorded so far have left."""

_TAG_DIGITS = 16  # of the plan id's 64: enough that no two plans share them


class Layout(StrEnum):
    """How an order file is laid out."""

    CSV = "csv"
    IBKR = "ibkr"
    JSON = "json"

    @property
    def label(self) -> str:
        """The words a PM reads."""
        return {"csv": "CSV", "ibkr": "IBKR basket", "json": "JSON"}[self]


class TimeInForce(StrEnum):
    """How long an order stands."""

    DAY = "DAY"
    GTC = "GTC"
    OPG = "OPG"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTicket:
    """The orders of one decision, and what they must say of themselves.

    Parameters
    ----------
    plan_id
        SHA-256 of the plan, in hexadecimal.
    portfolio
        Its name.
    as_of
        Session whose closes the orders were sized on.
    simulated
        Whether those closes are simulated, so that the orders are none for a real broker.
    orders
        One line per ticker.
    commit_id
        The commit that records the decision; None for a plan that nobody has confirmed.
    state
        How far the decision is, in words: ``committed``, ``sent to the broker`` …
    """

    plan_id: str
    portfolio: str
    as_of: date
    simulated: bool
    orders: tuple[OrderedLine, ...]
    commit_id: str | None = None
    state: str = NOT_COMMITTED

    @property
    def tag(self) -> str:
        """The plan id as IBKR's BasketTag, which its trade report shows as the order reference.

        IBKR asks for "any unique string of alpha or numeric characters" and states no length, so
        the tag is short and has no other signs: ``QE``, then ``SIM`` on simulated prices and
        ``DRAFT`` when the plan is not committed, then the first 16 hexadecimal digits of the plan
        id. The letters also keep a spreadsheet from reading an id such as ``12e5`` as a number.

        Source: IBKR, TWS User Guide, "Basket Fields".
        """
        draft = "" if self.commit_id else "DRAFT"
        return f"QE{'SIM' if self.simulated else ''}{draft}{self.plan_id[:_TAG_DIGITS]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFile:
    """A file to hand on: its name, its media type, its bytes, and the orders it was made of."""

    name: str
    media_type: str
    content: bytes
    ticket: OrderTicket
