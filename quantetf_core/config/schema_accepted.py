"""Data findings that a person has looked at and accepted (``configs/accepted_findings.yaml``)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from quantetf_core.config.strict import Name, StrictModel, broken_rule

ACCEPTED_FINDINGS = "configs/accepted_findings.yaml"
"""Where they are kept unless a portfolio names another file."""

Text = Annotated[str, Field(min_length=1, max_length=1000)]


class AcceptedFinding(StrictModel):
    """One finding that is all right after all: which, why, and who says so.

    ``date`` is the first session of the finding; ``ticker`` is its subject, also ``VIX``.
    """

    ticker: Name
    date: Annotated[dt.date, Field(strict=False, description="a date such as 2023-12-29")]
    code: Name
    note: Text
    by: Name

    @field_validator("note", "by")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if not text.strip():
            raise broken_rule("text that is not only spaces")
        return text.strip()


def _none_yet(value: object) -> object:
    """``accepted:`` with nothing after it is an empty list."""
    return () if value is None else value


class AcceptedFindings(StrictModel):
    """The file: a list, each ticker, date and code once."""

    accepted: Annotated[
        tuple[AcceptedFinding, ...], Field(strict=False), BeforeValidator(_none_yet)
    ] = ()

    @field_validator("accepted")
    @classmethod
    def _once(cls, entries: tuple[AcceptedFinding, ...]) -> tuple[AcceptedFinding, ...]:
        seen: set[tuple[str, dt.date, str]] = set()
        for position, entry in enumerate(entries):
            key = (entry.ticker, entry.date, entry.code)
            if key in seen:
                raise broken_rule("each ticker, date and code once", position, "ticker")
            seen.add(key)
        return entries
