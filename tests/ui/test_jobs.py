"""The worker that commits: once per token, uninterrupted, its outcome kept."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pages.ui import jobs
from pages.ui.jobs import JobRunner, JobState
from quantetf_core.errors import ApprovalError

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0  # seconds; reached only when something is broken


@pytest.fixture
def runner() -> JobRunner:
    return JobRunner(remembered=2)


def test_a_job_gives_its_result(runner: JobRunner) -> None:
    view = runner.submit("t", lambda: "20231229", wait=PATIENCE)
    assert (view.state, view.value(), view.message, view.finished) == (
        JobState.DONE,
        "20231229",
        "",
        True,
    )


def test_a_token_never_submitted_is_unknown(runner: JobRunner) -> None:
    view = runner.status("never")
    assert view.state is JobState.UNKNOWN
    assert not view.finished
    with pytest.raises(LookupError, match="unknown"):
        view.value()


def test_the_same_token_is_one_job_however_many_submit_it_at_once(runner: JobRunner) -> None:
    runs: list[int] = []
    start = threading.Barrier(8)

    def press_confirm() -> object:
        start.wait(PATIENCE)
        return runner.submit("t", lambda: runs.append(1) or len(runs), wait=PATIENCE).value()

    with ThreadPoolExecutor(8) as tabs:
        answers = [tabs.submit(press_confirm) for _ in range(8)]
    assert [answer.result() for answer in answers] == [1] * 8
    assert runs == [1]


def test_a_running_job_is_watched_and_the_next_one_waits_for_it(runner: JobRunner) -> None:
    go = threading.Event()
    order: list[str] = []
    runner.submit("first", lambda: go.wait(PATIENCE) and order.append("first"))
    view = runner.submit("second", lambda: order.append("second"))
    assert runner.status("first").state is JobState.RUNNING
    assert view.state is JobState.RUNNING
    with pytest.raises(LookupError, match="running"):
        view.value()
    go.set()
    assert runner.status("second", wait=PATIENCE).state is JobState.DONE
    assert order == ["first", "second"]


def test_a_refusal_is_a_message_and_is_raised_when_asked_for_its_value(runner: JobRunner) -> None:
    def refuse() -> None:
        raise ApprovalError("a note for stale_price")

    view = runner.submit("t", refuse, wait=PATIENCE)
    assert view.state is JobState.REFUSED
    assert view.message == "this cannot be committed yet: a note for stale_price"
    with pytest.raises(ApprovalError):
        view.value()


def test_a_defect_is_no_message_and_surfaces(runner: JobRunner) -> None:
    def crash() -> None:
        raise ZeroDivisionError

    view = runner.submit("t", crash, wait=PATIENCE)
    assert (view.state, view.message, view.finished) == (JobState.CRASHED, "", True)
    with pytest.raises(ZeroDivisionError):
        view.value()


def test_the_oldest_finished_jobs_are_forgotten_and_a_running_one_never(runner: JobRunner) -> None:
    for token in ("a", "b", "c"):
        runner.submit(token, lambda: None, wait=PATIENCE)
    go = threading.Event()
    runner.submit("running", lambda: go.wait(PATIENCE))
    for token in ("d", "e"):
        runner.submit(token, lambda: None)
    states = {t: runner.status(t).state for t in ("a", "b", "c", "running", "d", "e")}
    go.set()
    assert states["a"] is states["b"] is states["c"] is JobState.UNKNOWN
    assert states["running"] is states["d"] is states["e"] is JobState.RUNNING


def test_a_process_told_to_exit_finishes_the_job_it_began(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys, threading
        from pages.ui import jobs
        begun = threading.Event()
        def commit():
            begun.set()
            threading.Event().wait(0.3)
            open(sys.argv[1], "w").write("whole")
        jobs.submit("t", commit)
        begun.wait()
        sys.exit(3)
        """
    )
    written = tmp_path / "commit"
    command = [sys.executable, "-c", script, str(written)]
    done = subprocess.run(command, cwd=ROOT, timeout=PATIENCE, check=False)
    assert done.returncode == 3
    assert written.read_text() == "whole"


def test_the_pages_share_one_runner() -> None:
    token = "test-the-pages-share-one-runner"
    jobs.submit(token, lambda: 1, wait=PATIENCE)
    assert jobs.status(token).value() == 1
