"""Weights to shares to trades, with costs and reasons."""
