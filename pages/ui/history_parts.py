"""The parts of a record; each draws nothing when the commit does not have it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages.ui import format, history_words, overlays, show, tables
from pages.ui.show import Kpi
from quantetf_core.desk import Contents
from quantetf_core.findings import Severity
from quantetf_core.units import CASH

if TYPE_CHECKING:
    from quantetf_core.ledger import Commit

_CASH_NAME = "Cash"


def figures(commit: Commit, said: Contents) -> None:
    """The figures of merit of a rebalance."""
    if commit.manifest.head.kind != "rebalance":
        return
    show.kpis(
        [
            Kpi("Value after", format.money(said.value), help="USD, after trades and costs."),
            Kpi("Trades", format.number(said.num_trades)),
            Kpi("Turnover", format.percent(said.turnover, places=1), help=history_words.TURNOVER),
            Kpi("Costs", format.money(commit.manifest.cash.costs, cents=True)),
            Kpi("Cash after", format.money(said.money[-1].usd, cents=True)),
        ],
        key="record_figures",
    )


def regime(said: Contents) -> None:
    """The regime it was made in, and the strategy that regime called for."""
    if not (said.regime or said.strategy or said.rationale):
        return
    st.header("Regime and strategy", anchor=False)
    days = said.days_in_regime
    since = f", for {format.count(days, 'session')}" if days is not None else ""
    show.line(f"{format.regime(said.regime) if said.regime else 'Not recorded'}{since}.")
    if said.indicators:
        spy, mean, vix = (said.indicators.get(name) for name in ("spy_price", "spy_200ma", "vix"))
        show.kpis(
            [
                Kpi("SPY close", format.number(spy, places=2), help="USD per share."),
                Kpi("SPY 200-day mean", format.number(mean, places=2), help="USD per share."),
                Kpi("VIX", format.number(vix, places=2), help="Index points."),
            ],
            key="record_regime",
        )
    if said.strategy:
        st.markdown(f"Strategy **{format.md_escape(said.strategy)}**")
    if said.rationale:
        show.line(said.rationale)
    if not said.ranking.empty:
        with st.expander("How the ETFs ranked", icon=":material/leaderboard:"):
            ranking(said.ranking, optimized=bool(said.weighting))
    if said.weighting:
        show.line(f"Weights: {said.weighting}.")
    overlays.render(said.overlays, key="record_overlays")


def ranking(frame: pd.DataFrame, *, optimized: bool) -> None:
    """Every scored ETF, the chosen ones in a word; an optimizer's are those it considered."""
    word = "considered" if optimized else "chosen"
    columns = {
        "ticker": tables.ticker(),
        "rank": tables.number("Rank", places=0),
        "score": tables.number("Score", places=4),
        "gap": tables.number(
            "To the cut", places=4, signed=True, help=f"Score less that of the last one {word}."
        ),
        "selected": tables.text(word.capitalize()),
    }
    if optimized and frame["selected"].all():
        del columns["gap"]  # nobody was cut
    tables.show(
        frame.assign(selected=frame["selected"].map({True: word, False: ""}))[list(columns)],
        columns,
        alt="Scores of all ETFs, best first",
        key="record_ranking",
    )


def target(said: Contents) -> None:
    """What was decided to hold."""
    if said.target.empty:
        return
    st.header("Portfolio after the trades", anchor=False)
    tables.show(
        _with_cash(said.target),
        {
            "ticker": tables.ticker(),
            "weight": tables.weight("Weight", help="Share of the portfolio value after."),
            "shares": tables.shares("Shares", fractional=_fractional(said.target)),
            "price": tables.price("Close"),
            "notional": tables.money("Value"),
            "ideal_weight": tables.weight("Wanted", help="Before rounding and thresholds."),
            "name": tables.text("Name"),
            "asset_class": tables.text("Class"),
        },
        alt="Portfolio after the trades, cash included",
        key="record_target",
    )


