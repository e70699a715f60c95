"""Columns of ``st.dataframe``: one builder per kind of value, so every table reads the same.

Numbers are right-aligned with tabular digits, units stand in the header, the ticker is pinned.
The frame keeps raw numbers (fractions, USD, share counts), so sorting and exports are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.format import MISSING

Column = Any  # streamlit.column_config's own type is private
Width = Literal["small", "medium", "large"] | int


def ticker(label: str = "Ticker") -> Column:
    """The ticker: first, and still in view when the table scrolls sideways."""
    return st.column_config.TextColumn(label, pinned=True, width="small")


def text(label: str, *, width: Width | None = None, help: str | None = None) -> Column:
    """Words: names, reasons, actions. Cells are literal text, never Markdown."""
    return st.column_config.TextColumn(label, width=width, help=help)


def money(label: str, *, cents: bool = False, help: str | None = None) -> Column:
    """USD, whole or to the cent; the values are dollars."""
    return _number(label, "$%,.2f" if cents else "$%,.0f", help)


def price(label: str = "Price", *, help: str | None = None) -> Column:
    """USD per share."""
    return _number(label, "$%,.2f", help)


def weight(label: str, *, help: str | None = None) -> Column:
    """A fraction shown as per cent with two decimals; the values are fractions."""
    column = st.column_config.NumberColumn
    return column(label, format="percent", step=0.0001, alignment="right", help=help)


def basis_points(label: str, *, help: str | None = None) -> Column:
    """Signed whole basis points; the values are basis points and the header says so."""
    return _number(f"{label} (bps)", "%+,.0f", help)


def shares(
    label: str, *, fractional: bool = False, signed: bool = False, help: str | None = None
) -> Column:
    """Share counts; signed for differences."""
    sign = "+" if signed else ""
    return _number(label, f"%{sign},.4f" if fractional else f"%{sign},.0f", help)


def number(label: str, *, places: int = 2, signed: bool = False, help: str | None = None) -> Column:
    """Plain numbers: scores, index points, ratios."""
    return _number(label, f"%{'+' if signed else ''},.{places}f", help)


def day(label: str = "Date", *, help: str | None = None) -> Column:
    """A date, day before month in letters, so that nobody has to guess."""
    return st.column_config.DateColumn(label, format="DD MMM YYYY", help=help)


def moment(label: str = "Time (UTC)", *, help: str | None = None) -> Column:
    """A time in UTC, to the minute."""
    column = st.column_config.DatetimeColumn
    return column(label, format="DD MMM YYYY, HH:mm", timezone="UTC", help=help)


def show(
    frame: pd.DataFrame, columns: Mapping[str, Column], *, alt: str, key: str, **options: Any
) -> Any:
    """Draw the listed columns of ``frame``, in that order, and nothing else of it.

    Parameters
    ----------
    frame
        One row a line; its index is not shown.
    columns
        Column of the frame → builder of this module.
    alt
        What the table says, for readers who cannot see it.
    key
        Names the container ``st-key-<key>``, so that tests and links find it, and the widget
        when ``options`` ask for a selection.
    **options
        Passed to ``st.dataframe``: ``height``, ``on_select``, ``selection_mode`` …
    """
    if "on_select" in options:
        options["key"] = f"{key}_rows"
    with st.container(key=key):
        return st.dataframe(
            frame,
            hide_index=True,
            column_order=list(columns),
            column_config=dict(columns),
            placeholder=MISSING,
            alt=alt,
            **options,
        )


_JOINER = "\u2060"  # WORD JOINER: drawn as nothing


def inert(words: pd.Series[str]) -> pd.Series[str]:
    """Foreign text that a spreadsheet does not run when the table is downloaded from its toolbar.

    A cell that begins like a formula gets an invisible first character.
    """
    formula = words.str.match(r"^['\s]*[=+\-@]").astype(bool)
    return words.where(~formula, _JOINER + words)


def fill(
    slot: DeltaGenerator,
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    alt: str,
    **options: Any,
) -> None:
    """Draw as `show`, in a place laid out before; for what is drawn again and again.

    Parameters
    ----------
    slot
        An ``st.empty()``.
    """
    slot.dataframe(
        frame,
        hide_index=True,
        column_order=list(columns),
        column_config=dict(columns),
        placeholder=MISSING,
        alt=alt,
        **options,
    )


def _number(label: str, pattern: str, help: str | None) -> Column:
    column = st.column_config.NumberColumn
    return column(label, format=pattern, alignment="right", help=help)
