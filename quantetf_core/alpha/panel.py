"""Prices as callers hand them over, checked once and seen as of a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import pandas as pd

from quantetf_core.alpha.windows import PriceView
from quantetf_core.errors import InvalidValueError, SessionError, UnknownTickerError

_ADJUSTED, _CLOSE = "Adj Close", "Close"


@dataclass(frozen=True, slots=True, eq=False)
class PricePanel:
    """A frame of closes whose labels are in order, and the tickers to score in it.

    Parameters
    ----------
    frame
        Closes, USD per share; index = session, ascending and unique.
    tickers
        The tickers to score, sorted.
    columns
        Their positions in ``frame``.
    positions
        Position of every ticker the data has.
    """

    frame: pd.DataFrame
    tickers: tuple[str, ...]
    columns: Sequence[int] | slice
    positions: dict[str, int]

    @classmethod
    def of(cls, prices: pd.DataFrame, tickers: Sequence[str] | None = None) -> PricePanel:
        """Read either layout of prices.

        Parameters
        ----------
        prices
            Wide (index = session, columns = ticker), or with the column levels ``("Ticker",
            "Price")`` of ``read_prices_as_of``: then ``Adj Close`` where there is one, else
            ``Close``.
        tickers
            The tickers to score; all there are by default.

        Raises
        ------
        InvalidValueError
            When the labels are not sessions in order, tickers repeat, or are not text.
        UnknownTickerError
            When a ticker to score has no column.
        """
        _check_sessions(prices)
        names = _column_names(prices)
        positions = {name: place for name, place in names if isinstance(name, str)}
        if len(positions) != len(names):
            raise InvalidValueError(
                "prices", "columns that repeat or are not text", "one column per ticker"
            )
        wanted = positions if tickers is None else tickers
        missing = set(wanted) - positions.keys()
        if missing:
            raise UnknownTickerError(missing, positions, "the scoring")
        scored = tuple(sorted(set(wanted)))
        columns = [positions[ticker] for ticker in scored]
        everything = columns == list(range(prices.shape[1]))
        return cls(prices, scored, slice(None) if everything else columns, positions)

    def at(self, as_of: object = None) -> PriceView:
        """What was known at a session: the last row by default, else the row at or before a date.

        Raises
        ------
        SessionError
            When the date is not a date, or lies before the first row.
        """
        return PriceView(self.frame, self._stop(as_of), self.tickers, self.columns, self.positions)

    def _stop(self, as_of: object) -> int:
        index = self.frame.index
        if as_of is None:
            return len(index)
        stamp = pd.to_datetime(as_of, errors="coerce")  # type: ignore[call-overload]
        if isinstance(stamp, pd.Timestamp):
            day = stamp.tz_localize(None).normalize()
            stop = int(index.searchsorted(day, side="right"))
            if stop:
                return stop
        raise SessionError(as_of, index[0].date(), index[-1].date())


def _check_sessions(prices: pd.DataFrame) -> None:
    if not isinstance(prices, pd.DataFrame):
        raise InvalidValueError("prices", type(prices).__name__, "a DataFrame of closes")
    index = prices.index
    if not isinstance(index, pd.DatetimeIndex) or not len(index) or index.tz is not None:
        raise InvalidValueError(
            "prices", f"an index of {len(index)} {index.dtype} labels", "sessions without time zone"
        )
    if not (index.is_monotonic_increasing and index.is_unique):
        raise InvalidValueError("prices", "unsorted or repeated sessions", "ascending sessions")


def _column_names(prices: pd.DataFrame) -> list[tuple[object, int]]:
    """Ticker and position of every column that holds closes."""
    columns = prices.columns
    if columns.nlevels == 1:
        return [(name, place) for place, name in enumerate(columns.tolist())]
    if columns.nlevels != 2:
        raise InvalidValueError(
            "prices", f"{columns.nlevels} column levels", "tickers, or (Ticker, Price)"
        )
    swapped = list(columns.names) == ["Price", "Ticker"]
    pairs = cast(list[tuple[object, object]], columns.tolist())
    labels = [(b, a) if swapped else (a, b) for a, b in pairs]
    fields = {field for _, field in labels}
    field = _ADJUSTED if _ADJUSTED in fields else _CLOSE
    found: list[tuple[object, int]] = [
        (name, place) for place, (name, kind) in enumerate(labels) if kind == field
    ]
    without = {name for name, _ in labels} - {name for name, _ in found}
    if without:
        raise InvalidValueError(
            "prices", f"no {field!r} for {', '.join(sorted(map(str, without)))}", "one per ticker"
        )
    return found
