"""Run what must not be cut in half: one worker, outside the page script, once per token.

Any click, reload or closed tab ends a page script at its next ``st.`` call. A commit therefore
runs here, in a thread the script does not own; the page only watches. Submitting the same token
again (a double click, a second tab on the same plan) returns the job there already is. When the
process is told to stop, a job that has begun is finished first: the pool's thread is joined at
interpreter exit.

Nothing here knows Streamlit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from quantetf_core.errors import QuantEtfError

REMEMBERED = 256
"""Finished jobs whose outcome is kept; the oldest are forgotten first."""


class JobState(StrEnum):
    """Where a job stands."""

    UNKNOWN = "unknown"  # never submitted here, or forgotten, or from before a restart
    RUNNING = "running"  # waiting for the worker, or at work
    DONE = "done"
    REFUSED = "refused"  # ended with a sentence for the user (QuantEtfError)
    CRASHED = "crashed"  # ended with anything else: a defect


@dataclass(frozen=True, slots=True)
class JobView:
    """What is known of a job at one moment.

    Parameters
    ----------
    token
        The name it was submitted under.
    state
        Where it stands.
    result
        What it returned; ``None`` unless ``state`` is ``done``.
    failure
        What it raised; ``None`` unless ``state`` is ``refused`` or ``crashed``.
    """

    token: str
    state: JobState
    result: Any = None
    failure: BaseException | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.state not in (JobState.RUNNING, JobState.UNKNOWN)

    @property
    def message(self) -> str:
        """The sentence of a refusal; empty otherwise."""
        return str(self.failure) if self.state is JobState.REFUSED else ""

    def value(self) -> Any:
        """Return the result, or raise what the job raised.

        Raises
        ------
        QuantEtfError
            The refusal itself; `show.error_boundary` turns it into a message.
        BaseException
            Whatever else the job raised: a defect, which surfaces.
        LookupError
            When the job is not finished, or is not known.
        """
        if self.failure is not None:
            raise self.failure
        if self.state is not JobState.DONE:
            raise LookupError(f"job {self.token} has no result: it is {self.state}")
        return self.result


class JobRunner:
    """A single worker and the jobs it was given, oldest first."""

    def __init__(self, *, remembered: int = REMEMBERED) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, Future[Any]] = {}
        self._remembered = remembered
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="commit")

    def submit(self, token: str, job: Callable[[], Any], *, wait: float = 0.0) -> JobView:
        """Start ``job`` under ``token`` unless that token has one; say where it stands.

        Parameters
        ----------
        token
            Idempotency key: made when the plan was shown, renewed after each outcome.
        job
            Takes nothing, touches no ``st.``; runs alone, in the order submitted.
        wait
            Seconds to wait for its end before answering, so that a quick job needs no watching.
        """
        with self._lock:
            if token not in self._jobs:
                self._jobs[token] = self._pool.submit(job)
                self._forget_oldest()
        return self.status(token, wait=wait)

    def status(self, token: str, *, wait: float = 0.0) -> JobView:
        """Where the job stands, after waiting at most ``wait`` seconds for its end."""
        with self._lock:
            future = self._jobs.get(token)
        if future is None:
            return JobView(token, JobState.UNKNOWN)
        if wait > 0:
            wait_for([future], timeout=wait)
        return _view(token, future)

    def _forget_oldest(self) -> None:
        finished = [token for token, future in self._jobs.items() if future.done()]
        for token in finished[: max(0, len(self._jobs) - self._remembered)]:
            del self._jobs[token]


def _view(token: str, future: Future[Any]) -> JobView:
    if not future.done():
        return JobView(token, JobState.RUNNING)
    failure = future.exception()
    if failure is None:
        return JobView(token, JobState.DONE, result=future.result())
    refused = isinstance(failure, QuantEtfError)
    return JobView(token, JobState.REFUSED if refused else JobState.CRASHED, failure=failure)


_RUNNER = JobRunner()
submit = _RUNNER.submit
status = _RUNNER.status
