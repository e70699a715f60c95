"""`DataAccessContext`: the market as strategies and notebooks read it, always as of a date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from quantetf_core.data.market import MarketData
from quantetf_core.data.panels import panels_from_long
from quantetf_core.data.vix import vix_from_series
from quantetf_core.errors import InvalidValueError

_SPELLED = {
    "open": "Open",
    "high": "High",
    "low": "Low",
    "close": "Close",
    "adj_close": "Adj Close",
    "volume": "Volume",
}
"""Fields as the second level of the columns spells them, in the order they are shown."""


@dataclass(frozen=True, slots=True)
class PriceAccess:
    """Prices of a market as of a date."""

    market: MarketData

    def read_prices_as_of(
        self, as_of: object, tickers: Iterable[str] | None = None
    ) -> pd.DataFrame:
        """Every price known after the close of a session, and nothing later.

        Parameters
        ----------
        as_of
            A date; one that is not a session is the session before.
        tickers
            Which tickers; None for all.

        Returns
        -------
        DataFrame
            Index: sessions up to ``as_of``. Columns: MultiIndex ``("Ticker", "Price")``, tickers
            sorted, fields of ``Open High Low Close Adj Close Volume`` as the source has them (a
            source with one close has no ``Adj Close``). USD per share and shares; NaN where there
            is no usable value. A frame of the caller's own.

        Raises
        ------
        UnknownTickerError
            When a ticker is not in the data.
        SessionError
            When ``as_of`` is not a date, or lies before the data.
        InvalidValueError
            When ``tickers`` is one text, or holds something else than texts.
        """
        known = self.market.as_of(as_of)
        names = known.tickers if tickers is None else _names("tickers", tickers)
        known.require(names, wanted_by="read_prices_as_of")
        fields = [name for name in known.fields if name != "adj_close" or not known.single_close]
        values = np.empty((len(known.sessions), len(names), len(fields)))
        for place, name in enumerate(fields):
            values[:, :, place] = known.panel(name)[list(names)].to_numpy()
        columns = pd.MultiIndex.from_product(
            [names, [_SPELLED[name] for name in fields]], names=["Ticker", "Price"]
        )
        flat = values.reshape(len(known.sessions), len(columns))
        return pd.DataFrame(flat, index=known.sessions, columns=columns)


@dataclass(frozen=True, slots=True)
class UniverseAccess:
    """Which tickers may be held, as of a date."""

    market: MarketData
    tickers: tuple[str, ...]

    def get_universe_as_of(self, as_of: object) -> tuple[str, ...]:
        """Tickers of the universe that had started: a valid close at or before a session.

        A ticker that has since stopped trading stays (whoever scores it sees no close); one that
        the market does not have is left out (its absence is a coverage finding). Sorted.

        Raises
        ------
        SessionError
            When ``as_of`` is not a date, or lies before the data.
        """
        known = self.market.as_of(as_of).close
        members = [ticker for ticker in known.columns if ticker in set(self.tickers)]
        values = known[members].to_numpy()
        started = (np.isfinite(values) & (values > 0)).any(axis=0)
        return tuple(
            ticker for ticker, there in zip(members, started.tolist(), strict=True) if there
        )


@dataclass(frozen=True, slots=True)
class DataAccessContext:
    """A market, its prices and its universe, each served as of a date.

    Build one with `from_frames` or `from_market`.
    """

    market: MarketData
    prices: PriceAccess
    universe: UniverseAccess

    @classmethod
    def from_market(cls, market: MarketData, universe: Iterable[str] | None = None) -> Self:
        """Serve a market; ``universe`` None means all its tickers."""
        members = market.tickers if universe is None else _names("universe", universe)
        return cls(market, PriceAccess(market), UniverseAccess(market, members))

    @classmethod
    def from_frames(
        cls,
        *,
        prices: pd.DataFrame,
        vix: pd.Series[Any],
        universe: Iterable[str] | None = None,
    ) -> Self:
        """Serve frames in memory.

        Parameters
        ----------
        prices
            Long: columns date, ticker, close and optionally adj_close, open, high, low, volume.
        vix
            Index points by date; may be empty.
        universe
            Tickers that may be held; None for all.

        Raises
        ------
        SourceError
            When a frame cannot be read as prices or as the VIX.
        InvalidValueError
            When one is not a frame or a series at all, or ``universe`` is not a list of texts.
        """
        if not isinstance(prices, pd.DataFrame):
            raise InvalidValueError("prices", type(prices).__name__, "a DataFrame, one row a close")
        if not isinstance(vix, pd.Series):
            accepted = "a Series of index points by date; it may be empty"
            raise InvalidValueError("vix", type(vix).__name__, accepted)
        panels, findings = panels_from_long(prices, origin="prices")
        values, noticed = vix_from_series(vix, origin="vix")
        market = MarketData.from_panels(
            panels, values, source="frames", findings=(*findings, *noticed)
        )
        return cls.from_market(market, universe)


def _names(parameter: str, given: Iterable[str]) -> tuple[str, ...]:
    """Tickers, sorted; one text would be read letter by letter, so it is refused."""
    names = [given] if isinstance(given, str) else list(given)
    if isinstance(given, str) or not all(isinstance(name, str) for name in names):
        raise InvalidValueError(parameter, given, "a list of tickers, each a text")
    return tuple(sorted(set(names)))
