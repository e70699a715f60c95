"""Writers as processes of their own: to be killed, or to race.

Run as a script, since forking needs a process without threads. One import of the ledger serves
all of them: each writer is a fork of the warm process.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from quantetf_core.errors import QuantEtfError
from quantetf_core.ledger import CommitRequest
from quantetf_core.ledger.index import INDEX_NAME, save_index
from tests.ledger.books import Ledger, rebalance

CHANGING = ["open", "write", "fsync", "close", "rename", "replace", "mkdir", "unlink", "rmdir"]
"""Calls between which a disk can differ; what only looks (``stat``, ``read`` …) is left out."""


def the_request(ledger: Ledger) -> CommitRequest:
    """The commit that is killed or raced; a first funding where there is no book."""
    if ledger.book is None:
        return rebalance(None, {"SPY": (1.0, 100.0)}, flow=500.0)
    return rebalance(ledger.book, {"SPY": (-3.0, 100.0), "TLT": (5.0, 90.5)}, costs=0.38)


def another_request(ledger: Ledger) -> CommitRequest:
    """A different plan on the same parent."""
    if ledger.book is None:
        return rebalance(None, {"SPY": (2.0, 100.0)}, flow=500.0)
    return rebalance(ledger.book, {"SPY": (2.0, 100.0)}, costs=0.1)


def kill_at_call(number: int) -> None:
    """Make this process kill itself at its ``number``-th call to the system; a write is torn."""
    seen = 0

    def counted(name: str, call: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*args: object, **kwargs: object) -> object:
            nonlocal seen
            seen += 1
            if seen == number:
                if name == "write":
                    call(args[0], bytes(args[1])[: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)

        return wrapped

    for name in CHANGING:
        setattr(os, name, counted(name, getattr(os, name)))
    io.open = counted("open", io.open)


def fork(work: Callable[[], None]) -> int:
    """Run this in a child; its process id."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return child


def ended(child: int) -> int:
    """Exit code of a child; negative for the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def copied(base: Path, root: Path, *, indexed: bool) -> Ledger:
    """A copy of a ledger; its index is out of date, as all times are new, or made anew."""
    shutil.copytree(base, root)
    ledger = Ledger(root)
    if indexed:
        save_index(ledger.state / INDEX_NAME, ledger.history.index_lines)
    return ledger


def kill_everywhere(base: Path, out: Path) -> None:
    """Kill a commit at its first, second … call, each in a copy of ``base``, until one survives."""
    number, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        number += 1
        ledger = copied(base, out / f"{number:04d}", indexed=True)
        request = the_request(ledger)

        def work(ledger=ledger, request=request, number=number) -> None:
            kill_at_call(number)
            ledger.commit(request)

        code = ended(fork(work))
    sys.stdout.write(json.dumps({"calls": number, "last": code}))


def trace_everywhere(base: Path, out: Path, calls: list[str]) -> None:
    """The same with ``strace``, which kills at the system calls themselves, one sort at a time."""
    counts = {}
    for call in calls:
        number, code = 0, -signal.SIGKILL
        while code == -signal.SIGKILL:
            number += 1
            ledger = copied(base, out / f"{call}-{number:04d}", indexed=False)
            code = traced(ledger, call, number)
        assert code == 0, code
        counts[call] = number
    sys.stdout.write(json.dumps(counts))


def traced(ledger: Ledger, call: str, number: int) -> int:
    """Commit in a child that strace kills at its ``number``-th ``call``; how the child ended."""
    request = the_request(ledger)

    def work() -> None:
        os.kill(os.getpid(), signal.SIGSTOP)
        ledger.commit(request)

    child = fork(work)
    os.waitpid(child, os.WUNTRACED)
    inject = f"inject={call}:signal=KILL:when={number}"
    command = ["strace", "-p", str(child), "-e", f"trace={call}", "-e", inject]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        first = strace.stderr.readline()
        if "attached" not in first:
            os.kill(child, signal.SIGKILL)
            ended(child)
            sys.exit(f"cannot trace: {first}")
        os.kill(child, signal.SIGCONT)
        strace.stderr.read()
    return ended(child)


def race(root: Path, rounds: int, same: bool) -> None:
    """Two processes confirm at the same moment, several times over; prints what each got."""
    ledger, results = Ledger(root), []
    for number in range(rounds):
        requests = [the_request(ledger), the_request(ledger)]
        if not same:
            requests[1] = another_request(ledger)
        gate, children = os.pipe(), []
        for place, request in enumerate(requests):

            def work(place=place, request=request, gate=gate, number=number) -> None:
                os.close(gate[1])
                os.read(gate[0], 1)  # until the parent opens the gate
                try:
                    receipt = ledger.commit(request)
                    said = [receipt.commit_id, receipt.already_committed]
                except QuantEtfError as error:
                    said = [type(error).__name__, str(error)]
                (root / f"said-{number}-{place}").write_text(json.dumps(said))

            children.append(fork(work))
        os.close(gate[0])
        os.close(gate[1])
        codes = [ended(child) for child in children]
        said = [json.loads((root / f"said-{number}-{place}").read_text()) for place in (0, 1)]
        results.append({"codes": codes, "said": said})
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "kill":
        kill_everywhere(Path(rest[0]), Path(rest[1]))
    elif what == "trace":
        trace_everywhere(Path(rest[0]), Path(rest[1]), rest[2:])
    else:
        race(Path(rest[0]), int(rest[1]), rest[2] == "same")
