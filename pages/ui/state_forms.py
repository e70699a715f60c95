"""Fields of the forms that confirm something: their keys, and what was typed in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import state
from quantetf_core.findings import Finding


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


def codes_of(warnings: Sequence[Finding]) -> list[str]:
    """Codes of warnings, each once, sorted: one note is asked for each."""
    return sorted({warning.code for warning in warnings})


def missing(notes_by_code: Mapping[str, str]) -> str:
    """What a confirmation still lacks, as a sentence; empty when it is complete.

    ``notes_by_code`` holds what was typed to each warning.
    """
    lacking = [] if state.view().approver else ["your name"]
    unsaid = [code for code, said in notes_by_code.items() if not said]
    lacking += [f"a note on “{code.replace('_', ' ')}”" for code in unsaid]
    return f"Still missing: {', '.join(lacking)}." if lacking else ""
