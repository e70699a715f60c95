"""`WeightingReport`: what an optimizer was asked for, and what was used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightingReport:
    """How the weights of one decision came about, where an optimizer was asked.

    Parameters
    ----------
    provider, model
        What the strategy asks for, e.g. ``skfolio`` and ``min_variance``.
    used
        ``model``, or the fallback (``inverse_vol``, ``equal``, ``cash``) where the model gave no
        weights that may be used.
    reason
        Why the fallback was used, in plain words; empty where it was not.
    covariance
        Estimator of the covariance.
    lookback_days
        Closes asked for, so ``lookback_days − 1`` returns.
    observations
        Daily returns used.
    tickers
        Tickers the model chose from, sorted.
    excluded
        Tickers that were selected and had too little history, sorted.
    volatility
        Volatility of the weights by that covariance, a fraction per year of what is invested;
        None where it was not computed.
    """

    provider: str
    model: str
    used: str
    reason: str = ""
    covariance: str
    lookback_days: int
    observations: int
    tickers: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    volatility: float | None = None

    @property
    def fell_back(self) -> bool:
        """Whether something else than the model gave the weights."""
        return self.used != self.model
