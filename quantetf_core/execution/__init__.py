"""Weights to shares to trades, with costs and reasons."""

from quantetf_core.execution.costs import CostModel
from quantetf_core.execution.plan import TradePlan
from quantetf_core.execution.planner import plan_trades
from quantetf_core.execution.request import PlanRequest
from quantetf_core.execution.trade import Action, Reason, Trade

__all__ = ["Action", "CostModel", "PlanRequest", "Reason", "Trade", "TradePlan", "plan_trades"]
