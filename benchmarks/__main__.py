"""Run every benchmark: ``make bench``, or ``python -m benchmarks decide load`` for some."""

from __future__ import annotations

import importlib
import sys

NAMES = ("decide", "load", "snapshots", "history", "repaint", "executor", "quality")

for name in sys.argv[1:] or NAMES:
    print(f"\n=== {name}")
    importlib.import_module(f"benchmarks.{name}").main()
