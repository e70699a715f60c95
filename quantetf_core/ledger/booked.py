"""What a book holds of a decision: first its trades as if filled, then its fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from quantetf_core.execution.fills import (
    SAME_SHARES,
    Fill,
    FillReport,
    OrderedLine,
    fill_report,
)
from quantetf_core.ledger.contents import contents
from quantetf_core.ledger.fields import MalformedError
from quantetf_core.ledger.fills_file import FILLS, read_fills
from quantetf_core.ledger.reading import Commit
from quantetf_core.units import to_cents


@dataclass(frozen=True, slots=True)
class Booked:
    """What the book holds of a decision: signed shares by ticker, and the cents they brought."""

    shares: Mapping[str, float]
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FillsSoFar:
    """A decision, and the commit that has every fill recorded of it; None before the first."""

    decision: Commit
    recorded: Commit | None = None

    @property
    def fills(self) -> tuple[Fill, ...]:
        """Every fill recorded.

        Raises
        ------
        MalformedError
            When the commit's file of fills is not one.
        """
        return () if self.recorded is None else read_fills(self.recorded.files.get(FILLS, b""))

    @property
    def closed(self) -> bool:
        """Whether somebody said that no more will come."""
        return (
            self.recorded is not None and self.recorded.manifest.head.summary.get("closed") is True
        )

    @property
    def booked(self) -> Booked:
        """What the book holds of it now; raises like `fills`."""
        if self.recorded is None:
            return assumed(self.decision)
        return booked(fill_report(ordered_lines(self.decision), self.fills))


def ordered_lines(decision: Commit) -> tuple[OrderedLine, ...]:
    """The traded lines of a rebalance, with the price each was decided at."""
    lines = contents(decision).trades
    traded = lines[lines["action"].isin(("BUY", "SELL"))]
    columns = (traded[name] for name in ("ticker", "shares_delta", "price", "notional_value"))
    return tuple(
        OrderedLine(ticker=ticker, shares=shares, price=price if price > 0 else usd / abs(shares))
        for ticker, shares, price, usd in zip(*columns, strict=True)
    )


def assumed(decision: Commit) -> Booked:
    """What a rebalance put into the book as if filled."""
    cash = decision.manifest.cash
    cents = to_cents(cash.sells) - to_cents(cash.buys) - to_cents(cash.costs)
    return Booked({step.ticker: step.delta for step in decision.steps if step.delta}, cents)


def booked(report: FillReport) -> Booked:
    """What the fills of a report put into the book."""
    shares = {line.ticker: line.filled_shares for line in report.lines if line.filled_shares}
    return Booked(shares, to_cents(report.cash_effect))


def shares_after(
    held: Mapping[str, float], *, was: Booked, now: Booked
) -> tuple[dict[str, float], dict[str, float]]:
    """Shares once ``now`` is booked in the place of ``was``, and what changed by ticker.

    Sums are of the decimals as written; less than a millionth of a share is rounding.

    Examples
    --------
    >>> was, now = Booked({"SPY": 10.0}, 0), Booked({"SPY": 6.0, "TLT": 1.0}, 0)
    >>> shares_after({"SPY": 12.0}, was=was, now=now)
    ({'SPY': 8.0, 'TLT': 1.0}, {'SPY': -4.0, 'TLT': 1.0})
    """
    after, moved = dict(held), {}
    for ticker in sorted({*was.shares, *now.shares}):
        change = _exact(now.shares.get(ticker, 0.0)) - _exact(was.shares.get(ticker, 0.0))
        if change:
            left = _exact(held.get(ticker, 0.0)) + change
            moved[ticker] = float(change)
            after[ticker] = 0.0 if abs(left) <= _exact(SAME_SHARES) else float(left)
    return {ticker: shares for ticker, shares in after.items() if shares}, moved


def fills_problems(commit: Commit, so_far: FillsSoFar) -> tuple[str, ...]:
    """Why the book of a commit of fills does not follow from them; empty when it does.

    Parameters
    ----------
    so_far
        Its decision, and the commit of fills it goes on from.
    """
    try:
        was, fills = so_far.booked, read_fills(commit.files.get(FILLS, b""))
    except MalformedError as error:
        return (str(error),)
    now = booked(fill_report(ordered_lines(so_far.decision), fills))
    before, after = commit.holdings_before, commit.holdings_after
    expected, _ = shares_after(before.shares, was=was, now=now)
    problems = [
        f"{ticker}: its fills lead to {expected.get(ticker, 0.0):,.6g} shares, the book has "
        f"{after.shares.get(ticker, 0.0):,.6g}"
        for ticker in sorted({*expected, *after.shares})
        if expected.get(ticker) != after.shares.get(ticker)
    ]
    cents = to_cents(before.cash) + now.cents - was.cents
    if cents != to_cents(after.cash):
        problems.append(f"its fills lead to {cents / 100:,.2f} USD, the book has {after.cash:,.2f}")
    return tuple(problems)


def _exact(number: float) -> Fraction:
    """The decimal number as a person would write it."""
    return Fraction(repr(float(number)))
