"""The sidebar every page shares: portfolio, session, and what the data is worth."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui import context, format, loaders, show, state
from pages.ui.state import Key


def render() -> None:
    """Draw the sidebar; called by `app.py` before the page runs."""
    asked, wrong = st.query_params.get(Key.PORTFOLIO), ""
    with st.sidebar:
        with show.error_boundary(brief="Nothing can be shown; the page says why."):
            names = loaders.portfolio_names()
            wrong = asked if asked and asked not in names else ""
            _choices(names)
        # Streamlit offers no way to choose the theme from a script; its own menu does it well.
        show.caption("Light or dark: the menu ⋮ at the top right.")
    if wrong:
        _say_unknown(wrong)


def _say_unknown(asked: str) -> None:
    """On the page itself, where a phone shows it: no portfolio passes for another one."""
    st.warning(
        f"The link asks for the portfolio “{format.md_escape(asked)}”, which is not configured. "
        f"This is {format.md_escape(context.chosen_portfolio())}.",
        icon=":material/link_off:",
    )


def _choices(names: Sequence[str]) -> None:
    """Portfolio and session, both part of the address, and the data behind them."""
    st.selectbox(
        "Portfolio",
        names,
        key=Key.PORTFOLIO,
        on_change=state.portfolio_changed,
        bind="query-params",  # a link names its portfolio
    )
    market = loaders.market(loaders.portfolio(context.chosen_portfolio()), now=loaders.now())
    st.date_input(
        "As of",
        value=None,
        min_value=market.sessions[0].date(),
        max_value=market.last_session.date(),
        key=Key.AS_OF,
        on_change=state.as_of_changed,
        bind="query-params",
        help="Empty means the latest session. A day without a session shows the one before.",
    )
    _data_badge(context.current())


def _data_badge(now: context.Context) -> None:
    """Source, last session and age of the data."""
    if now.market.simulated:
        show.badge("Simulated prices", colour="orange", icon=":material/science:")
    if now.status.age:
        text = f"Data {format.count(now.status.age, 'session')} behind"
        show.badge(text, colour="red", icon=":material/update:")
    elif now.portfolio.settings.config.clock == "replay":
        show.badge("Replay: the clock is the date chosen", colour="blue", icon=":material/replay:")
    else:
        show.badge("Data up to date", colour="green", icon=":material/check_circle:")
    show.caption(f"{now.market.source}. Last session: {format.day(now.market.last_session)}.")
