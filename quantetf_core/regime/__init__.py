"""Which regime the market is in, and which strategy it calls for."""
