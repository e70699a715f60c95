"""The snapshots of a portfolio's data, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.ui import format, loaders, show, tables
from quantetf_core import desk

_MEGABYTE = 1e6


def render(portfolio: desk.Portfolio, status: desk.DataStatus) -> None:
    """The list, newest first, and a comparison; nothing for a market that is code."""
    if status.kind == "sample":
        return
    st.header("Snapshots", anchor="snapshots")
    show.caption(
        "The data as it was, kept for good: every decision names the snapshot it was made on and "
        "can be made again from it (python -m quantetf_core replay ID). What no decision needs "
        "can be removed with python -m quantetf_core prune."
    )
    show.findings_list(status.damaged, none="")
    found = desk.data_snapshots(portfolio)
    if not found:
        by = "Refresh" if status.live else "Keep a snapshot"
        show.empty_state("No snapshot yet", f"“{by}” makes one, and so does the first decision.")
        return
    st.space("small")  # the table's toolbar lies over what is above it on a touch screen
    tables.show(
        _table(found),
        {
            "id": tables.text("Snapshot", width="medium"),
            "created": tables.moment("Written (UTC)"),
            "first": tables.day("From"),
            "last": tables.day("To"),
            "tickers": tables.number("Tickers", places=0),
            "closes": tables.number("Closes", places=0),
            "findings": tables.number("Findings", places=0),
            "size": tables.number("MB", places=1),
        },
        alt=f"{len(found)} snapshots; the newest ends on {found[0].sessions.last}",
        key="snapshots",
    )
    if len(found) > 1:
        _comparison(portfolio, [one.id for one in found])


def _table(found: Sequence[desk.Snapshot]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [one.id for one in found],
            "created": [one.created_at for one in found],
            "first": [pd.Timestamp(one.sessions.first) for one in found],
            "last": [pd.Timestamp(one.sessions.last) for one in found],
            "tickers": [len(one.tickers) for one in found],
            "closes": [one.rows for one in found],
            "findings": [len(one.findings) for one in found],
            "size": [sum(s.size for s in one.files.values()) / _MEGABYTE for one in found],
        }
    )


def _comparison(portfolio: desk.Portfolio, ids: Sequence[str]) -> None:
    st.subheader("What differs between two", anchor=False)
    left, right = st.columns(2)  # on a phone one below the other, for the whole name to be read
    # With every new snapshot new fields: they begin with the newest two again.
    later = left.selectbox("Snapshot", ids, index=0, key=f"snapshot_later_{ids[0]}")
    earlier = right.selectbox("against", ids, index=1, key=f"snapshot_earlier_{ids[0]}")
    if later is None or earlier is None or later == earlier:
        show.caption("Choose two different snapshots.")
        return
    with show.error_boundary():
        found = loaders.snapshot_difference(portfolio, later, earlier)
        for said in _sentences(found):
            show.line(said)
        show.findings_list(found.findings, none="No past value is another one.")


def _sentences(found: desk.SnapshotDifference) -> list[str]:
    said = []
    if found.new_sessions is not None:
        first, last, number = found.new_sessions
        count = format.count(number, "session")
        said.append(f"{count} added: {format.day(first)} to {format.day(last)}.")
    else:
        said.append("No session was added.")
    if found.added:
        said.append(f"Tickers added: {', '.join(found.added)}.")
    if found.removed:
        said.append(f"Tickers left out: {', '.join(found.removed)}.")
    return said
