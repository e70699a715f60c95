"""Can the data be trusted? Coverage, findings, the prices around one, and accepting it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from pages.ui import format, loaders, show, state, state_data, tables
from pages.ui.context import Context
from pages.ui.state import Key
from quantetf_core import desk
from quantetf_core.charts.quality import coverage_alt, coverage_figure, event_alt, event_figure
from quantetf_core.data.market import MarketData
from quantetf_core.data.quality.record import QualityFinding
from quantetf_core.encoding import sha256
from quantetf_core.findings import Severity

_HEIGHT = 400  # pixels of a long table
_ROWS = 10
_TOUCHES = {
    "held": "Held",
    "wanted": "In the plan",
    "regime": "Regime",
    "universe": "Universe only",
    "not used": "Not used",
}
_NAMES = {severity: format.SEVERITY_WORD[severity] for severity in Severity}


def show_quality(ctx: Context) -> None:
    """Everything found in the prices up to the session looked at, and what may be done about it."""
    market = ctx.market.as_of(ctx.session)
    found = loaders.quality(ctx.portfolio, market)
    touches = desk.touched(ctx.portfolio, market, now=ctx.now)
    st.header("Can the data be trusted?", anchor="quality")
    _verdict(found, touches)
    _coverage(market, found)
    shown = _filtered(found, touches)
    _table(shown, touches)
    _chosen(ctx, market, shown)


def _verdict(found: Sequence[QualityFinding], touches: dict[str, str]) -> None:
    """One sentence: what cannot be used, and whether it matters to this portfolio."""
    grave = sorted({one.subject for one in found if one.severity is Severity.BLOCK})
    odd = sorted({one.subject for one in found if one.severity is Severity.WARN} - set(grave))
    used = [name for name in grave if touches.get(name) in ("held", "wanted", "regime")]
    others = [name for name in grave if name not in used]
    if used:
        also = f" Nor can those of {_listed(others)}, which it does not rest on." if others else ""
        st.error(
            f"{_listed(used)}: prices that cannot be used, and that this portfolio rests on. "
            f"The lines are not traded, and a plan cannot be confirmed without a reason.{also}",
            icon=format.SEVERITY_ICON[Severity.BLOCK],
        )
    elif grave:
        st.warning(
            f"{_listed(grave)}: prices that cannot be used. The portfolio neither holds nor "
            "wants any of them now.",
            icon=format.SEVERITY_ICON[Severity.WARN],
        )
    elif odd:
        st.warning(
            f"{_listed(odd)}: something odd in the prices; look at it below.",
            icon=format.SEVERITY_ICON[Severity.WARN],
        )
    else:
        st.success("Nothing in the prices is known to be wrong.", icon=":material/verified:")


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(format.md_escape(name) for name in names[:8])
    return f"**{shown}{', …' if len(names) > 8 else ''}**"


def _coverage(market: MarketData, found: Sequence[QualityFinding]) -> None:
    st.subheader("What there is", anchor="coverage")
    share = desk.coverage(market)
    show.chart(coverage_figure(share, found), alt=coverage_alt(share), key="coverage")
    show.caption(
        "A row for each ticker, a cell for each quarter, blank before its first close. A cross is "
        "a block, a diamond a warning."
    )


def _filtered(found: Sequence[QualityFinding], touches: dict[str, str]) -> list[QualityFinding]:
    """The findings asked for."""
    st.subheader("Findings", anchor="findings")
    counts = {severity: sum(one.severity is severity for one in found) for severity in Severity}
    with st.container(horizontal=True, vertical_alignment="bottom", key="findings_filter"):
        chosen = st.pills(
            "Severity",
            list(reversed(Severity)),
            selection_mode="multi",
            default=[Severity.BLOCK, Severity.WARN],
            format_func=lambda severity: f"{_NAMES[severity]} ({format.number(counts[severity])})",
            key="data_severity",
        )
        ticker = st.selectbox(
            "Ticker",
            sorted({one.subject for one in found}),
            index=None,
            placeholder="All",
            key="data_ticker",
            width=180,
        )
        used = st.toggle("Only what the portfolio rests on", key="data_used")
    rests = ("held", "wanted", "regime")
    return [
        one
        for one in found
        if one.severity in (chosen or ())
        and (ticker is None or one.subject == ticker)
        and (not used or touches.get(one.subject) in rests)
    ]


def _table(shown: Sequence[QualityFinding], touches: dict[str, str]) -> None:
    if not shown:
        show.empty_state("No finding of this kind", "Choose other severities to see more.")
        return
    frame = desk.quality_table(shown, touches)
    ids = tuple(frame["id"])
    displayed = pd.DataFrame(
        {
            "severity": frame["severity"].map(lambda value: _NAMES[Severity(value)]),
            "ticker": tables.inert(frame["subject"].astype(str)),
            "touches": frame["touches"].map(_TOUCHES),
            "first": frame["first"],
            "last": frame["last"],
            "kind": frame["code"].str.replace("_", " "),
            "message": tables.inert(frame["message"].astype(str)),
        }
    )
    columns = {
        "ticker": tables.ticker(),
        "severity": tables.text("Severity", width=80),
        "kind": tables.text("Kind", width=130),
        "message": tables.text("What", width="large"),
        "touches": tables.text("It is", help="What the ticker is to this portfolio."),
        "first": tables.day("From"),
        "last": tables.day("To"),
    }
    # A table remembers positions, so another set of rows must be another table.
    name = sha256("\n".join(ids).encode())[:12]
    with st.container(key="quality_findings"):
        tables.show(
            displayed,
            columns,
            alt=f"{format.count(len(ids), 'finding')}, gravest first",
            key=f"quality_{name}",
            height=_HEIGHT if len(ids) > _ROWS else "auto",
            on_select=partial(state_data.choose_row, f"quality_{name}_rows", ids),
            selection_mode="single-row",
        )
    show.caption("Tick a row to see the prices around it.")


def _chosen(ctx: Context, market: MarketData, shown: Sequence[QualityFinding]) -> None:
    """The finding ticked: all of its sentence, its numbers, its prices, and accepting it."""
    one = next((one for one in shown if one.id == state_data.chosen()), None)
    if one is None:
        return
    with st.container(border=True, key="finding_chosen"):
        show.findings_list([one.finding])
        if one.first is not None:
            window = desk.event_window(market, one)
            show.chart(event_figure(window, one), alt=event_alt(window, one), key="event")
        if one.evidence:
            numbers = "; ".join(f"{name} {_number(name, value)}" for name, value in one.evidence)
            show.caption(f"Judged by: {numbers}.")
        _accept(ctx, one)


def _number(name: str, value: float) -> str:
    """A number of the evidence, by what its name says it is."""
    if name.startswith("times"):
        return format.number(value, places=1)
    if name.startswith(("share", "largest")) or name.endswith(("move", "distribution", "tickers")):
        return format.percent(value, places=1, signed=name.endswith(("move", "tickers")))
    return format.number(value, places=0 if value == round(value) else 2)


def _accept(ctx: Context, one: QualityFinding) -> None:
    """Say that a finding is all right, with a name and a note; it is kept in a file."""
    if not desk.acceptable(one):
        return
    file = ctx.portfolio.settings.config.accepted_findings
    with st.expander("This is all right …", icon=":material/task_alt:", key="accept"):
        show.caption(
            f"It becomes a note and stops no trade any more. Your name and reason are kept in "
            f"{file}, which is part of the configuration: plans made from then on say so."
        )
        with st.form("accept_finding", border=False):
            st.text_input("Your name", key=Key.APPROVER, max_chars=80, persist_state="session")
            st.text_input(
                "Why it is all right",
                key=state_data.note_key(one.id),
                max_chars=1000,
                placeholder="such as: 2:1 split, vendor lag",
            )
            sent = st.form_submit_button("Accept this finding", icon=":material/check:")
        if sent:
            with show.error_boundary():
                desk.accept_finding(
                    ctx.portfolio, one, note=state_data.note(one.id), by=state.view().approver
                )
                st.rerun()
