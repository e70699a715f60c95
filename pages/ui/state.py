"""What one user is looking at: the only file that touches ``st.session_state`` (with `entry`).

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
from collections.abc import Sequence
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
class _Kept:
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
    selected
        Commit ids chosen in the history, in the order shown.
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
    selected: tuple[str, ...]
    approver: str
    refusal: str = ""
    attempted: bool = False


def view() -> View:
    """Read the session once."""
    kept = _kept()
    portfolio = st.session_state.get(Key.PORTFOLIO)
    return View(
        portfolio=portfolio if isinstance(portfolio, str) and portfolio else None,
        as_of=_as_date(st.session_state.get(Key.AS_OF)),
        what_if=kept.what_if,
        flow=_as_flow(st.session_state.get(Key.FLOW)),
        reviewed=kept.reviewed,
        pending=kept.pending,
        receipt=kept.receipt,
        selected=kept.selected,
        approver=str(st.session_state.get(Key.APPROVER) or "").strip(),
        refusal=kept.refusal,
        attempted=kept.attempted,
    )


# --- portfolio and date ---------------------------------------------------------------------


def choose_portfolio(name: str) -> None:
    """Look at another portfolio; everything about the former one is forgotten."""
    st.session_state[Key.PORTFOLIO] = name
    portfolio_changed()


def choose_as_of(session: date | None) -> None:
    """Look at another session; ``None`` means the latest."""
    st.session_state[Key.AS_OF] = session
    as_of_changed()


def portfolio_changed() -> None:
    """Forget what belonged to the former portfolio; the sidebar's callback.

    A commit that was started stays watched: its outcome must still be told.
    """
    st.session_state[Key.AS_OF] = None  # popped, the browser would keep its own
    _keep(receipt=None, selected=(), message="", refusal="")
    as_of_changed()


def as_of_changed() -> None:
    """Forget the plan and the what-if of the former date; the sidebar's callback."""
    _keep(reviewed=None)
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
    if _kept().what_if == book_value:
        _keep(what_if=None)
    tried = _kept().what_if
    value = book_value if tried is None else tried
    slider = _drawn(Key.WHAT_IF_SLIDER, min(max(value, low), high))
    return slider, _drawn(Key.WHAT_IF_BOX, value)


def adopt_what_if(key: str) -> None:
    """Take the value of the slider or of the box drawn under a key; their callback.

    A widget that has had its time may still call, with a value from before; it is not heard.
    """
    if key in {drawn.key for _, drawn in _kept().drawn}:
        set_what_if(st.session_state.get(key))


def _drawn(widget: Key, value: float) -> Drawn:
    """The widget as it is, or with a new life when it shows something else."""
    all_drawn = dict(_kept().drawn)
    drawn = all_drawn.get(widget)
    if drawn is not None:
        shown = st.session_state.get(drawn.key, drawn.first)
        if abs(shown - value) < _HALF_A_CENT:
            return drawn
    turn = 0 if drawn is None else drawn.turn + 1
    all_drawn[widget] = Drawn(f"{widget}_{turn}", value, turn)
    _keep(drawn=tuple(all_drawn.items()))
    return all_drawn[widget]


def set_what_if(value: object) -> None:
    """Try a portfolio value in USD; anything but a positive finite number is ignored."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if math.isfinite(value) and round(value, 2) > 0:
        _keep(what_if=round(float(value), 2))  # cents: a slider's sums end in ...0001


def reset_what_if() -> None:
    """Go back to the book's own value, as a sandbox; a callback."""
    _keep(what_if=None)
    if Key.FLOW in st.session_state:
        st.session_state[Key.FLOW] = Flow.WHAT_IF  # popped, the browser would keep its own


# --- the commit -----------------------------------------------------------------------------


