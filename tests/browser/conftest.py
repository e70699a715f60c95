"""The real pages in a real browser, each test on a server, a port and a workspace of its own.

A test fails when the server logs a traceback, the page raises a script error, or anything is
asked of a host other than the desk. Without Chromium the tests skip and say so;
``QUANTETF_REQUIRE_BROWSER=1`` makes its absence a failure. ``CHROMIUM`` names another binary.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from tests.workspace import NOW, ROOT, new_workspace, settings

APP = ROOT / "app.py"
PATIENCE_S = 60.0
PATIENCE_MS = 30_000

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--no-first-run", "--disable-quic"),
)
WIDE = {"width": 1440, "height": 1000}
PHONE = {"width": 390, "height": 844}

expect.set_options(timeout=PATIENCE_MS)


# --- the server -----------------------------------------------------------------------------


@dataclass(slots=True)
class Desk:
    """A running server and where it works."""

    url: str
    workspace: Path
    log: Path
    process: subprocess.Popen[bytes]

    def link(self, page: str = "", **query: str) -> str:
        """Address of a page (its file's name; empty for the first) with a query."""
        return f"{self.url}/{page}" + (f"?{urlencode(query)}" if query else "")

    def logged(self) -> str:
        """Everything the server has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """Ask the server to end, and wait until it has."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(PATIENCE_S)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder of its own with the shipped configuration and no history."""
    return new_workspace(tmp_path / "desk")


@pytest.fixture
def serve(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> Iterator[Callable[..., Desk]]:
    """Start servers: ``serve(app=…, now=…)``; each is stopped, and its log read, at the end.

    ``ahead`` is a folder on the server's path before all others, for a ``sitecustomize.py``.
    """
    started: list[Desk] = []

    def start(app: Path = APP, now: str = NOW, ahead: Path | None = None) -> Desk:
        log = tmp_path / f"server-{len(started)}.log"
        environment = server_environment(workspace, tmp_path_factory, now=now, ahead=ahead)
        desk = started_server(app, workspace, log, environment)
        started.append(desk)
        return desk

    yield start
    for desk in started:
        desk.stop()
    for desk in started:
        assert "Traceback" not in desk.logged(), desk.logged()


@pytest.fixture
def desk_server(serve: Callable[..., Desk]) -> Desk:
    """The desk, freshly started: no page has been asked for yet."""
    return serve()


@pytest.fixture(scope="session")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Desk]]:
    """Start servers that stand until the end: ``stand(workspace, app=…)``.

    For tests that only read: starting a server costs more than most of them.
    """
    started: list[Desk] = []

    def start(workspace: Path, app: Path = APP) -> Desk:
        log = tmp_path_factory.mktemp("standing") / "server.log"
        environment = server_environment(workspace, tmp_path_factory)
        started.append(started_server(app, workspace, log, environment))
        return started[-1]

    yield start
    for desk in started:
        desk.stop()


@pytest.fixture(scope="session")
def standing_desk(stand: Callable[..., Desk], tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One desk with nothing committed."""
    return stand(new_workspace(tmp_path_factory.mktemp("reading") / "desk"))


@pytest.fixture
def reading_desk(standing_desk: Desk) -> Iterator[Desk]:
    """A desk with nothing committed, for a test that commits nothing: others read it too."""
    with only_read(standing_desk):
        yield standing_desk


@contextmanager
def only_read(desk: Desk) -> Iterator[None]:
    """A test on a server that stands: it adds no traceback to the log and no commit."""
    before, commits = len(desk.logged()), artifacts(desk)
    yield
    logged = desk.logged()[before:]
    assert "Traceback" not in logged, logged
    assert artifacts(desk) == commits


def artifacts(desk: Desk) -> list[str]:
    return sorted(str(path) for path in (desk.workspace / "artifacts").rglob("*"))


def server_environment(
    workspace: Path,
    factory: pytest.TempPathFactory,
    *,
    now: str = NOW,
    ahead: Path | None = None,
) -> dict[str, str]:
    return {
        **os.environ,
        **settings(workspace, factory, now=now),
        "PYTHONPATH": os.pathsep.join(map(str, (ahead, ROOT) if ahead else (ROOT,))),
        "PYTHONUNBUFFERED": "1",
    }


def started_server(app: Path, workspace: Path, log: Path, environment: dict[str, str]) -> Desk:
    """Start a server, again on another port when somebody was quicker to take the first."""
    for _ in range(3):
        port = free_port()
        command = [sys.executable, "-m", "streamlit", "run", str(app), f"--server.port={port}"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=ROOT,  # where .streamlit/config.toml is
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        desk = Desk(f"http://127.0.0.1:{port}", workspace, log, process)
        if is_healthy(desk):
            return desk
        desk.stop()
    pytest.fail(f"the server did not start:\n{desk.logged()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_healthy(desk: Desk) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while desk.process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{desk.url}/_stcore/health", timeout=5) as answer:
                return bool(answer.read() == b"ok")
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    return False


# --- the browser ----------------------------------------------------------------------------


@dataclass(slots=True)
class Seen:
    """What must not have happened in a browser window."""

    script_errors: list[str] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the run; every window has a profile of its own."""
    binary = chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=binary, args=[*CHROMIUM_FLAGS])
        yield launched
        launched.close()


def chromium() -> str:
    named = os.environ.get("CHROMIUM")
    found = (
        shutil.which(named)
        if named
        else next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    )
    if found:
        return found
    looked_for = named or ", ".join(CHROMIUM_NAMES)
    message = f"no browser: {looked_for} not found; install chromium or set CHROMIUM"
    if os.environ.get("QUANTETF_REQUIRE_BROWSER") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture
def open_window(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open windows: ``open_window(theme="dark", width=390)``; all are watched and closed."""
    contexts: list[BrowserContext] = []
    seen = Seen()

    def opened(*, theme: str = "light", width: int = WIDE["width"]) -> Page:
        phone = width < 600
        context = browser.new_context(
            viewport=PHONE if phone else {**WIDE, "width": width},
            color_scheme=theme,
            is_mobile=phone,
            has_touch=phone,
            reduced_motion="reduce",
            accept_downloads=True,
        )
        contexts.append(context)
        context.route("**/*", lambda route: only_the_desk(route, seen))
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("websocket", lambda socket: remember_foreign(socket.url, seen))
        page.on("pageerror", lambda error: seen.script_errors.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert seen.script_errors == []
    assert seen.foreign_requests == []


def only_the_desk(route: Route, seen: Seen) -> None:
    """Let requests to the desk pass; stop and remember all others."""
    if remember_foreign(route.request.url, seen):
        route.abort()
    else:
        route.continue_()


def remember_foreign(url: str, seen: Seen) -> bool:
    target = urlsplit(url)
    foreign = target.scheme not in ("data", "blob") and target.hostname != "127.0.0.1"
    if foreign:
        seen.foreign_requests.append(url)
    return foreign


@pytest.fixture
def page(open_window: Callable[..., Page]) -> Page:
    """A light, wide window."""
    return open_window()


@pytest.fixture(params=[("light", 1440), ("dark", 390)], ids=lambda look: f"{look[0]}-{look[1]}")
def any_page(request: pytest.FixtureRequest, open_window: Callable[..., Page]) -> Page:
    """A window in each look: light on a desktop, dark on a phone; colours take no room."""
    theme, width = request.param
    return open_window(theme=theme, width=width)
