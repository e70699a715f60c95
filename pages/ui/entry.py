"""One guard line per page: no page ever runs without `app.py` around it.

Until `app.py` has run once in a process, Streamlit serves a deep link such as ``/history`` by
running the file in ``pages/`` alone: no sidebar, no shared state. The first line of every page
calls `require_app`, which then runs `app.py` in the page's place; `app.py` in turn opens the page
again, and that second call returns at once.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

APP = Path(__file__).resolve().parents[2] / "app.py"
"""The script that sets up the page, the navigation and the sidebar."""

_RAN = "_app_ran"


def mark_app_run() -> None:
    """Say that `app.py` is about to run a page; the last thing it does before ``page.run()``."""
    st.session_state[_RAN] = True


def require_app(app: Path = APP) -> None:
    """Return if `app.py` opened this page; otherwise run `app.py` and end the page there.

    The mark holds for one run only, so a later run that comes without `app.py` is caught too.
    """
    if st.session_state.pop(_RAN, False):
        return
    source = compile(app.read_text(encoding="utf-8"), str(app), "exec")
    exec(source, {"__name__": "__main__", "__file__": str(app)})  # noqa: S102 - our own app.py
    st.stop()
