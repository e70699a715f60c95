"""Two records side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages.ui import format, history_check, history_link, history_words, show, tables
from pages.ui.history_link import Asked
from pages.ui.loaders import Past
from quantetf_core import desk
from quantetf_core.units import CASH

if TYPE_CHECKING:
    from quantetf_core.ledger.compare import Comparison, Facts


_STATED = "ADJUST"
_RESTATED = "“Restated”: the count was changed by a record that is no trade of ours."


def render(portfolio: desk.Portfolio, past: Past, asked: Asked) -> None:
    """Draw the two records of the address, or say which of them there is not."""
    st.title("Two records side by side", anchor=False)
    with st.container(horizontal=True, key="along"):
        st.button(
            "All commits", icon=":material/arrow_back:", on_click=history_link.open_list, key="back"
        )
        for commit_id, key in ((asked.commit_id, "open_first"), (asked.other, "open_second")):
            st.button(
                f"Open {format.md_escape(commit_id, limit=30)}",
                on_click=history_link.open_record,
                args=(commit_id,),
                disabled=commit_id not in past.history.by_id,
                key=key,
            )
    _choice(past, asked)
    unknown = [i for i in (asked.commit_id, asked.other) if i not in past.history.by_id]
    if unknown:
        named = " and ".join(f"“{format.plain_text(i, limit=60)}”" for i in unknown)
        show.line(f"This portfolio has no commit with the id {named}. Choose two above.")
        return
    _side_by_side(desk.compare(portfolio, asked.commit_id, asked.other))


def _choice(past: Past, asked: Asked) -> None:
    """Two boxes with every id, newest first."""
    ids = list(past.history.by_id)
    if not ids:
        return
    at = {commit_id: position for position, commit_id in enumerate(ids)}
    with st.grid(2, min_column_width=160, key="sides"):
        first, second = (
            st.selectbox(label, ids, index=at.get(chosen), key=f"{label}_{chosen}", required=False)
            for label, chosen in (("Left", asked.commit_id), ("Right", asked.other))
        )
    wanted = (first or asked.commit_id, second or asked.other)
    if wanted != (asked.commit_id, asked.other):
        history_link.open_comparison(*wanted)
        st.rerun()


def _side_by_side(found: Comparison) -> None:
    for side in (found.first, found.second):
        if side.findings:
            st.error(format.md_escape(f"{side.id} is damaged."), icon=":material/gpp_bad:")
            history_check.listed(side.findings)
    st.header("What was decided", anchor=False)
    _facts(found)
    left, right = found.first.id, found.second.id
    if len(found.weights):
        st.header("Weights after", anchor=False)
        _weights(found.weights, left, right)
    st.header("Trades", anchor=False)
    if len(found.trades):
        _trades(found.trades, left, right)
    else:
        show.caption("Neither of them traded.")
    st.header("Cash, to the cent", anchor=False)
    _money(found.money, left, right)


def _named(frame: pd.DataFrame, columns: dict[str, tables.Column]) -> dict[str, tables.Column]:
    """The columns, and the funds' names where either record knows them."""
    known = (frame["name"] != "") & (frame["ticker"] != CASH)
    return {**columns, "name": tables.text("Name")} if known.any() else columns


def _facts(found: Comparison) -> None:
    left, right = _said(found.first), _said(found.second)
    labels = [name for name in left if left[name] or right[name]]
    # The same id twice would be one column: an invisible character keeps them apart.
    heads = format.md_escape(found.first.id), format.md_escape(found.second.id) + "\u2060"
    st.table(
        {
            "": labels,
            heads[0]: [format.md_escape(left[name]) or format.MISSING for name in labels],
            heads[1]: [format.md_escape(right[name]) or format.MISSING for name in labels],
            " ": ["" if left[name] == right[name] else "differs" for name in labels],
        },
        border="horizontal",
        alt="Regime, strategy and money of both records",
    )


