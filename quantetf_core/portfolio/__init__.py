"""Scores to weights, and what is held."""
