"""Shared by all tests: market data, real and made, a written history, and how hypothesis runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import workspace

ROOT = Path(__file__).resolve().parents[1]

settings.register_profile(
    "desk",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("desk")


@pytest.fixture(scope="session")
def market_data_dir() -> Path:
    """The folder with the real market data; skips, saying so, where it is absent.

    ``QUANTETF_REQUIRE_MARKET_DATA=1`` makes its absence a failure.
    """
    folder = Path(os.environ.get("QUANTETF_MARKET_DATA", ROOT.parent / "shared" / "data"))
    if (folder / "etf_prices.parquet").is_file():
        return folder
    message = f"no real market data in {folder}; set QUANTETF_MARKET_DATA to its folder"
    if os.environ.get("QUANTETF_REQUIRE_MARKET_DATA") == "1":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def sample_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sample market is kept once generated, for all processes of a run."""
    return Path(workspace.settings(Path(), tmp_path_factory)["QUANTETF_CACHE"])


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory, sample_cache: Path) -> Path:
    """A workspace with a history of every common kind (`tests.chains`); copied, never changed."""
    from tests.chains import write_history  # brings the desk, which few tests need

    folder = workspace.new_workspace(tmp_path_factory.mktemp("written") / "desk")
    write_history(folder, sample_cache)
    return folder
