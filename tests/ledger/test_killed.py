"""A commit killed at any call to the system leaves no trace a reader sees, or all of it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.ledger.books import Ledger, names
from tests.ledger.processes import the_request

ROOT = Path(__file__).resolve().parents[2]
CHAIN = 2


@dataclass(frozen=True)
class Outcomes:
    """How many killed commits were found complete, and how many had left nothing."""

    complete: int
    nothing: int


def run(*arguments: object) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.ledger.processes", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if "cannot trace" in done.stderr:
        pytest.skip(f"strace is not permitted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def fast_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a killed process does not ask for a real disk."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def base(fast_path: Path) -> Ledger:
    made = Ledger(fast_path / "base")
    made.chain(CHAIN)
    return made


def check_each(base: Ledger, out: Path) -> Outcomes:
    """What readers see after each kill, and that the next commit puts everything right."""
    before, request = base.book, the_request(base)
    complete = nothing = 0
    for folder in sorted(out.iterdir()):
        killed = Ledger(folder)
        seen = killed.history
        assert seen.findings == (), folder
        assert len(seen.entries) in (CHAIN, CHAIN + 1), folder
        whole = len(seen.entries) == CHAIN + 1
        expected = request.holdings_after if whole else before
        assert (killed.book.shares, killed.book.cash) == (expected.shares, expected.cash)
        assert killed.findings == ()
        assert killed.verify().ok, folder

        receipt = killed.commit(request)
        assert receipt.already_committed is whole
        assert killed.verify().ok
        assert json.loads(killed.holdings_path.read_bytes())["commit_id"] == receipt.commit_id
        assert killed.book.shares == request.holdings_after.shares
        kept = {*names(killed.artifacts), *names(killed.state)}
        assert not [name for name in kept if name.startswith(".") and name != ".ledger.lock"]
        complete += whole
        nothing += not whole
    return Outcomes(complete, nothing)


def test_a_commit_killed_at_any_call_leaves_nothing_or_everything(base, fast_path):
    out = fast_path / "killed"
    out.mkdir()
    said = run("kill", base.root, out)
    outcomes = check_each(base, out)

    assert said["last"] == 0  # the last one had no call left to be killed at
    assert outcomes.complete + outcomes.nothing == said["calls"]
    assert outcomes.nothing > 20
    assert outcomes.complete > 5


# As processes of x86-64 and of arm64 call them; what a machine does not have is never reached
WRITING = {
    "x86_64": ["openat", "write", "fsync", "close", "rename", "mkdir", "unlink", "rmdir"],
    "aarch64": ["openat", "write", "fsync", "close", "renameat", "mkdirat", "unlinkat"],
}


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("strace") is None or platform.machine() not in WRITING,
    reason="strace is not installed",
)
def test_a_commit_killed_at_the_system_calls_themselves_leaves_nothing_or_everything(
    base, fast_path
):
    out = fast_path / "killed"
    out.mkdir()
    said = run("trace", base.root, out, *WRITING[platform.machine()])
    outcomes = check_each(base, out)

    assert said["fsync"] > 5
    assert outcomes.complete + outcomes.nothing == sum(said.values())
    assert outcomes.nothing > 20
    assert outcomes.complete > 5
