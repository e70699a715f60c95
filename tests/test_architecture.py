"""The rules of the house that a machine can check, each a test named by its rule."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CORE = ROOT / "quantetf_core"
PAGES = ROOT / "pages"

DOORS = ("atomic_files", "data/sources", "ledger", "production", "config", "desk", "cli")
"""Rooms (or modules) of the core that may touch files, the network, the clock or chance."""

WORLD = frozenset(
    {
        *("os", "pathlib", "glob", "shutil", "tempfile", "io", "fcntl", "filelock", "subprocess"),
        *("socket", "ssl", "http", "urllib", "ftplib", "requests", "httpx", "yfinance"),
        *("time", "random", "secrets", "uuid"),
    }
)
"""Modules through which a program touches the world."""

CLOCK_CALLS = frozenset({"now", "today", "utcnow"})
FILE_CALLS = frozenset({"open", "input", "read_csv", "read_parquet", "read_excel", "read_pickle"})

LONGEST_MODULE = 300
LONGEST_PAGE = 150

ASKED_BY_PAGES = frozenset(
    {"desk", "charts", "errors", "findings", "units", "regime.types", "execution.trade"}
)
"""What a page may import from the core: who answers, who draws, and the words they share."""

COMPUTES = frozenset(
    {"alpha", "decision", "execution", "ledger", "portfolio", "production", "research", "cli"}
)
"""Rooms that `pages/ui` reaches only through the desk; it may name the types of the others."""


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def is_door(path: Path) -> bool:
    room = path.relative_to(CORE).with_suffix("").as_posix()
    return room == "__main__" or any(room == d or room.startswith(f"{d}/") for d in DOORS)


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported at run time."""
    if isinstance(tree, ast.If) and "TYPE_CHECKING" in ast.dump(tree.test):
        return
    if isinstance(tree, ast.Import):
        yield from ((tree.lineno, alias.name) for alias in tree.names)
    elif isinstance(tree, ast.ImportFrom):
        module = "." * tree.level + (tree.module or "")
        yield from ((tree.lineno, f"{module}.{alias.name}") for alias in tree.names)
    for child in ast.iter_child_nodes(tree):
        yield from imported(child)


