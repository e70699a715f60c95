"""What is held, marked to the closes of the session looked at."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from pages.ui import format, paper, show, tables
from pages.ui.context import Context
from pages.ui.loaders import Past
from pages.ui.show import Kpi
from quantetf_core import desk
from quantetf_core.desk import Basis, BookAtSession, Dispute, MarkedBook
from quantetf_core.units import CASH

_BASIS: dict[Basis, tuple[str, show.Colour, str, str]] = {
    Basis.ASSUMED_FILL: (
        "Assumed",
        "orange",
        ":material/help:",
        "The shares are what the recorded trades should have given. Import the fills on the "
        "rebalance’s record, or the broker’s position file below, to confirm them.",
    ),
    Basis.RECONCILED: (
        "Reconciled",
        "green",
        ":material/verified:",
        "The shares were stated by the broker’s fills or position file, or typed in, when they "
        "were last recorded.",
    ),
}

_DRIFT = (
    "Weight now less the weight the last rebalance recorded as its target, in basis points "
    "(0.01%). Positive: more is held than was meant."
)


def render(ctx: Context, held: BookAtSession, past: Past) -> None:
    """Headline, findings and table; or why there is nothing to show."""
    st.title("Holdings", anchor=False)
    paper.notice(ctx, link=False)
    if held.book is None:
        _nothing(ctx, past)
        if held.findings:
            show.findings_list(held.findings)
        return
    _introduction(ctx, held, held.book, past)
    _figures(held.book)
    if held.findings:
        st.subheader("To know before trusting these figures", anchor=False)
        show.findings_list(held.findings)
    _table(ctx, held.book)


def _nothing(ctx: Context, past: Past) -> None:
    if past.history.entries:
        first = past.history.entries[-1]
        _simulated(ctx)
        show.empty_state(
            "Nothing was held yet",
            f"The first record of this portfolio is of {format.day(first.as_of)}; you are looking "
            f"at {format.day(ctx.session)}.",
            "Choose a later date in the sidebar, or empty it for the latest session.",
        )
        return
    with st.container(border=True, key="no_book"):
        st.subheader("Nothing is recorded yet", anchor=False)
        _simulated(ctx)
        st.markdown(
            "There are three ways to start this portfolio’s record:\n"
            "1. **Fund it with a first rebalance**: on Review, set the value to start with, read "
            "the plan, and confirm it. The value is recorded as the first deposit.\n"
            "2. **Import the broker’s position file** (CSV) below: what is held already.\n"
            "3. **Type the positions** and the cash below."
        )
        st.page_link(
            "pages/review.py", label="Go to Review to fund it", icon=":material/fact_check:"
        )


def _simulated(ctx: Context) -> None:
    if ctx.market.simulated:
        show.badge("Simulated prices", colour="orange", icon=":material/science:")


def _introduction(ctx: Context, held: BookAtSession, book: MarkedBook, past: Past) -> None:
    """Which book, of which record, at which prices, and how far to trust its shares."""
    record = "from a file that is not part of the history yet"
    if held.entry is not None:
        record = f"as recorded by {held.entry.id}"
    stated = format.day(book.holdings.as_of)
    show.line(
        f"{ctx.portfolio.title}, {record} (shares of {stated}), valued at the closes of "
        f"{format.day(book.as_of)}."
    )
    if not held.newest:
        show.caption(
            "You are looking back: this is the book held then, not the newest one. Empty the date "
            "in the sidebar for the latest."
        )
    label, colour, icon, meaning = _partly_filled(ctx, held, past) or _BASIS[book.basis]
    disputed = format.count(len(book.holdings.disputed), "position")
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="basis"):
        show.badge(label, colour=colour, icon=icon)
        if book.holdings.disputed:
            show.badge(f"{disputed} disputed", colour="orange", icon=":material/warning:")
        _simulated(ctx)
        if held.entry is not None:
            st.page_link(
                "pages/history.py",
                label=f"Record {held.entry.id}",
                icon=":material/history:",
                query_params={"portfolio": ctx.portfolio.name, "id": held.entry.id},
            )
    show.caption(f"{label}: {meaning}")


def _partly_filled(
    ctx: Context, held: BookAtSession, past: Past
) -> tuple[str, show.Colour, str, str] | None:
    """What the newest book is while a part of its rebalance is not filled; None otherwise."""
    decided = desk.last_decision(ctx.portfolio) if held.newest else None
    states = past.table.set_index("id")["state"]
    if decided is None or states[decided] != desk.DecisionState.PARTLY_FILLED:
        return None
    meaning = (
        f"Of the rebalance {decided} only what was filled is in the book; the rest is open. Import "
        "the other fills on its record, or say there that nothing more will be filled."
    )
    return "Partly filled", "orange", ":material/help:", meaning


def _figures(book: MarkedBook) -> None:
    drift, stated = book.largest_drift, format.day(book.holdings.as_of)
    show.kpis(
        [
            Kpi("Value", value_words(book), help=_value_help(book)),
            Kpi(
                "Cash",
                format.money(book.cash, cents=True),
                help="Uninvested USD, to the cent.",
            ),
            Kpi(
                "Price gain",
                format.money(_none(book.gain), signed=True),
                "" if math.isnan(book.gain_pct) else format.percent(book.gain_pct, signed=True),
                good="up",
                help=f"What the positions gained in price since {stated}, when their shares were "
                "last recorded, and as a share of what they were worth then. Without dividends "
                "and costs. A dash: a price then or now is not known.",
            ),
            Kpi(
                "Largest drift",
                format.MISSING if drift is None else format.basis_points(drift[1] / 10_000),
                "" if drift is None else ("Cash" if drift[0] == CASH else drift[0]),
                help=_DRIFT,
            ),
        ],
        key="held_figures",
    )


def value_words(book: MarkedBook) -> str:
    """The value; "at least" where a position has no price."""
    if book.total is None:
        return f"at least {format.money(book.known)}"
    return format.money(book.total)


def _value_help(book: MarkedBook) -> str:
    said = "Cash and every position at its last close, each to the cent."
    if book.total is None:
        said += " A position was never priced, so its value, the total and all weights are unknown."
    return said


def _table(ctx: Context, book: MarkedBook) -> None:
    st.subheader("Positions", anchor=False)
    show.caption(_target_words(book))
    disputes = {dispute.ticker: dispute for dispute in book.holdings.disputed}
    if disputes:
        tickers = ", ".join(disputes)
        show.caption(f"Disputed, and not traded until settled under “Record a change”: {tickers}.")
    locks = desk.locks_in_force(book.holdings, ctx.session.date())
    locked = ", ".join(f"{ticker} ({lock.rule.label})" for ticker, lock in locks.items())
    if locked:
        show.caption(f"Locked by a person, see “Record a change”: {locked}.")
    st.space("small")  # the table's toolbar lies over what is above it on a touch screen
    frame = book.frame.assign(
        ticker=book.frame["ticker"].replace(CASH, "Cash"),
        drift_bps=book.frame["drift_bps"].round() + 0.0,  # so that no cell reads "-0"
        priced=[_age(row) for row in book.frame.itertuples()],
    )
    frame["disputed"] = [_disputed(disputes.get(t)) for t in frame["ticker"]]
    stated = format.day(book.holdings.as_of, weekday=False)
    fractional = bool((book.lines["shares"] % 1 != 0).any())
    columns = {
        "ticker": tables.ticker(),
        "weight": tables.weight("Weight", help="Share of the value, cash included."),
        "value": tables.money("Value", help="Shares × close, to the cent."),
        "drift_bps": tables.basis_points("Drift", help=_DRIFT),
        "gain": tables.number(
            "Gain, USD",
            places=0,
            signed=True,
            help=f"Since {stated}, when the shares were last recorded; in price only.",
        ),
        "gain_pct": tables.weight("Gain %", help=f"The same, of the value on {stated}."),
        "shares": tables.shares("Shares", fractional=fractional),
        "price": tables.price("Close"),
        "priced": tables.text("Close of", help="How old the close is, in sessions."),
        "target_weight": tables.weight("Target", help="As the last rebalance recorded it."),
        "price_then": tables.price("Close then", help=f"Recorded with the shares, {stated}."),
        "name": tables.text("Name"),
        "asset_class": tables.text("Asset class"),
    }
    if disputes:
        # Second, so that the mark is in sight beside the ticker.
        marked = {**tables.text("Disputed"), "width": 130}
        columns = {"ticker": columns["ticker"], "disputed": marked, **columns}
    if book.frame["cost"].notna().any():
        columns["cost"] = tables.price("Cost", help="Average price paid, where it is known.")
        columns["gain_on_cost"] = tables.number("Gain on cost, USD", places=0, signed=True)
        columns["gain_on_cost_pct"] = tables.weight("Gain on cost %")
    tables.show(frame, columns, alt=_alt(book), key="holdings", height="content")
    st.download_button(
        "Download as CSV",
        data=desk.holdings_csv(book, simulated=ctx.market.simulated),
        file_name=f"holdings_{ctx.portfolio.name}_{book.as_of:%Y%m%d}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="holdings_csv",
    )


def _disputed(dispute: Dispute | None) -> str:
    """The mark on a line that the broker counts differently."""
    if dispute is None:
        return ""
    places = 0 if dispute.broker_shares == round(dispute.broker_shares) else 4
    return f"broker: {format.number(dispute.broker_shares, places=places)}"


def _target_words(book: MarkedBook) -> str:
    if book.target is None:
        return "No rebalance is recorded yet, so there is no target to drift from."
    return (
        f"Drift is from the target of the rebalance of {format.day(book.target.as_of)} "
        f"({book.target.commit_id}). A line with 0 shares was wanted then and is not held."
    )


def _age(row: Any) -> str:
    """Date of a close, and its age unless it is of the session itself."""
    if row.ticker == CASH:
        return ""
    if row.age < 0:
        return "never priced"
    day = format.day(row.price_date, weekday=False)
    return day if row.age == 0 else f"{day}, {format.session_age(int(row.age))}"


def _alt(book: MarkedBook) -> str:
    held = book.lines
    said = f"{format.count(len(held), 'position')} and cash, together {value_words(book)}"
    if len(held) and book.total is not None:
        first = held.iloc[0]
        said += f"; the largest is {first['ticker']} with {format.percent(first['weight'])}"
    return f"{said}, on {format.day(book.as_of)}."


def _none(value: float) -> float | None:
    return None if math.isnan(value) else value
