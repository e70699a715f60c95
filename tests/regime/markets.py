"""Random SPY and VIX histories drawn to hurt: gaps in both, values at the edge of the rules."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import strategies as st

BAD = (np.nan, np.inf, -np.inf, 0.0, -5.0)


@st.composite
def histories(draw: st.DrawFn, *, longest: int = 420) -> tuple[pd.Series, pd.Series]:
    """SPY closes (multiples of 1/8 USD, so that sums are exact) and VIX, on the same sessions."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    length = draw(st.sampled_from([1, 199, 200, 201, 260, longest]))
    steps = rng.normal(0.0, draw(st.sampled_from([0.0, 0.004, 0.02])), length)
    close = np.round(8 * 100 * np.exp(np.cumsum(steps))) / 8
    vix = np.round(22 + 6 * np.sin(np.arange(length) / 9) + rng.normal(0, 2, length), 2)
    on_edge = rng.random(length) < 0.1
    vix[on_edge] = rng.choice([20.0, 25.0], on_edge.sum())
    for values in (close, vix):
        hurt = rng.random(length) < draw(st.sampled_from([0.0, 0.02, 0.4]))
        values[hurt] = rng.choice(BAD, hurt.sum())
    gap = draw(st.integers(0, length))
    vix[gap : gap + draw(st.integers(0, 6))] = np.nan
    days = pd.bdate_range("2001-01-01", periods=length)
    return pd.Series(close, days), pd.Series(vix, days)
