"""`MarketData`: read-only panels of prices, served as of a session."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.data.memory import Memory
from quantetf_core.errors import InvalidValueError, SessionError, UnknownTickerError
from quantetf_core.findings import Finding

PANEL_FIELDS = ("open", "high", "low", "close", "adj_close", "volume")
"""Fields a panel may have, in the order they are shown and hashed."""

Floats = npt.NDArray[np.float64]

_BLOCK = 512
"""Sessions that are put into canonical form at a time."""


class _PrefixHashes:
    """SHA-256 of the market up to each session, computed once and shared by every view."""

    __slots__ = ("_digests",)

    def __init__(self) -> None:
        self._digests: list[str] | None = None

    def up_to(self, market: MarketData, n_sessions: int) -> str:
        if self._digests is None or len(self._digests) < n_sessions:
            self._digests = _prefix_digests(market)
        return self._digests[n_sessions - 1] if n_sessions else _header_digest(market).hex()


def _header_digest(market: MarketData) -> bytes:
    return hashlib.sha256("\x1f".join(market.fields).encode()).digest()


def _prefix_digests(market: MarketData) -> list[str]:
    """One chained digest per session: row t's covers every row up to and including t.

    A ticker counts from its first value on, so one that is listed later changes no earlier digest:
    columns are taken in the order in which they start, and each is named in the row it starts in.
    """
    values = [market.panel(name).to_numpy() for name in market.fields]
    blank = np.logical_and.reduce([np.isnan(panel) for panel in values])
    start = np.where(blank.all(axis=0), len(blank), np.argmin(blank, axis=0))
    order = np.argsort(start, kind="stable")
    same = bool((order[1:] > order[:-1]).all())
    started = np.searchsorted(start[order], np.arange(len(blank)), side="right").tolist()
    names = [market.tickers[column] for column in order.tolist()]
    vix = _canonical(np.asarray(market.vix.to_numpy(), dtype=np.float64))
    days = market.sessions.to_numpy().astype("datetime64[D]").astype("<i8")
    digest, digests, before = _header_digest(market), list[str](), 0
    panels: list[Floats] = []
    for row, count in enumerate(started):
        if row % _BLOCK == 0:  # by blocks of sessions: a copy of everything is much memory
            rows = (panel[row : row + _BLOCK] for panel in values)
            panels = [_canonical(panel if same else panel[:, order]) for panel in rows]
        step = hashlib.sha256(digest)
        step.update(days[row].tobytes() + "\x1f".join([*names[before:count], ""]).encode())
        for panel in panels:
            step.update(panel[row % _BLOCK, :count].tobytes())
        step.update(vix[row].tobytes())
        digest, before = step.digest(), count
        digests.append(digest.hex())
    return digests


def _canonical(values: Floats) -> Floats:
    """One bit pattern for every NaN, and one for zero."""
    return np.where(np.isnan(values), np.nan, values) + 0.0


def _read_only(frame: pd.DataFrame) -> pd.DataFrame:
    values = frame.to_numpy(dtype=np.float64)
    if not (values.flags.c_contiguous and _cannot_be_written(values)):
        values = np.array(values, dtype="<f8", order="C")
        values.setflags(write=False)
    return pd.DataFrame(values, index=frame.index, columns=frame.columns, copy=False)


def _cannot_be_written(values: Floats) -> bool:
    """Whether the memory is read-only for everybody, as that of a file just read is."""
    memory: object = values
    while isinstance(memory, np.ndarray):
        if memory.flags.writeable or memory.flags.owndata:
            return False
        memory = memory.base
    return True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarketData:
    """Prices of many ETFs and the VIX, by session; nothing in it can be changed.

    Parameters
    ----------
    source
        Where the data came from, in words a reader recognises.
    simulated
        Whether the prices are simulated. Everything made from them says so.
    single_close
        The source had one close only, so ``adj_close`` is ``close``.
    findings
        What was noticed while reading the source (data, not errors).
    snapshot
        Id of the snapshot it was opened from; empty when it was read from anything else.

    Notes
    -----
    Build one with `from_panels`. Panels have shape ``(n_sessions, n_tickers)``, float64, index =
    session, columns = ticker (sorted); USD per share, ``volume`` in shares; NaN where a ticker has
    no usable value. Each access gives a frame of its own that shares memory until written to, so
    no caller can change what another sees.

    Timing: a row holds what is known after that session's close. Views made by `as_of` share
    memory with the whole and never show a later row.
    """

    _panels: Mapping[str, pd.DataFrame]
    _vix: pd.Series[float]
    _places: Mapping[str, int]
    source: str
    simulated: bool = False
    single_close: bool = False
    findings: tuple[Finding, ...] = ()
    snapshot: str = ""
    _hashes: _PrefixHashes = field(default_factory=_PrefixHashes, repr=False)
    memory: Memory = field(default_factory=Memory, repr=False)

    @classmethod
    def from_panels(
        cls,
        panels: Mapping[str, pd.DataFrame],
        vix: pd.Series[float],
        *,
        source: str,
        simulated: bool = False,
        single_close: bool = False,
        findings: Iterable[Finding] = (),
        snapshot: str = "",
    ) -> MarketData:
        """Put panels into a read-only market, after checking that their labels agree.

        They are copied, unless nothing can write to their memory.

        Raises
        ------
        InvalidValueError
            When ``close`` is missing, a field is unknown, or labels differ, repeat, are unsorted,
            or are not midnights without a time zone and texts; when the VIX repeats a session.
        """
        close = panels.get("close")
        if close is None:
            raise InvalidValueError("panels", sorted(panels), "a 'close' panel at least")
        unknown = sorted(set(panels) - set(PANEL_FIELDS))
        if unknown:
            raise InvalidValueError("panels", unknown, f"fields of {PANEL_FIELDS}")
        _check_labels(close)
        full = {"adj_close": close, **panels}
        for name, frame in full.items():
            if not (frame.index.equals(close.index) and frame.columns.equals(close.columns)):
                raise InvalidValueError(name, "other labels", "the sessions and tickers of 'close'")
        ordered = {name: _read_only(full[name]) for name in PANEL_FIELDS if name in full}
        if not (isinstance(vix, pd.Series) and vix.index.is_unique):
            raise InvalidValueError("vix", type(vix).__name__, "a Series with each session once")
        aligned = np.array(vix.reindex(close.index).to_numpy(dtype=np.float64))
        aligned.setflags(write=False)
        return cls(
            _panels=MappingProxyType(ordered),
            _vix=pd.Series(aligned, index=close.index, name="vix", copy=False),
            _places=MappingProxyType({name: at for at, name in enumerate(close.columns)}),
            source=source,
            simulated=simulated,
            single_close=single_close or "adj_close" not in panels,
            findings=tuple(findings),
            snapshot=snapshot,
        )

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields there are, in the order of `PANEL_FIELDS`."""
        return tuple(self._panels)

    def panel(self, name: str) -> pd.DataFrame:
        """One panel by field name; a `KeyError` names a field the source does not have."""
        return self._panels[name].copy(deep=False)

    @property
    def close(self) -> pd.DataFrame:
        """USD per share actually paid (split-adjusted at most); sizing and valuation."""
        return self.panel("close")

    @property
    def adj_close(self) -> pd.DataFrame:
        """USD per share, total-return adjusted; scores and research."""
        return self.panel("adj_close")

    @property
    def volume(self) -> pd.DataFrame | None:
        """Shares traded, or None when the source has no volume."""
        return self.panel("volume") if "volume" in self._panels else None

    @property
    def vix(self) -> pd.Series[float]:
        """VIX in index points by session, on the panels' index; NaN where missing."""
        return self._vix.copy(deep=False)

    @property
    def sessions(self) -> pd.DatetimeIndex:
        """The sessions there are, ascending."""
        index = self._panels["close"].index
        assert isinstance(index, pd.DatetimeIndex)
        return index

    @property
    def tickers(self) -> tuple[str, ...]:
        """The tickers there are, sorted."""
        return tuple(self._places)

    def columns_of(self, tickers: Iterable[str]) -> npt.NDArray[np.int64]:
        """Column of each ticker in every panel; −1 for one the market does not have."""
        return np.array([self._places.get(ticker, -1) for ticker in tickers], dtype=np.int64)

    def newest(self, name: str, tickers: Iterable[str]) -> Floats:
        """Values of one field at the newest session, NaN for a ticker without a column."""
        columns = self.columns_of(tickers)
        row = self._panels[name].to_numpy()[-1]
        return np.where(columns >= 0, row[columns], np.nan)

    @property
    def last_session(self) -> pd.Timestamp:
        """The newest session."""
        return self.sessions[len(self.sessions) - 1]

    @property
    def fingerprint(self) -> str:
        """SHA-256 over every label and value up to the newest session shown.

        A later row never changes it, nor does a ticker without a value so far; a restated earlier
        value does.
        """
        return self._hashes.up_to(self, len(self.sessions))

    def resolve(self, date: object) -> pd.Timestamp:
        """The last session of the data at or before a date.

        Raises
        ------
        SessionError
            When the date is not a date, or lies before the first session.
        """
        sessions = self.sessions
        stamp = pd.to_datetime(date, errors="coerce")  # type: ignore[call-overload]
        if not isinstance(stamp, pd.Timestamp):
            raise SessionError(date, sessions[0].date(), sessions[-1].date())
        position = sessions.searchsorted(stamp.tz_localize(None).normalize(), side="right") - 1
        if position < 0:
            raise SessionError(date, sessions[0].date(), sessions[-1].date())
        return sessions[int(position)]

    def as_of(self, date: object) -> MarketData:
        """The market as it was known after the close of a session; shares memory."""
        count = int(self.sessions.searchsorted(self.resolve(date))) + 1
        if count == len(self.sessions):
            return self
        cut = {name: frame.iloc[:count] for name, frame in self._panels.items()}
        return replace(self, _panels=MappingProxyType(cut), _vix=self._vix.iloc[:count])

    def require(self, tickers: Iterable[str], *, wanted_by: str) -> None:
        """Raise `UnknownTickerError` unless every ticker has a column."""
        missing = set(tickers) - set(self.tickers)
        if missing:
            raise UnknownTickerError(missing, self.tickers, wanted_by)


def _check_labels(close: pd.DataFrame) -> None:
    index, columns = close.index, close.columns
    if not isinstance(index, pd.DatetimeIndex) or not len(index):
        raise InvalidValueError("panels", type(index).__name__, "a non-empty DatetimeIndex")
    if index.tz is not None or (index != index.normalize()).any():
        found = f"labels such as {index[0]}"
        raise InvalidValueError("panels", found, "sessions: midnights without a time zone")
    if not (index.is_monotonic_increasing and index.is_unique):
        raise InvalidValueError("panels", "unsorted or repeated sessions", "ascending sessions")
    if not all(isinstance(ticker, str) for ticker in columns):
        raise InvalidValueError("panels", "columns that are not text", "tickers")
    if not (columns.is_monotonic_increasing and columns.is_unique):
        raise InvalidValueError("panels", "unsorted or repeated tickers", "sorted, unique tickers")
