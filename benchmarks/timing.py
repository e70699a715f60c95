"""Medians of calls that take turns, so that a slow spell of the machine hits all of them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any


def medians(calls: Mapping[str, Callable[[], Any]], *, rounds: int = 25) -> dict[str, float]:
    """Milliseconds of each call, the median over ``rounds`` after one warm-up.

    The calls run A, B, C, A, B, C …; the garbage collector is off while one runs, as in `timeit`.
    """
    for call in calls.values():
        call()
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            gc.collect()
            gc.disable()
            start = time.perf_counter()
            call()
            taken[name].append((time.perf_counter() - start) * 1e3)
            gc.enable()
    return {name: statistics.median(times) for name, times in taken.items()}


def report(title: str, found: Mapping[str, float], *, floor: str) -> None:
    """Print one table: milliseconds, and how many times the floor."""
    print(f"\n{title}")
    for name, value in found.items():
        print(f"  {name:<58} {value:9.2f} ms   {value / found[floor]:7.1f} x floor")
