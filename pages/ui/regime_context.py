"""Series beside the regime, where the portfolio lists any: to look at, not to decide by."""

from __future__ import annotations

import streamlit as st

from pages.ui import format, loaders, show
from pages.ui.regime_view import View
from pages.ui.show import Kpi
from quantetf_core import desk
from quantetf_core.charts.context import context_alt, context_figure
from quantetf_core.data.sessions import session_age


def render(seen: View) -> None:
    """A small chart for each series, up to the session looked at; nothing without any."""
    with show.error_boundary(brief="The series beside the regime cannot be read."):
        _render(seen, loaders.context(seen.ctx.portfolio, seen.ctx.market))


def _render(seen: View, found: tuple[desk.ContextReading, ...]) -> None:
    if not found:
        return
    st.header("Beside the regime", anchor="context")
    show.caption(
        "Context only, from FRED, in percentage points: no rule reads these series, and no "
        "decision depends on them."
    )
    for place, reading in zip(st.columns(len(found), gap="medium"), found, strict=True):
        with place.container(key=f"context_{reading.about.id}"):
            _series(seen, reading.up_to(seen.ctx.session))


def _series(seen: View, reading: desk.ContextReading) -> None:
    about, values = reading.about, reading.values
    if values.empty:
        show.empty_state(about.name, "It has no value up to this session; Refresh asks for it.")
        return
    last = values.index[-1]
    age = format.session_age(session_age(last, seen.ctx.session))
    figure = Kpi(
        about.name,
        f"{format.number(float(values.iloc[-1]), places=2)} points",
        delta=f"{format.day(last, weekday=False)}, {age}",
        help=f"Percentage points; {about.id} of FRED, which publishes a day's value the day after.",
    )
    show.kpis([figure], key=f"context_{about.id}_last")
    show.caption(about.says)
    alt = context_alt(values, name=about.name)
    show.chart(context_figure(values, name=about.name), alt=alt, key=f"context_{about.id}_chart")
