"""No page ever runs without app.py around it: a deep link, or a test's second run."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import entry

APP = """
import streamlit as st
from pages.ui.entry import mark_app_run

page = st.navigation([
    st.Page("pages/first.py", title="First", default=True),
    st.Page("pages/second.py", title="Second"),
])
st.sidebar.text("the sidebar")
mark_app_run()
page.run()
"""

PAGE = """
import streamlit as st
from pathlib import Path
from pages.ui.entry import require_app

require_app(Path(__file__).resolve().parents[1] / "app.py")
st.title("{title}")
if st.button("Press", key="press"):
    st.text("pressed")
"""


@pytest.fixture
def small_app(tmp_path: Path) -> Path:
    """A copy of the desk's bones: app.py, a navigation, two guarded pages."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "app.py").write_text(textwrap.dedent(APP))
    for name in ("first", "second"):
        text = textwrap.dedent(PAGE).format(title=name.capitalize())
        (tmp_path / "pages" / f"{name}.py").write_text(text)
    return tmp_path / "app.py"


def seen(at: AppTest) -> tuple[list[str], list[str]]:
    assert not at.exception
    return [text.value for text in at.sidebar.text], [title.value for title in at.title]


def test_the_app_opens_its_default_page_inside_its_frame(small_app: Path) -> None:
    at = AppTest.from_file(small_app, default_timeout=30).run()
    assert seen(at) == (["the sidebar"], ["First"])


def test_every_later_run_and_every_page_keeps_the_frame(small_app: Path) -> None:
    at = AppTest.from_file(small_app, default_timeout=30).run()
    assert seen(at.run()) == (["the sidebar"], ["First"])
    assert seen(at.switch_page("pages/second.py").run()) == (["the sidebar"], ["Second"])
    assert seen(at.run()) == (["the sidebar"], ["Second"])


def test_a_page_opened_first_gets_its_frame(small_app: Path) -> None:
    at = AppTest.from_file(small_app, default_timeout=30)
    assert seen(at.switch_page("pages/second.py").run()) == (["the sidebar"], ["Second"])


def test_a_click_on_a_page_opened_first_is_not_lost(small_app: Path) -> None:
    at = AppTest.from_file(small_app, default_timeout=30)
    at.switch_page("pages/second.py").run()
    at.button(key="press").click().run()
    assert seen(at) == (["the sidebar"], ["Second"])
    assert [text.value for text in at.main.text] == ["pressed"]


def test_the_guard_runs_the_app_py_of_this_desk() -> None:
    assert Path(__file__).resolve().parents[2] / "app.py" == entry.APP
    assert entry.APP.is_file()
