"""Tickers that a broker's file counts differently: never traded until that is settled."""

from __future__ import annotations

from quantetf_core.findings import Finding, Severity
from quantetf_core.portfolio.holdings import Holdings


def disputed_tickers(holdings: Holdings | None) -> frozenset[str]:
    """Tickers of a book that nobody may trade; none for no book."""
    return frozenset(() if holdings is None else (d.ticker for d in holdings.disputed))


def dispute_findings(holdings: Holdings | None) -> tuple[Finding, ...]:
    """A warning on each disputed ticker, with both counts.

    A warning and not a block: the rest of a plan may be confirmed, knowing this one is left out
    and that the value it is sized on is the book's.
    """
    return tuple(
        Finding(
            Severity.WARN,
            "disputed_position",
            dispute.ticker,
            f"book and broker disagree: {dispute.words}; it is not traded, and is valued as the "
            "book has it, until somebody settles whose count holds",
        )
        for dispute in (() if holdings is None else holdings.disputed)
    )
