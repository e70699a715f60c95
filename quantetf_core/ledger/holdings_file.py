"""``current_holdings.json``: derived from the newest commit, and only ever repaired forward.

The chain of commits is the truth. The file is for scripts and people who want the book without
the history, and a second witness of which commit is the newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quantetf_core.encoding import readable_json
from quantetf_core.errors import DamagedHistoryError, HoldingsFileError
from quantetf_core.findings import Finding, Severity, in_order
from quantetf_core.ledger import fields
from quantetf_core.ledger.book import book_differences, marked_keys, read_disputed, read_locks
from quantetf_core.ledger.chain import CommitEntry
from quantetf_core.ledger.files import remove_temporaries, write_atomic
from quantetf_core.ledger.history import History, history
from quantetf_core.ledger.index import INDEX_NAME
from quantetf_core.ledger.reading import read_commit
from quantetf_core.ledger.record import IMPORTED, Kind
from quantetf_core.portfolio.holdings import Basis, Holdings, Position
from quantetf_core.units import from_cents, to_cents

HOLDINGS_NAME = "current_holdings.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingsFile:
    """The file as read: its book (``commit_id`` None when no history claims it), and its bytes."""

    book: Holdings
    content: bytes
    findings: tuple[Finding, ...] = ()


def current_holdings(
    artifacts_dir: Path, state_dir: Path, *, found: History | None = None
) -> tuple[Holdings | None, tuple[Finding, ...]]:
    """The book, and what to know before trusting it. Writes nothing.

    Parameters
    ----------
    found
        The history when it is already read.

    Returns
    -------
    book
        That of the newest commit; without commits, that of the file, with ``commit_id`` None and
        a finding that it must be imported first; None when there is neither.
    findings
        Blocks where file and history contradict each other, or where the history is damaged.

    Raises
    ------
    HoldingsFileError
        When there are no commits and the file cannot be read.
    DamagedHistoryError
        When the newest commit's book cannot be read.
    """
    path = state_dir / HOLDINGS_NAME
    found = history(artifacts_dir, index=state_dir / INDEX_NAME) if found is None else found
    if found.newest is None:
        return _without_history(path, found)
    book = read_commit(artifacts_dir, found.newest.id).holdings_after
    try:
        check_holdings_file(path, found)
    except (HoldingsFileError, DamagedHistoryError) as error:
        block = Finding(Severity.BLOCK, "holdings_file", HOLDINGS_NAME, str(error))
        return book, in_order((*found.blocks, block))
    return book, found.blocks


def _without_history(path: Path, found: History) -> tuple[Holdings | None, tuple[Finding, ...]]:
    kept = check_holdings_file(path, found)
    if kept is None:
        return None, found.blocks
    notice = Finding(
        Severity.BLOCK,
        "not_in_history",
        HOLDINGS_NAME,
        "this book is not part of the history yet; import it before anything else is committed",
    )
    return kept.book, in_order((*kept.findings, *found.blocks, notice))


def read_holdings_file(path: Path) -> HoldingsFile | None:
    """Read a holdings file, ours or one from before there was a history; None when there is none.

    Raises
    ------
    HoldingsFileError
        When it cannot be read as one.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise HoldingsFileError(str(path), f"cannot be read ({error})", _LOOK) from error
    try:
        return _parsed(content)
    except ValueError as error:
        raise HoldingsFileError(str(path), f"is not a holdings file: {error}", _LOOK) from error


_LOOK = "Restore it, or move it away if the history is complete without it"


def _parsed(content: bytes) -> HoldingsFile:
    source = fields.read_object(content)
    if source.get("schema") not in (None, SCHEMA):
        raise fields.MalformedError(f"schema {source['schema']!r} is not known here")
    book = Holdings(
        positions=_positions(fields.rows(source, "holdings")),
        cash=fields.optional_number(source, "cash") or 0.0,
        as_of=fields.optional_day(source, "as_of"),
        basis=Basis(fields.optional_text(source, "basis") or Basis.ASSUMED_FILL),
        commit_id=fields.optional_text(source, "commit_id"),
        disputed=read_disputed(source),
        locks=read_locks(source),
    )
    findings: tuple[Finding, ...] = ()
    if source.get("cash") is None:
        notice = "it says nothing of cash, so cash is taken as 0.00 USD"
        findings = (Finding(Severity.WARN, "cash_not_stated", HOLDINGS_NAME, notice),)
    return HoldingsFile(book=book, content=content, findings=findings)


