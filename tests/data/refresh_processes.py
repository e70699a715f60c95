"""A refresh in a process of its own, to be killed; run as a script, as forking needs."""

from __future__ import annotations

import shutil
import signal
import sys
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from quantetf_core.data.sessions import last_completed_session, sessions_between
from quantetf_core.data.sources.refresh import refresh
from quantetf_core.data.sources.refresh_run import Wanted
from quantetf_core.data.sources.vendors import Answer, Fetched
from tests.data.vendor_server import table
from tests.ledger.processes import ended, fork, kill_at_call

PORTFOLIO = "mine"
FIRST = datetime.fromisoformat("2023-12-15T23:00:00+00:00")
SECOND = datetime.fromisoformat("2023-12-29T23:00:00+00:00")
TICKERS = ("SPY", "TLT")


class Made:
    """A vendor without a network: every ticker from 100 upwards."""

    name = "Made"

    def fetch(self, tickers, start, end, *, progress, cancelled) -> Fetched:
        days = sessions_between("2023-11-01", "2023-12-29")
        prices = table(pd.Series(100.0 + np.arange(len(days)), index=days))
        return Fetched({ticker: prices.loc[str(start) : str(end)] for ticker in tickers})


def the_vix(start: date, end: date) -> Answer:
    days = sessions_between(start, end)
    return Answer(pd.DataFrame({"Close": 15.0}, index=days))


def refreshed(folder: Path, now: datetime):
    """Refresh at a moment; the second one adds two weeks."""
    wanted = Wanted(portfolio=PORTFOLIO, tickers=TICKERS, start=date(2023, 11, 1))
    return refresh(wanted, vendor=Made(), vix=the_vix, vix_name="Made", folder=folder, now=now)


def kill_everywhere(base: Path, out: Path) -> None:
    """Kill a refresh at its first, second … call, each in a copy of ``base``, until one ends."""
    last_completed_session(SECOND)  # the calendar is made once, not by every child
    number, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        number += 1
        folder = out / f"{number:04d}"
        shutil.copytree(base, folder)

        def work(folder=folder, number=number) -> None:
            kill_at_call(number)
            refreshed(folder, SECOND)

        code = ended(fork(work))
    if code:
        sys.exit(f"the last one ended with {code}")
    sys.stdout.write(str(number))


if __name__ == "__main__":
    kill_everywhere(Path(sys.argv[1]), Path(sys.argv[2]))
