"""The screens without a browser: the whole app in this process, on a workspace of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from tests.workspace import ROOT, new_workspace, settings


@pytest.fixture
def workspace(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder of its own with the shipped configuration, no history, and a fixed clock."""
    folder = new_workspace(tmp_path / "desk")
    for name, value in settings(folder, tmp_path_factory).items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture
def open_desk(workspace: Path) -> Iterator[Callable[..., AppTest]]:
    """Open a page the way a visitor does: ``open_desk("history", portfolio="sample")``.

    The page's name is its file's; keyword arguments are the query of the link. The answer is the
    page after its first run, which has raised nothing.
    """
    forget_caches()

    def opened(page: str = "review", **query: str) -> AppTest:
        at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
        for name, value in query.items():
            at.query_params[name] = value
        at.switch_page(f"pages/{page}.py").run()
        assert not at.exception, [error.value for error in at.exception]
        return at

    yield opened
    forget_caches()


def forget_caches() -> None:
    """Streamlit's caches outlive an AppTest; no test may see another one's."""
    streamlit.cache_data.clear()
    streamlit.cache_resource.clear()
