"""`AlphaModel`: prices known at a session in, one score per ticker out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from quantetf_core.alpha.moments import Floats
from quantetf_core.alpha.panel import PricePanel
from quantetf_core.alpha.parameters import RULE
from quantetf_core.alpha.windows import PriceView


@dataclass(frozen=True, slots=True, kw_only=True)
class AlphaModel(ABC):
    """Base of all alpha models: a frozen dataclass whose fields are its parameters.

    A model of one's own is a frozen dataclass with `score`, registered with
    `AlphaFactory.register`. Both ways of scoring, one date and many, call `score` and nothing
    else, so they give the same bits.

    Notes
    -----
    Scores: higher is better; NaN = not eligible. A ticker without a usable (finite, positive)
    close at the session is never eligible, whatever a model says, and an infinite score is none.
    """

    def __post_init__(self) -> None:
        for parameter in fields(self):
            if rule := parameter.metadata.get(RULE):
                value = rule.accept(parameter.name, getattr(self, parameter.name))
                object.__setattr__(self, parameter.name, value)
        self.check()

    def check(self) -> None:  # noqa: B027 - most models have nothing to add
        """Raise `InvalidValueError` when parameters that are right alone do not go together."""

    @abstractmethod
    def score(self, view: PriceView) -> Floats:
        """One score per ticker of ``view.tickers``, from what is known at ``view.session``."""

    def compute_scores(
        self,
        prices: pd.DataFrame,
        as_of: object = None,
        *,
        tickers: Sequence[str] | None = None,
    ) -> pd.Series[float]:
        """Score every ticker as of one session.

        Parameters
        ----------
        prices
            Adjusted closes, USD per share: wide (index = session, columns = ticker), or with the
            column levels ``("Ticker", "Price")``, of which ``Adj Close`` is used where present,
            else ``Close``. A close that is NaN, infinite or not above 0 counts as missing.
        as_of
            The last session a score may know; a date between two rows is the row before. None is
            the last row. Later rows are never read.
        tickers
            The tickers that compete, when ``prices`` also holds others (a market, a trend
            ticker) that only serve as reference. All of them by default.

        Returns
        -------
        Series
            Name ``score``, index = ticker, sorted; NaN = not eligible.

        Raises
        ------
        SessionError
            When ``as_of`` is not a date, or lies before the first row.
        UnknownTickerError
            When a ticker the model was told to use has no column.
        InvalidValueError
            When ``prices`` are not closes by session and ticker.
        """
        panel = PricePanel.of(prices, tickers)
        index = pd.Index(panel.tickers, name="ticker", dtype="str")
        return pd.Series(self.eligible_scores(panel.at(as_of)), index=index, name="score")

    def score_panel(
        self,
        prices: pd.DataFrame,
        sessions: Iterable[object],
        *,
        tickers: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Score every ticker as of each of many sessions.

        Row by row the same bits as `compute_scores` gives for that session; parameters and errors
        are those of `compute_scores`.

        Returns
        -------
        DataFrame
            Shape ``(n_sessions, n_tickers)``; index = the dates as they were given, columns =
            ticker, sorted; NaN = not eligible.
        """
        panel = PricePanel.of(prices, tickers)
        dates = list(sessions)
        rows = [self.eligible_scores(panel.at(date)) for date in dates]
        values = np.vstack(rows) if rows else np.empty((0, len(panel.tickers)))
        columns = pd.Index(panel.tickers, name="ticker", dtype="str")
        return pd.DataFrame(values, index=pd.DatetimeIndex(dates), columns=columns)

    def eligible_scores(self, view: PriceView) -> Floats:
        """`score`, NaN where it is not finite or the ticker has no close at the session."""
        # Absurd closes may overflow; such a score is not finite, so it is none.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            scores = self.score(view)
        return np.where(view.has_close() & np.isfinite(scores), scores, np.nan)
