from __future__ import annotations

import io
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from quantetf_core import desk
from quantetf_core.data.access import DataAccessContext
from quantetf_core.data.market import MarketData
from quantetf_core.data.sessions import sessions_between
from quantetf_core.desk import regimes
from quantetf_core.errors import RegimeRecordError
from quantetf_core.production.regime_record import HISTORY_FILE, record_regime
from quantetf_core.regime import RegimeConfig, RegimeState, state_at

ROOT = Path(__file__).resolve().parents[2]
WHEN = datetime(2024, 1, 2, 21, 4, tzinfo=UTC)
NERVOUS_FROM = 210


@pytest.fixture
def portfolio(tmp_path: Path) -> desk.Portfolio:
    shutil.copytree(ROOT / "configs", tmp_path / "configs")
    return desk.open_portfolio(tmp_path, "sample")


@pytest.fixture
def market() -> MarketData:
    """A flat SPY for 220 sessions; the VIX goes from 15 to 30 at session 210."""
    days = sessions_between("2001-01-02", "2001-12-31")[:220]
    prices = pd.DataFrame({"date": days, "ticker": "SPY", "close": 100.0})
    vix = pd.Series(np.where(np.arange(220) < NERVOUS_FROM, 15.0, 30.0), days)
    return DataAccessContext.from_frames(prices=prices, vix=vix).market


def test_trial_thresholds_are_replayed_up_to_the_session_looked_at_and_not_beyond(
    market: MarketData,
) -> None:
    configured = desk.regime_history(market, RegimeConfig()).iloc[:215]
    calm = RegimeConfig(vix_high_threshold=40.0)
    trial, found = regimes.try_thresholds(market, configured, calm)
    assert trial.index.equals(configured.index)
    assert found.differing == 215 - NERVOUS_FROM
    assert found.trial_regime == "uptrend_low_vol"


def test_nothing_recorded_is_nothing_to_disagree_with(
    portfolio: desk.Portfolio, market: MarketData
) -> None:
    found = regimes.recorded_regimes(portfolio, desk.regime_history(market, RegimeConfig()))
    assert (found.sessions, found.last, found.recorded_at) == (0, None, None)
    assert found.differing.empty


def test_a_record_that_the_replay_answers_otherwise_is_listed(
    portfolio: desk.Portfolio, market: MarketData
) -> None:
    history = desk.regime_history(market, RegimeConfig())
    right = state_at(history, history.index[205])
    wrong = RegimeState("downtrend", "high_vol", history.index[206])
    nowhere = pd.Timestamp("2001-11-10")  # a Saturday
    for state in (right, wrong, RegimeState("uptrend", "low_vol", nowhere)):
        record_regime(portfolio.state_dir, state, regime_changed=False, now=WHEN)
    found = regimes.recorded_regimes(portfolio, history)
    assert (found.sessions, found.last) == (3, nowhere)
    assert found.recorded_at == pd.Timestamp(WHEN)
    assert found.differing["date"].tolist() == [nowhere, history.index[206]]
    assert found.differing["recorded"].tolist() == ["uptrend_low_vol", "downtrend_high_vol"]
    assert found.differing["replayed"].tolist() == ["not in the data", "uptrend_low_vol"]


def test_a_record_after_the_session_looked_at_is_not_shown(
    portfolio: desk.Portfolio, market: MarketData
) -> None:
    history = desk.regime_history(market, RegimeConfig())
    late = state_at(history, history.index[219])
    record_regime(portfolio.state_dir, late, regime_changed=False, now=WHEN)
    assert regimes.recorded_regimes(portfolio, history.iloc[:219]).sessions == 0
    assert regimes.recorded_regimes(portfolio, history).sessions == 1


def test_a_damaged_record_says_so(portfolio: desk.Portfolio, market: MarketData) -> None:
    portfolio.state_dir.mkdir(parents=True)
    (portfolio.state_dir / HISTORY_FILE).write_bytes(b"not parquet")
    with pytest.raises(RegimeRecordError, match="damaged"):
        regimes.recorded_regimes(portfolio, desk.regime_history(market, RegimeConfig()))


@pytest.mark.parametrize(
    ("simulated", "prices"), [(True, "simulated prices"), (False, "market prices")]
)
def test_the_changes_as_csv_say_whose_prices_they_are(
    market: MarketData, simulated: bool, prices: str
) -> None:
    history = desk.regime_history(market, RegimeConfig())
    found = pd.read_csv(io.BytesIO(regimes.changes_csv(history, simulated=simulated)))
    assert found["to_regime"].tolist() == ["uptrend_high_vol", "uptrend_low_vol"]
    assert found["date"].tolist() == [str(history.index[i].date()) for i in (NERVOUS_FROM, 199)]
    assert found["vix"].tolist() == [30.0, 15.0]
    assert set(found["prices"]) == {prices}
