"""Drawdown brake: hold less the further the book itself has fallen from its peak."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from quantetf_core.config.schema_overlays import DrawdownBrake
from quantetf_core.findings import Severity
from quantetf_core.portfolio.overlays.step import (
    Overlaid,
    Weights,
    exposure,
    lowers,
    not_applied,
    ramp,
    report,
    scaled_to,
)

Nav = Sequence[tuple[date, float]]
"""The book's own growth of 1 by session, flow-adjusted, oldest first."""


@dataclass(frozen=True, slots=True)
class Drawdown:
    """How far a book stands below its peak: a fraction ≤ 0, and the session of the peak."""

    value: float
    peak: date


def drawdown_brake(
    weights: Weights,
    config: DrawdownBrake,
    *,
    nav: Nav,
    as_of: date,
    has_book: bool,
) -> Overlaid:
    """Limit the exposure by the book's own drawdown.

    ``L = 1 − (1 − E_min) × clamp((d − s) ÷ (f − s), 0, 1)`` and ``E′ = min(E, L)``; every weight
    is multiplied by ``E′ ÷ E``. What is taken off becomes cash.

    Parameters
    ----------
    weights
        Fractions of portfolio value by ticker, ≥ 0; their sum is the exposure ``E``.
    config
        ``start``, ``full`` and ``min_exposure`` are ``s``, ``f`` and ``E_min``.
    nav
        Growth of the book by session, deposits and withdrawals taken out
        (`quantetf_core.portfolio.performance`), up to ``as_of``; ``d`` is its drawdown there.
    as_of
        Session of the decision.
    has_book
        Whether anything is held yet; before the first funding there is nothing to have fallen.

    Returns
    -------
    Overlaid
        Where the drawdown is not known, because the book has no value at ``as_of`` or none is
        recorded, the weights stay as they are and a warning says so. Without a book it is a note.

    Notes
    -----
    No hysteresis and no memory: the limit is a function of ``d`` alone, at the close of the
    session, and is lifted on the way up as it was set on the way down. ``d`` is that of the book
    as it was really held, the braked one; so after a fall a low ``min_exposure`` takes long to
    come back, unless ``lookback_days`` lets old peaks pass.

    References
    ----------
    House rule, a piecewise linear form of Grossman and Zhou, "Optimal Investment Strategies for
    Controlling Drawdowns", Mathematical Finance 3 (1993).
    """
    before = exposure(weights)
    found = drawdown(nav, as_of, lookback_days=config.lookback_days)
    if found is None:
        return _unknown(config, weights, as_of, has_book=has_book)
    pressed = ramp(-found.value, -config.start, -config.full)
    limit = 1.0 - (1.0 - config.min_exposure) * pressed
    after = scaled_to(weights, limit)
    said = _said(config, found, before, limit)
    return Overlaid(after, report(config, weights, after, measured=found.value, said=said))


def drawdown(nav: Nav, as_of: date, *, lookback_days: int | None = None) -> Drawdown | None:
    """Drawdown at a session: growth there ÷ the largest growth up to it − 1, so ≤ 0.

    None without a value above 0 at ``as_of`` itself. Values after it are not looked at; values
    that are not finite are passed over. Of several sessions at the peak the newest counts.

    Examples
    --------
    >>> days = [date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 4)]
    >>> drawdown(list(zip(days, [1.0, 1.25, 1.0])), days[2])
    Drawdown(value=-0.19999999999999996, peak=datetime.date(2024, 1, 3))
    """
    known = [(day, value) for day, value in nav if day <= as_of and math.isfinite(value)]
    if not known or known[-1][0] != as_of or not known[-1][1] > 0.0:
        return None
    among = known if lookback_days is None else known[-lookback_days:]
    peak, highest = max(among, key=lambda known_at: (known_at[1], known_at[0]))
    return Drawdown(among[-1][1] / highest - 1.0, peak)


def _said(config: DrawdownBrake, found: Drawdown, before: float, limit: float) -> str:
    stands = (
        f"The book stands {-found.value:.1%} below its peak of {found.peak}"
        if found.value < 0.0
        else "The book stands at its peak"
    )
    if limit == 1.0:
        return f"{stands}; the brake begins at {-config.start:.1%}."
    allowed = f"{stands}; at most {limit:.1%} may be invested"
    if not lowers(before, limit):
        return f"{allowed}, and no more is."
    return f"{allowed}: exposure goes from {before:.1%} to {limit:.1%}."


def _unknown(config: DrawdownBrake, weights: Weights, as_of: date, *, has_book: bool) -> Overlaid:
    why, severity = "there is no book yet, so nothing has fallen", Severity.INFO
    if has_book:
        why, severity = f"the book has no known value through time up to {as_of}", Severity.WARN
    return not_applied(
        config, weights, why, code="drawdown_unknown", subject="portfolio", severity=severity
    )
