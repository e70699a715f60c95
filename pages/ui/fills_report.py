"""What was ordered against what was filled: the figures in short, and line by line."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.ui import format, show, tables
from pages.ui.show import Kpi
from quantetf_core import desk

_DIFFERENCE = (
    "Average price filled at, from the price the decision was made at, in basis points (0.01%) of "
    "the latter. Positive is worse for us: more paid on a buy, less received on a sell."
)
_SHORTFALL = (
    "Implementation shortfall: what the filled shares would have made at the prices of the "
    "decision, less what they made at the prices they were filled at, and the fees. Positive is a "
    "cost. Shares that were not filled are not in it."
)
_BPS = "The shortfall in basis points (0.01%) of what was ordered, at the prices of the decision."


def render(report: desk.FillReport, *, key: str, names: Mapping[str, str] | None = None) -> None:
    """Headline figures and the table of lines.

    Parameters
    ----------
    key
        Names the place; another one for each on a page.
    names
        Ticker → name, for a last column.
    """
    _figures(report, key)
    _lines(report, names or {}, key)


def _figures(report: desk.FillReport, key: str) -> None:
    ordered = [line for line in report.lines if line.ordered_shares]
    filled = [line for line in ordered if line.n_fills and not line.missing_shares]
    show.kpis(
        [
            Kpi(
                "Orders filled",
                f"{format.number(len(filled))} of {format.number(len(ordered))}",
                help="Lines of the decision that nothing is missing of.",
            ),
            Kpi(
                "Price difference",
                format.money(report.execution_cost, cents=True, signed=True),
                delta=_worse(report.execution_cost),
                help="What the prices filled at cost (+) or brought (−) against the prices of the "
                "decision, on the shares that were filled and had been ordered.",
            ),
            Kpi("Fees", format.money(report.fees, cents=True), help="Commissions and other fees."),
            Kpi(
                "Shortfall",
                format.money(report.shortfall, cents=True, signed=True),
                delta=_in_bps(report.shortfall_bps),
                help=f"{_SHORTFALL} {_BPS}",
            ),
        ],
        key=f"{key}_figures",
    )


def _worse(usd: float) -> str:
    return "worse than decided" if usd > 0 else "better than decided" if usd < 0 else ""


def _in_bps(value: float | None) -> str:
    return "" if value is None else f"{format.number(value, places=1)} bps"


def _lines(report: desk.FillReport, names: Mapping[str, str], key: str) -> None:
    frame = desk.fills_table(report)
    frame = frame.assign(name=frame["ticker"].map(lambda ticker: names.get(ticker, "")))
    counts = ["ordered", "filled", "missing"]
    shares = frame[counts]
    frame = frame.assign(**{name: shares[name].where(shares[name] != 0) for name in counts})
    done = frame["n_fills"] > 0
    frame = frame.assign(**{name: frame[name].where(done) for name in ("fees", "cash_effect")})
    fractional = bool((shares.round() - shares).abs().gt(1e-9).to_numpy().any())
    columns = {
        "ticker": tables.ticker(),
        "status": tables.text("What came back"),
        "ordered": tables.shares("Ordered", fractional=fractional, signed=True, help=_SIGNED),
        "filled": tables.shares("Filled", fractional=fractional, signed=True, help=_SIGNED),
        "missing": tables.shares("Missing", fractional=fractional, signed=True),
        "decision_price": tables.number("Decided at (USD)"),
        "average_price": tables.number("Filled at (USD)", places=4),
        "difference_bps": tables.number(
            "Difference (bps)", places=1, signed=True, help=_DIFFERENCE
        ),
        "fees": tables.number("Fees (USD)"),
        "shortfall": tables.number("Shortfall (USD)", signed=True, help=_SHORTFALL),
        "shortfall_bps": tables.number("Shortfall (bps)", places=1, signed=True, help=_BPS),
        "cash_effect": tables.number("Cash (USD)", signed=True, help=_CASH),
    }
    if names:
        columns["name"] = tables.text("Name")
    st.space("small")  # the table's toolbar lies over what is above it on a touch screen
    shown = frame.assign(ticker=tables.inert(frame["ticker"].astype("str")))
    tables.show(shown, columns, alt=_alt(report), key=f"{key}_lines")
    show.caption(
        "Prices are USD per share. Difference and shortfall are positive where they are worse for "
        "us; the (implementation) shortfall is the price difference on what was filled, and the "
        "fees. What is missing is not in it."
    )


_SIGNED = "Shares; + bought, − sold."
_CASH = "What the fills did to cash: received for sells, less paid for buys, less fees."


def _alt(report: desk.FillReport) -> str:
    open_lines = sum(1 for line in report.lines if line.missing_shares)
    rest = "nothing is missing" if report.complete else f"{format.count(open_lines, 'line')} open"
    cost = format.money(report.shortfall, cents=True, signed=True)
    return f"Ordered, filled and missing shares of each ticker: {rest}; shortfall {cost}"
