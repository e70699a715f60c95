"""The exceptions the desk raises, one class per cause.

::

    QuantEtfError
    ├── ConfigError            one or more problems in configuration files
    ├── InvalidValueError      an argument outside what is accepted (also a ValueError)
    ├── DataError
    │   ├── SourceError        a file or source that cannot be read as market data
    │   ├── SnapshotError      a snapshot that is missing, damaged or being written
    │   ├── UnknownTickerError a ticker the data does not have
    │   └── SessionError       a date that cannot be resolved to a trading session
    ├── DecisionError
    │   ├── PlanRefusedError   no plan can be computed, and why
    │   ├── OptimizerError     an optimizer has no weights, and why; caught by its fallback
    │   ├── ChecksBlockError   a plan exists, and a check forbids confirming it
    │   └── OrderFileError     orders that may not be written as a broker's file, and why
    ├── RegimeRecordError      the recorded regime is missing or unreadable (also a ValueError)
    └── LedgerError
        ├── StaleHoldingsError holdings moved between the proposal and the commit
        ├── DecisionStateError a step that the state of a decision does not allow
        ├── ApprovalError      approver or note missing, or not accepted
        ├── HoldingsFileError  a holdings file that does not belong to the history
        ├── ImportFileError    a broker's positions or fills that cannot be understood
        ├── CommitNotFoundError
        ├── DamagedHistoryError
        ├── MixedHistoryError  simulated and market prices in one history
        ├── LedgerBusyError    another writer does not finish
        └── LedgerWriteError   the file system refuses

Constructors take facts and write the sentence: what was wrong, where, what is accepted.
Problems *in the user's data* that still allow an answer are not here; they are findings
(`quantetf_core.findings`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quantetf_core.findings import Finding


def did_you_mean(found: str, accepted: Iterable[str]) -> str:
    """``"; did you mean 'x'?"`` for the closest accepted name, or an empty string.

    Examples
    --------
    >>> did_you_mean("momentun", ["momentum", "ensemble"])
    "; did you mean 'momentum'?"
    >>> did_you_mean("zzz", ["momentum"])
    ''
    """
    close = difflib.get_close_matches(found, list(accepted), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


class QuantEtfError(Exception):
    """Base of every failure the desk explains to its user in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """One thing wrong in one configuration file.

    ``line`` counts from 1; 0 means the file as a whole.
    """

    file: str
    line: int
    key: str
    found: str
    accepted: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}:" if self.key else ""
        return f"{where}:{key} found {self.found}; accepted: {self.accepted}"


