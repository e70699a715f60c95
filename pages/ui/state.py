"""What one user is looking at: with its siblings `state_…` and `entry` the only modules that touch
``st.session_state``.

Two kinds of facts live here. Widgets own their values under the keys of `Key` (the sidebar's
survive page switches by themselves; a page's widgets ask for ``persist_state="session"``).
Everything else is one frozen record, replaced as a whole, so an interrupted script never leaves
half of a change. Setters are for callbacks and for code that runs before the widgets of a run.

Widget values come from a browser and are checked when read: a value of the wrong kind is treated
as not given.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import streamlit as st

_HALF_A_CENT = 0.005


class Key(StrEnum):
    """Keys of the widgets whose values others read; the what-if's are counted: `seed_what_if`."""

    PORTFOLIO = "portfolio"
    AS_OF = "as_of"
    WHAT_IF_SLIDER = "what_if_slider"
    WHAT_IF_BOX = "what_if_box"
    FLOW = "flow"
    APPROVER = "approver"


class Flow(StrEnum):
    """What a portfolio value different from the book's means; never a third thing."""

    WHAT_IF = "what_if"  # a sandbox: nothing can be confirmed
    CASH_FLOW = "cash_flow"  # a declared deposit or withdrawal


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The plan the user has in front of her, and the token its confirmation will carry."""

    plan_id: str
    parent: str | None
    token: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The last commit this session made."""

    portfolio: str
    commit_id: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """One life of a what-if widget: its key, the value it begins with, and its number."""

    key: str
    first: float
    turn: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered of a session beside its widgets' values."""

    what_if: float | None = None
    reviewed: Reviewed | None = None
    pending: Reviewed | None = None
    receipt: Receipt | None = None
    selected: tuple[str, ...] = ()
    message: str = ""
    refusal: str = ""
    attempted: bool = False
    recorded: int = 0
    drawn: tuple[tuple[Key, Drawn], ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """Everything the pages may ask of the session, at one moment.

    Parameters
    ----------
    portfolio
        Name chosen in the sidebar; ``None`` before the first choice.
    as_of
        Session chosen; ``None`` means the latest.
    what_if
        USD of portfolio value being tried; ``None`` means the book's own value.
    flow
        Sandbox or declared cash flow.
    reviewed
        The plan on the screen.
    pending
        The plan whose commit was started and whose outcome was not yet shown.
    receipt
        The last commit made in this session.
    approver
        Name typed for approvals, kept for the session; stripped, may be empty.
    refusal
        Why the last commit of this session was refused; empty when it was not.
    attempted
        Whether a confirmation was tried with an incomplete form.
    """

    portfolio: str | None
    as_of: date | None
    what_if: float | None
    flow: Flow
    reviewed: Reviewed | None
    pending: Reviewed | None
    receipt: Receipt | None
    approver: str
    refusal: str = ""
    attempted: bool = False


def view() -> View:
    """Read the session once."""
    now = kept()
    portfolio = st.session_state.get(Key.PORTFOLIO)
    return View(
        portfolio=portfolio if isinstance(portfolio, str) and portfolio else None,
        as_of=_as_date(st.session_state.get(Key.AS_OF)),
        what_if=now.what_if,
        flow=_as_flow(st.session_state.get(Key.FLOW)),
        reviewed=now.reviewed,
        pending=now.pending,
        receipt=now.receipt,
        approver=str(st.session_state.get(Key.APPROVER) or "").strip(),
        refusal=now.refusal,
        attempted=now.attempted,
    )


# --- portfolio and date ---------------------------------------------------------------------


def portfolio_changed() -> None:
    """Forget what belonged to the former portfolio; the sidebar's callback.

    A commit that was started stays watched: its outcome must still be told.
    """
    st.session_state[Key.AS_OF] = None  # popped, the browser would keep its own
    keep(receipt=None, selected=(), message="", refusal="")
    as_of_changed()


def as_of_changed() -> None:
    """Forget the plan and the what-if of the former date; the sidebar's callback."""
    keep(reviewed=None)
    reset_what_if()


# --- what-if --------------------------------------------------------------------------------


def seed_what_if(book_value: float, *, low: float, high: float) -> tuple[Drawn, Drawn]:
    """How to draw slider and number box, so that both show the value being tried.

    A widget that should show another value than its own gets a new key, and with it a new life.
    Setting its value would be a race: keys pressed faster than the page repaints reach the server
    with the value the other widget had before, which would then count as a change by the user.

    Parameters
    ----------
    book_value
        USD the book is worth; trying exactly that is trying nothing.
    low, high
        Ends of the slider; the box may go beyond them, and the slider then stands at its end.
    """
    if kept().what_if == book_value:
        keep(what_if=None)
    tried = kept().what_if
    value = book_value if tried is None else tried
    slider = _drawn(Key.WHAT_IF_SLIDER, min(max(value, low), high))
    return slider, _drawn(Key.WHAT_IF_BOX, value)


def adopt_what_if(key: str) -> None:
    """Take the value of the slider or of the box drawn under a key; their callback.

    A widget that has had its time may still call, with a value from before; it is not heard.
    """
    if key in {drawn.key for _, drawn in kept().drawn}:
        set_what_if(st.session_state.get(key))


def _drawn(widget: Key, value: float) -> Drawn:
    """The widget as it is, or with a new life when it shows something else."""
    all_drawn = dict(kept().drawn)
    drawn = all_drawn.get(widget)
    if drawn is not None:
        shown = st.session_state.get(drawn.key, drawn.first)
        if abs(shown - value) < _HALF_A_CENT:
            return drawn
    turn = 0 if drawn is None else drawn.turn + 1
    all_drawn[widget] = Drawn(f"{widget}_{turn}", value, turn)
    keep(drawn=tuple(all_drawn.items()))
    return all_drawn[widget]


def set_what_if(value: object) -> None:
    """Try a portfolio value in USD; anything but a positive finite number is ignored."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if math.isfinite(value) and round(value, 2) > 0:
        keep(what_if=round(float(value), 2))  # cents: a slider's sums end in ...0001


def reset_what_if() -> None:
    """Go back to the book's own value, as a sandbox; a callback."""
    keep(what_if=None)
    if Key.FLOW in st.session_state:
        st.session_state[Key.FLOW] = Flow.WHAT_IF  # popped, the browser would keep its own


# --- the commit -----------------------------------------------------------------------------


def show_plan(plan_id: str, parent: str | None) -> Reviewed:
    """Remember the plan being shown; the same plan keeps its token, another gets a new one."""
    reviewed = kept().reviewed
    if reviewed is None or (reviewed.plan_id, reviewed.parent) != (plan_id, parent):
        reviewed = Reviewed(plan_id, parent, secrets.token_hex(16))
        keep(reviewed=reviewed)
    return reviewed


def begin_commit() -> Reviewed | None:
    """Mark the plan on the screen as being committed; a second click gets the same one.

    ``None`` when no plan is on the screen.
    """
    now = kept()
    if now.pending is not None:
        return now.pending
    keep(pending=now.reviewed, receipt=None, refusal="", attempted=False)
    return now.reviewed


def end_commit(receipt: Receipt | None) -> None:
    """Close the commit that was watched: with its receipt, or ``None`` when it was refused.

    The token is spent either way, so that a corrected attempt is a new job.
    """
    keep(pending=None, reviewed=None, receipt=receipt)
    if receipt is not None:
        keep(recorded=kept().recorded + 1)
        reset_what_if()


def attempt_incomplete() -> None:
    """Remember that a confirmation was tried too early, so that the form says what it lacks."""
    keep(attempted=True)


def refuse(text: str) -> None:
    """Keep why a commit was refused, until the next one begins or it is put away."""
    keep(refusal=text)


def dismiss_refusal() -> None:
    """Put the refusal away; a callback."""
    keep(refusal="")


def dismiss_receipt() -> None:
    """Put the receipt away; a callback."""
    keep(receipt=None)


def kept() -> Kept:
    """The record of this session, for the state modules."""
    found = st.session_state.get("_desk")
    return found if isinstance(found, Kept) else Kept()


def keep(**changes: Any) -> None:
    """Replace parts of the record, as a whole; for the state modules."""
    st.session_state["_desk"] = replace(kept(), **changes)


def _as_date(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _as_flow(value: object) -> Flow:
    return Flow.CASH_FLOW if value == Flow.CASH_FLOW else Flow.WHAT_IF
