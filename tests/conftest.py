"""Shared by all tests: where the real market data is, and how hypothesis runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