class ConfigError(QuantEtfError):
    """Every problem found in the configuration, at once."""

    def __init__(self, problems: Sequence[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InvalidValueError(QuantEtfError, ValueError):
    """An argument that is not accepted: its name, what was found, what is accepted."""

    def __init__(self, parameter: str, found: object, accepted: str) -> None:
        self.parameter, self.found, self.accepted = parameter, found, accepted
        said = str(found) if isinstance(found, date) else repr(found)
        super().__init__(f"{parameter}: found {said}; accepted: {accepted}")


class DataError(QuantEtfError):
    """Market data that cannot be used."""


class SourceError(DataError):
    """A source that cannot be read as market data; ``accepted`` is empty where nothing helps."""

    def __init__(self, source: str, problem: str, accepted: str) -> None:
        self.source, self.problem, self.accepted = source, problem, accepted
        super().__init__(f"{source}: {problem}. Accepted: {accepted}" if accepted else problem)


class SnapshotError(DataError):
    """A snapshot of market data that cannot be used, and what to do about it."""

    def __init__(self, snapshot: str, problem: str, remedy: str) -> None:
        self.snapshot, self.problem, self.remedy = snapshot, problem, remedy
        super().__init__(f"{snapshot}: {problem}. {remedy}")


class UnknownTickerError(DataError):
    """Tickers that the data does not have, or that are not among those to be scored."""

    def __init__(
        self,
        tickers: Iterable[str],
        available: Iterable[str],
        wanted_by: str,
        *,
        of: str = "the market data",
    ) -> None:
        self.tickers = tuple(sorted(tickers))
        names = list(available)
        hint = "".join(did_you_mean(ticker, names) for ticker in self.tickers[:1])
        shown = ", ".join(self.tickers)
        super().__init__(
            f"{wanted_by} needs {shown}, which {of} does not have ({len(names)} tickers){hint}"
        )


class SessionError(DataError):
    """A date that does not resolve to a trading session of the data (or of the calendar)."""

    def __init__(self, date: object, first: object, last: object, *, of: str = "the data") -> None:
        self.date, self.first, self.last = date, first, last
        super().__init__(f"{date} is outside the sessions of {of}: {first} to {last}")


class DecisionError(QuantEtfError):
    """No decision, or none that may be confirmed."""


class PlanRefusedError(DecisionError):
    """A plan that cannot be computed without guessing."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class OptimizerError(DecisionError):
    """An optimizer has no weights that may be used; ``reason`` says why, as part of a sentence."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the optimizer has no weights: {reason}")


class ChecksBlockError(DecisionError):
    """A plan that a blocking check forbids to confirm."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        listed = "; ".join(f"{f.code} ({f.subject}): {f.message}" for f in self.findings)
        super().__init__(f"the plan cannot be confirmed: {listed}")


class OrderFileError(DecisionError):
    """Orders that may not, or cannot, be written as a file for a broker."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"no order file: {reason}")


class RegimeRecordError(QuantEtfError, ValueError):
    """A record of the regime that is not there, cannot be read, or cannot be written."""

    def __init__(self, path: str, problem: str, remedy: str) -> None:
        self.path, self.problem, self.remedy = path, problem, remedy
        super().__init__(f"{path}: {problem}. {remedy}")


class LedgerError(QuantEtfError):
    """A failure to write or read what was decided."""


class StaleHoldingsError(LedgerError):
    """The holdings moved between the proposal and the commit; carries the difference."""

    def __init__(self, reviewed: str | None, newest: str | None, difference: Sequence[str]) -> None:
        self.reviewed, self.newest, self.difference = reviewed, newest, tuple(difference)
        changed = "; ".join(self.difference) or "no share count differs"
        moved = "the holdings changed" if self.difference else "another commit was recorded"
        super().__init__(
            f"{moved} since this plan was made: it was made on commit "
            f"{reviewed or 'none'}, the newest is {newest or 'none'} ({changed}). "
            f"Nothing was written; review the plan again"
        )


class DecisionStateError(LedgerError):
    """A step that the state of a decision does not allow, e.g. fills of one that was reverted."""

    def __init__(self, commit_id: str, problem: str) -> None:
        self.commit_id, self.problem = commit_id, problem
        super().__init__(f"{commit_id} {problem}")


class ApprovalError(LedgerError):
    """An approval that is incomplete."""

    def __init__(self, missing: str) -> None:
        self.missing = missing
        super().__init__(f"this cannot be committed yet: {missing}")


class HoldingsFileError(LedgerError):
    """A holdings file that cannot be read, or does not belong to the history."""

    def __init__(self, path: str, problem: str, remedy: str) -> None:
        self.path, self.problem, self.remedy = path, problem, remedy
        super().__init__(f"{path}: {problem}. {remedy}")


class ImportFileError(LedgerError):
    """A broker's file of positions or fills that cannot be understood; all its problems at once."""

    def __init__(self, source: str, problems: Sequence[str]) -> None:
        self.source, self.problems = source, tuple(problems)
        super().__init__(f"{source}: " + "; ".join(self.problems))


class CommitNotFoundError(LedgerError):
    """An id that names no commit of this portfolio."""

    def __init__(self, commit_id: str, known: Iterable[str]) -> None:
        self.commit_id = commit_id
        names = list(known)
        newest = f"; the newest is {names[0]}" if names else "; nothing has been committed yet"
        hint = did_you_mean(commit_id, names) or newest
        super().__init__(f"no commit has the id {commit_id!r}{hint}")


class DamagedHistoryError(LedgerError):
    """A history whose chain does not hold where it must, so nothing may be added to it."""

    def __init__(self, commit_id: str, problem: str) -> None:
        self.commit_id, self.problem = commit_id, problem
        super().__init__(f"the history does not hold at {commit_id}: {problem}")


class MixedHistoryError(LedgerError):
    """A decision on simulated prices for a history of market prices, or the reverse."""

    def __init__(self, folder: str, holds_simulated: bool) -> None:
        self.folder, self.holds_simulated = folder, holds_simulated
        sorts = ("simulated", "market") if holds_simulated else ("market", "simulated")
        super().__init__(
            f"{folder} records decisions on {sorts[0]} prices, and this one is on {sorts[1]} "
            f"prices; give the portfolio folders of its own (artifacts_dir, state_dir)"
        )


class LedgerBusyError(LedgerError):
    """Another commit to the same portfolio that does not finish."""

    def __init__(self, folder: str, seconds: float) -> None:
        self.folder, self.seconds = folder, seconds
        super().__init__(
            f"another commit has been writing to {folder} for more than {seconds:g} seconds; "
            f"nothing was written, try again when it is done"
        )


class LedgerWriteError(LedgerError):
    """A file system that does not let the ledger write, e.g. a full disk or a missing right."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"{path} cannot be written: {reason}. If the commit is not in the history, nothing "
            f"was recorded; confirming again is safe"
        )
