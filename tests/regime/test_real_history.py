"""Every session since 1993 on the published prices, against the rules written a second time."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from quantetf_core.regime import label_history
from tests.regime.reference import reference_labels

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def spy(market_data_dir: Path) -> dict[str, float]:
    table = pq.read_table(
        market_data_dir / "etf_prices.parquet",
        columns=["date", "close"],
        filters=[("ticker", "=", "SPY")],
    )
    days = [day.strftime("%Y-%m-%d") for day in table["date"].to_pylist()]
    return dict(sorted(zip(days, table["close"].to_pylist(), strict=True)))


@pytest.fixture(scope="module")
def vix(market_data_dir: Path) -> dict[str, float]:
    with (market_data_dir / "vix.csv").open(newline="") as lines:
        return {row["DATE"]: float(row["CLOSE"]) for row in csv.DictReader(lines)}


@pytest.fixture(scope="module")
def labels(spy: dict[str, float], vix: dict[str, float]) -> pd.DataFrame:
    close = pd.Series(spy)
    fear = pd.Series(vix)
    close.index, fear.index = pd.to_datetime(close.index), pd.to_datetime(fear.index)
    return label_history(close, fear)


def test_every_session_is_labelled_as_the_rules_say(
    spy: dict[str, float], vix: dict[str, float], labels: pd.DataFrame
) -> None:
    expected = reference_labels(list(spy.values()), [vix.get(day, math.nan) for day in spy])
    found = list(zip(labels["regime"], labels["trend"], labels["vol"], strict=True))
    assert len(found) > 7500
    assert found == expected


@pytest.mark.parametrize(
    ("day", "regime"),
    [
        ("2005-06-30", "uptrend_low_vol"),
        ("2008-10-31", "downtrend_high_vol"),
        ("2017-06-30", "uptrend_low_vol"),
        ("2020-03-31", "downtrend_high_vol"),
        ("2023-12-29", "uptrend_low_vol"),
    ],
)
def test_days_everyone_remembers(
    day: str, regime: str, spy: dict[str, float], vix: dict[str, float], labels: pd.DataFrame
) -> None:
    """Far enough from the band that no memory is needed: a mean and two comparisons decide."""
    closes = [close for session, close in spy.items() if session <= day]
    mean = math.fsum(closes[-200:]) / 200
    trend = "uptrend" if closes[-1] > mean * 1.02 else ""
    trend = "downtrend" if closes[-1] < mean * 0.98 else trend
    vol = "high_vol" if vix[day] > 25 else ""
    vol = "low_vol" if vix[day] < 20 else vol
    row = labels.loc[day]
    if trend and vol:
        assert f"{trend}_{vol}" == regime
    assert row["regime"] == regime
    assert row["spy_200ma"] == pytest.approx(mean, rel=1e-14)
    assert (row["spy_price"], row["vix"], row["vix_age"]) == (closes[-1], vix[day], 0)


def test_the_first_regime_is_that_of_the_two_hundredth_close(
    spy: dict[str, float], labels: pd.DataFrame
) -> None:
    first = labels.index[labels["regime"] != "unknown"][0]
    assert first == pd.Timestamp(list(spy)[199])
    assert (labels.loc[first:, "regime"] != "unknown").all()
