"""Preview and execute for 10 to 5,000 assets, beside plain NumPy sizing of the same book.

Each execute starts from the same book, drifted off its targets, at a `PaperBroker` that fills at
the close and charges nothing; making that broker is not part of the time. The floor divides
weights by prices, rounds and subtracts: no thresholds, reasons, costs, cash or orders.
"""

from __future__ import annotations

import copy
import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from quantetf_core.execution import (
    PaperBroker,
    RebalanceConfig,
    RebalanceMode,
    TargetWeightExecutor,
)

SIZES = (10, 100, 1_000, 5_000)
ROUNDS = 15
VALUE_PER_ASSET = 20_000.0


def book(n: int) -> tuple[PaperBroker, dict[str, float], dict[str, dict[str, float]]]:
    """A book of ``n`` assets at equal weights, the prices it moved to, and new targets."""
    generator = np.random.default_rng(7)
    names = [f"T{number:04d}" for number in range(n)]
    prices = generator.uniform(10.0, 300.0, n).round(2)
    broker = PaperBroker(VALUE_PER_ASSET * n, fill_at="close")
    before = {name: {"close": price} for name, price in zip(names, prices.tolist(), strict=True)}
    broker.advance(1, before)
    equal = dict.fromkeys(names, 0.98 / n)
    TargetWeightExecutor(RebalanceConfig(min_weight_change=0.0)).execute(equal, before, broker)
    broker.process_orders()
    moved = (prices * generator.uniform(0.8, 1.25, n)).round(2)
    after = {name: {"close": price} for name, price in zip(names, moved.tolist(), strict=True)}
    broker.advance(2, after)
    parts = generator.dirichlet(np.full(n, 5.0)) * 0.98
    return broker, dict(zip(names, parts.tolist(), strict=True)), after


def floor(
    broker: PaperBroker, targets: dict[str, float], data: dict[str, dict[str, float]]
) -> Callable[[], Any]:
    """Plain NumPy sizing of the same book, columns already made."""
    price = np.array([data[asset]["close"] for asset in targets])
    weights = np.array(list(targets.values()))
    held = np.array([p.quantity if (p := broker.get_position(a)) else 0 for a in targets])
    value = broker.get_account_value()
    return lambda: np.rint(weights * value / price) - held


def medians(calls: dict[str, Callable[[PaperBroker], Any]], fresh: PaperBroker) -> dict[str, float]:
    """Milliseconds of each call on a broker of its own, the median; calls take turns."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(ROUNDS + 1):
        for name, call in calls.items():
            broker = copy.deepcopy(fresh)
            gc.collect()
            gc.disable()
            start = time.perf_counter()
            call(broker)
            spent = (time.perf_counter() - start) * 1e3
            gc.enable()
            if turn:  # the first is the warm-up
                taken[name].append(spent)
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> None:
    """Print one table per size."""
    for n in SIZES:
        broker, targets, data = book(n)
        sized = floor(broker, targets, data)
        free = RebalanceConfig(min_weight_change=0.0)
        preview = TargetWeightExecutor(free)
        calls: dict[str, Callable[[PaperBroker], Any]] = {
            "floor: sizing in plain NumPy": lambda _, sized=sized: sized(),
            "preview": lambda b, e=preview, t=targets, d=data: e.preview(t, d, b),
        }
        for mode in RebalanceMode:
            executor = TargetWeightExecutor(free.model_copy(update={"rebalance_mode": mode}))
            calls[f"execute, {mode.value}"] = lambda b, e=executor, t=targets, d=data: e.execute(
                t, d, b
            )
        found = medians(calls, broker)
        orders = len(preview.execute(targets, data, copy.deepcopy(broker)))
        print(f"\n{n} assets, {orders} orders")
        for name, value in found.items():
            print(f"  {name:<58} {value:9.3f} ms   {value / n * 1e3:7.2f} us an asset")


if __name__ == "__main__":
    main()
