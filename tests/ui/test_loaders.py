"""Where the workspace is and what time it is."""

from __future__ import annotations

import gc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pages.ui import loaders
from quantetf_core.errors import InvalidValueError

ROOT = Path(__file__).resolve().parents[2]


def test_the_workspace_is_the_folder_of_app_py(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUANTETF_ROOT", raising=False)
    monkeypatch.delenv("QUANTETF_CACHE", raising=False)
    assert loaders.workspace_root() == ROOT
    assert (ROOT / "app.py").is_file()
    assert loaders.cache_root() == ROOT / "data" / "cache"


def test_another_workspace_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("QUANTETF_ROOT", str(tmp_path))
    monkeypatch.setenv("QUANTETF_CACHE", str(tmp_path / "shared"))
    assert loaders.workspace_root() == tmp_path.resolve()
    assert loaders.cache_root() == (tmp_path / "shared").resolve()


def test_a_workspace_that_is_not_there_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("QUANTETF_ROOT", str(tmp_path / "nowhere"))
    with pytest.raises(InvalidValueError, match="QUANTETF_ROOT"):
        loaders.workspace_root()


def test_now_is_the_clock_with_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUANTETF_NOW", raising=False)
    before = datetime.now(UTC)
    assert before <= loaders.now() <= datetime.now(UTC)


def test_now_can_be_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANTETF_NOW", "2024-01-02T08:00:00-05:00")
    assert loaders.now() == datetime(2024, 1, 2, 13, tzinfo=UTC)
    assert loaders.now().utcoffset() == timedelta(hours=-5)


@pytest.mark.parametrize("wrong", ["2024-01-02T08:00:00", "yesterday"])
def test_a_time_without_zone_or_sense_is_refused(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("QUANTETF_NOW", wrong)
    with pytest.raises(InvalidValueError, match="UTC offset"):
        loaders.now()


def test_what_the_imports_left_is_frozen_once() -> None:
    gc.unfreeze()
    loaders.freeze_once.clear()
    try:
        loaders.freeze_once()
        frozen = gc.get_freeze_count()
        loaders.freeze_once()
        assert frozen > 0
        assert gc.get_freeze_count() <= frozen  # the second call froze nothing more
    finally:
        gc.unfreeze()
