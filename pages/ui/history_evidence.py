"""What a record was made from and what it consists of: inputs, files, hashes, or what is left."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import format, history_check, history_words, show, tables
from quantetf_core import desk
from quantetf_core.desk import Contents

if TYPE_CHECKING:
    from quantetf_core.ledger import Commit, History


def inputs(commit: Commit, said: Contents) -> None:
    """What the decision was made from: prices, code, configuration."""
    rebalance = commit.manifest.head.kind == "rebalance"
    st.header("What it was made from" if rebalance else "Identity", anchor=False)
    if rebalance:
        show.line(f"Source of the prices: {history_words.source(said)}.")
    show.caption(f"Code version {said.inputs['code_version'] or format.MISSING}.")
    facts = {
        "Fingerprint of the prices": said.inputs["data_fingerprint"],
        "Plan id": commit.manifest.head.plan_id,
    }
    for label, digest in facts.items():
        if digest:
            show.caption(f"{label}, {format.short_hash(digest)}… in full:")
            st.code(digest, language=None, wrap_lines=True)
    if said.configuration:
        number = format.count(len(said.configuration), "file")
        with st.expander(f"Configuration as it was: {number}", icon=":material/settings:"):
            name = st.selectbox("File", list(said.configuration), key="config_file")
            st.code(said.configuration[name], language="yaml")


def files(commit: Commit, said: Contents) -> None:
    """Every file of the folder with its hash."""
    with st.expander(
        f"Files and hashes: {format.count(len(said.files), 'file')}", icon=":material/fingerprint:"
    ):
        shown = said.files.assign(holds=said.files["holds"].map({True: "holds", False: "does not"}))
        tables.show(
            shown,
            {
                "name": tables.text("File"),
                "holds": tables.text("Hash", help="Whether it is what was committed."),
                "size": tables.number("Bytes", places=0),
                "sha256": tables.text("SHA-256"),
            },
            alt="Files of the commit and their hashes",
            key="record_files",
        )
        link = commit.manifest.head.parent
        if link is not None:
            show.caption(f"Follows {link.id}, whose manifest had this SHA-256:")
            st.code(link.manifest_sha256, language=None)


def remains(portfolio: desk.Portfolio, history: History, name: str) -> None:
    """A folder that cannot be read as a commit: what is known, and what is left of it."""
    st.title(format.md_escape(name), anchor=False)
    st.error("This folder cannot be read as a commit.", icon=":material/gpp_bad:")
    history_check.listed([finding for finding in history.findings if finding.subject == name])
    left = desk.remains(portfolio, name)
    st.header("What is left", anchor=False)
    tables.show(
        left,
        {
            "name": tables.text("File"),
            "size": tables.number("Bytes", places=0),
            "sha256": tables.text("SHA-256"),
        },
        alt="Files in the folder",
        key="record_remains",
    )
    st.download_button(
        "Download what is left as ZIP",
        data=partial(desk.remains_archive, portfolio, name),
        file_name=f"{portfolio.name}-{name}.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="download",
    )
    show.line("To repair the history, put this folder back from a backup.")
