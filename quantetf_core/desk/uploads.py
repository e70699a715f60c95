"""A file of prices put where a portfolio of files reads it, once somebody has seen what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from quantetf_core.atomic_files import write_atomic
from quantetf_core.config import FilesSource
from quantetf_core.data.on_session import count_of
from quantetf_core.data.panels import panels_from_rows
from quantetf_core.data.sources.price_file import read_file
from quantetf_core.data.sources.refresh import Refreshed
from quantetf_core.data.sources.vix_file import read_vix
from quantetf_core.desk.data import fetch_data
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.errors import DataError, LedgerWriteError, SourceError
from quantetf_core.findings import Finding, Severity

_NAME = re.compile(r"[A-Za-z0-9_^][A-Za-z0-9_.^-]{0,79}", re.ASCII)
_FOLDER_SUFFIXES = (".csv", ".txt")
_PARQUET = b"PAR1"
_SHOWN = 4


class Place(StrEnum):
    """What stands at a path of a files source."""

    PRICES = "prices"
    FOLDER = "folder"
    VIX = "vix"


@dataclass(frozen=True, slots=True)
class Target:
    """A path that an uploaded file may be put at: a file to replace, or a folder to add to."""

    path: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Understood:
    """How an uploaded file was understood, and where it would go.

    Parameters
    ----------
    target, file
        Where it goes, and the path it is written to, relative to the workspace.
    replaces
        Whether there is such a file already.
    table
        ``ticker, first, last, rows, last_close, adjusted``: what is in it, by ticker; dates,
        closes in USD (or index points), whether it has adjusted closes.
    findings
        What was noticed while reading it.
    content
        Its bytes.
    """

    target: Target
    file: str
    replaces: bool
    table: pd.DataFrame
    findings: tuple[Finding, ...]
    content: bytes


def upload_targets(portfolio: Portfolio) -> tuple[Target, ...]:
    """Where a file may be put: the paths of the portfolio's source that lie in the workspace."""
    source = portfolio.settings.config.source
    if not isinstance(source, FilesSource):
        return ()
    root = portfolio.root.resolve()
    targets = [
        Target(path, Place.FOLDER if (root / path).is_dir() else Place.PRICES)
        for path in source.paths
    ]
    targets.append(Target(source.vix, Place.VIX))
    return tuple(t for t in targets if (root / t.path).resolve().is_relative_to(root))


def understand(portfolio: Portfolio, content: bytes, *, name: str, target: Target) -> Understood:
    """Read an uploaded file as the source would read it; writes nothing.

    Parameters
    ----------
    content, name
        The file and the name it was uploaded under.
    target
        One of `upload_targets`.

    Raises
    ------
    SourceError
        When it cannot be read as what the target holds, or may not stand there.
    """
    file = _file(content, name, target)
    there = portfolio.root / file
    with TemporaryDirectory() as folder:
        copy = Path(folder) / there.name
        copy.write_bytes(content)
        closes, adjusted, findings = _read(copy, target.place, name)
    if target.place is Place.FOLDER:
        _refuse_held_elsewhere(portfolio.root / target.path, set(closes), file, name)
    before: dict[str, pd.Series] = {}
    with suppress(SourceError):  # what cannot be read has nothing to lose
        before, _, _ = _read(there, target.place, file)
    return Understood(
        target=target,
        file=file,
        replaces=there.exists(),
        table=_table(closes, adjusted=adjusted),
        findings=(*_lost(before, closes, file, name), *findings),
        content=content,
    )


def store_upload(portfolio: Portfolio, understood: Understood, *, now: datetime) -> Refreshed:
    """Put the file in its place, whole, and keep a snapshot of the data before and after.

    Raises
    ------
    LedgerWriteError
        When the file system refuses.
    SourceError, SnapshotError
        When the data as it is now cannot be read or kept; the file is in its place then.
    """
    with suppress(DataError):  # where nothing that can be read was there, nothing is lost
        fetch_data(portfolio, now=now)
    place = portfolio.root / understood.file
    try:
        write_atomic(place, understood.content)
    except OSError as error:
        raise LedgerWriteError(understood.file, error.strerror or str(error)) from error
    return fetch_data(portfolio, now=now)


def _file(content: bytes, name: str, target: Target) -> str:
    """The path to write to, after checking that such a file may stand there."""
    if target.place is Place.FOLDER:
        plain, suffix = Path(name).name, Path(name).suffix.lower()
        if not _NAME.fullmatch(plain) or suffix not in _FOLDER_SUFFIXES:
            accepted = "a name such as SPY.csv: letters, digits, _ . ^ -, ending with .csv or .txt"
            raise SourceError(name, "cannot be put into a folder under this name", accepted)
        return f"{target.path}/{plain}"
    wants = Path(target.path).suffix.lower() == ".parquet"
    if wants is not content.startswith(_PARQUET):
        kind = "Parquet" if wants else "CSV"
        raise SourceError(
            name, f"would replace {target.path}", f"a {kind} file there, as its name says"
        )
    return target.path


def _read(
    path: Path, place: Place, origin: str
) -> tuple[dict[str, pd.Series], bool, tuple[Finding, ...]]:
    """Closes by ticker, whether there are adjusted ones, and what was noticed."""
    if place is Place.VIX:
        series, findings = read_vix(path, origin=origin)
        return {"VIX": series}, False, findings
    panels, findings = panels_from_rows(read_file(path, origin=origin), origin=origin)
    closes = {str(ticker): series for ticker, series in panels["close"].items()}
    return closes, "adj_close" in panels, findings


def _lost(
    before: dict[str, pd.Series], after: dict[str, pd.Series], file: str, name: str
) -> Iterator[Finding]:
    """A warning when the file in place has closes that the one to replace it has not."""
    said, number = [], 0
    for ticker, series in before.items():
        known = series.dropna().index
        if ticker in after:
            known = known.difference(after[ticker].dropna().index)
        if len(known):
            said.append(f"{ticker} ({known[0].date()} to {known[-1].date()})")
            number += len(known)
    if said:
        more = ", …" if len(said) > _SHOWN else ""
        message = (
            f"has not all that is in {file} now: {count_of(number, 'close')} would be lost, of "
            f"{', '.join(said[:_SHOWN])}{more}"
        )
        yield Finding(Severity.WARN, "history_lost", name, message)


def _refuse_held_elsewhere(folder: Path, tickers: set[str], file: str, name: str) -> None:
    """Each ticker stands in one file of a folder."""
    for other in sorted(folder.iterdir()):
        if other.name == Path(file).name or other.suffix.lower() not in _FOLDER_SUFFIXES:
            continue
        try:
            twice = sorted(set(read_file(other, origin=other.name).tickers) & tickers)
        except SourceError:
            continue  # a file that cannot be read holds nothing
        if twice:
            accepted = f"each ticker in one file; name it {other.name} to replace that one"
            raise SourceError(name, f"holds {twice[0]}, as {other.name} does", accepted)


def _table(closes: dict[str, pd.Series], *, adjusted: bool) -> pd.DataFrame:
    return pd.DataFrame(
        _lines(closes, adjusted),
        columns=["ticker", "first", "last", "rows", "last_close", "adjusted"],
    )


def _lines(closes: dict[str, pd.Series], adjusted: bool) -> Iterator[tuple[object, ...]]:
    for ticker, series in closes.items():
        known = series.dropna()
        if len(known):
            yield (ticker, known.index[0], known.index[-1], len(known), known.iloc[-1], adjusted)
