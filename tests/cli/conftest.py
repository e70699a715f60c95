"""The command line in this process, on a workspace of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from quantetf_core.cli import main
from tests.workspace import new_workspace, settings


@dataclass(frozen=True)
class Outcome:
    """What a command left behind: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


Run = Callable[..., Outcome]


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
def run(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("status", "--json")``; nobody is at the terminal."""

    def invoked(*words: str) -> Outcome:
        capsys.readouterr()
        code = main(words)
        said = capsys.readouterr()
        return Outcome(code, said.out, said.err)

    return invoked


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the clock: ``at("2024-01-11")`` is the evening of that day in New York."""
    return lambda day: monkeypatch.setenv("QUANTETF_NOW", f"{day}T20:00:00-05:00")


def written(workspace: Path) -> list[str]:
    """Every file of a workspace but its configuration."""
    files = (path.relative_to(workspace) for path in workspace.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in files if path.parts[0] != "configs")
