"""VIX shift: move a part of every position into defensive ETFs while the VIX is high."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from quantetf_core.config.schema_overlays import VixShift
from quantetf_core.data.market import MarketData
from quantetf_core.data.marks import last_valid_rows
from quantetf_core.findings import Finding, Severity
from quantetf_core.portfolio.overlays.step import Overlaid, Weights, not_applied, ramp, report
from quantetf_core.units import MAX_CARRY_SESSIONS


@dataclass(frozen=True, slots=True)
class KnownVix:
    """The VIX a decision may use: index points, and how many sessions old (0: the session's)."""

    value: float
    age: int


def known_vix(known: MarketData) -> KnownVix | None:
    """The newest VIX of a market, carried at most 3 sessions; None when there is none.

    The rule of the regime, by which a missing VIX has been carried there too.
    """
    values = np.asarray(known.vix.to_numpy(), dtype=np.float64)
    end = len(values) - 1
    last = int(last_valid_rows(values[:, None], end, np.zeros(1, dtype=np.int64))[0])
    if last < 0 or end - last > MAX_CARRY_SESSIONS:
        return None
    return KnownVix(float(values[last]), end - last)


def vix_shift(
    weights: Weights,
    config: VixShift,
    *,
    vix: KnownVix | None,
    buyable: Collection[str],
) -> Overlaid:
    """Move weight from every other position into the defensive ETFs, the more the higher the VIX.

    ``q = q_max × clamp((VIX − a) ÷ (b − a), 0, 1)``; a position that is not defensive keeps
    ``(1 − q) × w_i``, and the ``n`` defensive ETFs get ``Σ q w_i ÷ n`` each, on top of what they
    have.

    Parameters
    ----------
    weights
        Fractions of portfolio value by ticker, ≥ 0.
    config
        ``start``, ``full`` and ``max_shift`` are ``a``, ``b`` (index points) and ``q_max``.
    vix
        Known after the close of the session; None when there is none, not even a carried one.
        Then the weights stay as they are and a warning says so.
    buyable
        Tickers that may be bought at the session: in the universe, with both closes there.

    Returns
    -------
    Overlaid
        The share of a defensive ETF that cannot be bought becomes cash, and a warning names it.

    Notes
    -----
    The sum of the weights stays, but for what becomes cash. No hysteresis: the shift is a
    function of the VIX at the session alone.

    References
    ----------
    House rule.
    """
    if vix is None:
        why = f"the VIX has no value within {MAX_CARRY_SESSIONS} sessions"
        return not_applied(config, weights, why, code="vix_unknown", subject="VIX")
    part = config.max_shift * ramp(vix.value, config.start, config.full)
    others = [w for t, w in weights.items() if t not in config.defensive_tickers]
    moved = math.fsum(part * weight for weight in others)
    share = moved / len(config.defensive_tickers)
    refused = tuple(t for t in config.defensive_tickers if t not in buyable) if moved else ()
    after = _shifted(weights, config, part, share, refused) if moved else weights
    said = _said(config, vix, part, moved, refused)
    step = report(config, weights, after, measured=vix.value, said=said)
    return Overlaid(after, step, tuple(_not_bought(ticker, share) for ticker in refused))


def _shifted(
    weights: Weights, config: VixShift, part: float, share: float, refused: tuple[str, ...]
) -> dict[str, float]:
    defensive = config.defensive_tickers
    after = {
        ticker: weight if ticker in defensive else weight * (1.0 - part)
        for ticker, weight in weights.items()
    }
    for ticker in defensive:
        if ticker not in refused:
            after[ticker] = after.get(ticker, 0.0) + share
    return {ticker: weight for ticker, weight in after.items() if weight > 0.0}


def _said(
    config: VixShift, vix: KnownVix, part: float, moved: float, refused: tuple[str, ...]
) -> str:
    aged = f" ({vix.age} session{'' if vix.age == 1 else 's'} old)" if vix.age else ""
    level = f"The VIX stands at {vix.value:.2f}{aged}"
    if not part:
        return f"{level}; nothing is moved up to {config.start:g}."
    if not moved:
        return f"{level}; there is nothing to move into {', '.join(config.defensive_tickers)}."
    bought = [ticker for ticker in config.defensive_tickers if ticker not in refused]
    into = [", ".join(bought)] if bought else []
    if refused:
        into.append(f"cash in place of {', '.join(refused)}")
    whole = f"{moved:.1%} of the portfolio, {part:.0%} of every other position"
    return f"{level}; {whole}, goes into {' and '.join(into)}."


def _not_bought(ticker: str, share: float) -> Finding:
    message = (
        "defensive, and not bought: it has no close at the session, or is not in the universe; "
        f"its {share:.2%} becomes cash"
    )
    return Finding(Severity.WARN, "defensive_not_bought", ticker, message)
