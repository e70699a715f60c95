"""What the pages draw more than once: messages, findings, figures of merit, charts.

All text that comes from data, files or users goes through `format.md_escape` or ``st.text`` here,
because Markdown is live in labels, alerts and headings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from pages.ui.format import (
    MINUS,
    SEVERITY_ICON,
    SEVERITY_WORD,
    count,
    md_escape,
    metric_delta,
)
from quantetf_core.errors import (
    ConfigError,
    DamagedHistoryError,
    HoldingsFileError,
    ImportFileError,
    PlanRefusedError,
    QuantEtfError,
    SessionError,
    SourceError,
    UnknownTickerError,
)
from quantetf_core.findings import Finding, Severity, in_order

Colour = Literal["red", "orange", "blue", "green", "violet", "gray"]

_SEVERITY_COLOUR: dict[Severity, Colour] = {
    Severity.BLOCK: "red",
    Severity.WARN: "orange",
    Severity.INFO: "blue",
}


_TITLES: dict[type[QuantEtfError], str] = {
    SourceError: "The market data cannot be read",
    UnknownTickerError: "The market data lacks a ticker",
    SessionError: "There is no such session",
    PlanRefusedError: "No plan can be made",
    HoldingsFileError: "The holdings file and the history do not fit together",
    DamagedHistoryError: "The history does not hold",
}


@contextmanager
def error_boundary(*, brief: str = "", remedy: bool = True, title: str = "") -> Iterator[None]:
    """Turn a `QuantEtfError` into a message the user can act on; anything else surfaces.

    The one place that does so. What stands after the ``with`` block still runs.

    Parameters
    ----------
    brief
        What to say in place of the message, where the page beside it says the message itself.
    remedy
        Whether to add where the portfolio's data is put right; not where it is not about that.
    title
        What is wrong in a few words, where its kind does not say it well.
    """
    try:
        yield
    except QuantEtfError as error:
        if brief:
            caption(brief)
        else:
            error_message(error, remedy=remedy, title=title)


def error_message(error: QuantEtfError, *, remedy: bool = True, title: str = "") -> None:
    """Show one failure; a `ConfigError` or `ImportFileError` as the list of its problems."""
    if isinstance(error, ConfigError):
        title = f"The configuration has {count(len(error.problems), 'problem')}"
        lines = [f"- {md_escape(problem)}" for problem in error.problems]
        st.error("\n".join(lines), title=title, icon=SEVERITY_ICON[Severity.BLOCK])
    elif isinstance(error, ImportFileError):
        title = f"{md_escape(error.source)}: {count(len(error.problems), 'problem')} to put right"
        lines = [f"- {md_escape(problem)}" for problem in error.problems]
        st.error("\n".join(lines), title=title, icon=SEVERITY_ICON[Severity.BLOCK])
    else:
        kinds = (name for kind, name in _TITLES.items() if isinstance(error, kind))
        text, icon = md_escape(error, limit=2000), SEVERITY_ICON[Severity.BLOCK]
        st.error(text, title=title or next(kinds, None), icon=icon)
    if not isinstance(error, SourceError) or not remedy:
        return
    if "the Data page" in error.accepted:
        st.page_link("pages/data.py", label="Open Data", icon=":material/database:")
    else:
        line(
            "Put the data where the portfolio's file in configs/portfolios names it under "
            "“source”, or change what it names there; the page reads it as soon as it is in "
            "place. Another portfolio can be chosen in the sidebar."
        )


def findings_list(findings: Iterable[Finding], *, none: str = "Nothing to report.") -> None:
    """Findings, blocks first, each with its severity in a word, an icon and a colour."""
    ordered = in_order(findings)
    if not ordered:
        st.caption(md_escape(none))
    for finding in ordered:
        # One text, so that the badge stands before the words however long they are.
        st.markdown(findings_text([finding]))


def findings_text(findings: Iterable[Finding], *, none: str = "Nothing to report.") -> str:
    """Write what `findings_list` draws as one Markdown text: for what is drawn at every move."""
    lines = [
        f"{_severity_text(f.severity)} **{md_escape(f.subject)}** "
        f"{md_escape(f.message, limit=2000)}"
        for f in in_order(findings)
    ]
    return "\n\n".join(lines) or f":gray[{md_escape(none)}]"


def _severity_text(severity: Severity) -> str:
    return badge_text(SEVERITY_WORD[severity], _SEVERITY_COLOUR[severity], SEVERITY_ICON[severity])


def badge(text: object, *, colour: Colour = "gray", icon: str | None = None) -> None:
    """A short label; ``text`` may be foreign, ``icon`` is ours (``:material/…:``)."""
    st.badge(md_escape(text), color=colour, icon=icon)


def badge_text(text: object, colour: Colour, icon: str) -> str:
    """Write `badge` as Markdown, to stand in a line with others."""
    return f":{colour}-badge[{icon} {md_escape(text)}]"


def empty_state(title: str, text: str, action: str = "") -> None:
    """A designed nothing: what is not there, why, and what to do about it."""
    with st.container(border=True):
        st.subheader(md_escape(title), anchor=False)
        st.text(text)
        if action:
            st.markdown(f":material/arrow_forward: {md_escape(action)}")


def caption(text: object) -> None:
    """Small text, shown letter by letter."""
    st.caption(md_escape(text, limit=2000))


def line(text: object) -> None:
    """A sentence of body text, shown letter by letter."""
    st.markdown(md_escape(text, limit=4000))


@dataclass(frozen=True, slots=True)
class Kpi:
    """One figure of merit.

    Parameters
    ----------
    label, value
        Shown letter by letter; ``value`` is already formatted.
    delta
        A formatted difference, with its sign; empty for none.
    good
        Which direction is good news: ``up``, ``down`` or ``neither`` (no colour).
    help
        Definition, in a tooltip.
    """

    label: str
    value: str
    delta: str = ""
    good: Literal["up", "down", "neither"] = "neither"
    help: str = ""


_DELTA_COLOUR: dict[str, Literal["normal", "inverse", "off"]] = {
    "up": "normal",
    "down": "inverse",
    "neither": "off",
}


def kpis(figures: Sequence[Kpi], *, key: str) -> None:
    """A row of figures in equal cards; on a phone one below the other."""
    with st.grid(len(figures), min_column_width=150, key=key):
        for figure in figures:
            st.metric(
                md_escape(figure.label),
                md_escape(figure.value),
                _delta(figure.delta),
                delta_color=_DELTA_COLOUR[figure.good],
                delta_arrow="auto" if figure.delta.startswith(("+", MINUS, "-")) else "off",
                help=md_escape(figure.help) if figure.help else None,
                border=True,
                height="stretch",
            )


def _delta(text: str) -> str | None:
    ascii_signed = metric_delta(text)
    if ascii_signed.startswith("-"):  # unescaped: st.metric reads the sign off the first character
        return "-" + md_escape(ascii_signed[1:])
    return md_escape(ascii_signed) or None


def chart(figure: Any, *, alt: str, key: str, height: int | None = None) -> None:
    """A plotly figure of `quantetf_core.charts`, in the theme's colours and full width.

    Parameters
    ----------
    figure
        ``plotly.graph_objects.Figure``; its traces name colours by placeholder
        (``#000001`` …) so that they follow light and dark.
    alt
        The takeaway in words, for readers who cannot see it.
    height
        Pixels; by default the figure's own.
    """
    # The browser puts the theme's colours in place of the placeholders once and keeps the result:
    # after a change of theme only a chart under another key is drawn in the new colours.
    theme = st.context.theme.type or "unknown"
    with st.container(key=key):
        st.plotly_chart(
            figure,
            theme="streamlit",
            width="stretch",
            height=height or "content",
            config={"displayModeBar": False},
            alt=alt,
            key=f"{key}_{theme}",
        )
