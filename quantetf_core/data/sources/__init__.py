"""The only readers of market data."""
