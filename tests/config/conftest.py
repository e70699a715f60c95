"""A workspace of one's own for every test, and a catalogue with one alpha model."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from quantetf_core.config import ParameterProblem

CONFIGS = Path(__file__).resolve().parents[2] / "configs"


class OneModel:
    """Knows ``momentum``, with the parameter ``lookback_days`` of at least 2."""

    def names(self) -> tuple[str, ...]:
        return ("ensemble", "momentum")

    def problems(
        self, model_type: str, parameters: Mapping[str, Any]
    ) -> tuple[ParameterProblem, ...]:
        found = [
            ParameterProblem(key_path=(key,), found=repr(value), accepted="lookback_days")
            for key, value in parameters.items()
            if key != "lookback_days"
        ]
        if "lookback_days" not in parameters:
            found.append(
                ParameterProblem(key_path=("lookback_days",), found="nothing", accepted="a number")
            )
        return tuple(found)


@pytest.fixture
def models() -> OneModel:
    return OneModel()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of the shipped configuration."""
    shutil.copytree(CONFIGS, tmp_path / "configs")
    return tmp_path


@pytest.fixture
def edit(workspace: Path) -> Callable[[str, str, str], int]:
    """Replace the first occurrence in a file of the workspace; returns the line it stands on."""

    def replace(file: str, old: str, new: str) -> int:
        path = workspace / file
        text = path.read_text("utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), "utf-8")
        return text[: text.index(old)].count("\n") + 1

    return replace
