"""The list of all commits: filters, table, chart, and what is wrong in the folder."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pages.ui import (
    format,
    history_check,
    history_link,
    history_words,
    show,
    state_history,
    tables,
)
from pages.ui.loaders import Past
from pages.ui.state_history import Filter
from quantetf_core import desk
from quantetf_core.charts import history as charts
from quantetf_core.desk import Wanted
from quantetf_core.encoding import sha256

_EARLIEST, _LATEST = date(1970, 1, 1), date(2100, 12, 31)
_HEIGHT = 430  # px: a dozen rows; more scroll inside the table


def render(portfolio: desk.Portfolio, past: Past) -> None:
    """Draw the page of all commits."""
    st.title("History", anchor=False)
    history_check.folder_findings(past.history)
    if past.table.empty:
        _nothing_yet(portfolio)
        return
    _summary(past.table)
    shown = desk.matching(past.table, _filters(past.table))
    _table(shown, total=len(past.table), stamp=past.stamp)
    st.header("Through time", anchor=False)
    show.chart(
        charts.through_time_figure(shown), alt=charts.through_time_alt(shown), key="through_time"
    )
    history_check.whole_history(portfolio)


def _nothing_yet(portfolio: desk.Portfolio) -> None:
    show.empty_state(
        "Nothing has been committed yet",
        "Every rebalance you confirm, and every import, deposit or correction, will be listed "
        "here for ever: what was decided, why, by whom and on which prices. Nothing in it can be "
        "edited afterwards.",
    )
    st.page_link(
        "pages/review.py",
        label="Go to Review to confirm the first rebalance",
        icon=":material/fact_check:",
        query_params={"portfolio": portfolio.name},
    )


def _summary(table: pd.DataFrame) -> None:
    first, last = table["as_of"].min(), table["as_of"].max()
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if bool(table["simulated"].any()):
            show.badge("Simulated prices", colour="orange", icon=":material/science:")
        commits = format.count(len(table), "commit")
        days = [format.day(day, weekday=False) for day in (first, last)]
        span = f"session {days[0]}" if first == last else f"sessions {days[0]} to {days[1]}"
        show.caption(f"{commits}, {span}, newest first.")


def _filters(table: pd.DataFrame) -> Wanted:
    """The filters, kept while records are read.

    They are not part of the address: one that comes and goes with its widget would be a step of
    the browser's back button that leads nowhere.
    """
    kept: dict[str, Any] = {
        "on_change": state_history.filters_changed,
        "persist_state": "session",
    }
    with st.grid(4, min_column_width=160, key="filters"):
        text = st.text_input(
            "Search",
            key=Filter.TEXT,
            live=True,
            type="search",
            icon=":material/search:",
            placeholder="note, name, strategy, id …",
            max_chars=100,
            **kept,
        )
        since = _day("From session", Filter.SINCE, kept)
        until = _day("To session", Filter.UNTIL, kept)
        chosen = {
            column: st.multiselect(
                label,
                desk.offered(table, column),
                format_func=words,
                key=key,
                placeholder="Any",
                **kept,
            )
            for column, label, key, words in (
                ("regime", "Regime", Filter.REGIMES, format.regime),
                ("strategy", "Strategy", Filter.STRATEGIES, str),
                ("approver", "Approver", Filter.APPROVERS, str),
                ("kind", "Kind", Filter.KINDS, history_words.kind),
                ("state", "State of orders", Filter.STATES, history_words.state),
            )
        }
    return Wanted(
        since=since,
        until=until,
        regimes=tuple(chosen["regime"]),
        strategies=tuple(chosen["strategy"]),
        approvers=tuple(chosen["approver"]),
        kinds=tuple(chosen["kind"]),
        states=tuple(chosen["state"]),
        text=text or "",
    )


def _day(label: str, key: Filter, kept: dict[str, Any]) -> date | None:
    found = st.date_input(
        label,
        value=None,
        min_value=_EARLIEST,
        max_value=_LATEST,
        format="YYYY-MM-DD",
        key=key,
        **kept,
    )
    return found if isinstance(found, date) else None


def _table(shown: pd.DataFrame, *, total: int, stamp: str) -> None:
    ids = tuple(shown["id"])
    _bar(ids, total)
    if not ids:
        show.empty_state(
            "No commit matches", "Ask for less, or clear the filters to see the whole history."
        )
        return
    # A table remembers positions, so another set of rows must be another table.
    st.space("small")  # on a phone the table's tools lie on what is above it
    name = sha256("\n".join((stamp, *ids)).encode())[:12]
    with st.container(key="commits"):
        tables.show(
            _displayed(shown),
            _columns(ids),
            alt=f"{format.count(len(ids), 'commit')}, newest first",
            key=f"commits_{name}",
            height=_HEIGHT if len(ids) > 11 else "auto",
            on_select=partial(state_history.select_rows, f"commits_{name}_rows", ids),
            selection_mode="multi-row",
        )


def _bar(ids: tuple[str, ...], total: int) -> None:
    """How many are shown, and what can be done with the rows ticked."""
    chosen = state_history.selected_among(ids)
    with st.container(horizontal=True, vertical_alignment="center", key="commits_bar"):
        count = format.count(total, "commit")
        show.caption(
            f"{format.number(len(ids))} of {count} shown."
            if len(ids) < total
            else "A record’s button opens it; two ticked rows can be compared."
        )
        two = len(chosen) == 2
        st.button(
            f"Compare {chosen[1]} with {chosen[0]}" if two else "Compare two",
            icon=":material/compare_arrows:",
            disabled=not two,
            help=None if two else "Tick two rows of the table to see them side by side.",
            on_click=history_link.open_chosen,
            args=(ids,),
            key="compare_chosen",
        )
        if len(ids) < total:
            st.button(
                "Clear filters",
                icon=":material/filter_alt_off:",
                on_click=state_history.clear_filters,
                key="clear_filters",
            )


def _displayed(shown: pd.DataFrame) -> pd.DataFrame:
    rebalance = shown["kind"] == "rebalance"
    return shown.assign(
        num_trades=shown["num_trades"].where(rebalance),
        kind=shown["kind"].map(history_words.kind),
        state=shown["state"].map(history_words.state),
        regime=shown["regime"].map(format.regime),
        strategy=tables.inert(shown["strategy"]),
        approver=tables.inert(shown["approver"]),
        note=tables.inert(shown["note"]),
    ).drop(columns=["text", "simulated"])


def _columns(ids: tuple[str, ...]) -> dict[str, tables.Column]:
    return {
        "id": st.column_config.ButtonColumn(
            "Record",
            pinned=True,
            type="secondary",
            alignment="left",
            width=110,
            help="Opens the record.",
            on_click=partial(history_link.open_clicked, ids),
            key=state_history.OPEN,
        ),
        "kind": {**tables.text("Kind"), "width": 125},
        "state": {**tables.text("State", help=history_words.STATE), "width": 95},
        "as_of": tables.day("Session"),
        "regime": tables.text("Regime"),
        "strategy": tables.text("Strategy"),
        "num_trades": tables.number("Trades", places=0),
        "turnover": tables.weight("Turnover", help=history_words.TURNOVER),
        "value": tables.money(
            "Value after", help="Portfolio value after the commit and its costs, USD."
        ),
        "approver": tables.text("Approver"),
        "note": tables.text("Note", width="medium"),
        "committed_at": tables.moment("Committed (UTC)"),
    }
