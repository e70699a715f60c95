"""The strategy on the Review page: which, why, with which parameters, and what it chose."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from pages.ui import format, overlays, show, tables
from quantetf_core import desk
from quantetf_core.config import OptimizerConfig, StrategyConfig


def render(plan: desk.RebalanceResult) -> None:
    """Rationale and parameters beside the ranking with its near misses; overlays below."""
    st.header("Strategy", anchor="strategy")
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _why(plan)
    with right:
        _ranking(plan)
    overlays.render(plan.used.overlays, key="overlays")


def _why(plan: desk.RebalanceResult) -> None:
    used = plan.used
    st.subheader(format.md_escape(plan.strategy_used), anchor=False)
    if used.strategy.description:
        show.line(used.strategy.description)
    st.markdown(f"**Why in this regime.** {format.md_escape(used.entry.rationale, limit=2000)}")
    st.table(_facts(used.strategy), border="horizontal", hide_header=True, alt="Parameters")
    if used.weighting is not None:
        show.line(_weights(used.weighting))


def _weights(report: desk.WeightingReport) -> str:
    """One line of what gave the weights, and what it did not reach."""
    said = [f"Weights: {report.said}"]
    if report.volatility is not None:
        volatility = format.percent(report.volatility)
        said.append(f"expected volatility {volatility} a year of what it invests")
    if report.way < 1.0:
        said.append(f"{format.percent(report.way)} of the way from the book, by the turnover limit")
    return f"{'; '.join(said)}."


def _facts(strategy: StrategyConfig) -> dict[str, list[str]]:
    """Parameters as two columns of escaped text, the file's own names in words."""
    made = strategy.construction
    top = made.top_n
    facts: dict[str, str] = {"model": strategy.alpha_model}
    facts |= {name: _plain(value) for name, value in strategy.parameters.items()}
    facts |= {
        "holds at most": "all with a score" if top is None else format.count(top, "ETF"),
        **_weighting(made.weighting),
        "largest weight": format.percent(made.max_weight, places=0),
        "invested at most": format.percent(made.investable, places=0),
        "places not filled": "stay in cash" if made.unfilled == "cash" else "are shared out",
    }
    if strategy.tickers:
        facts["chooses from"] = ", ".join(strategy.tickers)
    return {
        "Parameter": [format.md_escape(name.replace("_", " ")) for name in facts],
        "Value": [format.md_escape(value) for value in facts.values()],
    }


def _weighting(weighting: str | OptimizerConfig) -> dict[str, str]:
    """What shares out the money; an optimizer's own limits are beside it."""
    if isinstance(weighting, str):
        return {"weighting": desk.WEIGHTING_WORDS.get(weighting, weighting)}
    facts = {
        "weighting": f"{desk.WEIGHTING_WORDS[weighting.model]} ({weighting.provider})",
        "history": format.count(weighting.lookback_days, "close"),
        "if it finds none": desk.WEIGHTING_WORDS[weighting.fallback],
    }
    if weighting.max_turnover is not None:
        facts["turnover at most"] = format.percent(weighting.max_turnover, places=0)
    for name, limit in sorted(weighting.asset_class_limits.items()):
        least, most = (format.percent(bound, places=0) for bound in (limit.min, limit.max))
        facts[f"{name} together"] = f"{least} to {most}"
    return facts


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _ranking(plan: desk.RebalanceResult) -> None:
    view = desk.ranking_view(plan)
    scored = len(plan.used.ranking)
    if view.empty:
        show.empty_state(
            "No ETF could be scored",
            "None of the ETFs this strategy may hold has enough closes, or none qualifies, so its "
            "money stays in cash.",
        )
        return
    columns = {
        "rank": tables.number("Rank", places=0),
        "ticker": tables.ticker(),
        "choice": tables.text("Choice"),
        "score": tables.number("Score", places=4, signed=True, help="Higher is better."),
        "gap": tables.number(
            "To the cut",
            places=4,
            signed=True,
            help="Score less that of the last one chosen; negative is what it missed by.",
        ),
        "name": tables.text("Name"),
    }
    if view["gap"].isna().all():
        del columns["gap"]
        view = view.drop(columns="gap")
    told = _missed(view) if plan.used.weighting is None else _weighed(view)
    tables.show(view, columns, alt=told, key="ranking")
    show.caption(f"{told} {format.count(scored, 'ETF')} could be scored.")


def _weighed(view: pd.DataFrame) -> str:
    """How many of those an optimizer considered it gave weight to."""
    given = int((view["choice"] == desk.WEIGHT_GIVEN).sum())
    considered = given + int((view["choice"] == desk.NO_WEIGHT).sum())
    ranked = format.count(considered, "ETF")
    return f"The optimizer gave weight to {given} of the {ranked} it considered."


def _missed(view: pd.DataFrame) -> str:
    """Who just missed, and by how much."""
    missed = view[view["choice"] == "missed"].head(desk.NEAR_MISSES)
    if missed.empty:
        return "Nobody missed the cut."
    by = [
        f"{ticker} by {format.number(-gap, places=4)}"
        for ticker, gap in zip(missed["ticker"], missed["gap"], strict=True)
    ]
    return f"Just missed: {', '.join(by[:3])}."
