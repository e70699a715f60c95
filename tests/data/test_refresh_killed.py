"""A refresh killed at any call to the system leaves the snapshot before, intact and in use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from quantetf_core.atomic_files import STAGING_PREFIX
from quantetf_core.data.sources.fetched import load_fetched
from quantetf_core.data.sources.snapshots import list_snapshots, verify_snapshot
from tests.data.refresh_processes import FIRST, PORTFOLIO, SECOND, refreshed

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def fast_path(tmp_path):
    """A folder in memory where there is one: a killed process does not ask for a real disk."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def test_a_refresh_killed_at_any_call_leaves_the_snapshot_before_in_use(fast_path):
    base, out = fast_path / "base", fast_path / "killed"
    out.mkdir()
    before = refreshed(base, FIRST).snapshot
    done = subprocess.run(
        [sys.executable, "-m", "tests.data.refresh_processes", str(base), str(out)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    nothing = complete = 0
    for folder in sorted(out.iterdir()):
        found, damaged = list_snapshots(folder)
        assert damaged == ()
        assert [one.id for one in found][-1] == before.id
        assert all(verify_snapshot(folder, one) == () for one in found)
        assert load_fetched(folder, PORTFOLIO).snapshot == found[0].id
        whole = len(found) == 2
        assert whole or load_fetched(folder, PORTFOLIO).fingerprint == before.fingerprint

        again = refreshed(folder, SECOND)
        assert again.written is not whole
        assert str(load_fetched(folder, PORTFOLIO).last_session.date()) == "2023-12-29"
        assert not [p for p in folder.iterdir() if p.name.startswith(STAGING_PREFIX)]
        complete, nothing = complete + whole, nothing + (not whole)
    assert complete + nothing == int(done.stdout)
    assert nothing > 10
    assert complete > 1
