"""`plan_id`: SHA-256 of everything a decision used and produced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from quantetf_core.decision.result import Inputs, Situation
from quantetf_core.encoding import canonical_json, plain, sha256
from quantetf_core.execution import Trade, TradePlan
from quantetf_core.findings import Finding
from quantetf_core.portfolio.holdings import Holdings

SCHEMA = 1
"""Version of what the id covers; raised when that changes."""


def plan_id(inputs: Inputs, lines: Sequence[Trade], findings: Sequence[Finding]) -> str:
    """The id a PM confirms: two plans with the same id are the same plan.

    Covers the parent commit and the book, the data up to the session, every configuration file,
    the code version, the regime, the scores, each line, the money and the findings; where there are
    any, what an optimizer and the overlays did, and the book's past they looked at. Leaves out
    approver, notes and time, and what was merely asked for (``requested``).
    """
    situation = inputs.situation
    content = {
        "schema": SCHEMA,
        "portfolio": inputs.settings.config.name,
        "as_of": situation.as_of,
        "clock": inputs.settings.config.clock,
        "book": _book(situation.holdings),
        "portfolio_value": situation.portfolio_value,
        "declared_cash_flow": situation.cash_flow,
        "data": inputs.data_fingerprint,
        "source": inputs.source,
        "configuration": [(path, sha256(text.encode())) for path, text in inputs.settings.texts],
        "code_version": inputs.code_version,
        "regime": inputs.regime_state.to_dict(),
        "strategy": inputs.strategy.path,
        "ranking": _ranking_hash(inputs),
        "lines": _lines_hash(lines),
        "money": _money(inputs.plan),
        "findings": findings,
    }
    # Only where there are any, so that plans without them keep the id they had.
    if inputs.weighting is not None:
        content["weighting"] = inputs.weighting
    if inputs.overlays:
        content["overlays"] = inputs.overlays
    if situation.nav:
        content["nav"] = _nav_hash(situation)
    return sha256(canonical_json(content))


def _nav_hash(situation: Situation) -> str:
    days = "\x1f".join(day.isoformat() for day, _ in situation.nav)
    growth = np.array([value for _, value in situation.nav], dtype="<f8")
    return sha256(days.encode() + b"\x1e" + growth.tobytes())


def _book(holdings: Holdings | None) -> Any:
    """The book; without the key of locks where there are none, as before there could be any."""
    content = plain(holdings)
    if holdings is not None and not holdings.locks:
        del content["locks"]
    return content


def _ranking_hash(inputs: Inputs) -> str:
    scores = inputs.ranking["score"].to_numpy(dtype="<f8")
    names = "\x1f".join(inputs.ranking.index)
    return sha256(names.encode() + b"\x1e" + scores.tobytes())


def _lines_hash(lines: Sequence[Trade]) -> str:
    numbers = np.array(
        [
            (
                line.current_shares,
                line.target_shares,
                line.current_weight,
                line.target_weight,
                line.notional_value,
                np.nan if line.ideal_shares is None else line.ideal_shares,
                np.nan if line.price is None else line.price,
                line.cost,
            )
            for line in lines
        ],
        dtype="<f8",
    )
    words = "\x1f".join(f"{line.ticker} {line.action} {' '.join(line.reasons)}" for line in lines)
    return sha256(words.encode() + b"\x1e" + numbers.tobytes())


def _money(plan: TradePlan) -> dict[str, float]:
    return {
        "portfolio_value": plan.portfolio_value,
        "cash_before": plan.cash_before,
        "cash_flow": plan.cash_flow,
        "sells": plan.sells,
        "buys": plan.buys,
        "costs": plan.costs,
        "cash_after": plan.cash_after,
        "scale": plan.scale,
    }
