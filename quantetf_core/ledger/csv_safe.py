"""The former place of `quantetf_core.csv_safe`."""

from quantetf_core.csv_safe import csv_bytes, guarded, unguarded

__all__ = ["csv_bytes", "guarded", "unguarded"]