def touches_the_world(tree: ast.AST) -> list[str]:
    """What a pure module may not do: read the world's modules, clock, files or chance."""
    found = [
        f"line {line}: imports {name}"
        for line, name in imported(tree)
        if name.split(".")[0] in WORLD or name.startswith("numpy.random")
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("np.random", "numpy.random"):
            found.append(f"line {node.lineno}: uses {ast.unparse(node)}")
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        last = called.rpartition(".")[2]
        if last in FILE_CALLS or ("." in called and last in CLOCK_CALLS):
            found.append(f"line {node.lineno}: calls {called}()")
    return found


def attributes(tree: ast.AST, *starts: str) -> list[str]:
    """Uses of ``<anything>.<name>`` whose name starts with one of ``starts``."""
    return [
        f"line {node.lineno}: {ast.unparse(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr.startswith(starts)
    ]


def in_files(paths: list[Path], find: Callable[[ast.AST], list[str]]) -> list[str]:
    return [f"{name_of(path)} {fault}" for path in paths for fault in find(tree_of(path))]


# --- floors ---------------------------------------------------------------------------------


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = (
        "import sys; from importlinter.cli import lint_imports; "
        "sys.exit(lint_imports(no_cache=True, no_logo=True))"
    )
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copied_core(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(CORE, tmp_path / "quantetf_core", ignore=ignored)
    return tmp_path


def test_a_room_imports_only_from_floors_below_its_own() -> None:
    outcome = lint_imports(ROOT)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_a_new_module_without_a_floor_fails_the_build(copied_core: Path) -> None:
    (copied_core / "quantetf_core" / "newcomer.py").write_text('"""No floor."""\n')
    outcome = lint_imports(copied_core)
    assert outcome.returncode == 1
    assert "quantetf_core.newcomer" in outcome.stdout


def test_an_import_from_a_higher_floor_fails_the_build(copied_core: Path) -> None:
    upward = "import quantetf_core.ledger\n"
    (copied_core / "quantetf_core" / "data" / "newcomer.py").write_text(upward)
    outcome = lint_imports(copied_core)
    assert outcome.returncode == 1
    assert "quantetf_core.data is not allowed to import quantetf_core.ledger" in outcome.stdout


# --- the core -------------------------------------------------------------------------------


def test_the_core_never_imports_streamlit() -> None:
    def find(tree: ast.AST) -> list[str]:
        return [f"line {n}: {m}" for n, m in imported(tree) if m.split(".")[0] == "streamlit"]

    assert in_files(sources(CORE), find) == []


def test_only_the_doors_of_the_core_touch_files_network_clock_or_chance() -> None:
    pure = [path for path in sources(CORE) if not is_door(path)]
    assert in_files(pure, touches_the_world) == []


@pytest.mark.parametrize(
    "impure",
    [
        "import os",
        "import os.path",
        "from pathlib import Path",
        "def f():\n    import random",
        "import numpy.random",
        "from numpy import random\nfrom numpy.random import default_rng",
        "x = np.random.default_rng(1)",
        "x = datetime.now()",
        "x = pd.Timestamp.today()",
        "x = open('f')",
        "x = pd.read_csv('f')",
    ],
)
def test_the_rule_about_the_world_catches(impure: str) -> None:
    assert touches_the_world(ast.parse(impure)) != []


@pytest.mark.parametrize(
    "pure",
    [
        "from datetime import date, datetime",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pathlib import Path",
        "today = session.date()\nnow = today",
        "text = frame.to_csv()",
    ],
)
def test_the_rule_about_the_world_lets_pass(pure: str) -> None:
    assert touches_the_world(ast.parse(pure)) == []


# --- the pages ------------------------------------------------------------------------------


def screen_files() -> list[Path]:
    return [ROOT / "app.py", *sources(PAGES)]


def outside(*allowed: str) -> list[Path]:
    return [path for path in screen_files() if name_of(path) not in allowed]


def test_only_state_and_entry_touch_session_state() -> None:
    states = (name_of(path) for path in PAGES.glob("ui/state*.py"))  # state.py, state_<page>.py
    elsewhere = outside(*states, "pages/ui/entry.py")
    assert in_files(elsewhere, lambda tree: attributes(tree, "session_state")) == []


def test_only_loaders_cache() -> None:
    elsewhere = outside("pages/ui/loaders.py")
    assert in_files(elsewhere, lambda tree: attributes(tree, "cache_data", "cache_resource")) == []


def test_no_page_lets_html_through() -> None:
    def find(tree: ast.AST) -> list[str]:
        words = [n for n in ast.walk(tree) if isinstance(n, ast.keyword)]
        return [f"line {n.value.lineno}" for n in words if n.arg == "unsafe_allow_html"]

    assert in_files(screen_files(), find) == []


def asked_of_the_core(tree: ast.AST) -> list[tuple[int, str]]:
    asked = [(n, m) for n, m in imported(tree) if m.split(".")[0] == "quantetf_core"]
    return [(line, module.removeprefix("quantetf_core.")) for line, module in asked]


def within(module: str, rooms: frozenset[str]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


def test_pages_ask_only_the_desk_and_the_charts() -> None:
    def find(tree: ast.AST) -> list[str]:
        asked = asked_of_the_core(tree)
        return [f"line {n}: {m}" for n, m in asked if not within(m, ASKED_BY_PAGES)]

    assert in_files([ROOT / "app.py", *sorted(PAGES.glob("*.py"))], find) == []


def test_what_pages_share_computes_nothing_past_the_desk() -> None:
    def find(tree: ast.AST) -> list[str]:
        asked = asked_of_the_core(tree)
        named = ASKED_BY_PAGES
        past = [(n, m) for n, m in asked if within(m, COMPUTES) and not within(m, named)]
        return [f"line {n}: {m}" for n, m in past]

    assert in_files(sources(PAGES / "ui"), find) == []


def first_act(page: Path) -> str:
    """The first statement of a page that is neither its docstring nor an import."""
    statements = tree_of(page).body
    passive = ast.Import | ast.ImportFrom
    acts = [n for n in statements if not isinstance(n, passive) and not is_docstring(n)]
    return ast.unparse(acts[0]) if acts else ""


def is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def test_every_page_begins_with_the_guard() -> None:
    acts = {page.name: first_act(page) for page in PAGES.glob("*.py")}
    assert {name: act for name, act in acts.items() if act != "require_app()"} == {}


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "app.py").read_text(encoding="utf-8")
    assert [p.name for p in PAGES.glob("*.py") if f'"{p.name}"' not in navigation] == []


# --- size and hygiene -----------------------------------------------------------------------


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_module_is_longer_than_300_lines() -> None:
    modules = [ROOT / "app.py", *sources(CORE), *sources(PAGES)]
    assert {name_of(p): lines(p) for p in modules if lines(p) > LONGEST_MODULE} == {}


def test_no_page_is_longer_than_150_lines() -> None:
    pages = sorted(PAGES.glob("*.py"))
    assert {name_of(p): lines(p) for p in pages if lines(p) > LONGEST_PAGE} == {}


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:  # an unpacked archive: look at everything that is ours
        tops = ("app.py", "Makefile", "pages", "quantetf_core", "configs", "tests", "benchmarks")
        found = [p for top in tops for p in (ROOT / top, *(ROOT / top).rglob("*"))]
        return [p for p in found if p.is_file() and "__pycache__" not in p.parts]
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


MACHINE_PATH = re.compile("(?<![\\w.~$}-])/" + "(?:work|tmp|root|home)" + "/[\\w.-]")


def test_no_tracked_file_names_a_path_of_somebodys_machine() -> None:
    found = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a binary golden file
        found += [
            f"{name_of(path)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(text.splitlines(), start=1)
            if MACHINE_PATH.search(line)
        ]
    assert found == []


@pytest.mark.parametrize("folder", ["work", "tmp", "root", "home"])
def test_the_rule_about_machine_paths_catches(folder: str) -> None:
    assert MACHINE_PATH.search(f"open('/{folder}/file.csv')")
    assert not MACHINE_PATH.search(f"https://example.org/{folder}/file.csv")
    assert not MACHINE_PATH.search(f"docs/{folder}/file.csv")
