"""`WeightingReport`: what an optimizer was asked for, and what was used."""

from __future__ import annotations

from dataclasses import dataclass

WEIGHTING_WORDS = {
    "min_variance": "minimum variance",
    "hierarchical_risk_parity": "hierarchical risk parity",
    "risk_budgeting": "equal risk contributions",
    "max_diversification": "maximum diversification",
    "mean_risk": "mean less risk",
    "inverse_vol": "inverse volatility",
    "equal": "equal weight",
    "cash": "cash",
    "ledoit_wolf": "Ledoit–Wolf",
    "oas": "OAS",
    "empirical": "empirical",
    "exponential": "exponentially weighted",
    "gerber": "Gerber",
    "denoised": "denoised",
}
"""Models, fallbacks and estimators as a reader calls them."""


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
    turnover
        One-way turnover from the book to the weights; None without a book.
    way
        How far the weights go from the book to those wanted: below 1 where a turnover limit
        stopped them.
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
    turnover: float | None = None
    way: float = 1.0

    @property
    def fell_back(self) -> bool:
        """Whether something else than the model gave the weights."""
        return self.used != self.model

    @property
    def said(self) -> str:
        """What gave the weights, as one line.

        Examples
        --------
        >>> WeightingReport(
        ...     provider="skfolio",
        ...     model="min_variance",
        ...     used="min_variance",
        ...     covariance="ledoit_wolf",
        ...     lookback_days=252,
        ...     observations=251,
        ... ).said
        'minimum variance (skfolio), 252 closes, Ledoit–Wolf covariance'
        """
        if self.fell_back:
            return f"fell back to {WEIGHTING_WORDS[self.used]}, because {self.reason}"
        return (
            f"{WEIGHTING_WORDS[self.model]} ({self.provider}), {self.observations + 1} closes, "
            f"{WEIGHTING_WORDS[self.covariance]} covariance"
        )
