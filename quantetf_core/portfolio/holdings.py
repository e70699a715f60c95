"""What a portfolio holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from quantetf_core.errors import InvalidValueError
from quantetf_core.units import is_finite_number


class Basis(StrEnum):
    """Whether the shares are what the trades should have given, or what a broker confirmed."""

    ASSUMED_FILL = "assumed_fill"
    RECONCILED = "reconciled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Shares of one ticker, and the price (USD per share) they were last recorded at.

    ``price`` is None when it was never priced; ``cost`` is the average price paid, where known.
    """

    ticker: str
    shares: float
    price: float | None = None
    cost: float | None = None

    def __post_init__(self) -> None:
        if not (is_finite_number(self.shares) and self.shares > 0):
            raise InvalidValueError(f"shares of {self.ticker}", self.shares, "a number above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """A ticker whose shares the book and the broker count differently.

    Parameters
    ----------
    ticker
        What is not traded until somebody says whose count holds.
    book_shares, broker_shares
        The two counts, from 0, as they were when the difference was found.
    source
        Where the broker's count is from, e.g. the file's name.
    since
        The session of the broker's count.
    """

    ticker: str
    book_shares: float
    broker_shares: float
    source: str
    since: date

    def __post_init__(self) -> None:
        for name, shares in (("book", self.book_shares), ("broker", self.broker_shares)):
            if not (is_finite_number(shares) and shares >= 0):
                raise InvalidValueError(
                    f"{name} shares of {self.ticker}", shares, "a number from 0"
                )

    @property
    def words(self) -> str:
        """Both counts, as in ``book 10, broker 12 shares (positions.csv, 2024-01-31)``."""
        counts = f"book {self.book_shares:,.6g}, broker {self.broker_shares:,.6g} shares"
        return f"{counts} ({self.source}, {self.since})"


class LockRule(StrEnum):
    """What a person forbids of a ticker."""

    HOLD = "hold"
    NO_BUY = "no_buy"
    NO_SELL = "no_sell"

    @property
    def label(self) -> str:
        """The words a PM reads."""
        return {"hold": "not traded", "no_buy": "not bought", "no_sell": "not sold"}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A ticker that a person has locked; who, is in the commit that says so.

    Parameters
    ----------
    ticker, rule
        What is locked, and what is forbidden; it need not be held.
    reason
        Why, in words.
    since
        The session it was locked at.
    until
        The last session it is in force; None until it is lifted.
    """

    ticker: str
    rule: LockRule
    reason: str
    since: date
    until: date | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise InvalidValueError(f"reason to lock {self.ticker}", self.reason, "a reason")
        if self.until is not None and self.until < self.since:
            raise InvalidValueError("until", self.until, f"a date from {self.since} on")

    @property
    def words(self) -> str:
        """The whole of it, as in ``not bought (earnings; 2024-01-31 to 2024-02-29)``."""
        ends = f"{self.since} to {self.until}" if self.until else f"since {self.since}"
        return f"{self.rule.label} ({self.reason}; {ends})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """A book: positions sorted by ticker, and cash in USD (exact cents).

    ``commit_id`` names the commit it came from; None for a book no commit recorded. ``disputed``
    are the tickers, sorted, that the broker counts differently; they need not be held. ``locks``
    are the tickers, sorted, that a person locked; one that has expired may be among them.
    """

    positions: tuple[Position, ...] = ()
    cash: float = 0.0
    as_of: date | None = None
    basis: Basis = Basis.ASSUMED_FILL
    commit_id: str | None = None
    disputed: tuple[Dispute, ...] = ()
    locks: tuple[Lock, ...] = ()

    def __post_init__(self) -> None:
        for name in ("positions", "disputed", "locks"):
            tickers = [entry.ticker for entry in getattr(self, name)]
            if tickers != sorted(set(tickers)):
                raise InvalidValueError(name, tickers, "each ticker once, sorted")
        if not is_finite_number(self.cash):
            raise InvalidValueError("cash", self.cash, "a finite number of USD")

    @property
    def tickers(self) -> tuple[str, ...]:
        """Tickers held, sorted."""
        return tuple(position.ticker for position in self.positions)

    @property
    def shares(self) -> dict[str, float]:
        """Ticker → shares."""
        return {position.ticker: position.shares for position in self.positions}


def share_differences(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[str, ...]:
    """One sentence per ticker whose share count differs, by ticker.

    Examples
    --------
    >>> share_differences({"SPY": 10.0}, {"SPY": 12.0, "TLT": 3.0})
    ('SPY: 10 → 12 shares', 'TLT: 0 → 3 shares')
    """
    pairs = ((t, before.get(t, 0.0), after.get(t, 0.0)) for t in sorted({*before, *after}))
    return tuple(f"{t}: {a:,.6g} → {b:,.6g} shares" for t, a, b in pairs if a != b)
