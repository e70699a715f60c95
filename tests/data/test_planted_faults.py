"""Faults planted at random places in real prices: each is found, and hardly anything else is.

The smallest size of each kind that is promised to be found stands beside its planter. Places are
drawn with fixed seeds, from 2003 on, among the 21 liquid ETFs (BIL and SHY, which hardly move,
are left out where a size is in usual moves).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from quantetf_core.data.market import MarketData
from quantetf_core.data.quality.history import quality_findings
from quantetf_core.data.quality.record import QualityFinding
from quantetf_core.data.sources.files import load_files
from quantetf_core.findings import Severity

pytestmark = pytest.mark.real_data

FIRST, ROUNDS = "2003-01-02", 6
NEVER_STILL = ("BIL", "SHY")


@dataclass
class Panels:
    """Real prices that may be spoiled."""

    fields: dict[str, pd.DataFrame]
    vix: pd.Series

    def market(self) -> MarketData:
        return MarketData.from_panels(self.fields, self.vix, source="planted")


@dataclass(frozen=True)
class Place:
    """Where a fault is planted: rows around it have prices."""

    ticker: str
    row: int
    rng: np.random.Generator


@dataclass(frozen=True)
class Planted:
    """What must be found: severity, code, subject and first session."""

    severity: Severity
    code: str
    subject: str
    first: date


@pytest.fixture(scope="module")
def real(market_data_dir: Path) -> MarketData:
    whole = load_files([market_data_dir / "etf_prices.parquet"], market_data_dir / "vix.csv")
    rows = whole.sessions >= FIRST
    panels = {name: whole.panel(name)[rows] for name in whole.fields}
    return MarketData.from_panels(panels, whole.vix[rows], source="real")


@pytest.fixture(scope="module")
def panel(market_data_dir: Path) -> MarketData:
    paths = [market_data_dir / "etf_prices.parquet", market_data_dir / "etf_panel.parquet"]
    return load_files(paths, market_data_dir / "vix.csv")


@pytest.fixture(scope="module")
def panel_findings(panel: MarketData) -> tuple[QualityFinding, ...]:
    return quality_findings(panel)


def grave(found: tuple[QualityFinding, ...]) -> list[QualityFinding]:
    return [one for one in found if one.severity is not Severity.INFO]


# --- the planters ---------------------------------------------------------------------------

PRICES = ("open", "high", "low", "close", "adj_close")


def split(panels: Panels, at: Place, *, of: tuple[str, ...] = PRICES) -> tuple[Severity, str]:
    """From 2:1 on: everything before is not adjusted for a split."""
    ratio = at.rng.choice([2.0, 3.0, 4.0, 5.0, 10.0, 1 / 2, 1 / 3, 1 / 8, 1 / 10])
    for name in of:
        panels.fields[name].iloc[: at.row, column(panels, at)] *= ratio
    return Severity.BLOCK, "unadjusted_split"


def split_of_closes(panels: Panels, at: Place) -> tuple[Severity, str]:
    """From 2:1 on, and the adjusted close is right: nothing is wrong, and it is told."""
    split(panels, at, of=("open", "high", "low", "close"))
    return Severity.INFO, "split_in_close"


def unit_slip(panels: Panels, at: Place) -> tuple[Severity, str]:
    """100 or 1,000 times, from a session on."""
    factor = at.rng.choice([100.0, 0.01, 1000.0, 0.001])
    for name in PRICES:
        panels.fields[name].iloc[at.row :, column(panels, at)] *= factor
    return Severity.BLOCK, "unit_slip"


def bad_print(panels: Panels, at: Place) -> tuple[Severity, str]:
    """One close 20 % off, and 15 usual moves of the quarter before at least."""
    close = panels.fields["close"].iloc[:, column(panels, at)]
    usual = float(close.pct_change().abs().iloc[at.row - 63 : at.row].mean())
    recent = float(close.pct_change().abs().iloc[at.row - 5 : at.row].mean())
    size = max(0.20, 15 * usual, 15 * recent) * float(at.rng.uniform(1.0, 2.0))
    factor = 1.0 + size if at.rng.random() < 0.5 else 1.0 - min(size, 0.9)
    for name in PRICES:
        panels.fields[name].iloc[at.row, column(panels, at)] *= factor
    return Severity.WARN, "jump_reversed"


def slip_for_a_day(panels: Panels, at: Place) -> tuple[Severity, str]:
    """One close in another unit."""
    for name in PRICES:
        panels.fields[name].iloc[at.row, column(panels, at)] *= 0.01
    return Severity.WARN, "jump_reversed"


def flat_line(panels: Panels, at: Place) -> tuple[Severity, str]:
    """6 sessions that repeat the close before them."""
    length = int(at.rng.integers(6, 20))
    for name in (*PRICES, "volume"):
        spoiled = panels.fields[name]
        last = spoiled.iloc[at.row - 1, column(panels, at)]
        spoiled.iloc[at.row : at.row + length, column(panels, at)] = last
    return Severity.WARN, "flat_line"


def no_volume(panels: Panels, at: Place) -> tuple[Severity, str]:
    """5 sessions with closes and no volume."""
    length = int(at.rng.integers(5, 20))
    panels.fields["volume"].iloc[at.row : at.row + length, column(panels, at)] = at.rng.choice(
        [0.0, np.nan]
    )
    return Severity.WARN, "no_volume"


def gap(panels: Panels, at: Place) -> tuple[Severity, str]:
    """4 sessions without a row."""
    length = int(at.rng.integers(4, 30))
    for frame in panels.fields.values():
        frame.iloc[at.row : at.row + length, column(panels, at)] = np.nan
    return Severity.WARN, "gap"


def short_gap(panels: Panels, at: Place) -> tuple[Severity, str]:
    """One session without a row."""
    for frame in panels.fields.values():
        frame.iloc[at.row, column(panels, at)] = np.nan
    return Severity.INFO, "gap"


def impossible(panels: Panels, at: Place) -> tuple[Severity, str]:
    """A close that no price can be."""
    panels.fields["close"].iloc[at.row, column(panels, at)] = at.rng.choice([0.0, -1.0, np.inf])
    return Severity.WARN, "invalid_close"


def adjusted_jump(panels: Panels, at: Place) -> tuple[Severity, str]:
    """The adjusted close alone is not adjusted for a split, from 2:1 on."""
    factor = at.rng.choice([2.0, 3.0, 1 / 2, 1 / 4])
    panels.fields["adj_close"].iloc[: at.row, column(panels, at)] *= factor
    return Severity.BLOCK, "adjusted_jump"


def adjusted_loses(panels: Panels, at: Place) -> tuple[Severity, str]:
    """The adjusted close loses 2 % against the close, as no distribution makes it."""
    panels.fields["adj_close"].iloc[: at.row, column(panels, at)] *= float(
        at.rng.uniform(1.02, 1.2)
    )
    return Severity.WARN, "adjustment_mismatch"


def adjusted_gains(panels: Panels, at: Place) -> tuple[Severity, str]:
    """A distribution of 18 % that there never was."""
    panels.fields["adj_close"].iloc[: at.row, column(panels, at)] /= float(
        at.rng.uniform(1.18, 1.25)
    )
    return Severity.WARN, "adjustment_mismatch"


OF_TICKERS: tuple[Callable[[Panels, Place], tuple[Severity, str]], ...] = (
    split,
    split_of_closes,
    unit_slip,
    bad_print,
    slip_for_a_day,
    flat_line,
    no_volume,
    gap,
    short_gap,
    impossible,
    adjusted_jump,
    adjusted_loses,
    adjusted_gains,
)


def column(panels: Panels, at: Place) -> int:
    return int(panels.fields["close"].columns.get_loc(at.ticker))


def copied(market: MarketData) -> Panels:
    fields = {name: market.panel(name).copy() for name in market.fields}
    return Panels(fields, market.vix.copy())


def places(market: MarketData, rng: np.random.Generator) -> Iterator[Place]:
    """A place in each ticker, with two years of its prices before and a quarter after."""
    tickers = [name for name in market.tickers if name not in NEVER_STILL]
    for ticker in rng.permutation(tickers):
        valid = np.flatnonzero(market.close[ticker].notna().to_numpy())
        yield Place(str(ticker), int(rng.integers(valid[0] + 504, valid[-1] - 63)), rng)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_every_planted_fault_is_found_at_its_severity_and_little_else(
    real: MarketData, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    panels = copied(real)
    planted = []
    for number, at in enumerate(places(real, rng)):
        severity, code = OF_TICKERS[(number + seed) % len(OF_TICKERS)](panels, at)
        day = real.sessions[at.row].date()
        planted.append(Planted(severity, code, at.ticker, day))
    found = quality_findings(panels.market())
    seen = {(one.severity, one.code, one.subject, one.first) for one in found}
    missed = [one for one in planted if tuple(vars(one).values()) not in seen]
    assert not missed
    spoiled = {(one.subject, one.first) for one in planted}
    false = [one for one in grave(found) if (one.subject, one.first) not in spoiled]
    ticker_years = int(real.close.notna().to_numpy().sum()) / 252
    assert len(false) <= ticker_years / 100, [one.message for one in false]


# --- faults of the whole market -------------------------------------------------------------


def rows_from(market: MarketData, rng: np.random.Generator, length: int) -> int:
    return int(rng.integers(504, len(market.sessions) - length - 1))


@pytest.mark.parametrize("seed", range(3))
def test_a_vix_of_another_scale_is_found(real: MarketData, seed: int) -> None:
    rng = np.random.default_rng(seed)
    panels, row = copied(real), rows_from(real, rng, 30)
    length = int(rng.integers(1, 30))
    panels.vix.iloc[row : row + length] *= rng.choice([0.01, 100.0])
    found = grave(quality_findings(panels.market()))
    assert [(one.severity, one.code, one.first) for one in found] == [
        (Severity.BLOCK, "vix_scale", real.sessions[row].date())
    ]


def test_a_vix_that_stands_still_for_12_sessions_is_found(real: MarketData) -> None:
    panels, row = copied(real), rows_from(real, np.random.default_rng(3), 30)
    panels.vix.iloc[row : row + 12] = panels.vix.iloc[row - 1]
    (one,) = grave(quality_findings(panels.market()))
    assert (one.severity, one.code) == (Severity.WARN, "vix_flat_line")
    assert one.first == real.sessions[row].date()
    until = real.sessions[row + 11].date()
    still = quality_findings(panels.market().as_of(until))
    assert [o.severity for o in grave(still)] == [Severity.BLOCK]


@pytest.mark.parametrize("by", [-1, 1])
def test_a_vix_dated_a_session_off_for_half_a_year_is_found(real: MarketData, by: int) -> None:
    panels, row = copied(real), rows_from(real, np.random.default_rng(by + 5), 130)
    panels.vix.iloc[row : row + 126] = real.vix.shift(by).iloc[row : row + 126].to_numpy()
    (one,) = grave(quality_findings(panels.market()))
    assert (one.severity, one.code, one.subject) == (Severity.BLOCK, "vix_out_of_step", "VIX")
    assert one.first is not None
    assert real.sessions[row].date() < one.first < real.sessions[row + 126].date()


def test_a_session_the_source_lacks_is_one_finding_and_no_gap_of_every_ticker(
    real: MarketData,
) -> None:
    panels, row = copied(real), rows_from(real, np.random.default_rng(8), 5)
    for frame in panels.fields.values():
        frame.iloc[row : row + 2] = np.nan
    found = [one for one in quality_findings(panels.market()) if one.code != "late_start"]
    assert [(one.severity, one.code) for one in grave(tuple(found))] == [
        (Severity.WARN, "empty_session")
    ]
    assert not [one for one in found if one.code == "gap"]


def test_a_ticker_that_ends_early_is_a_block_and_its_age_is_told(real: MarketData) -> None:
    panels = copied(real)
    for frame in panels.fields.values():
        frame.loc["2023-12-07":, "TLT"] = np.nan
    (one,) = grave(quality_findings(panels.market()))
    assert (one.severity, one.code, one.subject) == (Severity.BLOCK, "stale_price", "TLT")
    assert one.evidence == (("sessions old", 16.0),)


# --- what is not there ----------------------------------------------------------------------


def test_nothing_above_a_note_is_said_of_21_real_etfs_through_two_crashes(
    real: MarketData, market_data_dir: Path
) -> None:
    whole = load_files([market_data_dir / "etf_prices.parquet"], market_data_dir / "vix.csv")
    assert grave(quality_findings(whole)) == []
    assert grave(quality_findings(real)) == []


@pytest.mark.parametrize("as_of", ["2008-10-15", "2008-12-01", "2020-03-12", "2020-03-16"])
def test_nor_was_anything_on_the_day_itself(real: MarketData, as_of: str) -> None:
    assert grave(quality_findings(real.as_of(as_of))) == []


def test_every_missing_stretch_of_the_thin_panel_is_told_once(
    panel: MarketData, panel_findings: tuple[QualityFinding, ...]
) -> None:
    close = panel.close.to_numpy()
    told = {
        (one.subject, one.first, one.session, int(dict(one.evidence)["sessions"]))
        for one in panel_findings
        if one.code == "gap"
    }
    expected = set()
    for place, ticker in enumerate(panel.tickers):
        there = np.flatnonzero(~np.isnan(close[:, place]))
        for before, after in pairwise(there):
            if after - before > 1:
                first, last = panel.sessions[before + 1], panel.sessions[after - 1]
                expected.add((ticker, first.date(), last.date(), int(after - before - 1)))
    assert told == expected


def test_the_thin_panel_has_few_false_alarms(
    panel: MarketData, panel_findings: tuple[QualityFinding, ...]
) -> None:
    ticker_years = int(panel.close.notna().to_numpy().sum()) / 252
    alarms = [one for one in grave(panel_findings) if one.code != "gap"]
    assert len(alarms) <= ticker_years / 100
    assert not [one for one in alarms if one.code in ("flat_line", "no_volume")]