def _said(side: Facts) -> dict[str, str]:
    """One side in words; empty where it has nothing to say."""
    spy, mean, vix = (side.indicators.get(n) for n in ("spy_price", "spy_200ma", "vix"))
    against = f"{format.number(spy, places=2)} / {format.number(mean, places=2)}"
    rebalance = side.kind == "rebalance"
    return {
        "Kind": history_words.kind(side.kind),
        "Session": format.day(side.as_of),
        "Regime": format.regime(side.regime) if side.regime else "",
        "SPY / 200-day mean": against if side.indicators else "",
        "VIX": format.number(vix, places=2) if side.indicators else "",
        "Strategy": side.strategy,
        "Why": side.rationale,
        "Trades": format.number(side.num_trades) if rebalance else "",
        "Turnover": format.percent(side.turnover, places=1) if rebalance else "",
        "Costs": format.money(side.costs, cents=True) if rebalance or side.costs else "",
        "Value after": format.money(side.value, cents=True) if side.value == side.value else "",
        "Approved by": side.approver,
        "Committed": format.moment(side.committed_at),
        "Note": side.note,
        "Prices": "Simulated prices" if side.simulated else "Market prices",
    }


def _weights(frame: pd.DataFrame, left: str, right: str) -> None:
    cash = frame["ticker"] == CASH
    shown = frame.assign(
        ticker=tables.inert(frame["ticker"].where(~cash, "Cash")),
        name=tables.inert(frame["name"]),
        difference_bps=frame["difference_bps"].round() + 0.0,  # no "-0" on the screen
    )
    columns = {
        "ticker": tables.ticker(),
        "first": tables.weight(left),
        "second": tables.weight(right),
        "difference_bps": tables.basis_points("Difference", help=f"{right} less {left}."),
    }
    tables.show(
        shown,
        _named(frame, columns),
        alt=f"Weights after {left} and after {right}, and their difference",
        key="compare_weights",
    )


def _trades(frame: pd.DataFrame, left: str, right: str) -> None:
    columns = {"ticker": tables.ticker()}
    for side, commit_id in (("first", left), ("second", right)):
        shares = frame[f"{side}_shares"].dropna()
        columns |= {
            f"{side}_action": tables.text(commit_id, help=_RESTATED),
            f"{side}_shares": tables.shares(
                "Shares", signed=True, fractional=bool((shares != shares.round()).any())
            ),
            f"{side}_notional": tables.money("USD"),
        }
    for side in ("first", "second"):
        stated = frame[f"{side}_action"] == _STATED  # no trade, so no money of its own
        frame = frame.assign(
            **{
                f"{side}_action": frame[f"{side}_action"].mask(stated, "restated"),
                f"{side}_notional": frame[f"{side}_notional"].mask(stated),
            }
        )
    shown = frame.assign(ticker=tables.inert(frame["ticker"]), name=tables.inert(frame["name"]))
    tables.show(
        shown,
        _named(frame, columns),
        alt=f"Trades of {left} and of {right}, by ticker",
        key="compare_trades",
    )


def _money(frame: pd.DataFrame, left: str, right: str) -> None:
    codes = zip(frame["code"], frame["first"], frame["second"], strict=True)
    moved = (frame["first"] != 0) | (frame["second"] != 0) | frame["code"].str.startswith("cash")
    shown = frame.assign(
        step=[_step(code, a, b) for code, a, b in codes],
    )[moved]
    tables.show(
        shown,
        {
            "step": tables.text("Step"),
            "first": tables.number(f"{left} (USD)"),
            "second": tables.number(f"{right} (USD)"),
            "difference": tables.number("Difference (USD)", help=f"{right} less {left}."),
        },
        alt=f"Cash of {left} and of {right}, step by step",
        key="compare_money",
    )


def _step(code: str, first: float, second: float) -> str:
    if code == "flow":
        return "Deposit or withdrawal"
    return history_words.money_step(code, first or second)
