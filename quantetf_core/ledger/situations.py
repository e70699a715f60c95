"""What a decision knew beside market and configuration, as ``inputs.json`` keeps it.

The book is not in it: that is ``holdings_before.json``. With it, the snapshot and the
configuration, a decision can be made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from quantetf_core.decision.result import Situation
from quantetf_core.findings import Finding, Severity
from quantetf_core.ledger import fields
from quantetf_core.portfolio.holdings import Holdings


def situation_facts(situation: Situation) -> dict[str, Any]:
    """The situation as plain JSON, without session, book and value."""
    return {
        "requested": situation.requested,
        "latest": situation.latest,
        "data_age": situation.data_age,
        "last_commit_as_of": situation.last_commit_as_of,
        "holdings_findings": situation.holdings_findings,
        "nav": [{"session": day, "growth": growth} for day, growth in situation.nav],
    }


def read_situation(
    inputs: Mapping[str, Any], *, as_of: pd.Timestamp, holdings: Holdings | None
) -> Situation:
    """The situation of a decision, from its ``inputs.json``, session and book.

    Raises
    ------
    MalformedError
        When the facts are not there, as in records of earlier versions, or cannot be read.
    """
    source = dict(inputs)
    facts = fields.mapping(source, "situation")
    try:
        return Situation(
            as_of=as_of,
            requested=fields.day(facts, "requested"),
            latest=pd.Timestamp(fields.day(facts, "latest")),
            data_age=int(fields.number(facts, "data_age")),
            holdings=holdings,
            holdings_findings=tuple(
                Finding(
                    Severity(fields.text(row, "severity")),
                    fields.text(row, "code"),
                    fields.text(row, "subject"),
                    fields.text(row, "message"),
                )
                for row in fields.rows(facts, "holdings_findings")
            ),
            last_commit_as_of=fields.optional_day(facts, "last_commit_as_of"),
            portfolio_value=_as_written(source, "portfolio_value"),
            cash_flow=_as_written(source, "declared_cash_flow"),
            nav=tuple(
                (fields.day(row, "session"), fields.number(row, "growth"))
                for row in fields.rows(facts, "nav")
            ),
        )
    except ValueError as error:
        raise fields.MalformedError(str(error)) from error


def _as_written(source: dict[str, Any], key: str) -> float | None:
    """A number or None; whole ones stay whole, since they are written again."""
    if fields.optional_number(source, key) is None:
        return None
    value: float = source[key]
    return value
