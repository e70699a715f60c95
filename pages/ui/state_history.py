"""What one user is doing in the history: filters, the row clicked, the commit being undone.

With `state` and `entry` the only place that touches ``st.session_state``; the same rules hold.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import streamlit as st

from pages.ui import state


class Filter(StrEnum):
    """Keys of the filters."""

    TEXT = "history_text"
    SINCE = "history_since"
    UNTIL = "history_until"
    REGIMES = "history_regimes"
    STRATEGIES = "history_strategies"
    APPROVERS = "history_approvers"
    KINDS = "history_kinds"
    STATES = "history_states"


OPEN = "open_commit"
"""Key of the column of buttons that open a record."""

REASON = "undo_reason"
"""Key of the reason typed for undoing a commit."""

_UNDOING = "_undoing"


@dataclass(frozen=True, slots=True)
class Undoing:
    """A commit being undone: asked for, and ``started`` once it was handed to the worker."""

    portfolio: str
    commit_id: str
    token: str
    started: bool = False


def clicked(shown: Sequence[str]) -> str | None:
    """Id of the row whose button was clicked; for the callback of the column `OPEN`."""
    click: Any = st.session_state.get(OPEN) or {}
    row = click.get("row")
    return shown[row] if isinstance(row, int) and 0 <= row < len(shown) else None


def filters_changed() -> None:
    """Forget the chosen rows, which the filter may have taken away; the filters' callback."""
    select(())


def clear_filters() -> None:
    """Show the whole history again; a callback."""
    for key in Filter:
        st.session_state.pop(key, None)
    filters_changed()


def ask_undo(portfolio: str, commit_id: str) -> None:
    """Begin to undo a commit: its dialog opens; a callback. One already started goes on."""
    former = undoing()
    if former is None or not former.started:
        st.session_state[_UNDOING] = Undoing(portfolio, commit_id, secrets.token_hex(16))
        st.session_state.pop(REASON, None)


def undoing() -> Undoing | None:
    """The commit being undone; None when there is none."""
    found = st.session_state.get(_UNDOING)
    return found if isinstance(found, Undoing) else None


def reason() -> str:
    """The reason typed for undoing a commit; stripped, may be empty."""
    return str(st.session_state.get(REASON) or "").strip()


def begin_undo() -> Undoing | None:
    """Mark the commit asked about as being undone; a second click gets the same token."""
    asked = undoing()
    if asked is not None and not asked.started:
        asked = replace(asked, started=True)
        st.session_state[_UNDOING] = asked
    return asked


def end_undo() -> None:
    """Close the undoing that was watched, whatever came of it."""
    st.session_state.pop(_UNDOING, None)


# --- history --------------------------------------------------------------------------------


def select(ids: Sequence[str]) -> None:
    """Choose commits by id."""
    state.keep(selected=tuple(dict.fromkeys(ids)))


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
    chosen = set(state.kept().selected)
    return tuple(commit_id for commit_id in shown if commit_id in chosen)


# --- a word for the next run ----------------------------------------------------------------


def leave_message(text: str) -> None:
    """Say something on the next run, after a rerun or a page switch; plain text."""
    state.keep(message=text)


def take_message() -> str:
    """Return what was left to be said, once; empty when there is nothing."""
    text = state.kept().message
    if text:
        state.keep(message="")
    return text
