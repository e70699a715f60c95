"""History with 10,000 commits on disk: how long the list takes, beside reading its manifests.

The floor reads the same 10,000 ``manifest.json`` with ``open`` and ``json.loads`` and keeps
nothing. ``--browser`` also measures how long the page takes to show its table and its chart, on a
server of its own, beside the same page with nothing committed. ``--keep FOLDER`` makes (or uses
again) the workspace there.

Run: ``python -m benchmarks.history [--commits N] [--browser] [--keep FOLDER]``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.timing import report
from quantetf_core import desk
from quantetf_core.config import REGIMES
from quantetf_core.data.sessions import sessions_between
from quantetf_core.encoding import sha256
from quantetf_core.ledger import history
from quantetf_core.ledger.index import INDEX_NAME, save_index
from quantetf_core.ledger.manifest import Manifest, Parent, manifest_bytes, read_manifest

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2024, 1, 2, 13, 0, tzinfo=UTC)
NAME = "sample"


def make(root: Path, commits: int) -> desk.Portfolio:
    """A workspace whose history is a chain of so many commits, each a folder with all its files.

    The first is a real one; the others are its files again (linked, to spare the disk) under a
    manifest of their own with other figures, sealed and chained as the ledger does.
    """
    shutil.copytree(ROOT / "configs", root / "configs")
    cache = Path(os.environ.get("QUANTETF_CACHE", root / "data" / "cache"))
    portfolio = desk.open_portfolio(root, NAME, cache_dir=cache)
    market = desk.load_market(portfolio, now=NOW)
    plan = desk.propose(portfolio, market, now=NOW)
    notes = {warning.code: "for the benchmark" for warning in plan.warnings}
    receipt = desk.commit(portfolio, plan, approver="Ada Lovelace", notes=notes, now=NOW)
    first = receipt.folder
    model = read_manifest((first / "manifest.json").read_bytes())
    staged = first.rename(root / "model")
    _chain(portfolio.artifacts_dir, staged, model, commits)
    shutil.rmtree(portfolio.state_dir)
    portfolio.state_dir.mkdir(parents=True)
    return portfolio


def _chain(artifacts: Path, staged: Path, model: Manifest, commits: int) -> None:
    generator = np.random.default_rng(7)
    days = pd.DatetimeIndex(sessions_between("1992-01-02", "2023-12-29"))
    places = np.sort(generator.integers(0, len(days), commits))
    values = 1e6 * np.exp(np.cumsum(generator.normal(0.0002, 0.008, commits)))
    parent: Parent | None = None
    used: dict[str, int] = {}
    for number in range(commits):
        day = days[places[number]]
        stem = f"{day:%Y%m%d}"
        used[stem] = used.get(stem, 0) + 1
        name = stem if used[stem] == 1 else f"{stem}-{used[stem]}"
        head = replace(
            model.head,
            id=name,
            as_of=day.date(),
            committed_at=datetime(1992, 1, 2, 21, tzinfo=UTC) + timedelta(hours=28 * number),
            plan_id=sha256(name.encode()),
            parent=parent,
            approver=("Ada Lovelace", "Ben Ortiz", "Chen Wei")[number % 3],
            note="month-end" if number % 4 else "kept small on purpose",
            summary={
                **model.head.summary,
                "regime": REGIMES[(number // 40) % 4],
                "turnover": float(generator.uniform(0.0, 0.9)),
                "value_after": round(float(values[number]), 2),
            },
        )
        content = manifest_bytes(replace(model, head=head))
        folder = artifacts / name
        folder.mkdir(parents=True)
        for path in staged.iterdir():
            if path.name != "manifest.json":
                (folder / path.name).hardlink_to(path)
        (folder / "manifest.json").write_bytes(content)
        parent = Parent(name, sha256(content))


def plain_reading(artifacts: Path) -> int:
    """The floor: every manifest opened and parsed, nothing kept."""
    read = 0
    for folder in os.scandir(artifacts):
        if folder.name.startswith("."):
            continue
        with open(f"{folder.path}/manifest.json", encoding="utf-8") as file:  # noqa: PTH123
            json.loads(file.read())
        read += 1
    return read


def best(call: Callable[[], Any], rounds: int = 3) -> float:
    """Milliseconds of the quickest of a few calls."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1e3)
    return min(taken)


