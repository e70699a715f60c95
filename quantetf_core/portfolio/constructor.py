"""`PortfolioConstructor`: scores in, target weights out, every stage stated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from quantetf_core.config.schema import ConstructionConfig
from quantetf_core.errors import InvalidValueError, did_you_mean
from quantetf_core.findings import Finding, in_order
from quantetf_core.portfolio.constraints import capped_weights
from quantetf_core.portfolio.selection import (
    Ranked,
    note,
    rank,
    ranking_table,
    select,
    usable_volatilities,
    warning,
)

WEIGHTINGS = ("equal", "score", "inverse_vol")
"""How the chosen tickers share what is invested."""

UNFILLED = ("cash", "redistribute")
"""What happens to the share of missing names."""

_ROUNDING = 1e-12
"""Weights closer than this are the same weight."""


@dataclass(frozen=True, slots=True, eq=False)
class TargetWeights:
    """The weights a strategy wants, and how they came about.

    Parameters
    ----------
    weights
        Fraction of portfolio value by ticker, above 0 only, largest first, then by ticker; name
        ``weight``. Cash is the remainder to 1.
    findings
        What was dropped, capped or left in cash, blocks and warnings first.
    ranking
        Every eligible ticker, best first, ties by ticker: ``score``, ``rank`` (from 1),
        ``selected``, and ``gap``: its score less the score of the last ticker selected, so how
        much a ticker with a negative gap missed the cut by. NaN when none was selected.
    """

    weights: pd.Series[float]
    findings: tuple[Finding, ...]
    ranking: pd.DataFrame

    @property
    def cash(self) -> float:
        """Fraction of portfolio value left in cash."""
        return max(0.0, 1.0 - math.fsum(self.weights.to_numpy()))


@dataclass(frozen=True, slots=True)
class PortfolioConstructor:
    """Turn scores into target weights, in this order of stages.

    1. Rank the tickers with a finite score, best first, ties by ticker, and select ``top_n``.
       With ``inverse_vol`` a ticker without a volatility above 0 is passed over.
    2. Raw weights: ``equal`` 1 each; ``score`` the score itself where it is above 0 and nothing
       otherwise; ``inverse_vol`` 1 ÷ volatility.
    3. Scale to ``min(gross_exposure, 1 − cash_buffer)``, times the share of the ``top_n`` places
       that are filled when ``unfilled`` is ``cash``.
    4. Drop weights below ``min_weight``, the smallest first (of equal ones the worst ranked), and
       scale the others up to the same total.
    5. Cap at ``max_weight`` and give the excess to the others in proportion; what cannot be
       placed becomes cash.

    Parameters
    ----------
    top_n
        How many tickers to hold, 1 or more.
    weighting
        ``equal``, ``score`` or ``inverse_vol``.
    max_weight, min_weight
        Bounds of one weight, fractions of portfolio value.
    cash_buffer
        Fraction of portfolio value always left in cash.
    gross_exposure
        Fraction of portfolio value to invest; below 1 for defensive strategies.
    unfilled
        ``cash`` leaves the share of missing names in cash when fewer than ``top_n`` are eligible;
        ``redistribute`` gives it to the others.

    Raises
    ------
    InvalidValueError
        When a parameter is not accepted.

    References
    ----------
    House rules.

    Examples
    --------
    >>> scores = pd.Series({"SPY": 0.2, "TLT": -0.1, "GLD": 0.1, "EEM": float("nan")})
    >>> PortfolioConstructor(top_n=2).construct(scores).to_dict()
    {'GLD': 0.5, 'SPY': 0.5}
    """

    top_n: int
    weighting: str = "equal"
    max_weight: float = 1.0
    min_weight: float = 0.0
    cash_buffer: float = 0.0
    gross_exposure: float = 1.0
    unfilled: str = "cash"

    def __post_init__(self) -> None:
        if isinstance(self.top_n, bool) or not isinstance(self.top_n, int) or self.top_n < 1:
            raise InvalidValueError("top_n", self.top_n, "a whole number, 1 or more")
        _choice("weighting", self.weighting, WEIGHTINGS)
        _choice("unfilled", self.unfilled, UNFILLED)
        _fraction("max_weight", self.max_weight, above_zero=True)
        _fraction("min_weight", self.min_weight)
        _fraction("cash_buffer", self.cash_buffer)
        _fraction("gross_exposure", self.gross_exposure, above_zero=True)
        if self.min_weight > self.max_weight:
            raise InvalidValueError(
                "min_weight", self.min_weight, f"at most max_weight ({self.max_weight})"
            )

    @classmethod
    def from_config(cls, config: ConstructionConfig) -> PortfolioConstructor:
        """The constructor a strategy's configuration describes."""
        return cls(**{spec.name: getattr(config, spec.name) for spec in fields(cls)})

    @property
    def investable(self) -> float:
        """Fraction of portfolio value invested when every place is filled."""
        return min(self.gross_exposure, 1.0 - self.cash_buffer)

    def construct(
        self, scores: pd.Series[float], *, volatility: pd.Series[float] | None = None
    ) -> pd.Series[float]:
        """The weights of `build`, without what it has to say about them."""
        return self.build(scores, volatility=volatility).weights

    def build(
        self, scores: pd.Series[float], *, volatility: pd.Series[float] | None = None
    ) -> TargetWeights:
        """Target weights from scores as of one session.

        Parameters
        ----------
        scores
            By ticker, higher is better. NaN is not eligible; neither is an infinite score, which
            is a finding.
        volatility
            By ticker, in any one unit; needed for ``inverse_vol`` and ignored otherwise. A ticker
            it lacks, or with a volatility that is not finite and above 0, is passed over.

        Returns
        -------
        TargetWeights
            Empty weights, with a finding, when nothing is eligible.

        Raises
        ------
        InvalidValueError
            When scores are not numbers by ticker, a ticker repeats, or ``volatility`` is needed
            and missing.
        """
        ranked = rank(scores)
        usable = None
        if self.weighting == "inverse_vol":
            usable = usable_volatilities(volatility)
        selected, passed = select(ranked, self.top_n, usable)
        raw = self._raw(ranked, selected, usable)
        weights, shaped = self._shape(raw)
        found = (*ranked.findings, *passed, *shaped)
        return TargetWeights(
            weights=weight_series(weights),
            findings=in_order(found),
            ranking=ranking_table(ranked, selected),
        )

    def _raw(
        self, ranked: Ranked, selected: Sequence[int], usable: Mapping[str, float] | None
    ) -> dict[str, float]:
        """Stage 2: raw weights in rank order, 0 for a score that gives none."""
        chosen = [ranked.tickers[place] for place in selected]
        if usable is not None:
            return {ticker: 1.0 / usable[ticker] for ticker in chosen}
        if self.weighting == "equal":
            return dict.fromkeys(chosen, 1.0)
        scores = ranked.scores[list(selected)].tolist()
        return {t: max(0.0, score) for t, score in zip(chosen, scores, strict=True)}

    def _shape(self, raw: Mapping[str, float]) -> tuple[dict[str, float], list[Finding]]:
        """Stages 3 to 5, on raw weights in rank order."""
        found = self._filled(raw)
        weights = self._scaled(raw)
        kept, dropped = self._drop_small(weights)
        if dropped:
            found.append(self._below_minimum(dropped))
        capped, unplaced = capped_weights(kept, self.max_weight)
        if any(weight > self.max_weight + _ROUNDING for weight in kept.values()):
            text = f"held at the maximum weight of {self.max_weight:.2%}"
            found += [note("capped", t, text) for t, w in capped.items() if w == self.max_weight]
        if unplaced > _ROUNDING:
            text = f"{unplaced:.2%} stays in cash: every position is at the maximum weight"
            found.append(warning("cash_unplaced", "portfolio", text))
        return capped, found

    def _filled(self, raw: Mapping[str, float]) -> list[Finding]:
        """What stage 3 leaves unfilled, and what gets nothing there."""
        if not any(raw.values()):
            text = "no ticker is eligible for a weight; everything stays in cash"
            return [warning("no_eligible", "portfolio", text)]
        text = "selected, but its score is not above 0: it gets no weight in proportion to scores"
        found = [note("score_not_positive", ticker, text) for ticker, w in raw.items() if w == 0.0]
        missing = self.top_n - len(raw)
        if not missing:
            return found
        left = self.investable * missing / self.top_n
        what = (
            f"{left:.2%} stays in cash" if self.unfilled == "cash" else "the others take its share"
        )
        text = f"{len(raw)} of {self.top_n} places are filled, too few are eligible; {what}"
        return [*found, warning("few_eligible", "portfolio", text)]

    def _scaled(self, raw: Mapping[str, float]) -> dict[str, float]:
        """Stage 3: what is invested, in proportion to the raw weights above 0."""
        # Divided by a power of 2 near the largest: exact, and the sum cannot overflow.
        power = -math.frexp(max(raw.values(), default=0.0))[1]
        shrunk = {ticker: math.ldexp(weight, power) for ticker, weight in raw.items()}
        positive = {ticker: weight for ticker, weight in shrunk.items() if weight > 0.0}
        total = math.fsum(positive.values())
        if self.unfilled == "cash" and raw:
            # One division each, so that a fifth of the money is 0.2 and not 0.19999999999999998.
            total = total * self.top_n / len(raw)
        scaled = {t: weight * self.investable / total for t, weight in positive.items()}
        return {ticker: weight for ticker, weight in scaled.items() if weight > 0.0}

    def _drop_small(self, weights: Mapping[str, float]) -> tuple[dict[str, float], list[str]]:
        """Stage 4: the weights that remain, and the tickers dropped, smallest first."""
        total = math.fsum(weights.values())
        place = {ticker: number for number, ticker in enumerate(weights)}
        order = sorted(weights, key=lambda ticker: (weights[ticker], -place[ticker]))
        kept, dropped = dict(weights), []
        for smallest in order:
            if kept[smallest] >= self.min_weight - _ROUNDING:
                break
            dropped.append(smallest)
            rest = {t: weights[t] for t in kept if t != smallest}
            growth = total / math.fsum(rest.values()) if rest else 0.0
            kept = {ticker: weight * growth for ticker, weight in rest.items()}
        return kept, dropped

    def _below_minimum(self, dropped: Sequence[str]) -> Finding:
        listed = ", ".join(sorted(dropped))
        text = f"not taken, below the minimum weight of {self.min_weight:.2%}: {listed}"
        return note("below_min_weight", "portfolio", text)


def _choice(name: str, value: Any, accepted: Sequence[str]) -> None:
    if value not in accepted:
        raise InvalidValueError(
            name, value, ", ".join(accepted) + did_you_mean(str(value), accepted)
        )


def _fraction(name: str, value: Any, *, above_zero: bool = False) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and 0.0 <= value <= 1.0) or (above_zero and value == 0.0):
        bounds = "above 0, at most 1" if above_zero else "from 0 to 1"
        raise InvalidValueError(name, value, f"a fraction {bounds}")


def weight_series(weights: Mapping[str, float]) -> pd.Series[float]:
    """Weights as `TargetWeights` holds them: largest first, then by ticker."""
    order = sorted(weights, key=lambda ticker: (-weights[ticker], ticker))
    index = pd.Index(order, name="ticker", dtype="str")
    return pd.Series([weights[ticker] for ticker in order], index, np.float64, "weight")
