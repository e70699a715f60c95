"""Fields of the forms that confirm something: their keys, and what was typed in them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import state


def form_key(name: str) -> str:
    """Key of a field of a form: another one in each portfolio and after each commit.

    So no field shows what was meant for another book.
    """
    return f"entry_{state.view().portfolio}_{name}_{state.kept().recorded}"


def entry_notes(codes: Sequence[str]) -> dict[str, str]:
    """What was typed to each warning on an entry; stripped, may be empty."""
    return {c: str(st.session_state.get(form_key(f"note_{c}")) or "").strip() for c in codes}


def note_key(code: str) -> str:
    """Key of the note on a warning; of the free note for an empty code."""
    return f"note_{code}"


def notes(codes: Sequence[str]) -> dict[str, str]:
    """What was typed to each warning; stripped, may be empty."""
    return {c: str(st.session_state.get(note_key(c)) or "").strip() for c in codes}
