"""`TargetWeightExecutor`: target weights to orders, by the planner the desk uses."""

from __future__ import annotations

import dataclasses

import numpy as np

from quantetf_core.config.schema import RebalanceConfig, RebalanceMode
from quantetf_core.errors import InvalidValueError
from quantetf_core.execution.broker import Bars, Broker
from quantetf_core.execution.costs import CostModel
from quantetf_core.execution.facts import Facts, read_facts
from quantetf_core.execution.outcome import SubmittedOrders, TradePreview
from quantetf_core.execution.pending import counted, net_shares
from quantetf_core.execution.plan import TradePlan
from quantetf_core.execution.planner import plan_trades
from quantetf_core.execution.preview import quantities, rows
from quantetf_core.execution.request import PlanRequest
from quantetf_core.execution.sequential import require_process_orders, run_one_by_one
from quantetf_core.execution.situation import Situation, assess
from quantetf_core.execution.submission import Desk
from quantetf_core.execution.targets import Targets, read_targets
from quantetf_core.execution.trade import Reason


class TargetWeightExecutor:
    """Turn target weights into orders at any broker.

    Parameters
    ----------
    config
        Thresholds, lots, caps, what to do about pending orders, and the mode.
    costs
        What trading is taken to cost, so that buys leave room for it; None: the broker's
        ``cost_bps``, 0 where it has none.

    Examples
    --------
    >>> from quantetf_core.execution.paper import PaperBroker
    >>> data = {"SPY": {"close": 100.0}, "TLT": {"close": 50.0}}
    >>> broker = PaperBroker(10_000.0, fill_at="close")
    >>> broker.advance("2024-01-02", data)
    ()
    >>> executor = TargetWeightExecutor(RebalanceConfig())
    >>> for row in executor.preview({"SPY": 0.6, "TLT": 0.3}, data, broker):
    ...     print(row["asset"], row["action"], row["shares"], row["value"])
    SPY BUY 60 6000.0
    TLT BUY 60 3000.0
    >>> [(order.asset, order.quantity) for order in executor.execute(
    ...     {"SPY": 0.6, "TLT": 0.3}, data, broker)]
    [('SPY', 60), ('TLT', 60)]
    """

    def __init__(
        self, config: RebalanceConfig | None = None, *, costs: CostModel | None = None
    ) -> None:
        if config is not None and not isinstance(config, RebalanceConfig):
            raise InvalidValueError("config", config, "a RebalanceConfig")
        self.config = config or RebalanceConfig()
        self.costs = costs

    def preview(self, target_weights: Targets, data: Bars, broker: Broker) -> TradePreview:
        """What `execute` would submit in snapshot mode, and why not for the rest; changes nothing.

        Parameters
        ----------
        target_weights
            Fractions of the account value by asset: a mapping, a Series, a function of
            ``(data, broker)`` or a `WeightProvider`. What they leave below 1 stays cash;
            positions they do not name are closed.
        data
            ``{asset: {"close": USD per share}}``. A missing, non-finite or non-positive close is
            no price: the line does not trade and says so.
        broker
            See `Broker`.

        Returns
        -------
        Rows with ``asset``, ``action`` (``BUY``, ``SELL``, ``HOLD``), ``current_weight`` (pending
        orders that stay included), ``target_weight`` (after caps; None where it was no number),
        ``weight_delta``, ``shares`` (signed, 0 on a hold), ``value`` (USD, signed),
        ``skip_reason`` (a `Reason` value; None on a line that trades) and ``reasons`` (all of
        them: a capped or scaled line that trades carries both facts). Sells first, then buys,
        each largest first, then holds by asset.

        Raises
        ------
        InvalidValueError
            For weights, a price or an answer of the broker that cannot be understood.
        """
        situation = self._situation(target_weights, data, broker)
        if situation.plan is None:
            return TradePreview(findings=situation.findings)
        return TradePreview(
            rows(situation.facts, situation.plan),
            plan=situation.plan,
            findings=situation.findings,
            would_cancel=[order.order_id for order in situation.cancels],
        )

    def execute(self, target_weights: Targets, data: Bars, broker: Broker) -> SubmittedOrders:
        """Submit the orders that lead to the target weights; sells go before buys.

        Parameters
        ----------
        target_weights, data, broker
            As in `preview`.

        Returns
        -------
        The broker's orders, with ``findings``, ``cancelled`` and ``rejected`` beside them. Whole
        quantities are ints. Buys count on the proceeds of sells the broker took; when it rejects
        one, the buys are planned again without its proceeds.

        Raises
        ------
        InvalidValueError
            As in `preview`; also for a sequential mode at a broker without ``process_orders()``.
            Nothing was submitted then.
        """
        mode = self.config.rebalance_mode
        require_process_orders(broker, mode)
        situation = self._situation(target_weights, data, broker)
        desk = Desk(broker)
        cancelled, stuck = desk.cancel(situation.cancels)
        if stuck:
            situation = assess(situation.facts, stuck=stuck)
        if situation.plan is not None:
            if mode is RebalanceMode.SNAPSHOT:
                _submit_together(situation, desk)
            else:
                run_one_by_one(situation, desk, mode)
        return SubmittedOrders(
            desk.orders,
            plan=situation.plan,
            findings=(*situation.findings, *desk.findings),
            cancelled=cancelled,
            rejected=desk.rejected,
        )

    def _situation(self, target_weights: Targets, data: Bars, broker: Broker) -> Situation:
        weights, findings = read_targets(target_weights, data, broker)
        facts = read_facts(weights, data, broker, config=self.config, costs=self.costs)
        return assess(dataclasses.replace(facts, findings=(*facts.findings, *findings)))

    def _get_current_weights(self, broker: Broker, data: Bars) -> dict[str, float]:
        """Held positions as fractions of the account value, contract multipliers included."""
        return self._weights(broker, data, pending=False)

    def _get_effective_weights(self, broker: Broker, data: Bars) -> dict[str, float]:
        """As `_get_current_weights`, with the net of pending orders; untriggered stops are none.

        Pending shares count at the close, or at their limit where there is no close.
        """
        return self._weights(broker, data, pending=True)

    def _weights(self, broker: Broker, data: Bars, *, pending: bool) -> dict[str, float]:
        facts = read_facts({}, data, broker, config=self.config, costs=self.costs)
        if facts.account.value <= 0.0:
            return {}
        worth = _worth_with_limits(facts) if pending else facts.usd_per_share
        shares = facts.held + facts.column(net_shares(counted(facts.pending) if pending else ()))
        weights = (shares * worth / facts.account.value).tolist()
        there = ((facts.held != 0.0) | (shares != 0.0)) & np.isfinite(worth)
        return {facts.assets[at]: weights[at] for at in np.flatnonzero(there).tolist()}


