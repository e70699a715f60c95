"""What all pages rely on, in a real browser: the guard, foreign text, signs, layout, looks."""

from __future__ import annotations

import socket
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk, only_read
from tests.browser.helpers import cells, no_horizontal_overflow, settled
from tests.workspace import new_workspace

pytestmark = pytest.mark.browser

HOSTILE = [
    "![x](http://evil.test/a.png)",
    "[click](http://evil.test)",
    "<img src=http://evil.test/b.png>",
    "<b>bold</b> <script>alert(1)</script>",
    "costs $a$ and $b$ or $$x^2$$",
    ":red[loud] :material/bomb: :smile: :streamlit:",
    "http://evil.test https://evil.test/x www.evil.test me@evil.test",
    "# no heading",
    "1. no list",
    "`code` ~~gone~~ **bold** _it_",
    "a -> b <- c -- d >= e <= f",
]

APP = """
import streamlit as st
from pages.ui.entry import mark_app_run

st.set_page_config(page_title="Small desk", layout="wide")
page = st.navigation([
    st.Page("pages/first.py", title="First", default=True),
    st.Page("pages/second.py", title="Second"),
])
st.sidebar.text("the sidebar")
mark_app_run()
page.run()
"""

GUARD = """
import streamlit as st
from pathlib import Path
from pages.ui.entry import require_app
require_app(Path(__file__).resolve().parents[1] / "app.py")
"""

PARTS = f"""
import pandas as pd
import plotly.graph_objects as go
from pages.ui import show, tables
from pages.ui.show import Kpi
from quantetf_core.errors import PlanRefusedError
from quantetf_core.findings import Finding, Severity

st.title("Parts")
hostile = {HOSTILE!r}
down, up = Kpi("Turnover", "23%", "−40 bps", good="down"), Kpi("Value", "$1", "+$5", good="up")
show.kpis([down, up] + [Kpi(text, text, text) for text in hostile], key="figures")
with st.container(key="lines"):
    for text in hostile:
        show.line(text)
with show.error_boundary():
    raise PlanRefusedError(" ".join(hostile))
show.findings_list([Finding(Severity.WARN, "code", text, text) for text in hostile])
for text in hostile:
    show.badge(text)
    show.caption(text)
    show.empty_state(text, text, text)
frame = pd.DataFrame({{"ticker": ["SPY", "AGG"], "weight": [0.157, None], "drift": [16.0, -40.0]}})
columns = {{"ticker": tables.ticker(), "weight": tables.weight("Weight")}}
columns["drift"] = tables.basis_points("Drift")
tables.show(frame, columns, alt="Two holdings", key="held")
figure = go.Figure(go.Scatter(x=[1, 2], y=[1, 2], line_color="#000001", name="SPY"))
show.chart(figure, alt="SPY is above its mean", key="trend", height=240)
st.text("the end")
"""


@pytest.fixture(scope="module")
def small_app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The desk's bones with two pages: one that says its name, one that shows every part."""
    folder = tmp_path_factory.mktemp("small")
    (folder / "pages").mkdir()
    app = folder / "app.py"
    app.write_text(textwrap.dedent(APP), encoding="utf-8")
    first = GUARD + 'st.title("First")\n'
    (folder / "pages" / "first.py").write_text(first, encoding="utf-8")
    (folder / "pages" / "second.py").write_text(GUARD + PARTS, encoding="utf-8")
    return app


@pytest.fixture(scope="module")
def standing_parts(
    small_app: Path, stand: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory
) -> Desk:
    return stand(new_workspace(tmp_path_factory.mktemp("parts") / "desk"), app=small_app)


@pytest.fixture
def small_desk(standing_parts: Desk) -> Iterator[Desk]:
    """One server of those pages for all tests: there is nothing to change on them."""
    with only_read(standing_parts):
        yield standing_parts


def test_a_deep_link_as_the_first_request_of_a_fresh_server_has_its_frame(
    serve: Callable[..., Desk], small_app: Path, page: Page
) -> None:
    small_desk = serve(app=small_app)
    page.goto(small_desk.link("second"))
    expect(page.get_by_role("heading", name="Parts")).to_be_visible()
    expect(page.get_by_test_id("stSidebar").get_by_text("the sidebar")).to_be_visible()
    expect(page.get_by_test_id("stSidebarNavLink")).to_have_text(["First", "Second"])
    settled(page)
    expect(page.get_by_test_id("stDialog")).to_have_count(0)
    assert page.url == small_desk.link("second")


def test_foreign_text_is_shown_letter_by_letter_and_asks_nobody_for_anything(
    small_desk: Desk, page: Page
) -> None:
    page.goto(small_desk.link("second"))
    expect(page.get_by_text("the end")).to_be_visible()
    settled(page)
    main = page.get_by_test_id("stMain")
    for live in ("a:not([href^='#'])", "img", "script", ".katex", "code", "del", "li", "em", "b"):
        expect(main.locator(live)).to_have_count(0)
    shown = page.locator(".st-key-lines").inner_text().replace("\u2060", "")
    assert [line for line in shown.splitlines() if line.strip()] == HOSTILE
    metrics = page.get_by_test_id("stMetricValue").all_inner_texts()
    assert [text.strip().replace("\u2060", "") for text in metrics[2:]] == HOSTILE


def test_a_fall_points_down_and_a_rise_points_up(small_desk: Desk, page: Page) -> None:
    page.goto(small_desk.link("second"))
    falls = page.get_by_test_id("stMetricDeltaIcon-Down")
    rises = page.get_by_test_id("stMetricDeltaIcon-Up")
    expect(page.get_by_text("the end")).to_be_visible()
    expect(page.get_by_test_id("stMetric").nth(0).locator(falls)).to_have_count(1)
    expect(page.get_by_test_id("stMetric").nth(1).locator(rises)).to_have_count(1)


def test_the_parts_fit_every_look(small_desk: Desk, any_page: Page) -> None:
    any_page.goto(small_desk.link("second"))
    expect(any_page.get_by_text("the end")).to_be_visible()
    expect(any_page.get_by_role("figure", name="SPY is above its mean")).to_be_visible()
    settled(any_page)
    no_horizontal_overflow(any_page)


def test_a_table_gives_its_raw_values_to_screen_readers(small_desk: Desk, page: Page) -> None:
    page.goto(small_desk.link("second"))
    table = page.locator(".st-key-held").get_by_test_id("stDataFrame")
    expect(table.locator("table[role=grid] tbody tr").first).to_contain_text("SPY")
    assert [row[0] for row in cells(table)] == ["SPY", "AGG"]


@pytest.mark.parametrize(("host", "answer"), [("127.0.0.1", "101"), ("evil.test", "403")])
def test_a_page_of_another_host_cannot_talk_to_the_desk(
    small_desk: Desk, host: str, answer: str
) -> None:
    port = urlsplit(small_desk.url).port
    request = (
        f"GET /_stcore/stream HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: http://{host}:{port}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request.encode())
        assert connection.recv(64).decode().split()[1] == answer
