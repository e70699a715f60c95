"""Thin stateful shells: the regime monitor and the rebalancer."""
