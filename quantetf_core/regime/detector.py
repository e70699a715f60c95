"""Which regime: one session at a time, or every session at once; both are the same numbers.

The rules
---------
* Trend: down when SPY < mean × (1 − h), up when SPY > mean × (1 + h), otherwise as before; without
  history up if SPY ≥ mean. The mean is of SPY's own last 200 closes (``close``, not adjusted).
* Volatility: high when VIX > high, low when VIX < low, otherwise as before; without history low.
* The replay starts at the first session with 200 SPY closes. Before it nothing is known.
* A session on which SPY has no close has an unknown trend. A VIX missing on a session is carried
  at most 3 sessions; then volatility is unknown. Either makes the regime unknown.
* Each component resumes from its own last known state: the trend goes on folding while the VIX is
  missing, and the volatility while SPY is.
"""

from __future__ import annotations

from datetime import date

from quantetf_core.regime.history import label_history
from quantetf_core.regime.replay import regime_at, replay, state_at
from quantetf_core.regime.types import (
    RegimeConfig,
    RegimeState,
    TrendState,
    VolatilityState,
    usable,
)

__all__ = ["RegimeDetector", "label_history", "last_known", "regime_at", "replay", "state_at"]


class RegimeDetector:
    """The rules for one session.

    Parameters
    ----------
    config
        Thresholds; those of `RegimeConfig` when None.
    """

    def __init__(self, config: RegimeConfig | None = None) -> None:
        self.config = config or RegimeConfig()

    def detect(
        self,
        spy_price: float | None,
        spy_200ma: float | None,
        vix: float | None,
        previous_state: RegimeState | None = None,
        as_of: date | str | None = None,
    ) -> RegimeState:
        """The regime on one session, given the one before.

        Parameters
        ----------
        spy_price, spy_200ma
            USD per share. None, NaN, infinite or not above zero: the trend is unknown.
        vix
            Index points. Missing in the same sense: the volatility is unknown.
        previous_state
            Where the session before stood; an unknown component counts as no history. To bridge
            unknown spells as the replay does, pass what `last_known` remembers.
        as_of
            Session of the indicators, kept on the result.

        Examples
        --------
        >>> RegimeDetector().detect(410.0, 400.0, 22.0).name
        'uptrend_low_vol'
        >>> RegimeDetector().detect(390.0, 400.0, 26.0).name
        'downtrend_high_vol'
        """
        price, mean, fear = usable(spy_price), usable(spy_200ma), usable(vix)
        trend = previous_state.trend if previous_state else TrendState.UNKNOWN
        vol = previous_state.vol if previous_state else VolatilityState.UNKNOWN
        return RegimeState(
            trend=self._trend(price, mean, trend),
            vol=self._volatility(fear, vol),
            as_of=as_of,  # type: ignore[arg-type]  # any date becomes a Timestamp there
            spy_price=price,
            spy_200ma=mean,
            vix=fear,
        )

    def _trend(self, price: float | None, mean: float | None, before: TrendState) -> TrendState:
        if price is None or mean is None:
            return TrendState.UNKNOWN
        if price < mean * (1.0 - self.config.trend_hysteresis_pct):
            return TrendState.DOWNTREND
        if price > mean * (1.0 + self.config.trend_hysteresis_pct):
            return TrendState.UPTREND
        if before is not TrendState.UNKNOWN:
            return before
        return TrendState.UPTREND if price >= mean else TrendState.DOWNTREND

    def _volatility(self, vix: float | None, before: VolatilityState) -> VolatilityState:
        if vix is None:
            return VolatilityState.UNKNOWN
        if vix > self.config.vix_high_threshold:
            return VolatilityState.HIGH_VOL
        if vix < self.config.vix_low_threshold:
            return VolatilityState.LOW_VOL
        return VolatilityState.LOW_VOL if before is VolatilityState.UNKNOWN else before


def last_known(memory: RegimeState | None, state: RegimeState) -> RegimeState:
    """What the next `RegimeDetector.detect` of a replay is to be given as ``previous_state``.

    ``state`` with each unknown component replaced by the one ``memory`` holds.

    Examples
    --------
    >>> detector = RegimeDetector()
    >>> first = detector.detect(390.0, 400.0, 30.0)
    >>> gap = detector.detect(390.0, 400.0, None, first)
    >>> gap.name, detector.detect(400.0, 400.0, 22.0, last_known(first, gap)).name
    ('unknown', 'downtrend_high_vol')
    """
    if memory is None or state.known:
        return state
    trend = memory.trend if state.trend is TrendState.UNKNOWN else state.trend
    vol = memory.vol if state.vol is VolatilityState.UNKNOWN else state.vol
    return RegimeState(trend, vol, state.as_of, state.spy_price, state.spy_200ma, state.vix)
