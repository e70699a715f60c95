"""Which column of a fills file is which: recognised by name, or said by whoever imports it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from pages.ui import format, show, state_forms
from quantetf_core import desk
from quantetf_core.encoding import sha256

_ABSENT, _CHOOSE = "Not in this file", "Choose a column"
_NEEDED = (desk.FillsColumn.TICKER, desk.FillsColumn.SHARES, desk.FillsColumn.PRICE)
_ABOUT = (
    "What each column was taken for. Change what is wrong; nothing else of the file is used than "
    "what is named here, and a column with an order number, currency, status or amount where the "
    "file has one."
)


def ask(layout: desk.FillsLayout) -> Mapping[str, str] | None:
    """Draw the mapping, open when a column that is needed was not recognised.

    Returns
    -------
    Mapping or None
        Name of the column → header, empty for none; None while one that is needed is missing.
    """
    about = sha256("\n".join(layout.headers).encode())[:8]  # kept for files with these columns
    with st.expander(
        "Columns of the file",
        expanded=bool(layout.missing),
        icon=":material/view_column:",
        key=f"columns_{about}",
    ):
        asked = st.empty()
        show.caption(_ABOUT)
        chosen = _boxes(layout, about)
        lacking = [column.label.lower() for column in _NEEDED if not chosen[column]]
        if lacking:
            said = f"Say which column is which to go on: {', '.join(lacking)}."
            asked.warning(format.md_escape(said), icon=":material/help:")
    return None if lacking else chosen


def _boxes(layout: desk.FillsLayout, about: str) -> dict[str, str]:
    chosen = {}
    with st.grid(4, min_column_width=200, key=f"mapping_{about}"):
        for column in desk.FILLS_TO_MAP:
            guess = layout.guess.get(column, "")
            options = ["", *layout.headers]
            chosen[str(column)] = st.selectbox(
                column.label,
                options,
                index=options.index(guess),
                format_func=partial(_said, layout, column),
                key=state_forms.form_key(f"column_{column}_{about}"),
            )
    return chosen


def _said(layout: desk.FillsLayout, column: desk.FillsColumn, header: str) -> str:
    if not header:
        return _CHOOSE if column in _NEEDED else _ABSENT
    example = layout.examples.get(header, "")
    name = format.plain_text(header, limit=40)
    return f"{name} (e.g. {format.plain_text(example, limit=24)})" if example else name
