"""A `RebalanceResult` as the files of its commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from quantetf_core.csv_safe import csv_bytes
from quantetf_core.decision.frames import trades_frame
from quantetf_core.decision.result import Inputs, RebalanceResult
from quantetf_core.encoding import plain, readable_json
from quantetf_core.errors import ChecksBlockError
from quantetf_core.ledger.admission import final_blocks
from quantetf_core.ledger.record import CashMovement, CommitRequest, Kind
from quantetf_core.ledger.situations import situation_facts
from quantetf_core.portfolio.holdings import Basis, Holdings, Position


def rebalance_request(
    result: RebalanceResult,
    *,
    approver: str,
    note: str = "",
    notes: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
    snapshot: Mapping[str, str] | None = None,
) -> CommitRequest:
    """What the ledger commits when a PM confirms a result.

    ``snapshot`` has the ``id`` and ``fingerprint`` of the snapshot of the data it was made on.

    Raises
    ------
    ChecksBlockError
        When a finding blocks, as one always does on a what-if, and is not overridden.
    """
    reasons = dict(overrides or {})
    left = final_blocks(result.blocks, reasons)
    if left:
        raise ChecksBlockError(left)
    used = result.used
    before = used.situation.holdings
    return CommitRequest(
        kind=Kind.REBALANCE,
        as_of=result.as_of.date(),
        plan_id=result.plan_id,
        parent_id=before.commit_id if before else None,
        holdings_before=before,
        holdings_after=holdings_after(result),
        cash=CashMovement(
            flow=used.plan.cash_flow,
            sells=used.plan.sells,
            buys=used.plan.buys,
            costs=used.plan.costs,
        ),
        files=rebalance_files(result, snapshot=snapshot),
        summary=summary(result),
        approver=approver,
        note=note,
        notes=dict(notes or {}),
        warnings=result.warnings,
        blocks=result.blocks,
        overrides=reasons,
        code_version=used.code_version,
        simulated=used.simulated,
    )


def holdings_after(result: RebalanceResult) -> Holdings:
    """The book after the listed trades: current plus what was traded, not the target.

    Its basis is ``assumed_fill``, unless nothing was traded: then there is nothing to assume.
    """
    before = result.used.situation.holdings
    held = {} if before is None else {position.ticker: position for position in before.positions}
    positions = tuple(
        Position(
            ticker=line.ticker,
            shares=line.target_shares,
            price=line.price,
            cost=held[line.ticker].cost if line.ticker in held else None,
        )
        for line in sorted(result.trades, key=lambda line: line.ticker)
        if line.target_shares
    )
    return Holdings(
        positions=positions,
        cash=result.used.plan.cash_after,
        as_of=result.as_of.date(),
        basis=Basis.ASSUMED_FILL if before is None or result.orders else before.basis,
        disputed=() if before is None else before.disputed,
        locks=() if before is None else before.locks,
    )


def summary(result: RebalanceResult) -> dict[str, Any]:
    """What History lists of a rebalance without opening its files."""
    used = result.used
    return {
        **result.to_dict(),
        "portfolio": used.settings.config.name,
        "portfolio_value": used.plan.portfolio_value,
        "value_after": used.plan.portfolio_value - used.plan.costs,
        "cash_flow": used.plan.cash_flow,
        "cash_after": used.plan.cash_after,
        "costs": used.plan.costs,
        "sells": used.plan.sells,
        "buys": used.plan.buys,
        "source": used.source,
        "simulated": used.simulated,
        "clock": used.settings.config.clock,
        "warnings": len(result.warnings),
    }


def rebalance_files(
    result: RebalanceResult, *, snapshot: Mapping[str, str] | None = None
) -> dict[str, bytes]:
    """The contract's four files and ``inputs.json``."""
    used = result.used
    trades = trades_frame(
        result.trades, universe=used.settings.universe, volume_share=used.volume_share
    )
    target = result.target_portfolio.reset_index()
    if used.simulated:
        trades["prices"] = target["prices"] = "simulated"
    return {
        "target_portfolio.csv": csv_bytes(target),
        "trades.csv": csv_bytes(trades),
        "execution_log.json": readable_json(_log(result)),
        "rebalance_result.json": readable_json(_record(result, trades)),
        "inputs.json": readable_json(_inputs(result, snapshot)),
    }


def _log(result: RebalanceResult) -> dict[str, Any]:
    """The money of the plan in market order, readable as an account."""
    plan = result.used.plan
    return {
        "as_of": result.as_of,
        "plan_id": result.plan_id,
        "regime": result.regime,
        "strategy_used": result.strategy_used,
        "prices": "simulated prices" if result.used.simulated else "market prices",
        "steps": [
            {"step": "cash before", "usd": plan.cash_before},
            {"step": "cash flow", "usd": plan.cash_flow},
            {"step": "sells", "usd": plan.sells},
            {"step": "buys", "usd": -plan.buys},
            {"step": "costs", "usd": -plan.costs},
            {"step": "cash after", "usd": plan.cash_after},
        ],
        "buys_scaled_by": plan.scale,
        "orders": [
            {"action": line.action, "ticker": line.ticker, "shares": abs(line.shares_delta)}
            for line in result.orders
        ],
    }


def _record(result: RebalanceResult, trades: pd.DataFrame) -> dict[str, Any]:
    used = result.used
    return {
        **summary(result),
        "requested_date": used.situation.requested,
        "rationale": used.entry.rationale,
        "days_in_regime": used.days_in_regime,
        "metadata": result.metadata,
        "findings": result.findings,
        **_shaping(used),
        "ranking": _rows(used.ranking.reset_index()),
        "current_portfolio": _rows(result.current_portfolio.reset_index()),
        "target_portfolio": _rows(result.target_portfolio.reset_index()),
        "trades": _rows(trades),
    }


def _shaping(used: Inputs) -> dict[str, Any]:
    """What an optimizer and the overlays did, where the strategy has them."""
    report = used.weighting
    weighting = None if report is None else {**plain(report), "said": report.said}
    done = {"weighting": weighting, "overlays": used.overlays}
    return {key: value for key, value in done.items() if value}


def _inputs(result: RebalanceResult, snapshot: Mapping[str, str] | None) -> dict[str, Any]:
    used = result.used
    return {
        "source": used.source,
        "simulated": used.simulated,
        "data_fingerprint": used.data_fingerprint,
        "snapshot": snapshot,
        "code_version": used.code_version,
        "portfolio_value": used.situation.portfolio_value,
        "declared_cash_flow": used.situation.cash_flow,
        "situation": situation_facts(used.situation),
        "closes": dict(used.closes),
        "configuration": dict(used.settings.texts),
    }


def _rows(frame: pd.DataFrame) -> list[Any]:
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [plain(record) for record in records]
