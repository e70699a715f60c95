"""What one user looks at on the Data page: with `state` and `entry` the only modules that touch
``st.session_state``; the same rules hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

_CHOSEN = "_data_finding"
_UPLOAD = "_data_upload"


def choose_row(table: str, shown: Sequence[str]) -> None:
    """Turn the selected row of a table into a finding's id; the table's ``on_select`` callback.

    ``shown`` is the list of ids in the order displayed when the user clicked.
    """
    event: Any = st.session_state.get(table) or {}
    rows = event.get("selection", {}).get("rows", [])
    chosen = [shown[row] for row in rows if 0 <= row < len(shown)]
    st.session_state[_CHOSEN] = chosen[0] if chosen else ""


def chosen() -> str:
    """The id of the finding looked at; empty for none."""
    return str(st.session_state.get(_CHOSEN) or "")


def note_key(finding_id: str) -> str:
    """Key of the note on accepting a finding."""
    return f"accept_note_{finding_id}"


def note(finding_id: str) -> str:
    """What was typed as the note; stripped, may be empty."""
    return str(st.session_state.get(note_key(finding_id)) or "").strip()


def upload_key() -> str:
    """Key of the field for a file: a new one, and so an empty field, after each file stored."""
    return f"{_UPLOAD}_{int(st.session_state.get(_UPLOAD) or 0)}"


def upload_done() -> None:
    """Empty the field for a file; for a callback."""
    st.session_state[_UPLOAD] = int(st.session_state.get(_UPLOAD) or 0) + 1
