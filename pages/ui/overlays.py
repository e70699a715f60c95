"""What overlays did to the target weights: the same on Review and in a record of History."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import format, show
from pages.ui.show import Colour
from quantetf_core import desk

_COLOURS: Mapping[desk.OverlayState, Colour] = {
    desk.OverlayState.APPLIED: "blue",
    desk.OverlayState.WITHIN: "gray",
    desk.OverlayState.UNKNOWN: "orange",
    desk.OverlayState.OFF: "gray",
}
_ICONS: Mapping[desk.OverlayState, str] = {
    desk.OverlayState.APPLIED: ":material/tune:",
    desk.OverlayState.WITHIN: ":material/check:",
    desk.OverlayState.UNKNOWN: ":material/warning:",
    desk.OverlayState.OFF: ":material/toggle_off:",
}
_SETTINGS = {
    "volatility_target": "target",
    "position_limit": "limit",
    "drawdown_brake": "begins at",
    "vix_shift": "begins above",
}
"""What the setting of an overlay is called beside the number it is held against."""


def render(steps: Sequence[desk.OverlayStep], *, key: str) -> None:
    """Each overlay in a card: on or off, what it found, and the exposure before and after."""
    if not steps:
        return
    st.subheader("Overlays", anchor=False)
    show.caption(
        "What is done to the target weights before they become trades, in this order. Exposure is "
        f"the sum of the target weights; the rest is cash. Together: {_moved(steps[0], steps[-1])}."
    )
    with st.grid(len(steps), min_column_width=220, key=key):
        for number, step in enumerate(steps, 1):
            with st.container(border=True, height="stretch", gap="xsmall"):
                _card(number, step)


def _card(number: int, step: desk.OverlayStep) -> None:
    # One below the other, so that the cards of a row begin alike whatever their widths.
    st.markdown(f"**{number}. {format.md_escape(step.title)}**")
    show.badge(step.state.label, colour=_COLOURS[step.state], icon=_ICONS[step.state])
    if step.enabled:
        setting = f"{_SETTINGS.get(step.name, 'setting')} {_value(step, step.setting)}"
        show.line(f"{step.measure} {_value(step, step.measured)}, {setting}")
        show.line(f"Exposure {_moved(step, step)}")
    show.caption(step.said)


def _value(step: desk.OverlayStep, value: float | None) -> str:
    if value is None:
        return "not known"
    if step.unit == "fraction":
        return format.percent(value, places=1)
    return format.number(value, places=2)


def _moved(first: desk.OverlayStep, last: desk.OverlayStep) -> str:
    before = format.percent(first.exposure_before, places=1)
    after = format.percent(last.exposure_after, places=1)
    return f"{before} before, {after} after" if before != after else f"{after}, unchanged"
