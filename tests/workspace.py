"""A desk's folder for a test, and the clock that goes with it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

NOW = "2024-01-02T08:00:00-05:00"
"""Before the open of the first session of 2024: the last completed one is Fri 29 Dec 2023."""


def new_workspace(folder: Path) -> Path:
    """Put the shipped configuration, and nothing else, into ``folder``."""
    shutil.copytree(ROOT / "configs", folder / "configs")
    return folder


def use_everywhere(workspace: Path, strategy: str) -> None:
    """Let every regime of a workspace call for one of its strategies."""
    lines = [
        f"strategy: {strategy}",
        f"config_path: configs/strategies/{strategy}.yaml",
        "rationale: tried in every regime",
    ]
    entry = "".join(f"    {line}\n" for line in lines)
    names = [f"{trend}_{vol}_vol" for trend in ("uptrend", "downtrend") for vol in ("low", "high")]
    mapping = "mapping:\n" + "".join(f"  {name}:\n{entry}" for name in (*names, "fallback"))
    (workspace / "configs/regimes/default_mapping.yaml").write_text(mapping, encoding="utf-8")


def settings(workspace: Path, factory: pytest.TempPathFactory, *, now: str = NOW) -> dict[str, str]:
    """Environment that points the pages at a workspace, with a fixed clock.

    What can be computed again (the generated sample market) is shared by all tests of a run.
    """
    base = factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return {
        "QUANTETF_ROOT": str(workspace),
        "QUANTETF_CACHE": str(run / "cache"),
        "QUANTETF_NOW": now,
    }
