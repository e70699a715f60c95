"""Commits that are not a rebalance: imports, reverts, cash and corporate actions.

Here they are proposed: nothing is written, and what was shown is what `recording.record` records,
on the commit it was made on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import pandas as pd

from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import price_marks
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.desk.records import history
from quantetf_core.errors import HoldingsFileError, InvalidValueError
from quantetf_core.findings import Finding, Severity, of_severity
from quantetf_core.ledger import (
    Action,
    Approval,
    BrokerPositions,
    CommitRequest,
    Kind,
    Split,
    TypedRow,
    cash_request,
    corporate_action_request,
    current_holdings,
    import_request,
    parse_positions,
    typed_positions,
)
from quantetf_core.ledger.book import book_differences, dispute_differences, lock_differences
from quantetf_core.ledger.holdings_file import HOLDINGS_NAME, read_holdings_file
from quantetf_core.ledger.requests import adopt_request
from quantetf_core.portfolio.holdings import Holdings, Position
from quantetf_core.portfolio.stated_shares import splits_since_stated
from quantetf_core.version import VERSION

PRICE_DISAGREES = 0.10
"""How far a broker's price may be from the close before it is a warning (house rule)."""

CashKind = Literal["deposit", "withdrawal", "fee"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A change of the book that is not a rebalance, complete but for who approves it."""

    request: CommitRequest

    @property
    def before(self) -> Holdings:
        """The book it was made on; an empty one when there was none."""
        return self.request.holdings_before or Holdings()

    @property
    def after(self) -> Holdings:
        """The book it leads to."""
        return self.request.holdings_after

    @property
    def differences(self) -> tuple[str, ...]:
        """What changes, a sentence each; empty when only its date or basis does."""
        return book_differences(self.before, self.after)

    @property
    def marks(self) -> tuple[str, ...]:
        """Of the differences those that say what may be traded: disputes, and locks."""
        both = self.before, self.after
        return dispute_differences(*both) + lock_differences(*both)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What the approver must say something to."""
        return self.request.warnings


def holdings(portfolio: Portfolio) -> tuple[Holdings | None, tuple[Finding, ...]]:
    """The book, None when there is none yet, and what to know before trusting it."""
    return current_holdings(portfolio.artifacts_dir, portfolio.state_dir, found=history(portfolio))


def read_positions(content: bytes, *, source_name: str) -> BrokerPositions:
    """A broker's position CSV as positions and cash, for a preview; writes nothing.

    Raises
    ------
    ImportFileError
        With every problem of the file.
    """
    return parse_positions(content, source_name=source_name)


def type_positions(rows: Sequence[TypedRow], *, cash: float | None) -> BrokerPositions:
    """Positions typed in by hand, for a preview; raises like `read_positions`, by row."""
    return typed_positions(rows, cash=cash)


def check_positions(
    portfolio: Portfolio, market: MarketData, positions: Sequence[Position], *, as_of: date
) -> tuple[Finding, ...]:
    """What to know about imported positions before they become the book.

    Codes: ``never_priced`` (warn), ``price_disagrees`` (warn: the file's price is more than 10 %
    from the close, so the ticker, the date or a split may be wrong) and ``outside_universe``
    (info).
    """
    marks = price_marks(market, as_of=as_of, tickers=[p.ticker for p in positions])
    universe = set(portfolio.settings.universe.symbols)
    found = []
    for position, price, day in zip(positions, marks.price, marks.price_date, strict=True):
        ticker, stated = position.ticker, position.price
        if day is None:
            message = f"has no close up to {as_of}: the book has no value, and cannot be rebalanced"
            found.append(Finding(Severity.WARN, "never_priced", ticker, message))
        elif stated and abs(stated / price - 1.0) > PRICE_DISAGREES:
            message = (
                f"the file's price, {stated:,.2f}, is {abs(stated / price - 1.0):.0%} from the "
                f"close of {day}, {price:,.2f}: check the ticker, the date, and any split"
            )
            found.append(Finding(Severity.WARN, "price_disagrees", ticker, message))
        if ticker not in universe:
            message = "is not in the universe: a rebalance sells it"
            found.append(Finding(Severity.INFO, "outside_universe", ticker, message))
    return tuple(found)


def propose_import(
    portfolio: Portfolio,
    market: MarketData,
    *,
    positions: Sequence[Position],
    cash: float,
    as_of: date,
    source: str,
    kind: Literal[Kind.IMPORT, Kind.RECONCILE] = Kind.IMPORT,
    files: Mapping[str, bytes] | None = None,
    findings: Sequence[Finding] = (),
) -> Entry:
    """Replace the book by what a broker, or a person, says is held, at the closes of a session.

    Parameters
    ----------
    kind
        ``reconcile`` when it is a count of the same book, so that a difference is a gain or loss;
        ``import`` when it replaces the book, which counts as neither.
    findings
        Of `read_positions` and `check_positions`; the warnings among them need a note.

    Raises
    ------
    InvalidValueError
        When ``as_of`` is not a session from the newest commit's on.
    """
    book = book_at(portfolio, market, as_of)
    return Entry(
        import_request(
            book,
            positions=priced(positions, market, as_of=as_of),
            cash=cash,
            as_of=as_of,
            approval=provenance(market),
            source=source,
            kind=kind,
            files=files,
            warnings=of_severity(findings, Severity.WARN),
        )
    )


def propose_adoption(portfolio: Portfolio, market: MarketData, *, as_of: date) -> Entry:
    """Begin the history with the holdings file that was there before it.

    Raises
    ------
    HoldingsFileError
        When there is no such file, or it belongs to a history already.
    """
    path = portfolio.state_dir / HOLDINGS_NAME
    kept = read_holdings_file(path)
    if kept is None or kept.book.commit_id is not None:
        problem = "is not there" if kept is None else "belongs to a history already"
        raise HoldingsFileError(str(path), problem, "Only a book without a history is adopted")
    _check_session(portfolio, market, as_of)
    return Entry(
        adopt_request(
            kept.book,
            content=kept.content,
            as_of=as_of,
            approval=provenance(market),
            warnings=of_severity(kept.findings, Severity.WARN),
        )
    )


def propose_cash(
    portfolio: Portfolio, market: MarketData, *, flow: CashKind, amount: float, as_of: date
) -> Entry:
    """Money moved without a trade; USD above 0.

    Raises
    ------
    InvalidValueError
        When the amount is less than a cent or more than there is to take, or ``as_of`` is not a
        session from the newest commit's on.
    """
    book = book_at(portfolio, market, as_of)
    return Entry(
        cash_request(book, flow=flow, amount=amount, as_of=as_of, approval=provenance(market))
    )


def propose_corporate_actions(
    portfolio: Portfolio, market: MarketData, *, actions: Sequence[Action], as_of: date
) -> Entry:
    """Splits, dividends and cash-outs of held tickers.

    Raises
    ------
    InvalidValueError
        As `propose_cash`; when an action does not fit the book; and when a split is recorded
        while the closes show another one that is not: recording moves the date of the book, and
        the other would no longer be looked for.
    """
    book = book_at(portfolio, market, as_of)
    seen = splits_since_stated(book, market, as_of=pd.Timestamp(as_of))
    splits = {action.ticker: action.ratio for action in actions if isinstance(action, Split)}
    left = sorted(set(seen) - {action.ticker for action in actions})
    if splits and left:
        accepted = f"all splits at once; there is one to record for {', '.join(left)} too"
        raise InvalidValueError("actions", [a.ticker for a in actions], accepted)
    held = book.tickers if book else ()
    marks = price_marks(market, as_of=as_of, tickers=held)
    closes = {t: float(p) for t, p in zip(held, marks.price, strict=True) if p > 0}
    request = corporate_action_request(
        book, actions=actions, as_of=as_of, approval=provenance(market), closes=closes
    )
    return Entry(replace(request, warnings=_unseen(splits, seen)))


def _unseen(splits: Mapping[str, float], seen: Mapping[str, float]) -> tuple[Finding, ...]:
    """A warning on each split that the closes do not show: it would change the book's value."""
    return tuple(
        Finding(
            Severity.WARN,
            "split_not_in_closes",
            ticker,
            f"its closes show {f'a ratio of {seen[ticker]:g}' if ticker in seen else 'no split'} "
            f"since the holdings' date; recording {ratio:g} new shares for each old one changes "
            "the value of the book",
        )
        for ticker, ratio in splits.items()
        if ratio != 1.0 and not math.isclose(ratio, seen.get(ticker, 1.0), rel_tol=1e-6)
    )


def suspected_splits(portfolio: Portfolio, market: MarketData, *, as_of: date) -> dict[str, float]:
    """Held tickers whose closes show a split since the book's date: new shares for each old one."""
    book, _ = holdings(portfolio)
    return splits_since_stated(book, market, as_of=pd.Timestamp(as_of))


def priced(
    positions: Sequence[Position], market: MarketData, *, as_of: date
) -> tuple[Position, ...]:
    """Positions with the last valid close at a session; None where there is none."""
    marks = price_marks(market, as_of=as_of, tickers=[p.ticker for p in positions])
    return tuple(
        replace(position, price=None if never else float(price))
        for position, price, never in zip(positions, marks.price, marks.never_priced, strict=True)
    )


def book_at(portfolio: Portfolio, market: MarketData, as_of: date) -> Holdings | None:
    """The book to go on from, after checking that ``as_of`` does not go back."""
    _check_session(portfolio, market, as_of)
    return holdings(portfolio)[0]


def _check_session(portfolio: Portfolio, market: MarketData, as_of: date) -> None:
    """The record goes forward: a session of the data, from the newest commit's on."""
    newest = history(portfolio).newest
    last = market.last_session.date()
    first = market.sessions[0].date() if newest is None else newest.as_of
    if market.resolve(as_of).date() != as_of or not first <= as_of <= last:
        accepted = f"a session from {first} to {last}"
        if newest is not None:
            accepted += f" (the newest record, {newest.id}, is of {first})"
        raise InvalidValueError("as_of", as_of, accepted)


def provenance(market: MarketData) -> Approval:
    """What every commit carries of where it came from, before anybody approves it."""
    return Approval(code_version=VERSION, simulated=market.simulated)
