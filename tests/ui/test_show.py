"""What the pages draw more than once, seen as a page would show it."""

from __future__ import annotations

import json
from collections.abc import Callable

from streamlit.testing.v1 import AppTest


def drawn(script: Callable[..., None], *args: object) -> AppTest:
    return AppTest.from_function(script, args=args, default_timeout=30).run()


def failing(kind: str) -> None:
    import streamlit as st

    from pages.ui import show
    from quantetf_core.errors import ConfigError, ConfigProblem, PlanRefusedError

    with show.error_boundary():
        if kind == "refused":
            raise PlanRefusedError("SPY has *no* price ![x](http://evil.test/x.png)")
        if kind == "config":
            where = {"file": "configs/a.yaml", "found": "'momentun'", "accepted": "'momentum'"}
            problems = [ConfigProblem(line=n, key="model", **where) for n in (3, 0)]
            raise ConfigError(problems)
        if kind == "defect":
            raise ZeroDivisionError("a defect")
    st.text("after")


def test_a_failure_the_user_can_act_on_is_a_message_without_live_markup() -> None:
    at = drawn(failing, "refused")
    assert not at.exception
    assert at.error[0].value.startswith(r"SPY has \*no\* price \!\[x\]")
    assert at.text[0].value == "after"


def test_a_configuration_error_is_the_list_of_its_problems() -> None:
    at = drawn(failing, "config")
    assert at.error[0].proto.title == "The configuration has 2 problems"
    first, second = at.error[0].value.replace("\u2060", "").splitlines()
    assert first.startswith(r"- configs\/a\.yaml\:3\: model\: found \'momentun\'")
    assert second.startswith(r"- configs\/a\.yaml\: model\:")


def test_a_defect_surfaces() -> None:
    at = drawn(failing, "defect")
    assert at.exception
    assert not at.error


def nothing_fails() -> None:
    import streamlit as st

    from pages.ui import show

    with show.error_boundary():
        st.text("fine")


def test_without_a_failure_there_is_no_message() -> None:
    at = drawn(nothing_fails)
    assert (at.text[0].value, len(at.error), len(at.exception)) == ("fine", 0, 0)


def findings(some: bool) -> None:
    from pages.ui import show
    from quantetf_core.findings import Finding, Severity

    listed = [
        Finding(Severity.INFO, "note", "VIX", "carried one session"),
        Finding(Severity.BLOCK, "stale", "*SPY*", "no price for 4 sessions"),
        Finding(Severity.WARN, "jump", "QQQ", "moved −40 %"),
    ]
    show.findings_list(listed if some else [])


def test_findings_are_listed_blocks_first_each_with_its_word() -> None:
    at = drawn(findings, True)
    assert not at.exception
    written = [element.value for element in at.markdown]
    badges = [text for text in written if "badge" in text]
    assert [word for text in badges for word in ("Block", "Warning", "Note") if word in text] == [
        "Block",
        "Warning",
        "Note",
    ]
    assert any(r"] **\*SPY\*** no price" in text for text in badges)


def test_no_findings_is_said() -> None:
    at = drawn(findings, False)
    assert at.caption[0].value == r"Nothing to report\."


def pieces() -> None:
    import plotly.graph_objects as go

    from pages.ui import show
    from pages.ui.show import Kpi

    show.empty_state("No *holdings* yet", "Nothing was $committed$.", "Confirm a plan on Review")
    show.empty_state("Nothing", "Only this.")
    show.caption("a [link](http://evil.test)")
    show.line("2 * 3 * 4")
    show.kpis(
        [
            Kpi("Turnover", "23%", "−40 bps", good="down", help="½ Σ|Δ|"),
            Kpi("Value", "$1,000,000", "+$5", good="up"),
            Kpi("![x](http://evil.test)", "–"),
            Kpi("Cost", "$412", "of $1,000 allowed"),
        ],
        key="figures",
    )
    show.chart(go.Figure(), alt="SPY is above its mean", key="trend")


def test_pieces_escape_what_they_are_given() -> None:
    at = drawn(pieces)
    assert not at.exception
    assert at.subheader[0].value == r"No \*holdings\* yet"
    assert at.text[0].value == "Nothing was $committed$."
    assert at.caption[0].value.startswith(r"a \[link\]\(http")
    assert any(element.value == r"2 \* 3 \* 4" for element in at.markdown)
    assert at.metric[2].label.startswith(r"\!\[x\]")


def test_a_fall_is_drawn_as_a_fall_and_its_colour_says_whether_that_is_good() -> None:
    turnover, value, plain, unsigned = drawn(pieces).metric
    assert turnover.delta == "-40 bps"
    directions = [metric.proto.direction for metric in (turnover, value, plain)]
    assert len(set(directions)) == 3  # down, up, none
    assert turnover.proto.color == value.proto.color  # both are good news
    assert plain.delta == ""
    assert unsigned.proto.direction == plain.proto.direction  # no sign, no arrow


def test_a_chart_has_an_alternative_text() -> None:
    chart = drawn(pieces).get("plotly_chart")[0]
    assert chart.proto.alt == "SPY is above its mean"
    assert chart.proto.theme == "streamlit"


def table() -> None:
    import pandas as pd

    from pages.ui import tables

    frame = pd.DataFrame(
        {
            "ticker": ["SPY", "$CASH$"],
            "name": ["S&P 500", None],
            "weight": [0.157, None],
            "drift": [16.0, -40.0],
            "shares": [10.0, None],
            "notional": [4700.0, 1.5],
            "price": [470.0, None],
            "score": [0.1, None],
            "date": pd.to_datetime(["2023-12-29", None]),
            "time": pd.to_datetime(["2023-12-29T21:00Z", None]),
            "hidden": [1, 2],
        }
    )
    columns = {
        "ticker": tables.ticker(),
        "name": tables.text("Name"),
        "weight": tables.weight("Weight"),
        "drift": tables.basis_points("Drift"),
        "shares": tables.shares("Shares", signed=True),
        "notional": tables.money("Notional"),
        "price": tables.price(),
        "score": tables.number("Score"),
        "date": tables.day(),
        "time": tables.moment(),
    }
    tables.show(frame, columns, alt="Two holdings", key="held")
    tables.show(frame, columns, alt="Two more", key="chosen", on_select="rerun")


def test_a_table_shows_the_listed_columns_only_in_their_order() -> None:
    at = drawn(table)
    assert not at.exception
    plain, chosen = at.dataframe
    assert list(plain.proto.column_order)[:3] == ["ticker", "name", "weight"]
    assert "hidden" not in plain.proto.column_order
    assert plain.proto.alt == "Two holdings"
    assert json.loads(plain.proto.columns)["drift"]["label"] == "Drift (bps)"
    assert chosen.proto.id


def test_a_table_keeps_raw_numbers() -> None:
    assert drawn(table).dataframe[0].value["weight"].iloc[0] == 0.157
