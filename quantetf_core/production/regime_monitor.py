"""`DailyRegimeMonitor`: the replayed regime of a session, recorded day by day."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from quantetf_core.config import load_thresholds
from quantetf_core.data.market import MarketData
from quantetf_core.errors import InvalidValueError, RegimeRecordError
from quantetf_core.production.regime_record import (
    CURRENT_FILE,
    read_current,
    read_history,
    record_current,
    record_regime,
)
from quantetf_core.regime import (
    RegimeConfig,
    RegimeState,
    days_in_regime,
    regime_at,
    replay,
    state_at,
)

__all__ = ["THRESHOLDS_FILE", "DailyRegimeMonitor", "HasMarket", "record_regime"]

THRESHOLDS_FILE = Path("configs/regimes/thresholds.yaml")
"""Where the thresholds are looked for when none are given, from the working directory."""

logger = logging.getLogger(__name__)


class HasMarket(Protocol):
    """Anything that serves a `MarketData`; `DataAccessContext` does."""

    @property
    def market(self) -> MarketData:
        """The market whose SPY and VIX are replayed."""


class DailyRegimeMonitor:
    """Answers which regime it is, and keeps a record of its answers.

    Parameters
    ----------
    data_access
        Serves the market.
    state_dir
        Folder of ``current_regime.json`` and ``regime_history.parquet``; made when something is
        first written, so that looking leaves no trace.
    config
        Thresholds. None: those of ``configs/regimes/thresholds.yaml`` in the working directory,
        or, where there is no such file, the documented rules, said in the log.

    Notes
    -----
    Each answer is replayed from the market alone. The files are records, never inputs, so
    skipped days, back-dated runs and their order change no answer.
    """

    def __init__(
        self,
        data_access: HasMarket,
        state_dir: Path = Path("data/state"),
        config: RegimeConfig | None = None,
    ) -> None:
        self.data_access = data_access
        self.state_dir = Path(state_dir)
        self.config = config or _configured_thresholds()

    def compute(self, as_of: date | str | None = None) -> RegimeState:
        """The regime as it was known after the close of a session; records nothing.

        Parameters
        ----------
        as_of
            A date; one without a session means the session before. None: the last session.

        Raises
        ------
        UnknownTickerError
            When the market has no SPY.
        SessionError
            When the date is not a date, or lies before the first session.
        """
        return regime_at(self.data_access.market, as_of, self.config)

    def update(self, as_of: date | str | None = None) -> RegimeState:
        """As `compute`, and record the answer; see `record_regime` for what is kept and logged."""
        market = self.data_access.market
        session = market.last_session if as_of is None else market.resolve(as_of)
        labels = replay(market.as_of(session), self.config)
        state = state_at(labels, session)
        changed = days_in_regime(labels) == 1 and len(labels) > 1
        record_regime(self.state_dir, state, regime_changed=changed, now=datetime.now(UTC))
        return state

    def load_state(self) -> RegimeState | None:
        """The regime recorded for the newest session; None when none was.

        Raises
        ------
        RegimeRecordError
            When the record is damaged (the next `update` replaces it).
        """
        return read_current(self.state_dir)

    def save_state(self, state: RegimeState) -> None:
        """Record a state as the current regime, unless a later session is already recorded.

        Raises
        ------
        InvalidValueError
            When the state has no date.
        """
        record_current(self.state_dir, state, now=datetime.now(UTC))

    def get_current_regime(self) -> str:
        """Name of the regime recorded for the newest session.

        Raises
        ------
        RegimeRecordError
            When none was recorded ("No regime state"), or the record is damaged.
        """
        return self._recorded().name

    def get_history(
        self, start_date: date | str | None = None, end_date: date | str | None = None
    ) -> pd.DataFrame:
        """The recorded sessions from ``start_date`` to ``end_date``, both included, by date.

        Returns
        -------
        DataFrame
            ``date, regime, trend, vol, spy_price, spy_200ma, vix, regime_changed`` (whether the
            session before had another regime) and ``recorded_at`` (UTC); no rows when none match.

        Raises
        ------
        InvalidValueError
            When a bound is not a date.
        RegimeRecordError
            When the history is damaged.
        """
        history = read_history(self.state_dir)
        if start_date is not None:
            history = history[history["date"] >= _day("start_date", start_date)]
        if end_date is not None:
            history = history[history["date"] <= _day("end_date", end_date)]
        return history.reset_index(drop=True)

    def get_regime_summary(self) -> dict[str, Any]:
        """The recorded regime and its indicators; ``{"error": …}`` when there is none.

        ``spy_vs_ma_pct`` is SPY's distance from its 200-day mean in per cent of the mean.
        """
        try:
            state = self._recorded()
        except RegimeRecordError as error:
            return {"error": str(error)}
        above = None
        if state.spy_price is not None and state.spy_200ma:
            above = (state.spy_price / state.spy_200ma - 1.0) * 100.0
        facts = state.to_dict()
        return {
            "regime": state.name,
            "trend": facts["trend"],
            "volatility": facts["vol"],
            "as_of": facts["as_of"],
            "indicators": {
                "spy_price": state.spy_price,
                "spy_200ma": state.spy_200ma,
                "spy_vs_ma_pct": above,
                "vix": state.vix,
            },
        }

    def _recorded(self) -> RegimeState:
        state = self.load_state()
        if state is None:
            raise RegimeRecordError(
                str(self.state_dir / CURRENT_FILE),
                "No regime state has been recorded yet",
                "Run update() first",
            )
        return state


def _configured_thresholds() -> RegimeConfig:
    if THRESHOLDS_FILE.is_file():
        return load_thresholds(THRESHOLDS_FILE)
    config = RegimeConfig()
    logger.info("no %s here: using the documented thresholds, %s", THRESHOLDS_FILE, config)
    return config


def _day(parameter: str, value: object) -> pd.Timestamp:
    stamp = pd.to_datetime(value, errors="coerce")  # type: ignore[call-overload]
    if not isinstance(stamp, pd.Timestamp):
        raise InvalidValueError(parameter, value, "a date")
    return stamp.tz_localize(None).normalize()
