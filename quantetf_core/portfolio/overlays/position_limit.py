"""Position limit: no single weight above a limit."""

from __future__ import annotations

from quantetf_core.config.schema_overlays import PositionLimit
from quantetf_core.findings import Finding, Severity
from quantetf_core.portfolio.constraints import capped_weights
from quantetf_core.portfolio.overlays.step import (
    ROUNDING,
    Overlaid,
    Weights,
    exposure,
    report,
)


def position_limit(weights: Weights, config: PositionLimit) -> Overlaid:
    """Cut each weight to a limit, and give the excess to the others in proportion.

    ``w′_i = min(w_i, m)`` where it is cut; with ``redistribute`` the excess ``Σ max(0, w_i − m)``
    goes to the others in proportion to their weights, again and again until no weight is above
    ``m``. What none can take becomes cash, and a warning says how much.

    Parameters
    ----------
    weights
        Fractions of portfolio value by ticker, ≥ 0.
    config
        ``max_weight`` is ``m``.

    Notes
    -----
    Uses the weights alone, so it needs no data and has no timing. A weight of 0 stays 0. Only the
    cut of the target; the planner's own ``max_single_weight`` and the position check stand behind.

    References
    ----------
    House rule, as in `quantetf_core.portfolio.constraints`.
    """
    before = exposure(weights)
    largest = max(weights.values(), default=0.0)
    over = sorted(t for t, weight in weights.items() if weight > config.max_weight + ROUNDING)
    after, unplaced = dict(weights), 0.0
    if over and config.redistribute:
        after, unplaced = capped_weights(weights, config.max_weight)
    elif over:
        after = {ticker: min(weight, config.max_weight) for ticker, weight in weights.items()}
    said = _said(config, over, before - exposure(after))
    step = report(config, weights, after, measured=largest, said=said)
    return Overlaid(after, step, _findings(config, unplaced))


def _said(config: PositionLimit, over: list[str], to_cash: float) -> str:
    limit = f"{config.max_weight:.1%}"
    if not over:
        return f"No weight is above {limit}."
    cut = f"{', '.join(over)} cut to {limit}"
    if to_cash <= ROUNDING:
        return f"{cut}; the others take the excess in proportion."
    kept = "the others are full, and " if config.redistribute else ""
    return f"{cut}; {kept}{to_cash:.1%} becomes cash."


def _findings(config: PositionLimit, unplaced: float) -> tuple[Finding, ...]:
    if unplaced <= ROUNDING:
        return ()
    message = (
        f"{unplaced:.2%} becomes cash: under the position limit of {config.max_weight:.2%} no "
        "other position can take it"
    )
    return (Finding(Severity.WARN, "cash_unplaced", "portfolio", message),)
