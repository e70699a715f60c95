"""Where in the history the link leads: the list, a record, or two records side by side.

The place is in the address (``?id=20231229``, two ids for two records: ``?id=20231130,20231229``),
so that it can be sent to somebody and the browser's back button works. It is one parameter because
every change of a parameter is a step of that button. What an address says is looked up, never
trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui import state_history

_ID, _AND = "id", ","


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; empty ids for the list."""

    commit_id: str
    other: str


def asked() -> Asked:
    """Read the address."""
    first, _, second = str(st.query_params.get(_ID, "")).partition(_AND)
    return Asked(first.strip(), second.strip())


def open_list() -> None:
    """Go back to the list; a callback."""
    if _ID in st.query_params:
        del st.query_params[_ID]


def open_record(commit_id: str) -> None:
    """Go to a record; a callback."""
    st.query_params[_ID] = commit_id


def open_comparison(first: str, second: str) -> None:
    """Go to two records side by side; a callback."""
    st.query_params[_ID] = f"{first}{_AND}{second}"


def open_clicked(shown: Sequence[str]) -> None:
    """Go to the record whose button was clicked; the callback of the list's first column."""
    commit_id = state_history.clicked(shown)
    if commit_id is not None:
        open_record(commit_id)


def open_chosen(shown: Sequence[str]) -> None:
    """Go to the two chosen records, the older on the left; a callback."""
    chosen = state_history.selected_among(shown)
    if len(chosen) == 2:
        open_comparison(chosen[1], chosen[0])
