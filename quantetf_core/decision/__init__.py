"""The decision: pure composition of regime, strategy, weights, trades and checks."""
