"""Opening, writing and proving a snapshot of 400 ETFs over 20 years, and its memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.decide import ROOT, simulated
from benchmarks.timing import medians, report
from quantetf_core.data.market import MarketData
from quantetf_core.data.sources.snapshot_manifest import PRICES
from quantetf_core.data.sources.snapshot_store import remove_snapshots, write_snapshot
from quantetf_core.data.sources.snapshots import newest_snapshot, open_snapshot, verify_snapshot

NOW = datetime(2024, 1, 2, 14, 0, tzinfo=UTC)
PORTFOLIO = "benchmark"


def every_field(market: MarketData) -> MarketData:
    """The market with all six fields, as a vendor gives them."""
    panels = {name: market.panel(name) for name in market.fields}
    close = market.close
    panels |= {"open": close * 0.999, "high": close * 1.01, "low": close * 0.99}
    return MarketData.from_panels(panels, market.vix, source="simulated for the benchmark")


def measure(title: str, folder: Path, market: MarketData) -> None:
    """One table for one market."""
    snapshot = write_snapshot(folder, market, portfolio=PORTFOLIO, now=NOW)
    path = folder / snapshot.id / PRICES

    def opened() -> MarketData:
        newest = newest_snapshot(folder, PORTFOLIO)
        assert newest is not None
        return open_snapshot(folder, newest)

    def written() -> None:
        remove_snapshots(folder, [snapshot.id])
        write_snapshot(folder, market, portfolio=PORTFOLIO, now=NOW)

    calls = {
        "floor: the same columns from that Parquet file": lambda: pq.read_table(
            path, columns=list(snapshot.fields)
        ),
        "open the newest snapshot": opened,
        "read every byte and prove it": lambda: verify_snapshot(folder, snapshot),
        "remove and write it (fingerprint known)": written,
    }
    report(title, medians(calls, rounds=9), floor=next(iter(calls)))
    print(f"  {'size on disk':<58} {path.stat().st_size / 1e6:9.1f} MB")


def memory(folder: Path) -> None:
    """Peak memory of a process that opens the newest snapshot and makes its fingerprint."""
    status = Path("/proc/self/status")
    if not status.exists():
        return  # getrusage would tell the peak of the process that started it
    program = (
        "import sys; from pathlib import Path; "
        "from quantetf_core.data.sources.snapshots import newest_snapshot, open_snapshot; "
        f"f = Path(sys.argv[1]); open_snapshot(f, newest_snapshot(f, '{PORTFOLIO}')).fingerprint; "
        f"print(next(l for l in open('{status}') if l.startswith('VmHWM')).split()[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    said = "peak memory of a process that opens and hashes it"
    print(f"  {said:<58} {int(done.stdout) / 1e3:9.1f} MB")


def main() -> None:
    """Print the tables."""
    market = simulated(400)
    for title, one in (("3 fields", market), ("6 fields", every_field(market))):
        with tempfile.TemporaryDirectory() as name:
            measure(f"400 simulated ETFs, 20 years, {title}", Path(name), one)
            memory(Path(name))


if __name__ == "__main__":
    main()
