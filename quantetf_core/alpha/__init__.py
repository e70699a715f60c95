"""Scores: which ETFs look best, by model."""