def show_plan(plan_id: str, parent: str | None) -> Reviewed:
    """Remember the plan being shown; the same plan keeps its token, another gets a new one."""
    reviewed = _kept().reviewed
    if reviewed is None or (reviewed.plan_id, reviewed.parent) != (plan_id, parent):
        reviewed = Reviewed(plan_id, parent, secrets.token_hex(16))
        _keep(reviewed=reviewed)
    return reviewed


def begin_commit() -> Reviewed | None:
    """Mark the plan on the screen as being committed; a second click gets the same one.

    ``None`` when no plan is on the screen.
    """
    kept = _kept()
    if kept.pending is not None:
        return kept.pending
    _keep(pending=kept.reviewed, receipt=None, refusal="", attempted=False)
    return kept.reviewed


def end_commit(receipt: Receipt | None) -> None:
    """Close the commit that was watched: with its receipt, or ``None`` when it was refused.

    The token is spent either way, so that a corrected attempt is a new job.
    """
    _keep(pending=None, reviewed=None, receipt=receipt)
    if receipt is not None:
        _keep(recorded=_kept().recorded + 1)
        reset_what_if()


def form_key(name: str) -> str:
    """Key of a field of a form: another one in each portfolio and after each commit.

    So no field shows what was meant for another book.
    """
    return f"entry_{view().portfolio}_{name}_{_kept().recorded}"


def entry_notes(codes: Sequence[str]) -> dict[str, str]:
    """What was typed to each warning on an entry; stripped, may be empty."""
    return {c: str(st.session_state.get(form_key(f"note_{c}")) or "").strip() for c in codes}


def note_key(code: str) -> str:
    """Key of the note on a warning; of the free note for an empty code."""
    return f"note_{code}"


def notes(codes: Sequence[str]) -> dict[str, str]:
    """What was typed to each warning; stripped, may be empty."""
    return {c: str(st.session_state.get(note_key(c)) or "").strip() for c in codes}


def attempt_incomplete() -> None:
    """Remember that a confirmation was tried too early, so that the form says what it lacks."""
    _keep(attempted=True)


def refuse(text: str) -> None:
    """Keep why a commit was refused, until the next one begins or it is put away."""
    _keep(refusal=text)


def dismiss_refusal() -> None:
    """Put the refusal away; a callback."""
    _keep(refusal="")


def dismiss_receipt() -> None:
    """Put the receipt away; a callback."""
    _keep(receipt=None)


# --- history --------------------------------------------------------------------------------


def select(ids: Sequence[str]) -> None:
    """Choose commits by id."""
    _keep(selected=tuple(dict.fromkeys(ids)))


def select_rows(table: str, shown: Sequence[str]) -> None:
    """Turn the selected rows of a table into commit ids; the table's ``on_select`` callback.

    A table keeps row *positions*; after a filter they would name other commits. ``shown`` is the
    list of ids in the order displayed when the user clicked. Positions outside it are dropped.
    """
    event: Any = st.session_state.get(table) or {}
    rows = event.get("selection", {}).get("rows", [])
    select([shown[row] for row in rows if 0 <= row < len(shown)])


def selected_among(shown: Sequence[str]) -> tuple[str, ...]:
    """Chosen ids that are among those shown, in the order shown."""
    chosen = set(_kept().selected)
    return tuple(commit_id for commit_id in shown if commit_id in chosen)


# --- a word for the next run ----------------------------------------------------------------


def leave_message(text: str) -> None:
    """Say something on the next run, after a rerun or a page switch; plain text."""
    _keep(message=text)


def take_message() -> str:
    """Return what was left to be said, once; empty when there is nothing."""
    text = _kept().message
    if text:
        _keep(message="")
    return text


def _kept() -> _Kept:
    kept = st.session_state.get("_desk")
    return kept if isinstance(kept, _Kept) else _Kept()


def _keep(**changes: Any) -> None:
    st.session_state["_desk"] = replace(_kept(), **changes)


def _as_date(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _as_flow(value: object) -> Flow:
    return Flow.CASH_FLOW if value == Flow.CASH_FLOW else Flow.WHAT_IF
