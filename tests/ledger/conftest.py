"""A fresh ledger per test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ledger.books import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)
