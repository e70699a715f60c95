"""What several commands show: findings, receipts, indicators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from quantetf_core.cli import words
from quantetf_core.cli.screen import Column, Grid, Line, Part
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger import CommitEntry, Receipt
from quantetf_core.portfolio.overlays import OverlayStep
from quantetf_core.regime.types import RegimeState

SIMULATED = "Simulated prices: nothing here is about real money."

NAMES = {Severity.BLOCK: "Block", Severity.WARN: "Warning", Severity.INFO: "Note"}
"""Severities as people read them."""

_STYLES = {Severity.BLOCK: "bold red", Severity.WARN: "yellow", Severity.INFO: "dim"}


class Shown(NamedTuple):
    """A column of a frame as people see it: its label, and its values in words."""

    name: str
    label: str
    of: Callable[[Any], str] = words.text
    wraps: bool = False


def grid(title: str, frame: pd.DataFrame, shown: Sequence[Shown]) -> Grid:
    """The shown columns of a frame, in that order; numbers to the right."""
    columns = [
        Column(s.label, right=s.of not in (words.text, words.phrase), wraps=s.wraps) for s in shown
    ]
    cells = [[column.of(value) for value in frame[column.name].tolist()] for column in shown]
    return Grid(title, columns, list(zip(*cells, strict=True)))


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as plain mappings, each cell as it is."""
    rows = frame.astype(object).to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in rows]


def receipt_facts(receipt: Receipt) -> dict[str, Any]:
    """A receipt as plain JSON."""
    return {
        "commit_id": receipt.commit_id,
        "folder": str(receipt.folder),
        "plan_id": receipt.plan_id,
        "as_of": receipt.as_of,
        "committed_at": receipt.committed_at,
        "already_committed": receipt.already_committed,
    }


def receipt_parts(receipt: Receipt) -> Iterator[Part]:
    """Where the decision now is."""
    if receipt.already_committed:
        yield from already_parts(receipt.commit_id)
        return
    yield Line(f"Committed {receipt.commit_id}.", "bold green")
    yield Line(f"Folder {receipt.folder}")


def simulated_parts(simulated: bool) -> Iterator[Part]:
    """That prices are simulated, wherever they are; nothing where they are not."""
    if simulated:
        yield Line(SIMULATED, "bold magenta")


def finding_parts(findings: Iterable[Finding]) -> Iterator[Part]:
    """Findings line by line; the word says the severity, the colour repeats it."""
    for finding in findings:
        text = f"{NAMES[finding.severity]}: {finding.code} ({finding.subject}): {finding.message}"
        yield Line(text, _STYLES[finding.severity])


def indicators(state: RegimeState) -> str:
    """What the regime was read from, in one line."""
    mean = words.number(state.spy_200ma)
    vix = words.number(state.vix)
    return f"SPY {words.number(state.spy_price)}, its 200-day mean {mean}, VIX {vix}"


def overlay_parts(steps: Sequence[OverlayStep]) -> Iterator[Part]:
    """What each overlay did to the target weights; nothing where a strategy has none."""
    if not steps:
        return
    columns = [
        Column("Overlay"),
        Column("State"),
        Column("Exposure before", right=True),
        Column("After", right=True),
        Column("What happened", wraps=True),
    ]
    rows = [
        (
            step.title,
            step.state.label,
            words.percent(step.exposure_before, places=1),
            words.percent(step.exposure_after, places=1),
            step.said,
        )
        for step in steps
    ]
    yield Grid("Overlays, in their order", columns, rows)


def already_parts(commit_id: str) -> Iterator[Part]:
    """That this was done before."""
    yield Line(f"Already committed as {commit_id}; nothing was written.", "bold green")


def entry_receipt(entry: CommitEntry) -> dict[str, Any]:
    """The receipt of a commit that a plan repeats, as plain JSON."""
    receipt = Receipt(
        commit_id=entry.id,
        folder=entry.folder,
        plan_id=entry.plan_id,
        as_of=entry.as_of,
        committed_at=entry.committed_at,
        already_committed=True,
    )
    return receipt_facts(receipt)
