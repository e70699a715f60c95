"""Scores to weights, and what is held."""

from quantetf_core.portfolio.constructor import PortfolioConstructor, TargetWeights
from quantetf_core.portfolio.holdings import Basis, Holdings, Position
from quantetf_core.portfolio.valuation import book_value, value_through_time

__all__ = [
    "Basis",
    "Holdings",
    "PortfolioConstructor",
    "Position",
    "TargetWeights",
    "book_value",
    "value_through_time",
]