def _worth_with_limits(facts: Facts) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    limits = {o.asset: o.limit_price for o in facts.pending if o.limit_price is not None}
    multiplier = 1.0 if facts.multiplier is None else facts.multiplier
    by_limit = np.array([limits.get(asset, np.nan) for asset in facts.assets], dtype=np.float64)
    return np.where(np.isnan(facts.price), by_limit * multiplier, facts.usd_per_share)


def _submit_together(situation: Situation, desk: Desk) -> None:
    """All sells, then all buys; buys are planned anew where a sell was rejected."""
    request, plan = situation.request, situation.plan
    assert request is not None
    assert plan is not None
    _submit_side(plan, desk, situation, side=-1)
    if desk.rejected:
        request = _after_sells(request, plan, rejected=set(desk.rejected))
        plan = plan_trades(request)
    _submit_side(plan, desk, situation, side=1)


def _submit_side(plan: TradePlan, desk: Desk, situation: Situation, *, side: int) -> None:
    shares, order = quantities(plan), plan.order
    held, submit = situation.facts.held.tolist(), desk.submit
    for at in order[plan.side[order] == side].tolist():
        quantity = shares[at]
        closes = quantity == -held[at] and Reason.EXIT in plan.reasons[at]
        submit(plan.tickers[at], quantity, closes=closes)


def _after_sells(request: PlanRequest, plan: TradePlan, *, rejected: set[str]) -> PlanRequest:
    """The same wish once the sells that were taken are done, and nothing more may be sold."""
    refused = np.array([ticker in rejected for ticker in plan.tickers], dtype=np.bool_)
    done = (plan.side < 0) & ~refused
    proceeds = float((plan.notional_value - plan.cost)[done].sum())
    return dataclasses.replace(
        request,
        current_shares=np.where(done, plan.target_shares, plan.current_shares),
        tradable=request.tradable & ~refused & ~done,
        block_reason=tuple(
            Reason.ORDER_REJECTED if blocks else reason
            for blocks, reason in zip((refused | done).tolist(), request.block_reason, strict=True)
        ),
        sellable=np.zeros(len(plan.tickers)),
        cash=round(request.cash + proceeds, 2),
        spendable=None if request.spendable is None else round(request.spendable + proceeds, 2),
    )
