"""The rules in words on the Regime page, and what was recorded against what they say today."""

from __future__ import annotations

import streamlit as st

from pages.ui import format, show, tables
from pages.ui.regime_view import View
from quantetf_core.desk import regimes
from quantetf_core.errors import RegimeRecordError
from quantetf_core.regime.analysis import rules_in_words


def rules(seen: View) -> None:
    """The rules with the thresholds in use, and the file they come from."""
    st.header("The rules", anchor="rules")
    st.markdown(
        "\n".join(f"- {format.md_escape(rule)}" for rule in rules_in_words(seen.thresholds))
    )
    show.caption(f"Thresholds from {seen.ctx.portfolio.settings.config.thresholds}.")


def record(seen: View) -> None:
    """What the monitor and commits recorded, and where the replay answers otherwise now."""
    st.header("What was recorded", anchor="record")
    try:
        found = regimes.recorded_regimes(seen.ctx.portfolio, seen.history)
    except RegimeRecordError as error:
        st.warning(format.md_escape(error, limit=2000), icon=":material/warning:")
        return
    if not found.sessions:
        show.caption(
            "Nothing is recorded up to this session. The daily monitor and every confirmed "
            "rebalance record the regime; decisions never read that record, they replay the prices."
        )
        return
    many = format.count(found.sessions, "session")
    newest = f"the newest {format.day(found.last)}, written {format.moment(found.recorded_at)}"
    if found.differing.empty:
        show.caption(f"{many} recorded, {newest}; all agree with the replay.")
        return
    st.warning(
        f"{many} recorded, {newest}. On {format.number(len(found.differing))} of them the replay "
        "of today's prices with today's thresholds gives another regime. Decisions use the replay.",
        icon=":material/warning:",
    )
    tables.show(
        found.differing.assign(
            recorded=found.differing["recorded"].map(format.regime),
            replayed=found.differing["replayed"].map(format.regime),
        ),
        {
            "date": tables.day("Session"),
            "recorded": tables.text("Recorded"),
            "replayed": tables.text("Replayed"),
            "recorded_at": tables.moment("Recorded at (UTC)"),
        },
        alt=f"{format.count(len(found.differing), 'session')} recorded otherwise than replayed.",
        key="record_differs",
    )
