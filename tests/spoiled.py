"""A workspace whose portfolio reads a folder of Yahoo-layout files, some of them unusable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from quantetf_core.data.sessions import sessions_between

TICKERS = ("AAA", "BBB", "CCC", "DDD", "EEE", "SPY")
SPLIT_ON = "2023-11-15"
ENDS_ON = "2023-12-01"

_PORTFOLIO = """\
name: spoiled
title: Spoiled files
source:
  type: files
  paths: [prices]
  vix: vix.csv
clock: replay
universe: configs/universes/spoiled.yaml
artifacts_dir: artifacts/spoiled
state_dir: data/state/spoiled
"""


def spoil(workspace: Path) -> None:
    """Add the portfolio ``spoiled``: BBB has an unadjusted 1:4 reverse split and so the best
    score, DDD ends four weeks before the others, EEE's rows are in no order.
    """
    days = sessions_between("2022-01-03", "2023-12-29")
    generator = np.random.default_rng(2)
    folder = workspace / "prices"
    folder.mkdir()
    for place, ticker in enumerate(TICKERS):
        steps = generator.normal(0.0004 + 0.0001 * place, 0.008, len(days))
        close = np.round(80.0 * np.exp(np.cumsum(steps)), 2)
        if ticker == "BBB":
            close = np.where(days >= SPLIT_ON, close * 4, close)
        rows = pd.DataFrame({"Date": days.strftime("%Y-%m-%d"), "Close": close})
        rows.insert(1, "Open", close)
        rows["Adj Close"] = np.round(close * np.linspace(0.97, 1.0, len(days)), 4)
        rows["Volume"] = 1_000_000 + 1000 * np.arange(len(days))
        if ticker == "DDD":
            rows = rows[rows["Date"] <= ENDS_ON]
        if ticker == "EEE":
            rows = rows.sample(frac=1.0, random_state=1)
        rows.to_csv(folder / f"{ticker}.csv", index=False)
    fear = np.round(15.0 + generator.normal(0.0, 1.0, len(days)), 2)
    vix = pd.DataFrame({"date": days.strftime("%Y-%m-%d"), "close": fear})
    vix.to_csv(workspace / "vix.csv", index=False)
    members = [{"ticker": t, "name": f"{t} fund", "asset_class": f"Class {t}"} for t in TICKERS]
    listed = "".join(f"  - {member}\n" for member in members).replace("'", "")
    (workspace / "configs/universes/spoiled.yaml").write_text(
        f"name: Spoiled\ntickers:\n{listed}", encoding="utf-8"
    )
    (workspace / "configs/portfolios/spoiled.yaml").write_text(_PORTFOLIO, encoding="utf-8")
