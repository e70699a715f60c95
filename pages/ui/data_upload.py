"""A file dropped on the page: how it is understood, and putting it in its place once confirmed."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import streamlit as st

from pages.ui import fetches, format, show, state_data, tables
from quantetf_core import desk
from quantetf_core.desk import Place, Target

_WHAT = {
    Place.PRICES: "Prices: replaces {path}",
    Place.FOLDER: "Prices: a file of the folder {path}",
    Place.VIX: "VIX: replaces {path}",
}
_LARGEST = 200  # MB; 400 ETFs over 20 years as CSV have 150
_LAYOUTS = (
    "CSV or Parquet: a table with date, ticker, close (and, if you have them, open, high, low, "
    "adj_close, volume); or a CSV of one ticker as Yahoo or Stooq give it; for the VIX a date and "
    "a close column."
)


def render(portfolio: desk.Portfolio, *, now: datetime) -> None:
    """Upload, preview, confirm; nothing for a portfolio that reads no files."""
    targets = desk.upload_targets(portfolio)
    if not targets:
        return
    st.header("Add or replace a file", anchor="upload")
    target = st.selectbox(
        "What the file is",
        targets,
        format_func=lambda one: _WHAT[one.place].format(path=one.path),
        key="upload_target",
    )
    uploaded = st.file_uploader(
        "Drop a file here",
        type=["csv", "txt", "parquet"],
        max_upload_size=_LARGEST,
        key=state_data.upload_key(),
    )
    show.caption(_LAYOUTS)
    if uploaded is None or target is None:
        return
    with show.error_boundary(remedy=False, title="This file cannot be used"):
        _preview(portfolio, uploaded.getvalue(), uploaded.name, target, now)


def _preview(
    portfolio: desk.Portfolio, content: bytes, name: str, target: Target, now: datetime
) -> None:
    read = desk.understand(portfolio, content, name=name, target=target)
    verb = "replace" if read.replaces else "become"
    tickers = format.count(len(read.table), "series" if target.place is Place.VIX else "ticker")
    show.line(f"{name} was understood as {tickers}. It would {verb} {read.file}.")
    st.space("small")
    tables.show(
        read.table,
        {
            "ticker": tables.ticker(),
            "first": tables.day("From"),
            "last": tables.day("To"),
            "rows": tables.number("Closes", places=0),
            "last_close": tables.number("Last close"),
            "adjusted": st.column_config.CheckboxColumn("Adjusted closes"),
        },
        alt=f"What {name} holds, by ticker",
        key="understood",
    )
    show.findings_list(read.findings, none="Nothing odd was noticed while reading it.")
    show.caption(
        "Nothing is stored yet. On confirming, the data as it is now is kept as a snapshot first."
    )
    st.button(
        "Put it in place",
        type="primary",
        icon=":material/save:",
        key="store_upload",
        on_click=_store,
        args=(portfolio, read, now),
    )


def _store(portfolio: desk.Portfolio, read: desk.Understood, now: datetime) -> None:
    """Hand the file to the worker, and clear the form; the button's callback."""
    fetches.begin(portfolio, partial(_stored, portfolio, read, now))
    state_data.upload_done()
    st.toast("Being put in place; the top of the page says what came of it.")


def _stored(
    portfolio: desk.Portfolio, read: desk.Understood, now: datetime, fetch: fetches.Fetch
) -> desk.Refreshed:
    fetch.said = f"storing {read.file}"
    return desk.store_upload(portfolio, read, now=now)
