"""The approval sheet: one decision on paper, as a single HTML file that asks for nothing else.

It stands beside the charts because it does what they do: it turns results into something to look
at, in words, dollars and per cent. Nothing is computed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from quantetf_core.charts.approval_facts import ApprovalFacts
from quantetf_core.charts.approval_template import TEMPLATE
from quantetf_core.decision.outcomes import Outcome
from quantetf_core.findings import Severity
from quantetf_core.regime.types import REGIME_LABELS

TURNOVER = (
    "Turnover is one-way: half of everything bought and sold and of the change in cash, over the "
    "portfolio value after any deposit. Funding a book from cash is 100%."
)

_MISSING, _MINUS = "\u2013", "\u2212"
_SEVERITY = {Severity.BLOCK: "Block", Severity.WARN: "Warning", Severity.INFO: "Note"}


def approval_sheet(facts: ApprovalFacts) -> bytes:
    """Lay out a decision for print: A4, UTF-8, everything in it escaped.

    The same facts give the same bytes; the moment of printing is no part of them.
    """
    # Imported when a sheet is made: no command that prints none waits for it.
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= _FILTERS
    text = environment.from_string(TEMPLATE).render(
        f=facts,
        title=f"Approval sheet: {facts.portfolio}, {facts.as_of}",
        traded=_rows(facts.traded),
        held=_rows(facts.held),
        passed=[check.rule for check in facts.checks if check.outcome is Outcome.PASSED],
        open=[
            check for check in facts.checks if check.outcome not in (Outcome.PASSED, Outcome.FOUND)
        ],
        turnover_means=TURNOVER,
    )
    return text.encode("utf-8")


def _rows(lines: pd.DataFrame) -> list[dict[str, Any]]:
    records = lines.astype(object).to_dict("records")
    return [{str(key): value for key, value in record.items()} for record in records]


def _printable(value: object) -> object:
    """Text without control and bidirectional marks, which could make a line read as another."""
    if type(value) is not str:  # what is marked up is ours
        return "" if value is None else value
    return "".join(c if c.isprintable() else " " for c in value)


def _number(value: object, *, places: int = 2, signed: bool = False, sign: str = "") -> str:
    if not isinstance(value, int | float) or not math.isfinite(value):
        return _MISSING
    rounded = round(float(value), places)
    before = _MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{before}{sign}{abs(rounded):,.{places}f}"


def _usd(value: object) -> str:
    return _number(value, sign="$")


def _percent(value: object) -> str:
    found = _number(value * 100.0) if isinstance(value, int | float) else _MISSING
    return found if found == _MISSING else f"{found}%"


def _shares(value: object, *, signed: bool = False) -> str:
    whole = isinstance(value, int | float) and abs(value - round(value)) < 1e-9
    return _number(value, places=0 if whole else 4, signed=signed)


def _moment(value: datetime) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%d, %H:%M} UTC"


_FILTERS: dict[str, Callable[..., str]] = {
    "number": _number,
    "usd": _usd,
    "percent": _percent,
    "shares": _shares,
    "moment": _moment,
    "severity": _SEVERITY.__getitem__,
    "regime": lambda name: REGIME_LABELS.get(name, name),
}
