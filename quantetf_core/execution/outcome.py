"""What the executor answers: lists that also say what there is to know about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from quantetf_core.execution.plan import TradePlan
from quantetf_core.findings import Finding, in_order


class TradePreview(list[dict[str, Any]]):
    """One row per line, in the order in which `execute` would submit them; holds come last.

    Parameters
    ----------
    rows
        See `TargetWeightExecutor.preview`.
    plan
        The plan the rows were read from; None where there is nothing to size.
    findings
        What is worth knowing before trusting them.
    would_cancel
        Ids of pending orders that `execute` would cancel.
    """

    def __init__(
        self,
        rows: Iterable[dict[str, Any]] = (),
        *,
        plan: TradePlan | None = None,
        findings: Iterable[Finding] = (),
        would_cancel: Iterable[Any] = (),
    ) -> None:
        super().__init__(rows)
        self.plan = plan
        self.findings = in_order(findings)
        self.would_cancel = tuple(would_cancel)


class SubmittedOrders(list[Any]):
    """The broker's order objects, in the order in which they were submitted.

    Parameters
    ----------
    orders
        Those the broker took.
    plan
        What they were read from; None where there is nothing to size.
    findings
        What is worth knowing: rejected and cancelled orders, targets without a price, weights
        that were capped.
    cancelled
        Ids of pending orders that were cancelled.
    rejected
        Assets whose order the broker did not take.
    """

    def __init__(
        self,
        orders: Iterable[Any] = (),
        *,
        plan: TradePlan | None = None,
        findings: Iterable[Finding] = (),
        cancelled: Iterable[Any] = (),
        rejected: Iterable[str] = (),
    ) -> None:
        super().__init__(orders)
        self.plan = plan
        self.findings = in_order(findings)
        self.cancelled = tuple(cancelled)
        self.rejected = tuple(rejected)
