"""The fills of a decision: what is recorded of them, and recording more."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.ui import (
    context,
    fills_columns,
    fills_report,
    format,
    holdings_confirm,
    show,
    state_forms,
)
from pages.ui.context import Context
from quantetf_core import desk

IMPORT, CLOSE = "Import fills", "Nothing more will be filled"
"""What can be said of a decision's fills."""

_UNDERSTOOD = (
    "A CSV file of executions or filled orders as brokers export it, at most 1 MB; columns that "
    "are not recognised you name yourself. Fills recorded before are not booked twice."
)
_BROKERS = (
    "Recognised: Interactive Brokers (Flex query, activity statement, TradeLog), Schwab, Fidelity, "
    "Vanguard, E\\*TRADE, Robinhood, Webull, tastytrade, Alpaca; and any file with a ticker, a "
    "share count and a price. Times without a zone are read as New York’s."
)

_UNTIL_NOW = (
    "Until now the book took every order as filled; from this record on it holds what the fills "
    "say, so what is missing leaves it."
)

_KEEP, _CLOSE = "More fills may come", "Close the rest: it will not be traded"
_MEANING = {
    _KEEP: "The decision stays partly filled; what is missing is not in the book.",
    _CLOSE: "The decision counts as reconciled as it is; what is missing stays untraded, and the "
    "next rebalance begins from what is really held.",
}


def recorded(portfolio: desk.Portfolio, commit_id: str) -> None:
    """Draw what is recorded of a decision's fills; nothing before the first of them."""
    report = desk.recorded_fills(portfolio, commit_id)
    if report is None:
        return
    st.subheader("What was filled", anchor=False)
    made = sum(line.n_fills for line in report.lines)
    said = f"{format.count(made, 'fill')} recorded."
    state = desk.decision_states(portfolio)[commit_id]
    if state is desk.DecisionState.RECONCILED and not report.complete:
        said += " What is missing was closed: it will not be traded."
    show.line(said)
    fills_report.render(report, key="recorded_fills")
    if report.findings:
        show.findings_list(report.findings)


def offered(portfolio: desk.Portfolio, commit_id: str) -> list[str]:
    """What can be recorded of a decision's fills now, in the words of the choice."""
    if desk.fills_problem(portfolio, commit_id):
        return []
    reconciled = desk.decision_states(portfolio)[commit_id] is desk.DecisionState.RECONCILED
    return [IMPORT] if reconciled else [IMPORT, CLOSE]


def form(portfolio: desk.Portfolio, commit_id: str, chosen: str) -> None:
    """Draw what `offered` names: import a file, or say that nothing more will come."""
    if chosen == CLOSE:
        _closing(portfolio, commit_id)
    else:
        _from_file(portfolio, commit_id)


def _from_file(portfolio: desk.Portfolio, commit_id: str) -> None:
    """Upload, name the columns, look, confirm."""
    uploaded = st.file_uploader(
        "The broker’s list of fills",
        type=["csv", "tsv", "txt", "tlg"],
        key=state_forms.form_key(f"fills_{commit_id}"),
        max_upload_size=1,
        help=_BROKERS,
    )
    show.caption(_UNDERSTOOD)
    st.download_button(
        "List to fill in by hand (CSV)",
        data=desk.fills_template(portfolio, commit_id),
        file_name=f"fills-{portfolio.name}-{commit_id}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="fills_template",
        help="What was ordered, with price, fees and time left empty. Delete the lines that were "
        "not filled.",
    )
    if uploaded is None:
        return
    with show.error_boundary():
        content, name = uploaded.getvalue(), uploaded.name
        columns = fills_columns.ask(desk.fills_layout(content, source_name=name))
        if columns is None:
            return
        read = desk.read_fills(content, source_name=name, columns=columns)
        known = desk.recorded_fills(portfolio, commit_id) is not None
        more = " The figures are of all fills of this decision, earlier records included."
        show.line(f"{name}: {format.count(len(read.fills), 'fill')} read.{more if known else ''}")
        _propose(commit_id, name, read, files={"imported_fills.csv": content})


def _closing(portfolio: desk.Portfolio, commit_id: str) -> None:
    """Say that what is missing will not come, without a file."""
    if desk.recorded_fills(portfolio, commit_id) is None:
        show.line(
            "None of the orders was filled, and none will be: the book goes back to what it was "
            "before this decision, apart from what else was recorded since."
        )
    else:
        show.line(_MEANING[_CLOSE])
    with show.error_boundary():
        _propose(commit_id, "closed by hand")


def _propose(
    commit_id: str,
    source: str,
    read: desk.BrokerFills | None = None,
    *,
    files: Mapping[str, bytes] | None = None,
) -> None:
    """Show what the fills come to, ask about the rest, and ask for the confirmation.

    Without a file it is the rest that is closed.
    """
    ctx = context.current()

    def proposed(*, close_rest: bool) -> desk.FillsEntry:
        return desk.propose_fills(
            ctx.portfolio,
            ctx.market,
            commit_id,
            fills=read.fills if read else (),
            as_of=ctx.status.latest.date(),
            source=source,
            files=files,
            close_rest=close_rest,
            findings=read.findings if read else (),
        )

    entry = proposed(close_rest=read is None)
    fills_report.render(entry.report, key="new_fills")
    if not entry.report.complete and not desk.fills_so_far(ctx.portfolio, commit_id):
        show.caption(_UNTIL_NOW)
    if read and not entry.report.complete and _asked_to_close(entry.report, commit_id):
        entry = proposed(close_rest=True)
    _confirm(ctx, entry)


def _asked_to_close(report: desk.FillReport, commit_id: str) -> bool:
    missing = sum(1 for line in report.lines if line.missing_shares)
    chosen = st.radio(
        f"Of {format.count(missing, 'line')} something is missing",
        [_KEEP, _CLOSE],
        key=state_forms.form_key(f"fills_rest_{commit_id}"),
    )
    show.caption(_MEANING[chosen])
    return chosen == _CLOSE


def _confirm(ctx: Context, entry: desk.FillsEntry) -> None:
    if entry.already is not None:
        if entry.warnings:  # of fills that only look the same as recorded ones
            show.findings_list(entry.warnings)
        st.info(
            format.md_escape(f"Everything in this file is recorded already, by {entry.already}."),
            icon=":material/verified:",
        )
        return
    notes = [finding for finding in entry.findings if finding not in entry.warnings]
    if notes:
        show.findings_list(notes)
    holdings_confirm.render(
        ctx, entry, button="Record these fills" if entry.new else "Close the rest"
    )
