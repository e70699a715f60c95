"""What the Regime page asks for: trying thresholds, and what was recorded against the replay."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from quantetf_core.csv_safe import csv_bytes
from quantetf_core.data.market import MarketData
from quantetf_core.desk.portfolio import Portfolio
from quantetf_core.production.regime_record import read_history
from quantetf_core.regime import RegimeConfig, replay
from quantetf_core.regime.comparison import Trial, compare_histories
from quantetf_core.regime.tables import change_table


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Recorded:
    """What monitor and commits recorded, against the replay by today's data and thresholds.

    Parameters
    ----------
    sessions
        Sessions recorded at or before the one looked at.
    last
        The newest of them; None when there is none.
    recorded_at
        When that one was recorded (UTC).
    differing
        Those the replay disagrees with, newest first: ``date``, ``recorded``, ``replayed``
        (``not in the data`` for a date the market has no session on), ``recorded_at``.
    """

    sessions: int
    last: pd.Timestamp | None
    recorded_at: pd.Timestamp | None
    differing: pd.DataFrame


def try_thresholds(
    market: MarketData, configured: pd.DataFrame, thresholds: RegimeConfig
) -> tuple[pd.DataFrame, Trial]:
    """Replay a market by other thresholds, up to the last session of the configured history.

    Parameters
    ----------
    configured
        `regime_history` of the same market, cut at the session looked at.

    Returns
    -------
    tuple
        The trial history on the same sessions, and what differs. Nothing is written.
    """
    trial = replay(market, thresholds).loc[: configured.index[-1]]
    return trial, compare_histories(configured, trial)


def recorded_regimes(portfolio: Portfolio, history: pd.DataFrame) -> Recorded:
    """The recorded regimes up to the last session of ``history``, and where the two disagree.

    Raises
    ------
    RegimeRecordError
        When the recorded history is damaged.
    """
    found = read_history(portfolio.state_dir)
    found = found[found["date"] <= history.index[-1]].sort_values("date", ascending=False)
    replayed = history["regime"].astype(object).reindex(pd.DatetimeIndex(found["date"]))
    table = pd.DataFrame(
        {
            "date": found["date"].to_numpy(),
            "recorded": found["regime"].astype(object).to_numpy(),
            "replayed": replayed.fillna("not in the data").to_numpy(),
            "recorded_at": found["recorded_at"].array,
        }
    )
    return Recorded(
        sessions=len(table),
        last=table["date"].iloc[0] if len(table) else None,
        recorded_at=table["recorded_at"].iloc[0] if len(table) else None,
        differing=table[table["recorded"] != table["replayed"]].reset_index(drop=True),
    )


def changes_csv(history: pd.DataFrame, *, simulated: bool) -> bytes:
    """Every change of regime as CSV, newest first; the last column says whose prices they are."""
    frame = change_table(history)
    frame["prices"] = "simulated prices" if simulated else "market prices"
    return csv_bytes(frame)
