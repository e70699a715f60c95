"""Where the data comes from, how old it is, and fetching the newest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

import streamlit as st

from pages.ui import fetches, format, loaders, show
from pages.ui.show import Kpi
from quantetf_core import desk
from quantetf_core.errors import QuantEtfError
from quantetf_core.findings import Finding

_KINDS = {
    "sample": "Simulated",
    "files": "Files",
    "yahoo": "Yahoo",
}
_SAID = ("not_refreshed", "never_fetched", "vix_not_refreshed")
"""Findings that stand in the list of what did not come."""


def render(portfolio: desk.Portfolio, *, now: datetime) -> desk.DataStatus:
    """Source and age, the button, and the fetch under way or the last one's outcome."""
    status = desk.data_status(portfolio, now=now)
    last, age = _freshness(portfolio, status, now)
    show.kpis(_figures(portfolio, status, last, age), key="data_source")
    if status.snapshot is not None:
        kept = status.snapshot
        which = "Snapshot" if status.live else "Newest snapshot:"
        show.caption(
            f"{which} {kept.id}, written {format.moment(kept.created_at)} from {kept.source}."
        )
    if status.kind == "sample":
        show.caption(
            "These prices are made by the desk itself, the same on every machine: there is "
            "nothing to fetch and nothing to keep."
        )
        return status
    fetch = fetches.latest(portfolio)
    if fetch is not None and not fetch.finished:
        watch(portfolio)
        return status
    _button(portfolio, status, now)
    if fetch is not None:
        _outcome(portfolio, fetch)
    return status


def _freshness(
    portfolio: desk.Portfolio, status: desk.DataStatus, now: datetime
) -> tuple[date | None, int | None]:
    """The last session of the data in use, and its age; None where there is none to read."""
    if status.live:
        return (None if status.snapshot is None else status.snapshot.sessions.last), status.age
    try:
        market = loaders.market(portfolio, now=now)
    except QuantEtfError:
        return None, None  # the next section says why
    return market.last_session.date(), desk.market_status(portfolio, market, now=now).age


def _figures(
    portfolio: desk.Portfolio, status: desk.DataStatus, last: date | None, age: int | None
) -> list[Kpi]:
    means = "Sessions the exchange has completed since that one."
    clock = Kpi("Age", format.session_age(age), help=means)
    if portfolio.settings.config.clock == "replay":
        means = '"Now" is the date chosen in the sidebar, so this data does not age.'
        clock = Kpi("Clock", "Replay", help=means)
    return [
        Kpi("Source", _KINDS.get(status.kind, status.kind)),
        Kpi(
            "Newest session",
            "none yet" if last is None else format.day(last, weekday=False),
            help="The last session of the data in use.",
        ),
        clock,
    ]


def _button(portfolio: desk.Portfolio, status: desk.DataStatus, now: datetime) -> None:
    """Refresh of a live source; keeping a snapshot of files as they are."""
    if status.live:
        label, icon, text = (
            "Refresh",
            ":material/sync:",
            "Asks for what is missing and for the last ten sessions again. The data in use stays "
            "until all of the new is there; a ticker that does not come keeps what it had.",
        )
    else:
        label, icon, text = (
            "Keep a snapshot",
            ":material/photo_camera:",
            "The files are read by themselves whenever they change. A snapshot keeps them as they "
            "are now and says what changed in their history; every decision makes one by itself.",
        )
    st.button(
        label,
        icon=icon,
        type="primary" if status.live else "secondary",
        key="refresh_data",
        on_click=_begin,
        args=(portfolio, now),
    )
    show.caption(text)


def _begin(portfolio: desk.Portfolio, now: datetime) -> None:
    fetches.start(portfolio, now=now)


@st.fragment(run_every="500ms")
def watch(portfolio: desk.Portfolio) -> None:
    """How far the fetch is; starts the page over when it is done."""
    fetch = fetches.latest(portfolio)
    if fetch is None or fetch.finished:
        st.rerun()
        return
    ending = fetch.stop.is_set()
    done = f"{fetch.done} of {fetch.total}" if fetch.total else "Beginning"
    said = "Ending after the tickers under way" if ending else fetch.said
    st.progress(fetch.fraction, text=format.md_escape(f"{done}: {said}" if said else done))
    show.caption(
        "You may leave this page: the fetch goes on, and the data in use stays until then."
    )
    st.button(
        "Cancel",
        icon=":material/stop:",
        key="cancel_fetch",
        disabled=ending,
        on_click=fetch.stop.set,
    )


def _outcome(portfolio: desk.Portfolio, fetch: fetches.Fetch) -> None:
    """What the last fetch came to, until it is put away."""
    with st.container(border=True, key="fetch_outcome"):
        if fetch.outcome is None:
            st.warning(
                format.md_escape(fetch.failure, limit=2000),
                title="Nothing was fetched",
                icon=":material/cloud_off:",
            )
        else:
            _came(fetch.outcome)
        st.button("Put away", key="forget_fetch", on_click=fetches.forget, args=(portfolio,))


def _came(done: desk.Refreshed) -> None:
    kept = "" if done.snapshot is None else format.md_escape(done.snapshot.id)
    if done.cancelled:
        stays = f" Snapshot {kept} stays in use." if kept else ""
        st.info(f"Cancelled: nothing was written.{stays}", icon=":material/stop:")
        return
    tickers = format.count(len(done.updated), "ticker")
    text = f"{tickers} came. Snapshot {kept} is in use."
    if not done.written:
        text = f"{tickers} came, and nothing has changed: snapshot {kept} stays in use."
    if done.failed:
        st.warning(f"{text} Not everything came:", icon=":material/cloud_alert:")
        show.findings_list(_by_reason(one for one in done.findings if one.code in _SAID))
    else:
        st.success(text, icon=":material/check_circle:")
    others = [finding for finding in done.findings if finding.code not in _SAID]
    if others:
        show.line("Noticed on the way:")
        show.findings_list(others)


def _by_reason(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for all tickers that did not come for the same reason."""
    together: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        together.setdefault((one.code, one.message), []).append(one)
    return [
        replace(same[0], subject=", ".join(one.subject for one in same))
        for same in together.values()
    ]


def nothing_yet(portfolio: desk.Portfolio) -> None:
    """In place of everything that needs data."""
    fetch = fetches.latest(portfolio)
    if fetch is not None and not fetch.finished:
        show.empty_state("No market data yet", "The first of it is being fetched.")
        return
    show.empty_state(
        "No market data yet",
        "Nothing has been fetched for this portfolio. Until then no other page can show anything.",
        action=f"Press Refresh, or run: python -m quantetf_core fetch --portfolio {portfolio.name}",
    )