def trades(commit: Commit, said: Contents) -> None:
    """Every line, with its reason; for other kinds, what changed in share counts."""
    rebalance = commit.manifest.head.kind == "rebalance"
    lines = said.trades
    if lines.empty and not rebalance:
        return
    st.header("Trades" if rebalance else "Changes in shares", anchor=False)
    if lines.empty:
        show.caption("No lines: nothing was held and nothing was bought.")
        return
    fractional = _fractional(lines, "current_shares") or _fractional(lines, "target_shares")
    columns = {
        "ticker": tables.ticker(),
        "action": tables.text("Action", width="small"),
        "shares_delta": tables.shares("Shares", fractional=fractional, signed=True),
        "reason": tables.text("Reason"),
        "current_shares": tables.shares("Held before", fractional=fractional),
        "target_shares": tables.shares("Held after", fractional=fractional),
        "notional_value": tables.money("Traded (USD)", cents=True),
        "price": tables.price("Close"),
        "current_weight": tables.weight("Weight before"),
        "target_weight": tables.weight("Weight after"),
        "cost": tables.money("Cost", cents=True),
        "volume_share": tables.weight(
            "Of daily volume", help="Shares traded, as a share of the average daily volume."
        ),
        "price_date": tables.text("Close of"),
        "name": tables.text("Name"),
    }
    if not rebalance:
        keep = ("ticker", "shares_delta", "current_shares", "target_shares")
        columns = {name: columns[name] for name in keep}
    traded = lines["action"] != "HOLD"
    tables.show(
        _literal(lines).assign(shares_delta=lines["shares_delta"].where(traded)),
        columns,
        alt="Every line of the plan with its reason" if rebalance else "Changes in share counts",
        key="record_trades",
    )


def money(commit: Commit, said: Contents) -> None:
    """The cash identity, line by line; lines without money are left out."""
    first, *moved, last = said.money
    lines = [first, *(step for step in moved if step.usd), last]
    st.header("Cash, to the cent", anchor=False)
    head = commit.manifest.head
    fills = head.kind == "reconcile" and bool(head.summary.get("decision"))
    frame = pd.DataFrame(
        {
            "step": [history_words.money_step(step.code, step.usd, fills=fills) for step in lines],
            "usd": [step.usd for step in lines],
        }
    )
    tables.show(
        frame,
        {"step": tables.text("Step"), "usd": tables.number("USD")},
        alt="Cash before, what moved it, cash after",
        key="record_money",
        width=480,
    )


def checks(commit: Commit, said: Contents) -> None:
    """What the checks said, and what the approver wrote to each warning."""
    answered = commit.manifest.acknowledged
    asked = {entry.finding for entry in answered}
    others = [finding for finding in said.findings if finding not in asked]
    if not answered and not others and commit.manifest.head.kind != "rebalance":
        return
    st.header("Checks when it was confirmed", anchor=False)
    for entry in answered:
        with st.container(border=True):
            show.findings_list([entry.finding])
            grave = entry.finding.severity is Severity.BLOCK
            show.caption("Overridden with the reason" if grave else "Acknowledged with the note")
            st.text(entry.note or format.MISSING)
    if others or not answered:
        show.findings_list(others, none="No check had anything to say.")


def books(said: Contents) -> None:
    """The books before and after."""
    if said.before.empty and said.after.empty:
        return
    st.header("Holdings", anchor=False)
    for name, word, frame in (("before", "Before", said.before), ("after", "After", said.after)):
        held = format.count(max(len(frame) - 1, 0), "position")
        with st.expander(f"{word}: {held} and cash", icon=":material/account_balance_wallet:"):
            if frame.empty:
                show.caption("The file of this book cannot be read.")
                continue
            book(frame, key=f"record_{name}")


def book(frame: pd.DataFrame, *, key: str) -> None:
    """A book at the prices it was recorded with."""
    tables.show(
        _with_cash(frame),
        {
            "ticker": tables.ticker(),
            "shares": tables.shares("Shares", fractional=_fractional(frame)),
            "price": tables.price("Price", help="The last price recorded, USD per share."),
            "cost": tables.price("Average cost"),
            "value": tables.money("Value", cents=True),
            "weight": tables.weight("Weight"),
        },
        alt="Positions and cash of this book",
        key=key,
    )


def _with_cash(frame: pd.DataFrame) -> pd.DataFrame:
    """Cash by its word, and without a share count or a price, which it has none of."""
    cash = frame["ticker"] == CASH
    shown = _literal(frame).assign(ticker=frame["ticker"].where(~cash, _CASH_NAME))
    figures = [name for name in ("shares", "price") if name in shown]
    shown.loc[cash, figures] = math.nan
    return shown


def _literal(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with foreign words that no spreadsheet runs."""
    words = [name for name in ("ticker", "name", "reason", "asset_class") if name in frame]
    return frame.assign(**{name: tables.inert(frame[name].astype("str")) for name in words})


def _fractional(frame: pd.DataFrame, column: str = "shares") -> bool:
    known = frame.loc[frame["ticker"] != CASH, column].dropna()
    return bool((known != known.round()).any())
