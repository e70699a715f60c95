"""Two regime histories of one market side by side: what other thresholds would have said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from quantetf_core.errors import InvalidValueError
from quantetf_core.regime.analysis import NAMES, days_in_regime, transitions
from quantetf_core.regime.tables import share_table
from quantetf_core.regime.types import REGIMES, UNKNOWN, RegimeConfig

_PERCENT_PLACES = 10


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Trial:
    """Trial thresholds against the configured ones, on the same sessions.

    Parameters
    ----------
    configured_regime, trial_regime
        Regime of the last session; ``unknown`` when there is none.
    configured_days, trial_days
        Sessions it has lasted, the last included.
    configured_changes, trial_changes
        Changes of regime in the whole history.
    sessions, differing
        Sessions compared, and those on which the two disagree.
    shares
        One row a regime (``unknown`` only when either has it): ``regime``, then ``sessions`` and
        ``share``, ``spells`` and ``average`` of each, prefixed ``configured_`` and ``trial_``.
    disagreements
        One row an unbroken run of the same disagreement, newest first: ``start``, ``end``
        (sessions, inclusive), ``sessions``, ``configured``, ``trial``.
    """

    configured_regime: str
    trial_regime: str
    configured_days: int
    trial_days: int
    configured_changes: int
    trial_changes: int
    sessions: int
    differing: int
    shares: pd.DataFrame
    disagreements: pd.DataFrame

    @property
    def differing_share(self) -> float:
        """Fraction of the sessions on which the two disagree; 0 when there are none."""
        return self.differing / self.sessions if self.sessions else 0.0


def compare_histories(configured: pd.DataFrame, trial: pd.DataFrame) -> Trial:
    """Set two histories of `label_history` side by side.

    Raises
    ------
    InvalidValueError
        When they are not of the same sessions.
    """
    if not configured.index.equals(trial.index):
        raise InvalidValueError("trial", f"{len(trial)} sessions", "the sessions of configured")
    runs = disagreements(configured, trial)
    return Trial(
        configured_regime=_last(configured),
        trial_regime=_last(trial),
        configured_days=days_in_regime(configured),
        trial_days=days_in_regime(trial),
        configured_changes=len(transitions(configured)),
        trial_changes=len(transitions(trial)),
        sessions=len(configured),
        differing=int(runs["sessions"].sum()),
        shares=_shares(configured, trial),
        disagreements=runs,
    )


def disagreements(configured: pd.DataFrame, trial: pd.DataFrame) -> pd.DataFrame:
    """Unbroken runs of sessions on which both histories stay as they are and differ.

    Returns
    -------
    DataFrame
        As ``Trial.disagreements``, newest first.
    """
    one, other = (frame["regime"].astype(object).to_numpy() for frame in (configured, trial))
    changed = np.append(True, (one[1:] != one[:-1]) | (other[1:] != other[:-1]))[: len(one)]
    starts = np.flatnonzero(changed)
    ends = np.append(starts[1:], len(one))[: len(starts)] - 1
    differ = one[starts] != other[starts]
    starts, ends = starts[differ][::-1], ends[differ][::-1]
    return pd.DataFrame(
        {
            "start": configured.index[starts],
            "end": configured.index[ends],
            "sessions": (ends - starts + 1).astype(np.int64),
            "configured": pd.Series(one[starts], dtype=object),
            "trial": pd.Series(other[starts], dtype=object),
        }
    )


def trial_thresholds(*, band_percent: float, vix_high: float, vix_low: float) -> RegimeConfig:
    """Thresholds from what sliders hold: the band in per cent, the VIX in index points.

    Raises
    ------
    InvalidValueError
        When they are impossible, such as a low threshold above the high one.

    Examples
    --------
    >>> trial_thresholds(band_percent=2.3, vix_high=25.0, vix_low=20.0).trend_hysteresis_pct
    0.023
    """
    return RegimeConfig(
        trend_hysteresis_pct=round(band_percent / 100.0, _PERCENT_PLACES),
        vix_high_threshold=vix_high,
        vix_low_threshold=vix_low,
    )


def band_percent(config: RegimeConfig) -> float:
    """The band in per cent, the inverse of `trial_thresholds`.

    Examples
    --------
    >>> band_percent(RegimeConfig(trend_hysteresis_pct=0.07))
    7.0
    """
    return round(config.trend_hysteresis_pct * 100.0, _PERCENT_PLACES - 2)


def _last(history: pd.DataFrame) -> str:
    return UNKNOWN if history.empty else str(history["regime"].iloc[-1])


def _shares(configured: pd.DataFrame, trial: pd.DataFrame) -> pd.DataFrame:
    columns = ["sessions", "share", "spells", "average"]
    one, other = (share_table(f).set_index("regime")[columns] for f in (configured, trial))
    names = [n for n in NAMES if n in REGIMES or n in one.index or n in other.index]
    both = (
        one.reindex(names).add_prefix("configured_").join(other.reindex(names).add_prefix("trial_"))
    )
    for column in ("sessions", "share", "spells"):
        for side in ("configured_", "trial_"):
            both[side + column] = both[side + column].fillna(0)
    return both.rename_axis("regime").reset_index()
