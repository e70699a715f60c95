"""The command line as a scheduler and a shell meet it: real processes, pipes and terminals."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from quantetf_core import desk
from tests.workspace import ROOT

COMMAND = (sys.executable, "-m", "quantetf_core")


def started(words: Sequence[str], **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*COMMAND, *words], cwd=ROOT, **options)


def ended(*words: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *words], cwd=ROOT, capture_output=True, check=False, timeout=120, **options
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("history",), 0),
        (("show", "20200101"), 1),
        (("history", "--limit", "none"), 2),
    ],
)
def test_the_exit_code_reaches_the_shell(
    workspace: Path, words: tuple[str, ...], code: int
) -> None:
    assert ended(*words).returncode == code


def test_standard_output_is_one_json_document_in_utf8_under_any_locale(workspace: Path) -> None:
    plain = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    named = ended("show", "Größe→", "--json", env=plain)
    assert named.returncode == 1
    assert "Größe→" in json.loads(named.stdout.decode("utf-8"))["error"]["message"]
    done = ended("rebalance", "--dry-run", "--json", env=plain)
    assert json.loads(done.stdout.decode("utf-8"))["ok"] is True
    assert done.stderr == b""


def test_text_a_locale_cannot_show_is_replaced_and_not_a_crash(workspace: Path) -> None:
    plain = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = ended("rebalance", "--approver", "Jürgen →", "--yes", env=plain)
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
    shown = ended("show", "latest", env=plain)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert shown.stdout.isascii()


@pytest.mark.parametrize("words", [("rebalance", "--dry-run"), ("status", "--json")])
def test_a_reader_that_leaves_ends_it_quietly(workspace: Path, words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with started(words, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 141
    assert said == b""


def test_nothing_is_coloured_or_cut_off_a_terminal(workspace: Path) -> None:
    said = ended("rebalance", "--dry-run", env={**os.environ, "COLUMNS": "20"}).stdout.decode()
    assert "\x1b" not in said
    assert "…" not in said
    assert max(map(len, said.splitlines())) > 100


def test_two_rebalances_at_the_same_moment_are_one_commit(workspace: Path) -> None:
    words = ("rebalance", "--approver", "Ann", "--yes", "--json")
    both = [started(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    documents = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert {d["receipt"]["commit_id"] for d in documents} == {"20231229"}
    assert sorted(d["receipt"]["already_committed"] for d in documents) == [False, True]
    assert len(desk.history(desk.open_portfolio(workspace, "sample")).entries) == 1


def _heeds_interruptions() -> None:
    """As a shell starts a command at a terminal; tests run in the background inherit a deaf ear."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A command at a terminal of its own."""

    def __init__(self, *words: str) -> None:
        self.screen, theirs = pty.openpty()
        self.process = started(
            words, stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=_heeds_interruptions
        )
        os.close(theirs)
        self.said = ""

    def until(self, text: str) -> None:
        """Read until the screen shows a text."""
        while text not in self.said:
            piece = os.read(self.screen, 4096)
            assert piece, self.said
            self.said += piece.decode(errors="replace")

    def types(self, text: str) -> None:
        os.write(self.screen, text.encode())

    def ends(self) -> int:
        """Read to the end; the exit code."""
        try:
            while piece := os.read(self.screen, 4096):
                self.said += piece.decode(errors="replace")
        except OSError:  # how a terminal whose programs have ended says so
            pass
        code = self.process.wait(timeout=120)
        os.close(self.screen)
        return code


def test_on_a_terminal_name_and_confirmation_are_asked_for(workspace: Path) -> None:
    terminal = Terminal("rebalance")
    terminal.until("Approver's name: ")
    terminal.types("Ann Lee\n")
    terminal.until("[y/N] ")
    terminal.types("y\n")
    assert terminal.ends() == 0
    assert "Committed 20231229." in terminal.said
    head = desk.read(desk.open_portfolio(workspace, "sample"), "20231229").manifest.head
    assert head.approver == "Ann Lee"


def test_anything_but_a_yes_writes_nothing(workspace: Path) -> None:
    terminal = Terminal("rebalance", "--approver", "Ann")
    terminal.until("[y/N] ")
    terminal.types("perhaps\n")
    assert terminal.ends() == 1
    assert "not confirmed, so nothing was written" in terminal.said
    assert not (workspace / "artifacts").exists()


def test_an_interruption_at_the_question_writes_nothing(workspace: Path) -> None:
    terminal = Terminal("rebalance", "--approver", "Ann")
    terminal.until("[y/N] ")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.ends() == 130
    assert "Interrupted." in terminal.said
    assert "Traceback" not in terminal.said
    assert not (workspace / "artifacts").exists()


def test_ids_and_tickers_are_whole_on_a_narrow_terminal(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    ended("rebalance", "--approver", "Ann", "--yes", "--note", "a note of several words")
    terminal = Terminal("history")
    assert terminal.ends() == 0
    assert "20231229" in terminal.said
    assert "uptrend_low_vol" in terminal.said
    assert "momentum_acceleration" in terminal.said
