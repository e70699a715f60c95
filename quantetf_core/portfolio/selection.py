"""Which tickers are held: the ranking of scores and the first of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from quantetf_core.errors import InvalidValueError
from quantetf_core.findings import Finding, Severity

Floats = npt.NDArray[np.float64]


def note(code: str, subject: str, message: str) -> Finding:
    """A finding to be shown."""
    return Finding(Severity.INFO, code, subject, message)


def warning(code: str, subject: str, message: str) -> Finding:
    """A finding to be acknowledged."""
    return Finding(Severity.WARN, code, subject, message)


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Tickers with a finite score, best first, ties by ticker.

    Parameters
    ----------
    tickers
        Best first.
    scores
        Their scores, shape ``(n_tickers,)``, all finite.
    findings
        One per ticker whose score is infinite, so not eligible.
    """

    tickers: tuple[str, ...]
    scores: Floats
    findings: tuple[Finding, ...]


def rank(scores: pd.Series[float]) -> Ranked:
    """Rank scores by ticker; NaN is not eligible, and neither is an infinite score.

    Raises
    ------
    InvalidValueError
        When scores are not numbers, or a ticker repeats or is not text.

    Examples
    --------
    >>> rank(pd.Series({"SPY": 0.1, "GLD": 0.1, "TLT": 0.3, "EEM": np.nan})).tickers
    ('TLT', 'GLD', 'SPY')
    """
    tickers, values = by_ticker("scores", scores)
    infinite = tuple(
        warning("score_not_finite", tickers[place], "its score is infinite; not eligible")
        for place in np.flatnonzero(np.isinf(values))
    )
    eligible = np.flatnonzero(np.isfinite(values))
    best_first = eligible[np.argsort(-values[eligible], kind="stable")]
    return Ranked(tuple(tickers[place] for place in best_first), values[best_first], infinite)


def usable_volatilities(volatility: pd.Series[float] | None) -> dict[str, float]:
    """Volatility by ticker, of those with one that is finite and above 0, as its inverse is.

    Raises
    ------
    InvalidValueError
        When there is no volatility at all, or it is not numbers by ticker.
    """
    if volatility is None:
        raise InvalidValueError("volatility", None, "a Series by ticker: inverse_vol needs it")
    tickers, values = by_ticker("volatility", volatility)
    pairs = zip(tickers, values.tolist(), strict=True)
    return {t: v for t, v in pairs if 0.0 < v < math.inf and 1.0 / v < math.inf}


def select(
    ranked: Ranked, top_n: int, usable: Mapping[str, float] | None
) -> tuple[tuple[int, ...], tuple[Finding, ...]]:
    """Places of the best ``top_n``; a finding for each ticker passed over on the way.

    ``usable`` holds the only tickers that may be taken; None = all.
    """
    taken: list[int] = []
    passed: list[Finding] = []
    for place, ticker in enumerate(ranked.tickers):
        if len(taken) == top_n:
            break
        if usable is None or ticker in usable:
            taken.append(place)
        else:
            text = "passed over: it has no volatility above 0, which inverse_vol divides by"
            passed.append(warning("no_volatility", ticker, text))
    return tuple(taken), tuple(passed)


def ranking_table(ranked: Ranked, selected: Sequence[int]) -> pd.DataFrame:
    """The ranking as `TargetWeights` shows it: score, rank, selected, gap to the cut."""
    chosen = np.zeros(len(ranked.tickers), dtype=bool)
    chosen[list(selected)] = True
    cut = ranked.scores[selected[-1]] if selected else np.nan
    return pd.DataFrame(
        {
            "score": ranked.scores,
            "rank": np.arange(1, len(ranked.tickers) + 1),
            "selected": chosen,
            "gap": ranked.scores - cut,
        },
        index=pd.Index(list(ranked.tickers), name="ticker", dtype="str"),
    )


def by_ticker(name: str, series: pd.Series[float]) -> tuple[list[str], Floats]:
    """Tickers, sorted, and their values as float64; NaN where there is none.

    Raises
    ------
    InvalidValueError
        When the values are not numbers, or a ticker repeats or is not text.
    """
    if not isinstance(series, pd.Series):
        raise InvalidValueError(name, type(series).__name__, "a Series by ticker")
    tickers = series.index.tolist()
    if not all(isinstance(ticker, str) for ticker in tickers) or len(set(tickers)) != len(tickers):
        raise InvalidValueError(name, "labels that repeat or are not text", "each ticker once")
    try:
        values = np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan), np.float64)
    except (ValueError, TypeError) as error:
        raise InvalidValueError(name, f"{series.dtype} values", "numbers by ticker") from error
    order = sorted(range(len(tickers)), key=tickers.__getitem__)
    return [tickers[place] for place in order], values[order]