def measure(portfolio: desk.Portfolio) -> dict[str, float]:
    """Every figure in one run, the floor first; the file system's cache is warm for all."""
    artifacts, index = portfolio.artifacts_dir, portfolio.state_dir / INDEX_NAME
    index.unlink(missing_ok=True)
    plain_reading(artifacts)
    found = {
        "floor: open + json.loads of every manifest": best(lambda: plain_reading(artifacts)),
        "desk.history, without its index": best(lambda: desk.history(portfolio)),
    }
    save_index(index, history(artifacts).index_lines)
    past = desk.history(portfolio)
    table = desk.history_table(past)
    wanted = desk.Wanted(text="purpose ada", regimes=(REGIMES[1],))
    return {
        **found,
        "desk.history, with its index": best(lambda: desk.history(portfolio)),
        "desk.history_stamp (asked on every run of the page)": best(
            lambda: desk.history_stamp(portfolio)
        ),
        "desk.history_table (kept with the history)": best(lambda: desk.history_table(past)),
        "desk.matching (on every filter)": best(lambda: desk.matching(table, wanted)),
        "desk.read of one commit": best(lambda: desk.read(portfolio, past.entries[0].id)),
    }


TABLE = ".st-key-commits canvas"
CHART = ".st-key-through_time .main-svg"


def in_browser(root: Path, empty: Path, port: int) -> dict[str, float]:
    """Milliseconds until the page shows its table, and its chart; the floor has no commit."""
    from playwright.sync_api import sync_playwright

    binary = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    )
    found: dict[str, float] = {}
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--headless=new", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=binary, args=flags)
        for name, folder, awaited in (
            ("nothing committed", empty, "text=Nothing has been committed yet"),
            ("the table", root, TABLE),
            ("the table and the chart", root, CHART),
        ):
            with _server(folder, port) as link:
                page = browser.new_page(viewport={"width": 1440, "height": 1400})
                first = _until(page, lambda page=page: page.goto(f"{link}/history"), awaited)
                again = [
                    _until(page, lambda page=page: page.goto(f"{link}/history"), awaited)
                    for _ in range(5)
                ]
                page.goto(f"{link}/regime")
                page.get_by_role("heading", name="Regime").first.wait_for()
                click = page.get_by_role("link", name="History").click
                found |= {
                    f"page, {name}: first request of a fresh server": first,
                    f"page, {name}: loaded again, median of 5": sorted(again)[2],
                    f"page, {name}: from another page": _until(page, click, awaited),
                }
                page.close()
        browser.close()
    return found


def _until(page: Any, action: Callable[[], Any], awaited: str) -> float:
    start = time.perf_counter()
    action()
    page.locator(awaited).first.wait_for(timeout=60_000)
    return (time.perf_counter() - start) * 1e3


@contextmanager
def _server(root: Path, port: int) -> Iterator[str]:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    environment = {**os.environ, "QUANTETF_ROOT": str(root), "QUANTETF_NOW": NOW.isoformat()}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait_for(health: str) -> None:
    for _ in range(200):
        try:
            with urllib.request.urlopen(health, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def main(arguments: Sequence[str] = ()) -> None:
    """Make the history, measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=10_000)
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--port", type=int, default=8599)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        root = asked.keep or Path(folder) / "desk"
        if (root / "model").is_dir():
            portfolio = desk.open_portfolio(root, NAME)
        else:
            portfolio = make(root, asked.commits)
        found = measure(portfolio)
        report(f"History, {asked.commits:,} commits", found, floor=next(iter(found)))
        if asked.browser:
            empty = Path(folder) / "empty"
            shutil.copytree(ROOT / "configs", empty / "configs")
            pages = in_browser(root, empty, asked.port)
            floor = "page, nothing committed: loaded again, median of 5"
            report("The page in a browser", pages, floor=floor)


if __name__ == "__main__":
    main(sys.argv[1:])
