"""Weights to shares to trades, with costs and reasons; and brokers that are told of them."""

from quantetf_core.config.schema import RebalanceConfig, RebalanceMode
from quantetf_core.execution.broker import Broker, HeldPosition, PendingOrder, WeightProvider
from quantetf_core.execution.costs import CostModel
from quantetf_core.execution.executor import TargetWeightExecutor
from quantetf_core.execution.outcome import SubmittedOrders, TradePreview
from quantetf_core.execution.paper import PaperBroker
from quantetf_core.execution.paper_costs import (
    BpsCommission,
    BpsSlippage,
    PerShareCommission,
    SpreadAndImpact,
)
from quantetf_core.execution.paper_orders import FillAt, OrderStatus, RejectReason
from quantetf_core.execution.plan import TradePlan
from quantetf_core.execution.planner import plan_trades
from quantetf_core.execution.request import PlanRequest
from quantetf_core.execution.trade import Action, Reason, Trade

__all__ = [
    "Action",
    "BpsCommission",
    "BpsSlippage",
    "Broker",
    "CostModel",
    "FillAt",
    "HeldPosition",
    "OrderStatus",
    "PaperBroker",
    "PendingOrder",
    "PerShareCommission",
    "PlanRequest",
    "Reason",
    "RebalanceConfig",
    "RebalanceMode",
    "RejectReason",
    "SpreadAndImpact",
    "SubmittedOrders",
    "TargetWeightExecutor",
    "Trade",
    "TradePlan",
    "TradePreview",
    "WeightProvider",
    "plan_trades",
]
