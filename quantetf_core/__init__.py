"""QuantETF: run an ETF portfolio by market regime."""