def _positions(rows: list[dict[str, Any]]) -> tuple[Position, ...]:
    held = [
        Position(
            ticker=fields.text(row, "ticker"),
            shares=fields.number(row, "shares"),
            price=fields.optional_number(row, "price"),
            cost=fields.optional_number(row, "cost"),
        )
        for row in rows
        if row.get("shares") != 0
    ]
    return tuple(sorted(held, key=lambda position: position.ticker))


def holdings_bytes(book: Holdings, newest: CommitEntry) -> bytes:
    """The file for a commit's book; ``updated_at`` is when that was committed.

    Weights are fractions of cash plus the priced positions; a position without a price has
    neither notional nor weight.
    """
    values = {
        p.ticker: None if p.price is None else from_cents(to_cents(p.shares * p.price))
        for p in book.positions
    }
    total = book.cash + sum(value for value in values.values() if value is not None)
    rows = [
        {
            "ticker": p.ticker,
            "weight": _weight(values[p.ticker], total),
            "price": p.price,
            "notional": values[p.ticker],
            "shares": p.shares,
            "cost": p.cost,
        }
        for p in book.positions
    ]
    return readable_json(
        {
            "schema": SCHEMA,
            "updated_at": newest.committed_at,
            "as_of": book.as_of,
            "basis": book.basis,
            "commit_id": newest.id,
            "simulated": newest.simulated,
            "cash": book.cash,
            "holdings": rows,
            **marked_keys(book),
        }
    )


def _weight(value: float | None, total: float) -> float | None:
    return None if value is None or total <= 0 else value / total


def repair(state_dir: Path, found: History) -> tuple[str, ...]:
    """Bring the holdings file forward to the newest commit; the caller holds the lock.

    Returns
    -------
    tuple of str
        What was done, in words; empty when nothing was needed.

    Raises
    ------
    HoldingsFileError
        When the file contradicts the history (a human must look).
    """
    path = state_dir / HOLDINGS_NAME
    remove_temporaries(path)
    kept = check_holdings_file(path, found)
    if found.newest is None:
        return ()
    book = read_commit(found.folder, found.newest.id).holdings_after
    content = holdings_bytes(book, found.newest)
    if kept is not None and kept.content == content:
        return ()
    write_atomic(path, content)
    old = "no file" if kept is None else f"commit {kept.book.commit_id}"
    return (f"{HOLDINGS_NAME}: brought forward from {old} to commit {found.newest.id}",)


def check_holdings_file(path: Path, found: History) -> HoldingsFile | None:
    """Read the file, and refuse it when it is not what some commit of this history left.

    Returns
    -------
    HoldingsFile or None
        The file, which may be older than the newest commit; None when there is none.

    Raises
    ------
    HoldingsFileError
        When the file contradicts the history, or cannot be read.
    """
    kept = read_holdings_file(path)
    if kept is None:
        return None
    commit_id = kept.book.commit_id
    if commit_id is None:
        if found.entries and not _adopted(kept, found):
            raise HoldingsFileError(
                str(path),
                "names no commit, though this portfolio has a history",
                "Move it away; if it is right and the history is not, import it as positions",
            )
        return kept
    if commit_id not in found.by_id:
        raise _unknown_commit(path, commit_id)
    differences = book_differences(read_commit(found.folder, commit_id).holdings_after, kept.book)
    if differences:
        raise HoldingsFileError(
            str(path),
            f"was changed by hand after commit {commit_id} ({'; '.join(differences)})",
            "Move it away, then record the change as an import or a cash commit",
        )
    return kept


def _adopted(kept: HoldingsFile, found: History) -> bool:
    """Whether the history began by importing exactly this file."""
    first = found.entries[-1]
    files = read_commit(found.folder, first.id).files if first.kind is Kind.IMPORT else {}
    return files.get(IMPORTED) == kept.content


def _unknown_commit(path: Path, commit_id: str) -> HoldingsFileError:
    return HoldingsFileError(
        str(path),
        f"was written by commit {commit_id}, which is not in this history",
        "Restore that commit's folder, or the artifacts folder this file belongs to",
    )
